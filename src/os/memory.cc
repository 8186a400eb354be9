#include "os/memory.h"

#include <malloc.h>

namespace baton::os {
namespace {

constexpr int kLargest = 32 << 20;  // larger ones go back to the kernel
constexpr int kKept = 128 << 20;

}  // namespace

void keep_freed_memory() {
  ::mallopt(M_MMAP_THRESHOLD, kLargest);
  ::mallopt(M_TRIM_THRESHOLD, kKept);
}

}  // namespace baton::os
