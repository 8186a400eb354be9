#pragma once

// What happened to some lines of a file, change by change, back to where they were written: what
// `git log -L` is for commits, for recorded versions and then the commits that came before them.

#include <optional>
#include <string>
#include <vector>

#include "attribution/blame.h"
#include "diff/diff.h"
#include "diff/line_ranges.h"
#include "git/blame.h"
#include "git/history.h"

namespace baton::attribution {

struct LineChange {
  model::Owner owner;
  model::Position at;
  Micros seen = 0;
  std::string path;
  // The contents around it, whole, so that they can be masked before they are cut; `before` is
  // empty where the file was made.
  std::string before_content, after_content;
  // The lines that are followed, counted from 0; before: none where they were written.
  diff::Edit lines;
  std::vector<diff::Edit> edits;  // inside of these, in order
  // Of what git brought: the newest commit that these lines came with, as far as git tells.
  std::optional<git::BlameCommit> commit;
};

struct LineHistory {
  std::vector<LineChange> changes;   // newest first
  std::vector<git::Commit> commits;  // older than those, newest first
  // How it ends: "written" (a change brought all that is left of the lines), "git" (commits are its
  // beginning), "before" (there when recording began, and git does not know it), "lost" (a content
  // is missing).
  std::string beginning;
};

// `lines` of options.content.
Result<LineHistory> line_history(index::Index& index, const BlameOptions& options,
                                 const diff::LineRange& lines);

}  // namespace baton::attribution
