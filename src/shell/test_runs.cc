#include "shell/test_runs.h"

#include <algorithm>

#include "git/wildmatch.h"
#include "shell/test_runners.h"
#include "shell/test_summaries.h"

namespace baton::shell {
namespace {

using model::TestKind;
using model::TestRun;
using model::TestVerdict;

// Whether what the runner prints passes through something that may leave out its failures. What
// only cuts the front is harmless: summaries stand at the end.
bool is_filtered(const ShellLine& line, size_t at) {
  for (size_t i = at; line.commands[i].next == ShellCommand::Next::pipe; ++i) {
    if (i + 1 >= line.commands.size()) return false;
    const ShellCommand& next = line.commands[i + 1];
    std::string_view name = next.program.empty() ? "" : program_name(next.program[0]);
    if (name != "tail" && name != "tee" && name != "cat" && name != "less") return true;
  }
  return false;
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

}  // namespace

std::optional<ClassifiedCommand> classify_command(std::string_view command,
                                                  std::string_view raw_output,
                                                  std::optional<int> exit_status,
                                                  const TestCommands& own) {
  ShellLine line = parse_shell(command);
  std::optional<RunnerMatch> best;
  size_t at = 0;
  for (size_t i = 0; i < line.commands.size(); ++i) {
    auto match = match_own(line.commands[i], own);
    if (!match) match = match_runner(line.commands[i]);
    if (match && (!best || !is_better(*best, *match))) {
      best = std::move(match);
      at = i;
    }
  }
  bool own_program = std::ranges::any_of(line.commands, is_own_program);
  if (!best && !own_program) return std::nullopt;
  std::string output = without_escapes(raw_output);
  if (!best) {
    // A program of unknown name whose output can be nothing but a test framework's.
    for (size_t i = 0; i < line.commands.size() && !best; ++i) {
      if (!line.commands[i].program.empty() && is_own_program(line.commands[i])) {
        best = match_output(output);
        at = i;
      }
    }
    if (!best) return std::nullopt;
  }

  ClassifiedCommand result;
  TestRun& run = result.run;
  run.kind = best->kind;
  run.runner = best->name;
  run.by_name = best->by_name;
  run.partial = best->partial;
  result.status = status_meaning(line, at);
  if (best->never_runs) return std::nullopt;

  Summary summary = best->summary != nullptr ? best->summary(output) : Summary{};
  if (!summary.found && best->kind == TestKind::test && best->summary == nullptr) {
    summary = any_summary(output);
  }
  if (summary.in_parts && summary.verdict == TestVerdict::passed && is_filtered(line, at)) {
    summary.verdict = TestVerdict::unknown;
  }
  if (summary.found) take_summary(run, summary);
  bool failed_by_status = exit_status && *exit_status != 0 && result.status.failure;
  if (run.by_name && failed_by_status && run.verdict == TestVerdict::passed) {
    // One of several things that it ran has a good summary; the whole has failed.
    run.verdict = TestVerdict::unknown;
  }
  if (run.verdict == TestVerdict::unknown && exit_status) {
    if (*exit_status == 0 && result.status.zero) {
      // Some runners end well when they found nothing to run.
      if (!summary.nothing_ran) {
        run.verdict = TestVerdict::passed;
        run.ground = "exit status";
      }
    } else if (failed_by_status && !summary.nothing_ran) {
      run.verdict = TestVerdict::failed;
      run.ground = "exit status";
    }
  }
  if (run.verdict != TestVerdict::unknown || summary.nothing_ran) result.status = {};
  return result;
}

std::optional<TestRun> classify(std::string_view command, std::string_view output,
                                std::optional<int> exit_status, const TestCommands& own) {
  auto result = classify_command(command, output, exit_status, own);
  if (!result) return std::nullopt;
  return std::move(result->run);
}

}  // namespace baton::shell
