#include "handoff/verification.h"

#include <algorithm>
#include <map>

#include "handoff/attempts.h"

namespace baton::handoff {
namespace {

using model::Step;
using model::TestKind;
using model::TestVerdict;

constexpr size_t kMaxErrors = 20;  // runs whose output is looked at

// A change after the run's beginning that it did not make itself.
bool is_after(const model::Change& change, const Step& run, Micros until) {
  const model::Position& tree = run.test->tree;
  return !change.skipped && change.q > tree.q && change.seen <= until && !made_by(change, run);
}

const std::vector<model::Change>& timeline_of(const Facts& facts, const Step& run) {
  static const std::vector<model::Change> kNone;
  auto found = facts.timelines.find(run.test->tree.worktree);
  return found == facts.timelines.end() ? kNone : found->second;
}

void add_since(std::vector<SinceLine>& lines, const model::Change& change) {
  SinceLine since{change.path, std::string(model::to_string(change.owner.kind)), {}};
  if (change.owner.kind == model::OwnerKind::step) since.step = change.owner.step.address();
  if (std::ranges::find(lines, since) == lines.end()) lines.push_back(std::move(since));
}

}  // namespace

const Step* deciding_run(const Facts& facts, TestKind kind, Micros until) {
  std::map<std::string, const Step*> newest;
  const Step* last = nullptr;
  for (const Step& step : facts.steps) {
    if (!step.test || step.test->kind != kind || step.began > until) continue;
    newest[step.test->runner] = last = &step;
  }
  const Step* failed = nullptr;
  for (const auto& [runner, step] : newest) {
    if (step->test->verdict != TestVerdict::failed) continue;
    if (!failed || failed->began < step->began) failed = step;
  }
  return failed ? failed : last;
}

std::vector<SinceLine> changed_since(const Facts& facts, const Step& run, Micros until) {
  std::vector<SinceLine> lines;
  for (const auto& change : timeline_of(facts, run)) {
    if (is_after(change, run, until)) add_since(lines, change);
  }
  return lines;
}

VerificationLine verify_whole(const Facts& facts) {
  VerificationLine line;
  const Step* run = deciding_run(facts, TestKind::test);
  if (!run) return line;
  line.step = run->ref.address();
  line.changed_since = changed_since(facts, *run);
  switch (run->test->verdict) {
    case TestVerdict::failed:
      line.state = Verification::failed;
      break;
    case TestVerdict::unknown:
      line.state = Verification::unknown;
      break;
    case TestVerdict::passed:
      line.state = !line.changed_since.empty() ? Verification::stale
                   : run->test->partial        ? Verification::partial
                                               : Verification::fresh;
      break;
  }
  return line;
}

void verify_file(const Facts& facts, const Net& net, ChangeLine& line) {
  line.verification = to_string(Verification::never_run);
  const Step* saw_present = nullptr;
  const Step* any = nullptr;
  for (const Step& step : facts.steps) {
    if (!step.test || step.test->kind != TestKind::test) continue;
    if (step.began < net.first.seen) continue;
    any = &step;
    bool changed = std::ranges::any_of(timeline_of(facts, step), [&](const auto& change) {
      return change.path == net.path && is_after(change, step, INT64_MAX);
    });
    if (!changed && step.test->tree.worktree == net.last.worktree) saw_present = &step;
  }
  if (!any) return;
  if (!saw_present) {
    line.verification = to_string(Verification::stale);
    line.verified_by = any->ref.address();
    return;
  }
  const model::TestRun& run = *saw_present->test;
  Verification state = run.verdict == TestVerdict::failed    ? Verification::failed
                       : run.verdict == TestVerdict::unknown ? Verification::unknown
                       : run.partial                         ? Verification::partial
                                                             : Verification::fresh;
  line.verification = to_string(state);
  line.verified_by = saw_present->ref.address();
}

std::vector<TestLine> test_lines(const Facts& facts) {
  std::vector<TestLine> lines;
  size_t told = 0;
  for (size_t i = 0; i < facts.steps.size(); ++i) {
    const Step& step = facts.steps[i];
    if (!step.test) continue;
    const model::TestRun& run = *step.test;
    TestLine line{step.ref.address(),
                  run.command,
                  run.runner,
                  std::string(model::to_string(run.kind)),
                  std::string(model::to_string(run.verdict)),
                  run.ground,
                  step.exit_status,
                  run.passed,
                  run.failed,
                  run.skipped,
                  run.failing,
                  run.skipping,
                  run.by_name,
                  run.partial,
                  step.began,
                  {},
                  {},
                  {}};
    bool tells = run.verdict == TestVerdict::failed && run.failing.empty();
    if (tells && told++ < kMaxErrors) line.error = failure_text(facts.index, step);
    if (run.verdict == TestVerdict::failed) {
      auto next = std::find_if(facts.steps.begin() + static_cast<long>(i) + 1, facts.steps.end(),
                               [&](const Step& later) {
                                 return later.test && later.test->command == run.command &&
                                        later.test->tree.worktree == run.tree.worktree;
                               });
      if (next != facts.steps.end()) {
        line.next_run = next->ref.address();
        for (const auto& change : timeline_of(facts, step)) {
          if (change.q > next->test->tree.q) break;
          if (is_after(change, step, INT64_MAX)) add_since(line.changed_until_next, change);
        }
      }
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace baton::handoff
