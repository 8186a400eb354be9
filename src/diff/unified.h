#pragma once

// Edits as text, byte for byte as `git diff` writes it (git 2.39; diff-format in git's manual):
// what people read, `git apply` and `patch` take, and apply.h reads back.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "diff/diff.h"

namespace baton::diff {

constexpr uint32_t kContext = 3;  // lines

struct UnifiedOptions {
  uint32_t context = kContext;  // lines around each change; regions that share them are one hunk
  bool headings = true;         // the line that names the function, after "@@"
  // core.quotePath: bytes >= 0x80 in names are written as octal.
  bool quote_high_bytes = true;
  DiffOptions diff;
};

// A file on both sides of a difference. An empty mode means: not there on this side.
struct FileDiffHeader {
  std::string old_path,
      new_path;  // relative to the root, no prefix; equal unless renamed or copied
  std::string old_mode, new_mode;  // "100644", "100755", "120000"
  std::string old_id, new_id;      // hex, abbreviated as wanted; "" with no id known: no index line
  bool copied = false;             // new_path is a copy, old_path is still there
  int similarity = 100;            // percent, for renamed and copied
  // Written as binary although the contents do not look it (an attribute says so).
  bool binary = false;
};

// Regions that are nearer to each other than twice the context are one hunk. The spans are of
// `edits`.
std::vector<std::span<const Edit>> hunks_of(std::span<const Edit> edits, uint32_t context);

// The hunks; "" if nothing changed. With whitespace ignored, context lines are those of the new
// content, as git writes them.
std::string hunks(std::string_view old_content, std::string_view new_content,
                  const UnifiedOptions& options = {});

// "--- NAME", "+++ NAME" and the hunks; "" if nothing changed. Names are written as they are given
// ("a/x", "b/x", "/dev/null"), quoted where they must be.
std::string unified(std::string_view old_content, std::string_view new_content,
                    std::string_view old_name, std::string_view new_name,
                    const UnifiedOptions& options = {});

// One file's whole difference with git's extended header, from "diff --git" on; "" if neither
// content, mode nor path changed. A file that became a link, or the reverse, is one difference that
// deletes and one that creates.
std::string file_diff(const FileDiffHeader& header, std::string_view old_content,
                      std::string_view new_content, const UnifiedOptions& options = {});

// `prefix` and `path` as git writes a name: in double quotes with C escapes if it has control
// characters, a quote, a backslash or (quote_high_bytes) anything but ASCII.
std::string quote_path(std::string_view path, std::string_view prefix = {},
                       bool quote_high_bytes = true);

}  // namespace baton::diff
