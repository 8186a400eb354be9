#pragma once

// The clocks. BATON_CLOCK (an RFC 3339 time) replaces the wall clock, so that recorded sessions can
// be replayed with the times they had and tests have the same output on every day.

#include <cstdint>

#include "base/time.h"

namespace baton::os {

Micros now();
int64_t monotonic_us();
void sleep_us(int64_t micros);

}  // namespace baton::os
