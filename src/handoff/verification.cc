#include "handoff/verification.h"

#include <algorithm>

#include "base/bytes.h"
#include "handoff/attempts.h"
#include "handoff/like_commands.h"
#include "index/run_tree.h"

namespace baton::handoff {
namespace {

using index::RanOn;
using model::Step;
using model::TestKind;
using model::TestVerdict;

constexpr size_t kMaxErrors = 20;  // runs whose output is looked at

// Whether the run ran on the change, or made it itself.
RanOn ran_on(const model::Change& change, const Step& run) {
  if (change.skipped || made_by(change, run)) return RanOn::yes;
  return index::ran_on(*run.test, change);
}

const std::vector<model::Change>& timeline_of(const Facts& facts, const Step& run) {
  static const std::vector<model::Change> kNone;
  auto found = facts.timelines.find(run.test->tree.worktree);
  return found == facts.timelines.end() ? kNone : found->second;
}

void add_since(Since& since, const model::Change& change, RanOn seen) {
  if (seen == RanOn::yes) return;
  SinceLine line{change.path, std::string(model::to_string(change.owner.kind)), {}};
  if (change.owner.kind == model::OwnerKind::step) line.step = change.owner.step.address();
  auto& lines = seen == RanOn::no ? since.after : since.maybe;
  if (std::ranges::find(lines, line) == lines.end()) lines.push_back(std::move(line));
}

}  // namespace

namespace {

// The folder that a command ran in, absolute; "" if that is not known.
std::string place_of(const Step& step, const CommandForm& form) {
  std::string place = form.directory;
  if (!place.starts_with('/')) place = step.cwd.empty() ? "" : step.cwd + "/" + place;
  if (form.directory == "?" || contains(place, "..") || contains(place, "/.")) return {};
  while (place.size() > 1 && place.ends_with('/')) place.pop_back();
  return place;
}

}  // namespace

bool speaks_of(const Step& later, const Step& failed) {
  const model::TestRun& run = *later.test;
  if (run.runner != failed.test->runner) return false;
  CommandForm form = form_of(later.command, run.runner);
  CommandForm before = form_of(failed.command, run.runner);
  if (run.tree.worktree == failed.test->tree.worktree) {
    std::string here = place_of(later, form), there = place_of(failed, before);
    if (!here.empty() && !there.empty() && here != there) return false;
  }
  if (!run.partial || run.command == failed.test->command) return true;
  auto is_named = [&](std::string_view name) {
    return std::ranges::any_of(form.operands, [&](std::string_view word) {
      return word.size() > 2 && (contains(name, word) || contains(word, name));
    });
  };
  // "tests/a_test.py::test_one": its own words say where it is.
  for (const auto& name : failed.test->failing) {
    bool tells = contains(name, "/") || contains(name, "::");
    if (tells && !form.operands.empty() && !is_named(name)) return false;
  }
  if (!failed.test->partial) return true;
  return before.operands.empty() || form.operands.empty() ||
         std::ranges::any_of(before.operands, is_named) ||
         std::ranges::any_of(failed.test->failing, is_named);
}

const Step* deciding_run(const Facts& facts, TestKind kind, Micros until) {
  std::vector<const Step*> failed;  // that no later run speaks of, in order
  const Step* last = nullptr;
  for (const Step& step : facts.steps) {
    if (!step.test || step.test->kind != kind || step.began > until) continue;
    std::erase_if(failed, [&](const Step* run) { return speaks_of(step, *run); });
    if (step.test->verdict == TestVerdict::failed) failed.push_back(&step);
    last = &step;
  }
  return failed.empty() ? last : failed.back();
}

Since changed_since(const Facts& facts, const Step& run, Micros until) {
  Since since;
  for (const auto& change : timeline_of(facts, run)) {
    if (change.seen <= until) add_since(since, change, ran_on(change, run));
  }
  return since;
}

VerificationLine verify_whole(const Facts& facts) {
  VerificationLine line;
  const Step* run = deciding_run(facts, TestKind::test);
  if (!run) return line;
  line.step = run->ref.address();
  Since since = changed_since(facts, *run);
  line.changed_since = std::move(since.after);
  line.maybe_changed_since = std::move(since.maybe);
  switch (run->test->verdict) {
    case TestVerdict::failed:
      line.state = Verification::failed;
      break;
    case TestVerdict::unknown:
      line.state = Verification::unknown;
      break;
    case TestVerdict::passed:
      line.state = !line.changed_since.empty()         ? Verification::stale
                   : !line.maybe_changed_since.empty() ? Verification::tree_unknown
                   : run->test->partial                ? Verification::partial
                                                       : Verification::fresh;
      break;
  }
  return line;
}

void verify_file(const Facts& facts, const Net& net, ChangeLine& line) {
  line.verification = to_string(Verification::never_run);
  const Step* saw_present = nullptr;
  const Step* may_have = nullptr;
  const Step* any = nullptr;
  for (const Step& step : facts.steps) {
    if (!step.test || step.test->kind != TestKind::test) continue;
    if (step.began < net.first.seen) continue;
    any = &step;
    if (step.test->tree.worktree != net.last.worktree) continue;
    RanOn present = RanOn::yes;
    for (const auto& change : timeline_of(facts, step)) {
      if (!net.is_called(change.path) || present == RanOn::no) continue;
      if (RanOn seen = ran_on(change, step); seen != RanOn::yes) present = seen;
    }
    if (present == RanOn::yes) saw_present = &step;
    if (present == RanOn::unknown) may_have = &step;
  }
  if (!any) return;
  if (!saw_present) {
    line.verification = to_string(may_have ? Verification::tree_unknown : Verification::stale);
    line.verified_by = (may_have ? may_have : any)->ref.address();
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
        Since since;
        for (const auto& change : timeline_of(facts, step)) {
          RanOn next_saw = ran_on(change, *next);
          if (next_saw == RanOn::no || made_by(change, *next)) continue;
          RanOn seen = ran_on(change, step);
          if (seen == RanOn::no && next_saw == RanOn::unknown) seen = RanOn::unknown;
          add_since(since, change, seen);
        }
        line.changed_until_next = std::move(since.after);
        line.maybe_changed_until_next = std::move(since.maybe);
      }
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace baton::handoff
