#pragma once

// A process that must never harm its parent.

#include <cstdint>

namespace baton::os {

// From now on the process ends with status 0 whatever happens: after `micros` of wall time, on a
// crash, when memory runs out, when a pipe breaks. What it wrote so far stays.
void end_quietly_after(int64_t micros);

}  // namespace baton::os
