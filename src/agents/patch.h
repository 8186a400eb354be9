#pragma once

// The patch format of Codex's apply_patch tool (docs/agents/codex.md, "Patches") and unified diffs,
// as edits; and applying hunks to a text the way Codex does.

#include <string>
#include <string_view>
#include <vector>

#include "agents/agent.h"
#include "base/result.h"

namespace baton::agents {

struct Patch {
  std::vector<FileEdit>
      files;              // in the patch's order; Add is write, Delete is remove, Update is patch
  bool complete = false;  // false: the text is malformed; `files` is what was read before that
};

// Reads "*** Begin Patch ... *** End Patch". Never fails: a text that is no patch gives no files.
Patch parse_patch(std::string_view text);

// The hunks of a unified diff of one file, with their line numbers; file headers are passed over.
std::vector<TextEdit> parse_unified_diff(std::string_view diff);

// The text after the hunks. Hunks with a line number must match exactly there; the others are
// looked for in order, the way Codex does: exactly, then without trailing blanks, without blanks at
// both ends, and with typographic signs made plain; the file's first line end is used for new
// lines, and a missing newline at the end is added. ErrorKind::negative if a hunk does not match,
// ErrorKind::limit if matching takes more than kMatchLimit steps.
Result<std::string> apply_hunks(const std::vector<TextEdit>& hunks, std::string_view before);

// The lines that hunks without line numbers replace, found in the same way.
Result<std::vector<PlacedRun>> places_of_hunks(const std::vector<TextEdit>& hunks,
                                               std::string_view before);

// The text before hunks without line numbers, given the text after them. ErrorKind::negative unless
// it is clear where they stood: each hunk's new lines fit in one place only, and none are gone
// without anything left around them.
Result<std::string> take_back_hunks(const std::vector<TextEdit>& hunks, std::string_view after);

constexpr size_t kMatchLimit = 5'000'000;  // compared lines, each 64 bytes of one counted
constexpr size_t kPatchFilesLimit = 10'000;
constexpr size_t kPatchHunksLimit = 100'000;

}  // namespace baton::agents
