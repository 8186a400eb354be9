#pragma once

// A list of texts in one column, or as lines to be searched.

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace baton::index {

constexpr char kListSeparator = '\0';

// REQUIRES: no item is empty or holds the separator.
inline std::string join_list(const std::vector<std::string>& list) {
  std::string text;
  for (const std::string& item : list) {
    if (!text.empty()) text += kListSeparator;
    text += item;
  }
  return text;
}

inline std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> list;
  if (text.empty()) return list;
  for (std::string_view item : split(text, kListSeparator)) list.emplace_back(item);
  return list;
}

inline std::string join_lines(const std::vector<std::string>& list) {
  std::string text;
  for (const std::string& item : list) {
    if (!text.empty()) text += '\n';
    text += item;
  }
  return text;
}

}  // namespace baton::index
