// Any bytes: the places that are found can be places.

#include <cstdlib>

#include "triage/frames.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace baton::triage;
  size_t count = 0;
  for (const Trace& trace : find_traces({reinterpret_cast<const char*>(data), size})) {
    if (trace.places.empty()) abort();
    for (const Place& place : trace.places) {
      count++;
      if (place.path.empty() || place.line < 1 || place.line > kMaxLineNumber || place.column < 0) {
        abort();
      }
    }
  }
  if (count > kMaxPlaces) abort();
  return 0;
}
