#pragma once

// A process that must never harm its parent.

#include <cstdint>
#include <string>

namespace baton::os {

// From now on the process ends with status 0 whatever happens: after `micros` of wall time, on a
// crash, when memory runs out, when a pipe breaks. What it wrote so far stays.
void end_quietly_after(int64_t micros);

// From now on such an early end adds one to the count in this file (count_up). "" takes it back.
void count_early_end_in(const std::string& path);

// A count that stands in one file of fixed size, so that adding to it needs no space on the disk
// and may be done in a signal handler: 19 digits, a space, the newest reason, spaces, a newline.
// Makes the file if need be. Two at once may count as one.
constexpr size_t kCountFileSize = 256;
void count_up(const char* path, const char* why);

}  // namespace baton::os
