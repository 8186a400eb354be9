#pragma once

// Control characters, which stand in no string of JSON.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace baton::json {

inline bool holds_control(std::string_view text) {
  uint64_t seen = 0;
  size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    uint64_t word;
    memcpy(&word, text.data() + i, 8);
    // Bytes below 0x20 have their high bit set by the subtraction and not in themselves.
    seen |= (word - 0x2020202020202020ull) & ~word & 0x8080808080808080ull;
  }
  if (seen) return true;
  for (; i < text.size(); ++i) {
    if (static_cast<unsigned char>(text[i]) < 0x20) return true;
  }
  return false;
}

}  // namespace baton::json
