#include "diff/line_ranges.h"

#include <regex.h>

#include <algorithm>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/chars.h"

namespace baton::diff {
namespace {

constexpr size_t kMaxExpression = 4096;  // bytes

class Expression {
 public:
  explicit Expression(const std::string& text) {
    ok_ = text.size() <= kMaxExpression && regcomp(&compiled_, text.c_str(), REG_NOSUB) == 0;
  }
  ~Expression() {
    if (ok_) regfree(&compiled_);
  }
  Expression(const Expression&) = delete;
  bool ok() const { return ok_; }
  bool matches(std::string_view line) const {
    while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
    return regexec(&compiled_, std::string(line).c_str(), 0, nullptr, 0) == 0;
  }

 private:
  regex_t compiled_;
  bool ok_ = false;
};

bool begins_function(std::string_view line) {
  if (line.empty()) return false;
  return is_alpha(line[0]) || line[0] == '_' || line[0] == '$';
}

class Parser {
 public:
  Parser(std::string_view words, std::span<const std::string_view> lines)
      : words_(words), rest_(words), lines_(lines) {}

  Result<LineRange> parse(size_t behind) {
    if (lines_.empty()) return fail(ErrorKind::not_found, "the file has no lines");
    if (words_.empty()) return LineRange{1, lines_.size()};
    bool from_top = rest_.starts_with('^');
    if (from_top) rest_.remove_prefix(1);
    size_t search = from_top ? 1 : behind + 1;
    if (rest_.starts_with(':')) return function(search);
    if (from_top && !rest_.starts_with('/')) return wrong();

    LineRange range{1, lines_.size()};
    if (!rest_.starts_with(',')) {
      range.first = TRY(place(search, std::nullopt));
    }
    bool open_end = true;
    if (rest_.starts_with(',')) {
      rest_.remove_prefix(1);
      open_end = rest_.empty();
      if (!open_end) range.last = TRY(place(range.first + 1, range.first));
    }
    if (!rest_.empty()) return wrong();
    size_t least = open_end ? range.first : std::min(range.first, range.last);
    if (least > lines_.size()) {
      return fail(ErrorKind::not_found, "the file has only " + std::to_string(lines_.size()) +
                                            (lines_.size() == 1 ? " line" : " lines") + ", not " +
                                            std::to_string(least));
    }
    if (range.last < range.first) std::swap(range.first, range.last);
    range.last = std::min(range.last, lines_.size());
    return range;
  }

 private:
  std::unexpected<Error> wrong() const {
    return fail(ErrorKind::usage, "'" + std::string(words_) + "' names no lines",
                "write 10,20, 10,+5, '/from/,/to/' or :function");
  }

  std::unexpected<Error> nothing(const std::string& expression) const {
    return fail(ErrorKind::not_found, "no line matches '" + expression + "'");
  }

  // One end of a range: a number, one relative to `from`, or an expression that is searched from
  // the line `search` on.
  Result<size_t> place(size_t search, std::optional<size_t> from) {
    if (rest_.starts_with('/')) return match(search);
    bool sign = rest_.starts_with('+'), less = from && rest_.starts_with('-');
    bool more = from && sign;
    if (sign || less) rest_.remove_prefix(1);
    size_t digits = 0;
    while (digits < rest_.size() && is_digit(rest_[digits])) digits++;
    // More digits are behind the end of every file, as fewer may be.
    auto number = parse_int(rest_.substr(0, std::min<size_t>(digits, 18)));
    if (!number || *number < 1) return wrong();
    rest_.remove_prefix(digits);
    auto count = static_cast<size_t>(*number);
    if (more) return *from + count - 1;
    if (less) return count > *from ? 1 : *from - count + 1;
    return count;
  }

  Result<size_t> match(size_t search) {
    std::string text;
    size_t at = 1;
    for (; at < rest_.size() && rest_[at] != '/'; at++) {
      if (rest_[at] == '\\' && at + 1 < rest_.size()) {
        if (rest_[at + 1] != '/') text += '\\';
        at++;
      }
      text += rest_[at];
    }
    if (at >= rest_.size() || text.empty()) return wrong();
    rest_.remove_prefix(at + 1);
    Expression expression(text);
    if (!expression.ok()) return wrong();
    for (size_t line = search; line <= lines_.size(); line++) {
      if (expression.matches(lines_[line - 1])) return line;
    }
    return nothing(text);
  }

  Result<LineRange> function(size_t search) {
    std::string text(rest_.substr(1));
    Expression expression(text);
    if (text.empty() || !expression.ok()) return wrong();
    for (size_t line = search; line <= lines_.size(); line++) {
      if (!begins_function(lines_[line - 1]) || !expression.matches(lines_[line - 1])) continue;
      size_t last = line;
      while (last < lines_.size() && !begins_function(lines_[last])) last++;
      return LineRange{line, last};
    }
    return nothing(text);
  }

  std::string_view words_, rest_;
  std::span<const std::string_view> lines_;
};

}  // namespace

Result<LineRange> parse_line_range(std::string_view words, std::span<const std::string_view> lines,
                                   size_t behind) {
  return Parser(words, lines).parse(behind);
}

bool names_function(std::string_view words) {
  return words.starts_with(':') || words.starts_with("^:");
}

}  // namespace baton::diff
