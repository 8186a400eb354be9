#include "cli/commands.h"
#include "cli/exit.h"

namespace baton::cli {

Result<int> run_summary(Front& front) {
  TRY(front.place());
  return kFine;
}

}  // namespace baton::cli
