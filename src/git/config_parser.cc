#include "git/config_parser.h"

#include "base/bytes.h"

namespace baton::git {
namespace {

constexpr int kEnd = -1;

bool is_space(int c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool is_letter(int c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_key_char(int c) {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '-';
}
char to_lower(int c) {
  return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {
    if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;
  }

  ConfigText parse() {
    ConfigText result;
    for (;;) {
      int c = next();
      if (c == kEnd) break;
      if (is_space(c)) continue;
      bool good;
      if (c == '#' || c == ';') {
        while (c != '\n' && c != kEnd) c = next();
        good = true;
      } else if (c == '[') {
        good = section();
      } else {
        good = is_letter(c) && variable(c, result.entries);
      }
      if (!good) {
        result.bad_line = line_;
        break;
      }
    }
    return result;
  }

 private:
  // The next byte; CR LF counts as LF. The line number is that of the byte returned.
  int next() {
    if (after_newline_) {
      ++line_;
      after_newline_ = false;
    }
    if (at_ >= text_.size()) return kEnd;
    char c = text_[at_++];
    if (c == '\r' && at_ < text_.size() && text_[at_] == '\n') {
      c = '\n';
      ++at_;
    }
    if (c == '\n') after_newline_ = true;
    return static_cast<unsigned char>(c);
  }

  bool section() {
    section_.clear();
    for (;;) {
      int c = next();
      if (c == ']') break;
      if (is_space(c)) {
        if (!subsection(c)) return false;
        break;
      }
      if (!is_key_char(c) && c != '.') return false;
      section_ += to_lower(c);
    }
    if (section_.empty()) return false;
    section_ += '.';
    return true;
  }

  bool subsection(int c) {
    while (is_space(c)) {
      if (c == '\n') return false;
      c = next();
    }
    if (c != '"') return false;
    section_ += '.';
    for (;;) {
      c = next();
      if (c == '"') return next() == ']';
      if (c == '\\') c = next();
      if (c == '\n' || c == kEnd) return false;
      section_ += static_cast<char>(c);
    }
  }

  bool variable(int c, std::vector<ConfigEntry>& into) {
    ConfigEntry entry;
    entry.key = section_;
    while (is_key_char(c)) {
      entry.key += to_lower(c);
      c = next();
    }
    while (c == ' ' || c == '\t') c = next();
    if (c == '\n' || c == kEnd) {
      entry.value = "true";
    } else {
      if (c != '=' || !value(entry.value)) return false;
    }
    into.push_back(std::move(entry));
    return true;
  }

  bool value(std::string& out) {
    bool quoted = false;
    size_t spaces = 0;
    for (;;) {
      int c = next();
      if (c == '\n' || c == kEnd) return !quoted;
      if (!quoted) {
        if (is_space(c)) {
          if (!out.empty()) ++spaces;
          continue;
        }
        if (c == '#' || c == ';') {
          while (c != '\n' && c != kEnd) c = next();
          return true;
        }
      }
      out.append(spaces, ' ');
      spaces = 0;
      if (c == '"') {
        quoted = !quoted;
        continue;
      }
      if (c == '\\') {
        c = next();
        switch (c) {
          case '\n':
          case kEnd:
            continue;  // the line goes on
          case 't':
            c = '\t';
            break;
          case 'b':
            c = '\b';
            break;
          case 'n':
            c = '\n';
            break;
          case '\\':
          case '"':
            break;
          default:
            return false;
        }
      }
      out += static_cast<char>(c);
    }
  }

  std::string_view text_;
  size_t at_ = 0;
  int line_ = 1;
  bool after_newline_ = false;
  std::string section_;  // with its dot
};

}  // namespace

ConfigText parse_config(std::string_view text) {
  return Parser(text).parse();
}

std::string canonical_key(std::string_view key) {
  std::string result(key);
  size_t first = key.find('.');
  size_t last = key.rfind('.');
  for (size_t i = 0; i < result.size(); ++i) {
    if (i < first || i > last || last == std::string_view::npos) result[i] = to_lower(result[i]);
  }
  return result;
}

std::optional<bool> config_bool(std::string_view value) {
  std::string word = lower_ascii(value);
  if (word == "true" || word == "yes" || word == "on") return true;
  if (word == "false" || word == "no" || word == "off" || word.empty()) return false;
  auto number = parse_int(word);
  if (!number) return std::nullopt;
  return *number != 0;
}

}  // namespace baton::git
