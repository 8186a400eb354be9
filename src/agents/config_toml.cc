#include "agents/config_toml.h"

#include <algorithm>

namespace baton::agents {
namespace {

constexpr int kMaxDepth = 64;
using Path = std::vector<std::string>;

bool is_bare(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

void append_utf8(std::string& out, uint32_t point) {
  if (point < 0x80) {
    out += static_cast<char>(point);
    return;
  }
  if (point < 0x800) {
    out += static_cast<char>(0xc0 | point >> 6);
  } else if (point < 0x10000) {
    out += static_cast<char>(0xe0 | point >> 12);
    out += static_cast<char>(0x80 | (point >> 6 & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | (point >> 18 & 7));
    out += static_cast<char>(0x80 | (point >> 12 & 0x3f));
    out += static_cast<char>(0x80 | (point >> 6 & 0x3f));
  }
  out += static_cast<char>(0x80 | (point & 0x3f));
}

class TomlReader {
 public:
  explicit TomlReader(std::string_view text) : text_(text) {}

  std::vector<TomlValue> run() {
    if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;
    while (at_ < text_.size()) {
      if (!statement()) skip_line();
    }
    return std::move(values_);
  }

 private:
  char peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  void step() {
    if (text_[at_++] == '\n') ++line_;
  }
  void skip_line() {
    while (at_ < text_.size() && peek() != '\n') ++at_;
    if (at_ < text_.size()) step();
  }
  void skip_blanks() {
    while (peek() == ' ' || peek() == '\t') ++at_;
  }
  // Blanks, line breaks and comments, as they may stand inside arrays.
  void skip_space() {
    for (;;) {
      char c = peek();
      if (c == '#')
        skip_line();
      else if (at_ < text_.size() && (c == ' ' || c == '\t' || c == '\n' || c == '\r'))
        step();
      else
        return;
    }
  }

  // One line: empty, a table's header, or a value. False leaves the rest of the line to be skipped.
  bool statement() {
    skip_space();
    if (at_ >= text_.size()) return true;
    if (peek() == '[') return header();
    Path path = table_;
    return key_value(path, 0);
  }

  bool header() {
    int line = line_;
    ++at_;
    bool list = peek() == '[';
    if (list) ++at_;
    Path path;
    if (!key(path)) return false;
    if (peek() != ']' || (list && peek(1) != ']')) return false;
    at_ += list ? 2 : 1;
    table_ = path;
    values_.push_back({std::move(path), TomlValue::Type::other, {}, line});
    return true;
  }

  bool key_value(Path path, int depth) {
    if (!key(path) || peek() != '=') return false;
    ++at_;
    skip_blanks();
    return value(std::move(path), depth, true);
  }

  // Appends the parts of a dotted key; stops behind the blanks that follow it.
  bool key(Path& path) {
    for (;;) {
      skip_blanks();
      std::string part;
      if (peek() == '"' || peek() == '\'') {
        if (!string(part)) return false;
      } else {
        while (is_bare(peek())) part += text_[at_++];
        if (part.empty()) return false;
      }
      path.push_back(std::move(part));
      skip_blanks();
      if (peek() != '.') return true;
      ++at_;
    }
  }

  bool value(Path path, int depth, bool keep) {
    if (depth > kMaxDepth) return false;
    TomlValue found{std::move(path), TomlValue::Type::other, {}, line_};
    char c = peek();
    if (c == '"' || c == '\'') {
      found.type = TomlValue::Type::string;
      if (!string(found.text)) return false;
    } else if (c == '[') {
      found.type = TomlValue::Type::array;
      if (!array(found.path, depth)) return false;
    } else if (c == '{') {
      return inline_table(found.path, depth, keep);
    } else {
      while (at_ < text_.size() && !std::string_view(",]}#\r\n \t").contains(peek())) {
        found.text += text_[at_++];
      }
      if (found.text.empty()) return false;
      if (found.text == "true" || found.text == "false") found.type = TomlValue::Type::boolean;
    }
    if (keep) values_.push_back(std::move(found));
    return true;
  }

  bool array(const Path& path, int depth) {
    ++at_;
    for (;;) {
      skip_space();
      if (peek() == ']') break;
      if (!value(path, depth + 1, false)) return false;
      skip_space();
      if (peek() == ',')
        ++at_;
      else if (peek() != ']')
        return false;
    }
    ++at_;
    return true;
  }

  bool inline_table(const Path& path, int depth, bool keep) {
    int line = line_;
    ++at_;
    if (keep) values_.push_back({path, TomlValue::Type::other, {}, line});
    for (;;) {
      skip_space();
      if (peek() == '}') break;
      Path member = path;
      if (!key(member) || peek() != '=') return false;
      ++at_;
      skip_blanks();
      if (!value(std::move(member), depth + 1, keep)) return false;
      skip_space();
      if (peek() == ',')
        ++at_;
      else if (peek() != '}')
        return false;
    }
    ++at_;
    return true;
  }

  bool string(std::string& out) {
    char quote = peek();
    if (peek(1) == quote && peek(2) == quote) return long_string(quote, out);
    ++at_;
    while (at_ < text_.size() && peek() != '\n') {
      char c = text_[at_++];
      if (c == quote) return true;
      if (c == '\\' && quote == '"')
        escape(out);
      else
        out += c;
    }
    return false;
  }

  bool long_string(char quote, std::string& out) {
    at_ += 3;
    if (peek() == '\r') ++at_;
    if (peek() == '\n') step();
    while (at_ < text_.size()) {
      if (peek() == quote && peek(1) == quote && peek(2) == quote) {
        at_ += 3;
        // Up to two quotes may stand right before the end.
        for (int i = 0; i < 2 && peek() == quote; ++i) out += text_[at_++];
        return true;
      }
      char c = peek();
      step();
      if (c != '\\' || quote != '"') {
        out += c;
      } else if (peek() == '\n' || peek() == '\r' || peek() == ' ' || peek() == '\t') {
        while (at_ < text_.size() && std::string_view(" \t\r\n").contains(peek())) step();
      } else {
        escape(out);
      }
    }
    return false;
  }

  // Behind a backslash.
  void escape(std::string& out) {
    if (at_ >= text_.size() || peek() == '\n') return;
    char c = text_[at_++];
    size_t digits = c == 'u' ? 4 : c == 'U' ? 8 : 0;
    if (digits) {
      uint32_t point = 0;
      for (; digits && std::string_view("0123456789abcdefABCDEF").contains(peek()) &&
             at_ < text_.size();
           --digits) {
        char d = text_[at_++];
        point = point << 4 | static_cast<uint32_t>(d <= '9' ? d - '0' : (d | 0x20) - 'a' + 10);
      }
      bool valid = point < 0x110000 && (point < 0xd800 || point > 0xdfff);
      append_utf8(out, valid ? point : 0xfffd);
      return;
    }
    switch (c) {
      case 'b':
        out += '\b';
        break;
      case 't':
        out += '\t';
        break;
      case 'n':
        out += '\n';
        break;
      case 'f':
        out += '\f';
        break;
      case 'r':
        out += '\r';
        break;
      case 'e':
        out += '\x1b';
        break;
      default:
        out += c;
        break;
    }
  }

  std::string_view text_;
  size_t at_ = 0;
  int line_ = 1;
  Path table_;
  std::vector<TomlValue> values_;
};

}  // namespace

std::vector<TomlValue> read_toml(std::string_view text) {
  return TomlReader(text.substr(0, kMaxTomlBytes)).run();
}

const TomlValue* find_toml(const std::vector<TomlValue>& values,
                           const std::vector<std::string_view>& path) {
  auto matches = [&](const TomlValue& value) {
    return std::equal(path.begin(), path.end(), value.path.begin(), value.path.end());
  };
  auto found = std::find_if(values.rbegin(), values.rend(), matches);
  return found == values.rend() ? nullptr : &*found;
}

}  // namespace baton::agents
