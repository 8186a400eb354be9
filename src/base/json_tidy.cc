// What agents' texts have in them that JSON forbids: UTF-16, control characters, lone surrogates.

#include <cstdint>

#include "base/bytes.h"
#include "base/json.h"
#include "base/json_control.h"

namespace baton::json {
namespace {

void append_utf8(std::string& out, uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 63));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 63));
    out += static_cast<char>(0x80 | (code & 63));
  } else {
    out += static_cast<char>(0xf0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 63));
    out += static_cast<char>(0x80 | (code >> 6 & 63));
    out += static_cast<char>(0x80 | (code & 63));
  }
}

std::string from_utf16(std::string_view bytes, bool big_endian) {
  auto unit = [&](size_t i) -> uint32_t {
    auto first = static_cast<unsigned char>(bytes[i]);
    auto second = static_cast<unsigned char>(bytes[i + 1]);
    return big_endian ? first << 8 | second : second << 8 | first;
  };
  std::string out;
  for (size_t i = 0; i + 1 < bytes.size(); i += 2) {
    uint32_t code = unit(i);
    if (code >= 0xd800 && code < 0xdc00 && i + 3 < bytes.size()) {
      uint32_t low = unit(i + 2);
      if (low >= 0xdc00 && low < 0xe000) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        i += 2;
      }
    }
    append_utf8(out, code >= 0xd800 && code < 0xe000 ? 0xfffd : code);
  }
  return out;
}

// A UTF-16 text has a byte order mark, or a NUL as one of its first two bytes (JSON starts ASCII).
bool convert_utf16(std::string& text) {
  if (text.size() < 2) return false;
  auto first = static_cast<unsigned char>(text[0]);
  auto second = static_cast<unsigned char>(text[1]);
  if (first == 0xff && second == 0xfe) {
    text = from_utf16(std::string_view(text).substr(2), false);
  } else if (first == 0xfe && second == 0xff) {
    text = from_utf16(std::string_view(text).substr(2), true);
  } else if (first != 0 && second == 0) {
    text = from_utf16(text, false);
  } else if (first == 0 && second != 0) {
    text = from_utf16(text, true);
  } else {
    return false;
  }
  return true;
}

int hex4(std::string_view text, size_t at) {
  if (at + 4 > text.size()) return -1;
  int value = 0;
  for (size_t i = at; i < at + 4; ++i) {
    char c = text[i];
    int digit = c >= '0' && c <= '9'   ? c - '0'
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                       : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

// Whether the slow pass below could change anything: a control character other than the white
// space between tokens, or an escape of the surrogate range.
bool suspicious(std::string_view text) {
  for (size_t at = text.find("\\u"); at != std::string_view::npos; at = text.find("\\u", at + 2)) {
    if (at + 2 < text.size() && (text[at + 2] == 'd' || text[at + 2] == 'D')) return true;
  }
  return holds_control(text);
}

// Escapes control characters inside strings and replaces lone surrogate escapes.
std::string mend_strings(std::string_view text, bool& changed) {
  std::string out;
  out.reserve(text.size());
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (!in_string) {
      in_string = c == '"';
      out += c;
      continue;
    }
    if (c == '"') {
      in_string = false;
      out += c;
    } else if (c == '\\' && i + 1 < text.size()) {
      if (text[i + 1] == 'u') {
        int code = hex4(text, i + 2);
        if (code >= 0xd800 && code < 0xdc00) {
          bool paired = i + 7 < text.size() && text[i + 6] == '\\' && text[i + 7] == 'u';
          int low = paired ? hex4(text, i + 8) : -1;
          if (low >= 0xdc00 && low < 0xe000) {
            out.append(text, i, 12);
            i += 11;
            continue;
          }
        }
        if (code >= 0xd800 && code < 0xe000) {
          out += "\\ufffd";
          i += 5;
          changed = true;
          continue;
        }
      }
      out += c;
      out += text[++i];
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escaped[8];
      snprintf(escaped, sizeof escaped, "\\u%04x", c);
      out += escaped;
      changed = true;
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

bool tidy(std::string& text) {
  bool changed = convert_utf16(text);
  if (text.starts_with("\xef\xbb\xbf")) {
    text.erase(0, 3);
    changed = true;
  }
  if (!is_utf8(text)) {
    text = to_utf8(text);
    changed = true;
  }
  if (suspicious(text)) text = mend_strings(text, changed);
  return changed;
}

}  // namespace baton::json
