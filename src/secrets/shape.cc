#include "secrets/shape.h"

#include <algorithm>

namespace baton::secrets {
namespace {

constexpr size_t kShortRun = 32;  // runs up to this length are not worth remembering

bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Whether an odd number of backslashes ends before `at`: then the byte at `at` is escaped.
bool is_escaped(std::string_view text, size_t at) {
  size_t count = 0;
  while (count < at && count < 16 && text[at - count - 1] == '\\') count++;
  return count % 2 == 1;
}

// Whether the letter before `at` ends a terminal's colour sequence, `ESC [ 3 1 m`.
bool ends_colour(std::string_view text, size_t at) {
  if (text[at - 1] != 'm' && text[at - 1] != 'K') return false;
  size_t i = at - 1;
  while (i > 0 && at - i < 16 && (is_digit(text[i - 1]) || text[i - 1] == ';')) i--;
  if (i == 0 || text[i - 1] != '[') return false;
  i--;
  if (i > 0 && text[i - 1] == '\x1b') return true;
  // The escape byte as JSON and shells write it.
  return text.substr(0, i).ends_with("u001b") || text.substr(0, i).ends_with("u001B") ||
         text.substr(0, i).ends_with("\\e") || text.substr(0, i).ends_with("\\033") ||
         text.substr(0, i).ends_with("\\x1b");
}

// Whether the shape begins with a byte that stands for itself, once: most pieces do.
bool is_plain(std::string_view shape) {
  if (!shape::is_alnum(shape[0]) && shape[0] != '_' && shape[0] != '-') return false;
  return shape.size() == 1 || (shape[1] != '{' && shape[1] != '?' && shape[1] != '+');
}

}  // namespace

bool begins_word(std::string_view text, size_t at) {
  if (at == 0 || !shape::is_alnum(text[at - 1])) return true;
  char before = text[at - 1];
  if ((before == 'n' || before == 'r' || before == 't') && is_escaped(text, at - 1)) return true;
  if (is_hex(before) && at >= 3) {
    if (text[at - 3] == '%' && is_hex(text[at - 2])) return true;
    if (at >= 6 && text[at - 5] == 'u' && is_hex(text[at - 4]) && is_hex(text[at - 3]) &&
        is_hex(text[at - 2]) && is_escaped(text, at - 5)) {
      return true;
    }
  }
  return ends_colour(text, at);
}

size_t RunEnds::end(std::string_view text, size_t at, const ByteSet& set, size_t max) {
  size_t limit = max < text.size() - at ? at + max : text.size();
  size_t i = at, soon = std::min(limit, at + kShortRun);
  while (i < soon && set.has(text[i])) i++;
  if (i < soon || i == limit) return i;
  for (const Run& run : runs_) {
    if (run.begin <= at && at < run.end && run.set == set) return std::min(run.end, limit);
  }
  size_t run_end = i;
  while (run_end < text.size() && set.has(text[run_end])) run_end++;
  runs_[next_] = {set, at, run_end};
  next_ = (next_ + 1) % runs_.size();
  return std::min(run_end, limit);
}

std::optional<size_t> match_shape(std::string_view shape, std::string_view text, size_t at,
                                  RunEnds& runs) {
  size_t i = at;
  if (shape.starts_with("\\b")) {
    if (!begins_word(text, i)) return std::nullopt;
    shape.remove_prefix(2);
  }
  while (!shape.empty()) {
    if (is_plain(shape)) {
      if (i >= text.size() || text[i] != shape[0]) return std::nullopt;
      i++;
      shape.remove_prefix(1);
      continue;
    }
    shape::Piece piece = shape::next_piece(shape);
    if (piece.border) {
      if (i < text.size() && shape::is_alnum(text[i])) return std::nullopt;
    } else if (!piece.alternatives.empty()) {
      std::optional<size_t> end;
      for (std::string_view rest = piece.alternatives; !end && !rest.empty();) {
        end = match_shape(shape::next_alternative(rest), text, i, runs);
      }
      if (!end && piece.min > 0) return std::nullopt;
      i = end.value_or(i);
    } else {
      size_t end = i < text.size() ? runs.end(text, i, piece.set, piece.max) : i;
      if (end - i < piece.min) return std::nullopt;
      i = end;
    }
  }
  return i;
}

}  // namespace baton::secrets
