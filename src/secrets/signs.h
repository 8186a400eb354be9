#pragma once

// The signs between the words of a setting: blanks, quotes, line ends, what colours them.

#include <cstddef>
#include <optional>
#include <string_view>

#include "secrets/shape.h"

namespace baton::secrets {

inline bool is_blank(char c) {
  return c == ' ' || c == '\t';
}
inline bool is_quote(char c) {
  return c == '"' || c == '\'' || c == '`';
}
inline bool is_line_end(char c) {
  return c == '\n' || c == '\r';
}
inline bool is_name_byte(char c) {
  return shape::is_alnum(c) || c == '_';
}
inline bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}

// The byte at `i`, or NUL behind the end.
inline char byte_at(std::string_view text, size_t i) {
  return i < text.size() ? text[i] : '\0';
}

// `ESC [ 3 1 m`: grep and others colour what they print, between a name and its value too.
size_t skip_colours(std::string_view text, size_t i);
size_t skip_blanks(std::string_view text, size_t i);

// A quote, with the backslashes before it if it is one inside a string.
struct Quote {
  char sign = 0;
  size_t escapes = 0;
  size_t end = 0;
};
std::optional<Quote> quote_at(std::string_view text, size_t i);

}  // namespace baton::secrets
