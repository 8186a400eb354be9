#pragma once

// The form of a token, written as a regular expression of a small kind that needs no compiling and
// whose cost is bounded: pieces match one after the other, each takes as much as it can, nothing is
// tried twice.
//
//   abc         these bytes                    \w \d     [A-Za-z0-9_]  [0-9]
//   [A-Z0-9_-]  one of a set                   \. \/ ... the byte itself
//   {n} {n,m} {n,} ? +                         how often the byte or the set before it
//   (one|two)   one of these shapes, the first that fits; (one|two)? or nothing; not nested
//   \b          at the beginning and at the end only: no letter or digit next to it. At the
//               beginning, an escape counts as a border: in `\nTOKEN` (JSON), `%3DTOKEN` (URL)
//               and `ESC[31mTOKEN` (terminal colours) the token begins where it seems to.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/chars.h"

namespace baton::secrets {

// A set of ASCII bytes; bytes from 0x80 on are in none.
struct ByteSet {
  uint64_t low = 0, high = 0;

  constexpr void add(unsigned char byte) {
    if (byte < 64)
      low |= uint64_t{1} << byte;
    else if (byte < 128)
      high |= uint64_t{1} << (byte - 64);
  }
  constexpr bool has(char c) const {
    auto byte = static_cast<unsigned char>(c);
    if (byte >= 128) return false;
    return ((byte < 64 ? low : high) >> (byte & 63)) & 1;
  }
  bool operator==(const ByteSet&) const = default;
};

// Where long runs of a set end, so that a text made to be slow (many tokens that begin inside the
// same run and then do not fit) is walked once only. One for each text.
class RunEnds {
 public:
  // The end of the run of bytes of `set` that begins at `at`, not beyond `at + max`.
  size_t end(std::string_view text, size_t at, const ByteSet& set, size_t max);

 private:
  struct Run {
    ByteSet set;
    size_t begin = 0, end = 0;
  };
  std::array<Run, 8> runs_;
  size_t next_ = 0;
};

// The end of the token that begins at `at`; nothing if there is none of that shape.
std::optional<size_t> match_shape(std::string_view shape, std::string_view text, size_t at,
                                  RunEnds& runs);

// Whether a token may begin at `at` (what `\b` asks for).
bool begins_word(std::string_view text, size_t at);

// Whether the shape is well formed: tables are checked by static_assert.
constexpr bool is_shape(std::string_view shape);

// ---------------------------------------------------------------------------------------------

namespace shape {

constexpr bool is_alnum(char c) {
  return is_digit(c) || is_alpha(c);
}

constexpr size_t kUnlimited = SIZE_MAX;

// One piece of a shape.
struct Piece {
  bool ok = false;
  bool border = false;            // \b
  std::string_view alternatives;  // the inside of (one|two), `min` to 1 times
  ByteSet set;                    // else: one of these, `min` to `max` times
  size_t min = 1, max = 1;
};

constexpr void add_escape(ByteSet& set, char c) {
  if (c != 'w' && c != 'd') return set.add(static_cast<unsigned char>(c));
  for (char b = '0'; b <= '9'; b++) set.add(static_cast<unsigned char>(b));
  if (c == 'd') return;
  for (char b = 'a'; b <= 'z'; b++) set.add(static_cast<unsigned char>(b));
  for (char b = 'A'; b <= 'Z'; b++) set.add(static_cast<unsigned char>(b));
  set.add('_');
}

// Takes the first of `one|two|three` off.
constexpr std::string_view next_alternative(std::string_view& alternatives) {
  size_t bar = alternatives.find('|');
  std::string_view one = alternatives.substr(0, bar);
  alternatives.remove_prefix(bar == std::string_view::npos ? alternatives.size() : bar + 1);
  return one;
}

constexpr bool read_number(std::string_view& shape, size_t& value) {
  if (shape.empty() || !is_digit(shape[0])) return false;
  value = 0;
  while (!shape.empty() && is_digit(shape[0])) {
    value = value * 10 + static_cast<size_t>(shape[0] - '0');
    shape.remove_prefix(1);
  }
  return true;
}

// Takes the first piece off a shape that is not empty.
constexpr Piece next_piece(std::string_view& shape) {
  Piece piece;
  char c = shape[0];
  shape.remove_prefix(1);
  if (c == '(') {
    size_t close = shape.find(')');
    if (close == std::string_view::npos) return piece;
    piece.alternatives = shape.substr(0, close);
    shape.remove_prefix(close + 1);
    if (!shape.empty() && shape[0] == '?') {
      piece.min = 0;
      shape.remove_prefix(1);
    }
    piece.ok = !piece.alternatives.empty();
    return piece;
  }
  if (c == '\\') {
    if (shape.empty()) return piece;
    c = shape[0];
    shape.remove_prefix(1);
    if (c == 'b') {
      piece.ok = piece.border = true;
      return piece;
    }
    add_escape(piece.set, c);
  } else if (c == '[') {
    char before = 0;
    bool closed = false;
    while (!shape.empty() && !closed) {
      c = shape[0];
      shape.remove_prefix(1);
      if (c == ']') {
        closed = true;
      } else if (c == '\\') {
        if (shape.empty()) return piece;
        add_escape(piece.set, shape[0]);
        shape.remove_prefix(1);
        before = 0;
      } else if (c == '-' && before != 0 && !shape.empty() && shape[0] != ']') {
        for (char b = before; b < shape[0]; b++) piece.set.add(static_cast<unsigned char>(b));
        before = 0;
      } else {
        piece.set.add(static_cast<unsigned char>(c));
        before = c;
      }
    }
    if (!closed) return piece;
  } else if (c == ')' || c == '{' || c == '}' || c == '?' || c == '+' || c == '*' || c == '.') {
    return piece;  // '.' must be written \. : no shape wants "any byte"
  } else {
    piece.set.add(static_cast<unsigned char>(c));
  }
  if (!shape.empty() && shape[0] == '?') {
    piece.min = 0;
    shape.remove_prefix(1);
  } else if (!shape.empty() && shape[0] == '+') {
    piece.max = kUnlimited;
    shape.remove_prefix(1);
  } else if (!shape.empty() && shape[0] == '{') {
    shape.remove_prefix(1);
    if (!read_number(shape, piece.min)) return piece;
    piece.max = piece.min;
    if (!shape.empty() && shape[0] == ',') {
      shape.remove_prefix(1);
      if (!read_number(shape, piece.max)) piece.max = kUnlimited;
    }
    if (shape.empty() || shape[0] != '}' || piece.max < piece.min) return piece;
    shape.remove_prefix(1);
  }
  piece.ok = true;
  return piece;
}

}  // namespace shape

constexpr bool is_shape(std::string_view shape) {
  if (shape.empty()) return false;
  bool first = true;
  while (!shape.empty()) {
    shape::Piece piece = shape::next_piece(shape);
    if (!piece.ok || (piece.border && !first && !shape.empty())) return false;
    for (std::string_view rest = piece.alternatives; !rest.empty();) {
      if (!is_shape(shape::next_alternative(rest))) return false;
    }
    first = false;
  }
  return true;
}

}  // namespace baton::secrets
