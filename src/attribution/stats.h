#pragma once

// How much was done, and what of it lasted: sums over prompts and their steps.

#include <set>
#include <string>
#include <vector>

#include "attribution/step_lines.h"
#include "git/repository.h"
#include "index/index.h"
#include "index/queries.h"
#include "model/session.h"

namespace baton::attribution {

enum class StatsBy : uint8_t { session, prompt, agent, model, branch };
std::string_view to_string(StatsBy by);

struct StatsOptions {
  index::LogFilter prompts;  // which
  std::optional<std::set<int64_t>> sessions =
      {};                   // only prompts of these (keys), with their subagents
  std::string model = {};   // only steps of turns with this model, or one that begins so
  std::string branch = {};  // only prompts that began on it
  StatsBy by = StatsBy::session;
  // What stands is a question about this commit's files; empty: about those of the worktrees.
  const git::Repository* repository = nullptr;
  ObjectId revision = {};
};

struct StatsSums {
  int64_t prompts = 0;  // that a person typed
  int64_t steps = 0, failed_steps = 0;
  int64_t commands = 0, failed_commands = 0;  // steps of a shell
  int64_t tests = 0, failed_tests = 0;        // runs
  int64_t files = 0;                          // different paths that its steps changed
  StepLines lines;
  model::Tokens tokens;  // as far as agents tell
};

struct StatsRow {
  std::string name;          // address, agent, model or branch; "" where that is unknown
  std::string agent, about;  // of a session or prompt: its agent, its first words
  StatsSums sums;
};

struct Stats {
  StatsBy by = StatsBy::session;
  std::string revision;        // whose files say what stands, "" for the worktrees'
  int64_t sessions = 0;        // with one of the prompts
  std::vector<StatsRow> rows;  // newest first; else most lines first
  StatsSums total;             // of each sum the rows' sum, but for `files`
};

Result<Stats> stats(index::Index& index, const StatsOptions& options);

}  // namespace baton::attribution
