#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "git/config_parser.h"

using namespace baton::git;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ConfigText parsed = parse_config({reinterpret_cast<const char*>(data), size});
  for (const ConfigEntry& entry : parsed.entries) {
    if (entry.key.empty() || canonical_key(entry.key) != entry.key) abort();
    (void)config_bool(entry.value);
  }
  return 0;
}
