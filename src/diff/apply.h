#pragma once

// Edits and diffs put to use. Strict: what a change expects must stand exactly where it says.

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "diff/diff.h"

namespace baton::diff {

// The old content with each edit's lines replaced by those of the new one. With all edits of
// diff_lines this is the new content; with some of them, a mix. ErrorKind::damage if the edits are
// out of order or beyond the contents' lines.
Result<std::string> apply_edits(std::string_view old_content, std::string_view new_content,
                                std::span<const Edit> edits);

// The content after a unified diff of one file; what stands before its first hunk is passed over.
// ErrorKind::negative if a hunk does not match the content at its own line numbers,
// ErrorKind::damage if the text is no such diff. No hunks at all: the content as it is.
Result<std::string> apply_unified(std::string_view content, std::string_view patch);

}  // namespace baton::diff
