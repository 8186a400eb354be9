#include "shell/test_runs.h"

#include <algorithm>

#include "base/bytes.h"
#include "git/wildmatch.h"
#include "shell/runner_limits.h"
#include "shell/test_runners.h"
#include "shell/test_summaries.h"
#include "shell/word_list.h"

namespace baton::shell {
namespace {

using model::TestKind;
using model::TestRun;
using model::TestVerdict;

// Whether what the runner prints passes through something that may leave out its failures. What
// only cuts the front is harmless, unless the end tells of the last part only.
bool is_filtered(const ShellLine& line, size_t at, bool end_is_a_part) {
  for (size_t i = at; line.commands[i].next == ShellCommand::Next::pipe; ++i) {
    if (i + 1 >= line.commands.size()) return false;
    const ShellCommand& next = line.commands[i + 1];
    std::string_view name = next.program.empty() ? "" : program_name(next.program[0]);
    if (name == "tail" && end_is_a_part) return true;
    if (name != "tail" && name != "tee" && name != "cat" && name != "less") return true;
  }
  return false;
}

// Whether what the runner prints is in the output of the line. What went into a file is, if another
// command names that file.
bool is_shown(const ShellLine& line, size_t at, SummaryReader reader) {
  bool on_errors = reader == jest_summary || reader == unittest_summary;
  for (size_t i = at; i < line.commands.size(); ++i) {
    const ShellCommand& command = line.commands[i];
    bool away = command.output_away && (command.errors_away || !on_errors || i > at);
    bool named = std::ranges::any_of(command.outputs, [&](const std::string& file) {
      return std::ranges::any_of(line.commands, [&](const ShellCommand& other) {
        return &other != &command && (std::ranges::find(other.words, file) != other.words.end() ||
                                      std::ranges::find(other.inputs, file) != other.inputs.end());
      });
    });
    if (away && !named) return false;
    if (command.next != ShellCommand::Next::pipe) break;
  }
  return true;
}

void take_summary(TestRun& run, const Summary& summary) {
  run.passed = summary.passed;
  run.failed = summary.failed;
  run.skipped = summary.skipped;
  run.failing = summary.failing;
  run.skipping = summary.skipping;
  if (summary.partial) run.partial = true;
  if (summary.verdict != TestVerdict::unknown) {
    run.verdict = summary.verdict;
    run.ground = "summary";
  }
}

// The better of two runs in one command line: tests before linters before builds, then the one that
// is known better.
bool is_better(const RunnerMatch& left, const RunnerMatch& right) {
  if (left.kind != right.kind)
    return left.kind == TestKind::test ||
           (left.kind == TestKind::lint && right.kind == TestKind::build);
  return right.by_name && !left.by_name;
}

std::optional<RunnerMatch> match_own(const ShellCommand& command, const TestCommands& own) {
  if (own.empty() || command.program.empty()) return std::nullopt;
  std::string text;
  for (const std::string& word : command.program) {
    if (!text.empty()) text += ' ';
    text += word;
  }
  for (const std::string& pattern : own) {
    if (!git::wildmatch(pattern, text, {})) continue;
    RunnerMatch match;
    match.name = pattern;
    return match;
  }
  return std::nullopt;
}

// A command of the line that checks something, and what the output says of it.
struct Run {
  RunnerMatch match;
  size_t at = 0;
  Summary summary;
  StatusMeaning status;

  bool passed_by_summary() const { return summary.verdict == TestVerdict::passed; }
};

// Of several the one that counts: the better one, of equal ones the later.
const Run& best_of(const std::vector<Run>& runs) {
  size_t best = 0;
  for (size_t i = 1; i < runs.size(); ++i) {
    if (!is_better(runs[best].match, runs[i].match)) best = i;
  }
  return runs[best];
}

std::vector<Run> runs_in(const ShellLine& line, const std::string& output,
                         const TestCommands& own) {
  std::vector<Run> runs;
  bool nothing_checked = false;
  for (size_t i = 0; i < line.commands.size(); ++i) {
    auto match = match_own(line.commands[i], own);
    if (!match) match = match_runner(line.commands[i]);
    if (!match) continue;
    if (match->never_runs || did_not_start(line.commands[i].program, output)) {
      nothing_checked = true;
      continue;
    }
    runs.push_back({std::move(*match), i, {}, {}});
  }
  if (!runs.empty() || nothing_checked) return runs;
  // A program of unknown name whose output can be nothing but a test framework's.
  for (size_t i = 0; i < line.commands.size() && runs.empty(); ++i) {
    if (!is_own_program(line.commands[i])) continue;
    if (auto match = match_output(output)) runs.push_back({std::move(*match), i, {}, {}});
  }
  return runs;
}

// `ended_well`: its own status is known to be 0.
Summary summary_of(const Run& run, const ShellLine& line, const std::string& output,
                   bool ended_well) {
  SummaryReader reader = run.match.summary;
  if (!is_shown(line, run.at, reader)) return {};
  Summary summary = reader != nullptr ? reader(output) : Summary{};
  if (!summary.found && run.match.kind == TestKind::test && reader == nullptr) {
    summary = any_summary(output);
  }
  bool passed = summary.verdict == TestVerdict::passed;
  if (passed && summary.in_parts && is_filtered(line, run.at, summary.end_is_a_part)) {
    summary.verdict = TestVerdict::unknown;
  }
  const Words& words = line.commands[run.at].program;
  if (!ended_well && says_it_failed(words, output)) {
    // Its own word, or that of another call of the same program; package managers call themselves.
    std::string_view program = program_name(words[0]);
    bool once = !has_word("npm yarn pnpm", program) &&
                std::ranges::count_if(line.commands, [&](const ShellCommand& command) {
                  return !command.program.empty() && command.program[0] == words[0];
                }) == 1;
    if (once && !summary.found) {
      summary.found = true;
      summary.verdict = TestVerdict::failed;
    } else if (passed) {
      summary.verdict = TestVerdict::unknown;
    }
  }
  return summary;
}

// How often the output holds the words that this reader reads, as far as they are one line.
int count_summaries(SummaryReader reader, std::string_view output) {
  int count = 0;
  for (std::string_view line : split(output, '\n')) count += reader(line).found ? 1 : 0;
  return count;
}

// Of several runs in one line: one passing summary is not the word of two of them.
void hold_apart(std::vector<Run>& runs, const std::string& output) {
  if (runs.size() < 2) return;
  for (Run& run : runs) {
    SummaryReader reader = run.match.summary;
    if (reader == nullptr && run.passed_by_summary()) run.summary.verdict = TestVerdict::unknown;
    auto same = [&](const Run& other) { return other.match.summary == reader; };
    auto users = std::ranges::count_if(runs, same);
    if (users < 2 || !run.passed_by_summary()) continue;
    if (count_summaries(reader, output) >= users) continue;
    for (Run& other : runs) {
      if (same(other) && other.passed_by_summary()) other.summary.verdict = TestVerdict::unknown;
    }
  }
}

// What stands in a variable or is said: `out=$(pytest 2>&1); echo "$out"`. Its status is lost; what
// it printed counts where the line printed it.
std::optional<ClassifiedCommand> classify_substituted(const ShellLine& line,
                                                      std::string_view output,
                                                      const TestCommands& own) {
  auto inside = [&](std::string_view text) -> std::optional<ClassifiedCommand> {
    if (!text.starts_with("$(") || text.starts_with("$((") || !text.ends_with(')')) {
      return std::nullopt;
    }
    auto found = classify_command(text.substr(2, text.size() - 3), output, std::nullopt, own);
    if (found) found->status = {};
    return found;
  };
  for (const ShellCommand& command : line.commands) {
    for (const std::string& assignment : command.assignments) {
      auto found = inside(std::string_view(assignment).substr(assignment.find('=') + 1));
      if (found) return found;
    }
    bool says =
        !command.program.empty() && has_word("echo printf", program_name(command.program[0]));
    for (const std::string& word : command.words) {
      if (!says) break;
      if (auto found = inside(word)) return found;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<ClassifiedCommand> classify_command(std::string_view command,
                                                  std::string_view raw_output,
                                                  std::optional<int> exit_status,
                                                  const TestCommands& own) {
  ShellLine line = parse_shell(command);
  std::string output = without_escapes(raw_output);
  std::vector<Run> runs = runs_in(line, output, own);
  if (runs.empty()) return classify_substituted(line, raw_output, own);
  TestKind kind = best_of(runs).match.kind;
  std::erase_if(runs, [&](const Run& run) { return run.match.kind != kind; });
  for (Run& run : runs) {
    run.status = status_meaning(line, run.at);
    run.status.zero = run.status.zero && run.match.status_tells;
    bool ended_well = exit_status && *exit_status == 0 && run.status.zero;
    run.summary = summary_of(run, line, output, ended_well);
    run.status.zero = run.status.zero && !run.summary.nothing_ran;
    run.status.failure = run.status.failure && !run.summary.nothing_ran;
  }
  hold_apart(runs, output);
  const Run& best = best_of(runs);

  ClassifiedCommand result;
  TestRun& run = result.run;
  run.kind = kind;
  run.runner = best.match.name;
  run.by_name = best.match.by_name;
  run.partial = best.match.partial;
  if (best.summary.found) take_summary(run, best.summary);
  for (const Run& other : runs) {
    if (&other == &best || other.summary.verdict != TestVerdict::failed) continue;
    if (run.verdict != TestVerdict::failed) take_summary(run, other.summary);
  }
  bool failed_by_status = exit_status && *exit_status != 0 && best.status.failure;
  bool passed_by_words = std::ranges::all_of(runs, &Run::passed_by_summary);
  bool passed_if_zero = std::ranges::all_of(
      runs, [](const Run& each) { return each.passed_by_summary() || each.status.zero; });
  if (run.verdict == TestVerdict::failed) return result;
  run.verdict = TestVerdict::unknown;
  run.ground.clear();
  if (passed_by_words && !failed_by_status) {
    run.verdict = TestVerdict::passed;
    run.ground = "summary";
  } else if (exit_status && *exit_status == 0 && passed_if_zero) {
    run.verdict = TestVerdict::passed;
    run.ground = "exit status";
  } else if (failed_by_status && (run.by_name || !passed_by_words)) {
    // With a good summary one of several things that it ran has failed; a runner that says both
    // (too little was covered, say) leaves open what its status means.
    run.verdict = TestVerdict::failed;
    run.ground = "exit status";
  } else if (!exit_status) {
    result.status = {passed_if_zero, best.status.failure};
  }
  return result;
}

std::optional<TestRun> classify(std::string_view command, std::string_view output,
                                std::optional<int> exit_status, const TestCommands& own) {
  auto result = classify_command(command, output, exit_status, own);
  if (!result) return std::nullopt;
  return std::move(result->run);
}

}  // namespace baton::shell
