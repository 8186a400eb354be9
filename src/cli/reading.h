#pragma once

// What readers have in common: filters by words of the user, and what to say when there is nothing.

#include <optional>
#include <string>

#include "cli/front.h"
#include "index/index.h"
#include "index/pathspec.h"
#include "index/queries.h"
#include "model/views.h"

namespace baton::cli {

// The id that --agent names, "" without it. ErrorKind::usage for an unknown one.
Result<std::string> asked_agent(const Invocation& asked);
// ErrorKind::usage for words that are no time.
Result<std::optional<Micros>> asked_time(const Front& front, OptionId option);
// `-- PATHSPEC` and --path, from the current folder.
Result<index::Pathspec> asked_paths(Front& front);
Result<size_t> asked_limit(const Invocation& asked, size_t otherwise);
// The session that --session names.
Result<std::optional<int64_t>> asked_session(index::Index& index, const Invocation& asked);

// Steps of plan tools often say only an item's number: gives them the items that they changed as
// their description. For text only.
void describe_plan_steps(index::Index& index, std::vector<model::Step>& steps);

// One line on the standard error: that nothing was recorded yet, or that nothing matches.
void say_nothing_found(index::Index& index, std::string_view what);
// The error of a command that needs something recorded, where nothing is.
Error nothing_recorded();

// The content of a file's version; `name` is how the user wrote it. One that a budget took is told
// with the nearest that are left.
Result<std::string> read_version(index::Index& index, std::string_view name,
                                 std::string_view worktree, const model::StateEntry& entry);

}  // namespace baton::cli
