#pragma once

// How much of one content is in another: tells a renamed and edited file from an unrelated one.

#include <cstdint>
#include <string_view>

namespace baton::diff {

// Percent, measured and rounded as git measures renames (diffcore-delta): bytes of chunks that both
// have (a line, or 64 bytes of a longer one; in text CRLF counts as LF), of the larger content's
// size. git's default calls 50 and more a rename. The same lines in another order are 100 too.
int similarity(std::string_view old_content, std::string_view new_content);

struct Likeness {
  int percent = 0;      // as above
  uint64_t common = 0;  // bytes of the chunks that both have
};
Likeness likeness(std::string_view old_content, std::string_view new_content);

}  // namespace baton::diff
