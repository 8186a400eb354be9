// Ignore rules, a NUL, and paths to judge, one a line.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "git/ignore.h"

using namespace baton;
using namespace baton::git;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  size_t nul = bytes.find('\0');
  std::string_view paths = nul == std::string_view::npos ? "a/b/c.o" : bytes.substr(nul + 1);
  IgnoreRules rules{std::string(bytes.substr(0, nul))};
  for (std::string_view path : split(paths.substr(0, 4096), '\n')) {
    size_t slash = path.find('/');
    for (size_t base : {size_t{0}, slash == std::string_view::npos ? 0 : slash + 1}) {
      (void)rules.judge(path, base, false, false);
      (void)rules.judge(path, base, true, true);
    }
  }
  return 0;
}
