#pragma once

// What became of a file's lines between two contents: bytes in, no word of owners.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "diff/diff.h"
#include "diff/moves.h"

namespace baton::attribution {

// Where a line of the new content comes from.
struct LineSource {
  enum class Kind : uint8_t {
    fresh,        // nothing of it was there
    reworked,     // old line `line` was changed into it
    reformatted,  // old line `line`, but for its whitespace
    moved,        // old line `line` from another place of the file, which it left
    reflowed,     // like moved, but for its whitespace
  };
  Kind kind = Kind::fresh;
  uint32_t line = 0;  // from 0
  // Moved, as far as a short line tells: it left one place and stands at another, which is what two
  // people would do who delete it here and write it there.
  bool doubtful = false;
};

// A changed stretch, with a source for each of its new lines. Lines outside of all stretches are
// kept.
struct Stretch {
  diff::Edit edit;
  std::vector<LineSource> sources;
  // Of the old lines: whether it lives on in a new line (as it was, reformatted or moved).
  std::vector<uint8_t> lives;
  // The lines themselves; views into the contents.
  std::vector<std::string_view> old_lines, new_lines;
};

// The stretches in order. A content that is binary counts as one line.
std::vector<Stretch> carry(std::string_view old_content, std::string_view new_content);
// The same by these edits instead of those of a diff.
std::vector<Stretch> carry(std::string_view old_content, std::string_view new_content,
                           std::span<const diff::Edit> edits);

// Letters and digits.
uint32_t letters_of(std::string_view line);
// Whether the line says something that a brace or a blank does not.
inline bool is_telling(std::string_view line) {
  return letters_of(line) >= diff::kTellingAlnum;
}

// What attribution sees of a binary content: a line that tells it from every other and is like
// none. So whose it is depends on ids alone, and can be told when the content is not kept any more.
std::string seen_of_binary(const ObjectId& id);

// Lines as everything in this folder counts them.
std::vector<std::string_view> lines_of(std::string_view content);

}  // namespace baton::attribution
