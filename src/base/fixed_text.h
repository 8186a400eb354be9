#pragma once

// Text inside a table. A static-pie binary relocates every pointer when it starts, so tables of
// `std::string_view` are paid for by each hook even if nobody reads them; bytes in place cost
// nothing.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace baton {

template <size_t N>
struct FixedText {
  char bytes[N] = {};
  uint16_t size = 0;

  constexpr FixedText() = default;
  template <size_t M>
  constexpr FixedText(const char (&text)[M]) : size(M - 1) {  // NOLINT: as a string_view
    static_assert(M <= N + 1, "the text is too long for this column");
    for (size_t i = 0; i + 1 < M; i++) bytes[i] = text[i];
  }
  constexpr std::string_view view() const { return {bytes, size}; }
  constexpr bool empty() const { return size == 0; }
};

}  // namespace baton
