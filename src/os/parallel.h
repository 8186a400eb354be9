#pragma once

// A little parallelism for passes over many files.

#include <cstdint>
#include <functional>

namespace baton::os {

// Calls `work(begin, end)` on parts of [0, count), on two threads, each of which takes the next
// part when it is done with one, and waits. Small counts run in the calling thread: a thread costs
// more than a few hundred system calls.
void in_parallel(uint32_t count, const std::function<void(uint32_t begin, uint32_t end)>& work);

}  // namespace baton::os
