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
      if (place.line < 0 || place.line > kMaxLineNumber || place.column < 0) abort();
      // Only a test that is told by its name has no line, and perhaps no file.
      if (place.line == 0 ? place.function.empty() : place.path.empty()) abort();
    }
  }
  if (count > kMaxPlaces) abort();
  return 0;
}
