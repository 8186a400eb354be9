#include "os/parallel.h"

#include <algorithm>
#include <atomic>
#include <thread>

namespace baton::os {
namespace {

constexpr uint32_t kWorthAThread = 4000;
// So small that a thread whose core has other work leaves most of its share to the other.
constexpr uint32_t kPart = 2000;

}  // namespace

void in_parallel(uint32_t count, const std::function<void(uint32_t, uint32_t)>& work) {
  if (count < kWorthAThread) {
    work(0, count);
    return;
  }
  const uint32_t parts = (count - 1) / kPart + 1;
  std::atomic<uint32_t> next{0};
  auto work_on = [&] {
    for (uint32_t part = next++; part < parts; part = next++) {
      uint32_t begin = part * kPart;
      work(begin, std::min(count - begin, kPart) + begin);
    }
  };
  std::thread other(work_on);
  work_on();
  other.join();
}

}  // namespace baton::os
