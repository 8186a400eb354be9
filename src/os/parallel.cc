#include "os/parallel.h"

#include <thread>

namespace baton::os {
namespace {

constexpr uint32_t kWorthAThread = 4000;

}  // namespace

void in_parallel(uint32_t count, const std::function<void(uint32_t, uint32_t)>& work) {
  if (count < kWorthAThread) {
    work(0, count);
    return;
  }
  uint32_t middle = count / 2;
  std::thread other([&] { work(middle, count); });
  work(0, middle);
  other.join();
}

}  // namespace baton::os
