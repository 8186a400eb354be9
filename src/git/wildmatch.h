#pragma once

// Shell patterns as git matches them (gitignore, gitattributes, conditional includes): `?`, `*`,
// classes with ranges and names, backslash escapes, and `**`. Byte for byte the answers of git's
// own matcher, its oddities included, in at most O(pattern x text) steps for each `**`.

#include <string_view>

namespace baton::git {

struct WildOptions {
  bool pathname = false;   // '/' is matched by '/' and `**` alone
  bool fold_case = false;  // ASCII letters match in either case
};

bool wildmatch(std::string_view pattern, std::string_view text, WildOptions options);

// Whether `c` means something to wildmatch; a pattern without such bytes stands for itself.
inline bool is_wild(char c) {
  return c == '*' || c == '?' || c == '[' || c == '\\';
}

}  // namespace baton::git
