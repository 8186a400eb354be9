// What is claimed of tests, builds and linters.

#include <map>

#include "base/bytes.h"
#include "handoff/claim_judge.h"
#include "handoff/verification.h"

namespace baton::handoff {

using model::Step;
using model::TestKind;
using model::TestVerdict;

namespace {

std::string noun(TestKind kind) {
  return kind == TestKind::test ? "tests" : kind == TestKind::build ? "a build" : "a linter";
}

}  // namespace

const Step* Judge::run_for(const Statement& statement, TestKind kind) const {
  const Step* named = nullptr;
  for (const Step& step : facts_.steps) {
    if (!step.test || step.test->kind != kind || step.began > said_) continue;
    if (is_named(statement, step)) named = &step;
  }
  return named ? named : deciding_run(facts_, kind, said_);
}

bool Judge::is_named(const Statement& statement, const Step& step) {
  return std::ranges::any_of(statement.of,
                             [&](const std::string& name) { return contains(step.command, name); });
}

Verdict Judge::passing(const Statement& statement, TestKind kind) const {
  const Step* run = run_for(statement, kind);
  if (!run) return {"not verified", "no run of " + noun(kind) + " was recorded", {}};
  const model::TestRun& test = *run->test;
  std::vector<Citation> evidence = {run->ref.address()};
  // The newest failing run of anything speaks against "all".
  const Step* worst = deciding_run(facts_, kind, said_);
  if (statement.of.empty() && worst && worst->test->verdict == TestVerdict::failed) {
    if (may_have_passed(statement, *worst)) {
      return {"not verified",
              "the newest run failed, and nothing tells whether this was of what failed",
              {worst->ref.address()}};
    }
    return {"contradicted", "the newest run failed", {worst->ref.address()}};
  }
  if (test.verdict == TestVerdict::failed) {
    return {"contradicted", "the newest run failed", evidence};
  }
  if (test.verdict == TestVerdict::unknown) {
    return {"not verified", "nothing tells how the run ended", evidence};
  }
  auto since = changed_since(facts_, *run, said_);
  if (!since.after.empty()) {
    for (const auto& change : since.after) {
      if (!change.step.empty() && std::ranges::find(evidence, change.step) == evidence.end()) {
        evidence.push_back(change.step);
      }
    }
    return {"stale", "files changed after the run", evidence};
  }
  if (!since.maybe.empty()) {
    return {"not verified", "which files the run saw is not known", evidence};
  }
  if (kind != TestKind::test) return {"supported", "the run passed", evidence};
  return tests_passed(statement, *run, evidence);
}

bool Judge::may_have_passed(const Statement& statement, const Step& run) {
  if (statement.part.empty() || run.test->passed.value_or(0) == 0) return false;
  return std::ranges::none_of(run.test->failing, [&](const std::string& name) {
    return contains(lower_ascii(name), statement.part);
  });
}

std::optional<int> Judge::passed_in_all() const {
  std::map<std::string, const Step*> newest;
  for (const Step& step : facts_.steps) {
    bool counts = step.test && step.test->kind == TestKind::test && step.began <= said_;
    if (counts) newest[step.test->runner] = &step;
  }
  int sum = 0;
  for (const auto& [runner, step] : newest) {
    if (!step->test->passed) return std::nullopt;
    sum += *step->test->passed;
  }
  return sum;
}

Verdict Judge::tests_passed(const Statement& statement, const Step& run,
                            const std::vector<Citation>& evidence) const {
  const model::TestRun& test = *run.test;
  bool named = !statement.of.empty();
  if (named && !is_named(statement, run)) {
    bool whole = !test.partial && !test.by_name;
    bool runner = std::ranges::any_of(statement.of, [](const std::string& name) {
      return name.find_first_of(" /.") == std::string::npos;
    });
    if (!whole || !runner) {
      return {"not verified", "no run of what it names was recorded", evidence};
    }
  }
  if (statement.count && test.passed && statement.kind == Stated::tests_pass &&
      *statement.count > *test.passed) {
    // Of several runners the sum may be meant.
    auto all = passed_in_all();
    if (!all) return {"not verified", "a run does not tell how many passed", evidence};
    if (*statement.count > *all) {
      return {"contradicted", "the run counted " + std::to_string(*test.passed) + " passed",
              evidence};
    }
  }
  if (named) return {"supported", "the run passed", evidence};
  if (test.partial) return {"not verified", "only a part of the tests was run", evidence};
  std::vector<std::string> others = other_suites();
  if (!others.empty()) {
    std::string text = "other tests were not run: " + others[0];
    if (others.size() > 1) text += " and " + std::to_string(others.size() - 1) + " more";
    return {"not verified", text, evidence};
  }
  return {"supported", "the run passed", evidence};
}

std::vector<std::string> Judge::other_suites() const {
  std::vector<std::string> names;
  for (const auto& line : handoff_.not_checked) {
    if (line.rule == "check-not-run" && line.kind == "test") names.push_back(line.name);
  }
  return names;
}

Verdict Judge::failing(const Statement& statement, TestKind kind) const {
  const Step* run = run_for(statement, kind);
  if (!run) return {"not verified", "no run of " + noun(kind) + " was recorded", {}};
  std::vector<Citation> evidence = {run->ref.address()};
  if (run->test->verdict == TestVerdict::failed) {
    return {"supported", "the newest run failed", evidence};
  }
  if (run->test->verdict == TestVerdict::unknown || !changed_since(facts_, *run, said_).empty()) {
    return {"not verified", "the newest run does not tell", evidence};
  }
  if (!statement.of.empty() && !is_named(statement, *run)) {
    return {"not verified", "no run of what it names was recorded", evidence};
  }
  if (run->test->partial) return {"not verified", "only a part was run", evidence};
  return {"contradicted", "the newest run passed", evidence};
}

Verdict Judge::not_run() const {
  for (auto step = facts_.steps.rbegin(); step != facts_.steps.rend(); ++step) {
    if (step->test && step->test->kind == TestKind::test && step->ref.turn == turn_.number &&
        step->ref.session_key == turn_.session_key) {
      return {"contradicted", "tests were run", {step->ref.address()}};
    }
  }
  return {"supported", "no run of tests was recorded in this turn", {}};
}

}  // namespace baton::handoff
