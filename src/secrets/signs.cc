#include "secrets/signs.h"

#include <algorithm>

namespace baton::secrets {

namespace {

constexpr size_t kMaxBlanks = 48;

}  // namespace

size_t skip_colours(std::string_view text, size_t i) {
  while (byte_at(text, i) == '\x1b' && byte_at(text, i + 1) == '[') {
    size_t end = i + 2;
    while (is_digit(byte_at(text, end)) || byte_at(text, end) == ';') end++;
    if (end - i > 16 || !is_alpha(byte_at(text, end))) break;
    i = end + 1;
  }
  return i;
}

size_t skip_blanks(std::string_view text, size_t i) {
  size_t limit = std::min(text.size(), i + kMaxBlanks);
  while (i < limit && is_blank(text[i])) i++;
  return skip_colours(text, i);
}

std::optional<Quote> quote_at(std::string_view text, size_t i) {
  size_t escapes = 0;
  while (escapes < 8 && byte_at(text, i) == '\\') i++, escapes++;
  char sign = byte_at(text, i);
  if (!is_quote(sign) || (escapes & (escapes + 1)) != 0) return std::nullopt;
  return Quote{sign, escapes, i + 1};
}

}  // namespace baton::secrets
