#pragma once

// The one table of commands and options. The parser (invocation.h), `--help`, `baton help`, the
// completions of three shells and docs/commands.md are made from it, so they cannot disagree.
//
// Rows hold their text in place (base/fixed_text.h): the table costs a hook nothing.

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/fixed_text.h"

namespace baton::cli {

enum class CommandId : uint8_t {
  none,
  init,
  uninstall,
  doctor,
  status,
  sessions,
  log,
  show,
  diff,
  search,
  blame,
  stats,
  triage,
  handoff,
  check,
  pr,
  task,
  note,
  bundle,
  cat,
  export_tree,
  rewind,
  undo,
  redo,
  restore,
  checkpoint,
  fork,
  du,
  gc,
  reindex,
  fsck,
  completion,
  help,
  version,
  collect,
  hook,
};

enum class Group : uint8_t { start, read, take, back, care, plumbing };

// What a command asks of the front end before it runs.
enum Need : uint8_t {
  kNeedsStore = 1,  // exit 3 without one
  kPages = 2,       // its text goes through the pager on a terminal
  kPathspecs = 4,   // takes `-- PATHSPEC...`
  kHidden = 8,      // not in the list of commands
};

// What completes an option's value or a command's words.
enum class Values : uint8_t {
  none,
  words,  // the option's choices
  dates,  // git's forms of them
  agents,
  sessions,
  addresses,  // sessions and turns
  commands,
  shells,
  directories,
  files,
  branches,
};

struct CommandRow {
  CommandId id;
  Group group;
  FixedText<12> name;
  FixedText<48> arguments;  // as the usage line has them
  uint8_t least, most;      // how many words it takes; kAnyWords for no end
  uint8_t needs;            // Need bits
  Values values;            // of its words
  FixedText<72> summary;
  FixedText<1600> about;  // paragraphs of --help
};
constexpr uint8_t kAnyWords = 255;

enum class OptionId : uint8_t {
  // of all commands
  directory,
  color,
  no_pager,
  help,
  version,
  // of several
  json,
  date,
  session,
  agent,
  since,
  until,
  limit,
  path,
  // of one or two
  local,
  dry_run,
  all,
  purge,
  branch,
  subagents,
  steps,
  failed,
  tests,
  oneline,
  no_diff,
  full,
  stat,
  name_only,
  unified,
  exit_code,
  kind,
  lines,
  line_history,
  model,
  by,
  rev,
  why,
  deleted,
  ignore_space,
  moves,
  ignore_rev,
  ignore_revs,
  first_parent,
  copies,
  revs_file,
  contents,
  minimal,
  indent_heuristic,
  root,
  progress,
  no_progress,
  reverse,
  git_workings,
  encoding,
  porcelain,
  line_porcelain,
  incremental,
  annotate,
  blank_border,
  color_lines,
  color_by_age,
  bare,
  whole_id,
  abbrev,
  show_email,
  raw_time,
  show_name,
  show_number,
  unmasked,
  to,
  git,
  format,
  budget,
  verify,
  hunk,
  scope,
  check_format,
  review_since,
  update,
  html,
  fail_on,
  closed,
  bundle,
  cite,
  close,
  list,
  paths,
  turn,
  step,
  force,
  merge,
  index,
  source,
  worktree,
  message,
  skills,
  to_agent,
  run,
  at,
  marks,
  markdown,
  count_,
};

struct OptionRow {
  OptionId id;
  char letter;            // 0: none
  FixedText<16> name;     // without the dashes
  FixedText<12> metavar;  // empty: a flag; "[N]": only what is written together with the option
  Values values;
  FixedText<48> choices;  // Values::words, separated by '|': nothing else is accepted
  bool repeats;           // may be given several times
  uint64_t commands;      // bits of CommandId; 0: all
  FixedText<96> summary;
};

std::span<const CommandRow> all_commands();
std::span<const OptionRow> all_options();

const CommandRow* find_command(std::string_view name);
const CommandRow& command_row(CommandId id);
std::string_view group_title(Group group);
bool takes(const CommandRow& command, const OptionRow& option);
inline bool value_is_optional(const OptionRow& option) {
  return option.metavar.view().starts_with('[');
}
inline bool needs_value(const OptionRow& option) {
  return !option.metavar.empty() && !value_is_optional(option);
}

}  // namespace baton::cli
