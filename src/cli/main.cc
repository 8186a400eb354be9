// The program. A hook goes first and touches nothing else: its start-up is what agents wait for.

#include <string_view>
#include <vector>

#include "cli/front.h"
#include "cli/hook.h"

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "hook" && (argc < 3 || argv[2][0] != '-')) {
    return baton::cli::run_hook(argc, argv);
  }
  return baton::cli::run_front(std::vector<std::string_view>(argv + 1, argv + argc));
}
