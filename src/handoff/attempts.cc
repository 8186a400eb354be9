#include "handoff/attempts.h"

#include <algorithm>
#include <set>

#include "base/bytes.h"

namespace baton::handoff {
namespace {

using model::Step;
using model::StepOutcome;
using model::TestKind;
using model::TestVerdict;

constexpr size_t kMaxWhat = 200;

bool is_verification(const Step& step) {
  return step.test.has_value();
}

bool run_failed(const Step& step) {
  return step.test && (step.test->verdict == TestVerdict::failed ||
                       (step.test->verdict == TestVerdict::unknown &&
                        step.outcome == StepOutcome::failed));
}

std::set<std::string> changed_paths(const Step& step) {
  std::set<std::string> paths;
  for (const auto& change : step.changes) {
    if (!change.skipped) paths.insert(change.path);
  }
  return paths;
}

bool share(const std::set<std::string>& left, const std::set<std::string>& right) {
  return std::ranges::any_of(left, [&](const auto& path) { return right.contains(path); });
}

std::string join(const std::set<std::string>& paths) {
  std::string text;
  for (const auto& path : paths) {
    if (!text.empty()) text += ", ";
    text += path;
  }
  return text;
}

// Edits that a failing run of the tests followed, and that were changed again afterwards. Edits
// since the last run count as one attempt; a failing run without an edit before it only shows what
// was broken to begin with.
void edits_then_failing_run(const std::vector<Step>& steps, std::vector<AttemptLine>& found) {
  std::vector<size_t> edits;
  for (size_t i = 0; i < steps.size(); ++i) {
    if (!changed_paths(steps[i]).empty()) edits.push_back(i);
    if (!is_verification(steps[i])) continue;
    if (run_failed(steps[i]) && !edits.empty()) {
      AttemptLine attempt;
      attempt.rule = "edit-then-failing-run";
      std::set<std::string> paths;
      for (size_t edit : edits) {
        attempt.steps.push_back(steps[edit].ref.address());
        paths.merge(changed_paths(steps[edit]));
      }
      attempt.what = "change of " + join(paths);
      attempt.failed_at = steps[i].ref.address();
      attempt.error = telling_lines(steps[i].error);
      for (size_t later = i + 1; later < steps.size(); ++later) {
        if (share(paths, changed_paths(steps[later]))) {
          attempt.replaced_by.push_back(steps[later].ref.address());
        }
        if (is_verification(steps[later]) && !attempt.replaced_by.empty()) break;
      }
      // Not yet replaced: it is not a dropped attempt but the present state, an open item.
      if (!attempt.replaced_by.empty()) found.push_back(std::move(attempt));
    }
    edits.clear();
  }
}

std::string first_word(std::string_view command) {
  command = trim(command);
  return std::string(command.substr(0, command.find_first_of(" \t\n")));
}

// Commands and tool calls that failed by themselves; the same one failing again counts up.
void failed_calls(const std::vector<Step>& steps, std::vector<AttemptLine>& found) {
  for (size_t i = 0; i < steps.size(); ++i) {
    const Step& step = steps[i];
    bool refused = step.outcome == StepOutcome::refused;
    if ((step.outcome != StepOutcome::failed && !refused) || is_verification(step)) continue;
    AttemptLine attempt;
    attempt.rule = refused                                ? "refused"
                   : step.kind == model::StepKind::shell  ? "failed-command"
                   : step.kind == model::StepKind::edit   ? "failed-edit"
                                                          : "failed-call";
    if (!step.command.empty()) {
      attempt.what = utf8_prefix(step.command, kMaxWhat);
    } else {
      attempt.what = step.tool;
      for (const auto& claim : step.claims) attempt.what += " " + claim.path;
      for (const auto& read : step.reads) attempt.what += " " + read.path;
    }
    attempt.steps.push_back(step.ref.address());
    attempt.failed_at = step.ref.address();
    attempt.error = telling_lines(step.error);
    auto again = std::ranges::find_if(found, [&](const AttemptLine& each) {
      return each.rule == attempt.rule && each.what == attempt.what;
    });
    if (again != found.end()) {
      again->times += 1;
      again->steps.push_back(step.ref.address());
      again->failed_at = step.ref.address();
      again->error = attempt.error;
      continue;
    }
    // The form that worked: the next call of the same program, or edit of the same file.
    for (size_t later = i + 1; later < steps.size(); ++later) {
      const Step& next = steps[later];
      if (next.outcome != StepOutcome::ok || next.kind != step.kind) continue;
      bool same_program = !step.command.empty() &&
                          first_word(next.command) == first_word(step.command);
      bool same_file = !step.claims.empty() && !next.claims.empty() &&
                       next.claims.front().path == step.claims.front().path;
      if (same_program || same_file) {
        attempt.replaced_by.push_back(next.ref.address());
        break;
      }
    }
    found.push_back(std::move(attempt));
  }
}

bool is_telling(std::string_view line) {
  std::string lower = lower_ascii(line);
  for (std::string_view word : {"error", "fail", "not ok", "panic", "exception", "assert",
                                "not found", "no such", "denied", "fatal", "cannot", "undefined"}) {
    if (contains(lower, word)) return true;
  }
  return false;
}

}  // namespace

std::string telling_lines(std::string_view output, size_t max_lines, size_t max_bytes) {
  std::vector<std::string_view> lines;
  for (std::string_view line : split(output, '\n')) {
    line = trim(line);
    if (!line.empty()) lines.push_back(line);
  }
  std::vector<std::string_view> chosen;
  for (std::string_view line : lines) {
    if (is_telling(line) && chosen.size() < max_lines) chosen.push_back(line);
  }
  if (chosen.empty() && !lines.empty()) chosen.push_back(lines.back());
  std::string text;
  for (std::string_view line : chosen) {
    if (!text.empty()) text += '\n';
    text += line;
  }
  return std::string(utf8_prefix(text, max_bytes));
}

std::vector<AttemptLine> find_attempts(const std::vector<Step>& steps) {
  std::vector<AttemptLine> found;
  edits_then_failing_run(steps, found);
  failed_calls(steps, found);
  return found;
}

}  // namespace baton::handoff
