#pragma once

// Seeds of random tests: the same ones each time, unless $BATON_SEED_BASE says where others begin
// (scripts/soak).

#include <cstdint>
#include <cstdlib>
#include <ranges>

namespace baton::testing {

inline auto seeds(uint64_t count) {
  const char* base = getenv("BATON_SEED_BASE");
  uint64_t first = base == nullptr ? 1 : strtoull(base, nullptr, 10);
  return std::views::iota(first, first + count);
}

}  // namespace baton::testing
