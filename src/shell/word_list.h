#pragma once

// Words that are looked up in short lists.

#include <algorithm>
#include <array>
#include <string_view>

namespace baton::shell {

template <size_t N>
bool one_of(std::string_view word, const std::array<std::string_view, N>& list) {
  return std::ranges::find(list, word) != list.end();
}

// `list`: words with a blank between them.
bool has_word(std::string_view list, std::string_view word);

}  // namespace baton::shell
