#include "git/quote.h"

namespace baton::git {

std::optional<std::string> unquote(std::string_view text, std::string_view& rest) {
  std::string out;
  for (size_t i = 1; i < text.size(); ++i) {
    char c = text[i];
    if (c == '"') {
      rest = text.substr(i + 1);
      return out;
    }
    if (c != '\\') {
      out += c;
      continue;
    }
    if (++i >= text.size()) break;
    switch (text[i]) {
      case 'a':
        out += '\a';
        break;
      case 'b':
        out += '\b';
        break;
      case 'f':
        out += '\f';
        break;
      case 'n':
        out += '\n';
        break;
      case 'r':
        out += '\r';
        break;
      case 't':
        out += '\t';
        break;
      case 'v':
        out += '\v';
        break;
      case '\\':
      case '"':
        out += text[i];
        break;
      case '0':
      case '1':
      case '2':
      case '3': {
        if (i + 2 >= text.size()) return std::nullopt;
        char second = text[i + 1], third = text[i + 2];
        if (second < '0' || second > '7' || third < '0' || third > '7') return std::nullopt;
        out += static_cast<char>((text[i] - '0') << 6 | (second - '0') << 3 | (third - '0'));
        i += 2;
        break;
      }
      default:
        return std::nullopt;
    }
  }
  return std::nullopt;
}

std::string quote(std::string_view path) {
  std::string out = "\"";
  for (char c : path) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte >= 0x7f) {
      out += '\\';
      out += static_cast<char>('0' + (byte >> 6));
      out += static_cast<char>('0' + (byte >> 3 & 7));
      out += static_cast<char>('0' + (byte & 7));
    } else {
      out += c;
    }
  }
  out += '"';
  return out;
}

}  // namespace baton::git
