#include "os/clock.h"

#include <ctime>

#include "os/env.h"

namespace baton::os {

Micros now() {
  if (auto fixed = env("BATON_CLOCK")) {
    if (auto time = parse_utc(*fixed)) return *time;
  }
  timespec time;
  ::clock_gettime(CLOCK_REALTIME, &time);
  return time.tv_sec * kSecond + time.tv_nsec / 1000;
}

int64_t monotonic_us() {
  timespec time;
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * kSecond + time.tv_nsec / 1000;
}

void sleep_us(int64_t micros) {
  timespec time{micros / kSecond, micros % kSecond * 1000};
  ::nanosleep(&time, nullptr);
}

}  // namespace baton::os
