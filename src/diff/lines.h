#pragma once

// A content as lines. Only "\n" ends a line; "\r" before it belongs to the line, and the last line
// may have no end. An empty content has no lines. Nothing here copies: views point into the
// caller's content, which must live as long.

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace baton::diff {

// Each line with its end.
std::vector<std::string_view> split_lines(std::string_view content);
size_t count_lines(std::string_view content);
// Copies of lines [begin, end), as far as there are such, without their ends.
std::vector<std::string> texts_of(std::span<const std::string_view> lines, size_t begin,
                                  size_t end);

// What makes two lines the same.
enum class Whitespace : uint8_t {
  exact,            // every byte
  ignore_trailing,  // as git's --ignore-space-at-eol; CRLF equals LF, and a missing line end "\n"
  ignore_all,       // as git's -w
};

// What git calls a space: blank, tab, CR, LF; no vertical tab, no form feed.
constexpr bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
constexpr bool is_alnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Whether the line has nothing but space.
bool is_blank(std::string_view line);
bool same_line(std::string_view a, std::string_view b, Whitespace whitespace);

// Numbers for lines: equal lines get equal ids, ids count up from 0. The lines must outlive it.
class LineIds {
 public:
  explicit LineIds(Whitespace whitespace = Whitespace::exact, size_t expected_lines = 0);

  uint32_t intern(std::string_view line);
  std::vector<uint32_t> intern_all(std::span<const std::string_view> lines);
  // How many different lines were seen.
  uint32_t size() const { return static_cast<uint32_t>(keys_.size()); }

 private:
  struct Key {
    uint64_t hash;
    std::string_view text;  // the line, or what of it counts
  };

  void grow(size_t slots);

  Whitespace whitespace_;
  std::vector<Key> keys_;           // by id
  std::vector<uint32_t> slots_;     // id + 1 or 0; open addressing, a power of two
  std::deque<std::string> stored_;  // texts of keys that are no stretch of a line
  std::string scratch_;
};

}  // namespace baton::diff
