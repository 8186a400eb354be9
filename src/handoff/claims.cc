#include "handoff/claims.h"

#include <algorithm>
#include <map>

#include "base/bytes.h"
#include "handoff/path_kinds.h"
#include "handoff/sentences.h"
#include "handoff/statements.h"
#include "handoff/verification.h"
#include "index/queries.h"
#include "secrets/mask.h"

namespace baton::handoff {
namespace {

using model::Step;
using model::TestKind;
using model::TestVerdict;

constexpr size_t kMaxClaims = 60;

std::string about(Stated kind) {
  switch (kind) {
    case Stated::tests_pass:
    case Stated::tests_fail:
    case Stated::tests_not_run:
      return "tests";
    case Stated::build_pass:
    case Stated::build_fail:
      return "build";
    case Stated::lint_pass:
    case Stated::lint_fail:
      return "lint";
    case Stated::complete:
    case Stated::open:
    case Stated::question:
      return "completeness";
    default:
      return "file";
  }
}

std::string noun(TestKind kind) {
  return kind == TestKind::test ? "tests" : kind == TestKind::build ? "a build" : "a linter";
}

struct Verdict {
  std::string word, reason;
  std::vector<Citation> evidence;
};

class Judge {
 public:
  Judge(const Facts& facts, const Handoff& handoff, const model::Turn& turn)
      : facts_(facts), handoff_(handoff), turn_(turn) {
    // What stood when the message was said; a turn whose end was not heard has none.
    said_ = turn.ended != 0 ? turn.ended : INT64_MAX;
  }

  Verdict judge(const Statement& statement) const {
    switch (statement.kind) {
      case Stated::tests_pass:
        return passing(statement, TestKind::test);
      case Stated::build_pass:
        return passing(statement, TestKind::build);
      case Stated::lint_pass:
        return passing(statement, TestKind::lint);
      case Stated::tests_fail:
        return failing(statement, TestKind::test);
      case Stated::build_fail:
        return failing(statement, TestKind::build);
      case Stated::lint_fail:
        return failing(statement, TestKind::lint);
      case Stated::tests_not_run:
        return not_run();
      case Stated::nothing_changed:
        return nothing_changed();
      case Stated::complete:
        return complete();
      case Stated::open:
      case Stated::question:
        return {};
      default:
        return file(statement);
    }
  }

 private:
  // The run that a statement is about: of a named script or runner if it names one.
  const Step* run_for(const Statement& statement, TestKind kind) const {
    const Step* named = nullptr;
    for (const Step& step : facts_.steps) {
      if (!step.test || step.test->kind != kind || step.began > said_) continue;
      if (is_named(statement, step)) named = &step;
    }
    return named ? named : deciding_run(facts_, kind, said_);
  }

  static bool is_named(const Statement& statement, const Step& step) {
    return std::ranges::any_of(
        statement.of, [&](const std::string& name) { return contains(step.command, name); });
  }

  Verdict passing(const Statement& statement, TestKind kind) const {
    const Step* run = run_for(statement, kind);
    if (!run) return {"not verified", "no run of " + noun(kind) + " was recorded", {}};
    const model::TestRun& test = *run->test;
    std::vector<Citation> evidence = {run->ref.address()};
    // The newest failing run of anything speaks against "all".
    const Step* worst = deciding_run(facts_, kind, said_);
    if (statement.of.empty() && worst && worst->test->verdict == TestVerdict::failed) {
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

  // The run passed on the files as they were when the agent spoke: was it the run that is meant?
  Verdict tests_passed(const Statement& statement, const Step& run,
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
      return {"contradicted", "the run counted " + std::to_string(*test.passed) + " passed",
              evidence};
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

  // Checks of tests that the repository has and nobody ran (not_checked.h found them).
  std::vector<std::string> other_suites() const {
    std::vector<std::string> names;
    for (const auto& line : handoff_.not_checked) {
      if (line.rule == "check-not-run" && line.kind == "test") names.push_back(line.name);
    }
    return names;
  }

  Verdict failing(const Statement& statement, TestKind kind) const {
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

  Verdict not_run() const {
    for (auto step = facts_.steps.rbegin(); step != facts_.steps.rend(); ++step) {
      if (step->test && step->test->kind == TestKind::test && step->ref.turn == turn_.number &&
          step->ref.session_key == turn_.session_key) {
        return {"contradicted", "tests were run", {step->ref.address()}};
      }
    }
    return {"supported", "no run of tests was recorded in this turn", {}};
  }

  bool is_own_session(const Step& step) const {
    if (step.ref.session_key == turn_.session_key) return true;
    auto child = std::ranges::find(facts_.sessions, step.ref.session, &model::Session::address);
    return child != facts_.sessions.end() && child->parent == turn_.session;
  }

  // Whether it is a step of this turn, or of a subagent that it started.
  bool is_of_turn(const Step& step) const {
    if (step.ref.session_key == turn_.session_key) return step.ref.turn == turn_.number;
    return is_own_session(step) && step.began >= turn_.began && step.began <= said_;
  }

  // Changes until the agent spoke that may be its own, though nothing tells whose they are.
  bool has_unknown(Micros since, auto&& is_meant) const {
    for (const auto& [worktree, changes] : facts_.timelines) {
      for (const auto& change : changes) {
        if (change.skipped || change.seen < since || change.seen > said_) continue;
        if (change.owner.kind == model::OwnerKind::unknown && is_meant(change)) return true;
      }
    }
    return false;
  }

  Verdict nothing_changed() const {
    struct Path {
      ObjectId before, after;
      std::vector<Citation> steps;
    };
    std::map<std::pair<std::string, std::string>, Path> paths;  // worktree and path
    for (const Step& step : facts_.steps) {
      if (!is_of_turn(step)) continue;
      for (const auto& change : step.changes) {
        if (change.skipped) continue;
        Path& path = paths.try_emplace({change.worktree, change.path}, change.before, change.after)
                         .first->second;
        path.after = change.after;
        path.steps.push_back(step.ref.address());
      }
    }
    std::vector<Citation> changed, made, put_back;
    for (const auto& [name, path] : paths) {
      auto& list = path.before == path.after ? put_back : path.before.empty() ? made : changed;
      for (const Citation& step : path.steps) {
        if (std::ranges::find(list, step) == list.end()) list.push_back(step);
      }
    }
    if (!changed.empty()) return {"contradicted", "files were changed", changed};
    // A log or an output is a file too, and no change of what was there.
    if (!made.empty()) return {"not verified", "new files were made", made};
    if (!put_back.empty()) return {"not verified", "files were changed and put back", put_back};
    if (has_unknown(turn_.began, [](const auto&) { return true; })) {
      return {"not verified", "nobody knows who made a change in this turn", {}};
    }
    return {"supported", "no change of a step's was recorded in this turn", {}};
  }

  // The plan's items as this session left them: what another one did with them came later.
  std::vector<PlanLine> own_plan() const {
    std::vector<PlanLine> items;
    auto plan = index::plan(facts_.index, turn_.session_key);
    if (plan) {
      for (const auto& item : plan->items) {
        items.push_back({item.text, item.status, item.step.address()});
      }
    }
    if (!items.empty()) return items;
    // The boxes of a plan file.
    for (const auto& item : handoff_.plan) {
      if (item.step.starts_with(turn_.session + ".")) items.push_back(item);
    }
    return items;
  }

  Verdict complete() const {
    std::vector<Citation> evidence;
    size_t unfinished = 0;
    std::vector<PlanLine> items = own_plan();
    for (const auto& item : items) {
      if (item.status == "completed" || item.status == "deleted") continue;
      ++unfinished;
      evidence.push_back(item.step);
    }
    if (unfinished) {
      return {"contradicted", std::to_string(unfinished) + " of the plan's items are not completed",
              evidence};
    }
    const Step* run = deciding_run(facts_, TestKind::test, said_);
    if (run && run->test->verdict == TestVerdict::failed) {
      return {"contradicted", "the newest run of tests failed", {run->ref.address()}};
    }
    if (items.empty()) return {"not verified", "there is no plan to hold it against", {}};
    for (const auto& item : items) {
      if (std::ranges::find(evidence, item.step) == evidence.end()) evidence.push_back(item.step);
    }
    return {"supported", "all items of the plan are completed", evidence};
  }

  // Whether the file was another one than before the task when the agent spoke.
  bool stood_changed(const Net& net) const {
    auto timeline = facts_.timelines.find(net.first.worktree);
    if (timeline == facts_.timelines.end()) return false;
    const model::Change* last = nullptr;
    for (const auto& change : timeline->second) {
      if (net.is_called(change.path) && !change.skipped && change.seen <= said_) last = &change;
    }
    return last && (last->after != net.first.before || last->after_mode != net.first.before_mode);
  }

  Verdict file(const Statement& statement) const {
    const Net* found = nullptr;
    for (const Net& net : facts_.nets) {
      if (net.matches(statement.path)) found = &net;
    }
    std::vector<Citation> evidence, own;
    if (found) {
      for (const Step* step : found->steps) {
        if (step->began > said_) continue;
        evidence.push_back(step->ref.address());
        if (is_own_session(*step)) own.push_back(step->ref.address());
      }
      if (evidence.empty()) found = nullptr;
    }
    bool changed = found && found->changed();
    if (found && !changed && statement.kind != Stated::file_untouched && stood_changed(*found)) {
      return {"supported", "a step changed it, and it was taken back later", evidence};
    }
    switch (statement.kind) {
      case Stated::file_untouched:
        if (changed && !own.empty()) return {"contradicted", "a step changed it", own};
        if (changed) return {"not verified", "another session changed it", evidence};
        if (!evidence.empty()) return {"not verified", "it was changed and put back", evidence};
        if (has_unknown(
                0, [&](const auto& change) { return path_matches(statement.path, change.path); })) {
          return {"not verified", "nobody knows who changed it", {}};
        }
        return {"supported", "no step changed it", {}};
      case Stated::file_changed:
        if (changed) return {"supported", "a step changed it", evidence};
        break;
      case Stated::file_created:
        if (changed && found->moved_by_step && path_matches(statement.path, found->path)) {
          return {"supported", "a step moved another file there", evidence};
        }
        if (changed && found->status() == 'A') return {"supported", "a step made it", evidence};
        if (changed && found->status() == 'M') {
          return {"not verified", "it was there before the task and was changed", evidence};
        }
        break;
      case Stated::file_deleted:
        if (changed && found->moved_by_step && !path_matches(statement.path, found->path)) {
          return {"supported", "a step moved it elsewhere", evidence};
        }
        if (changed && found->status() == 'D' && !found->deleted_by().empty()) {
          return {"not verified", "it is gone, and no step deleted it", evidence};
        }
        if (changed && found->status() == 'D') return {"supported", "a step deleted it", evidence};
        if (changed) return {"contradicted", "it was changed and is there", evidence};
        break;
      default:
        break;
    }
    if (found) return {"contradicted", "its content is what it was before the task", evidence};
    // Files that nothing is recorded of: ignored ones, or outside of the store.
    bool known = std::ranges::any_of(handoff_.reads, [&](const ReadLine& read) {
      return path_matches(statement.path, read.path);
    });
    if (known) return {"contradicted", "no step changed it", {}};
    return {"not verified", "no change of such a file was recorded", {}};
  }

  const Facts& facts_;
  const Handoff& handoff_;
  const model::Turn& turn_;
  Micros said_;
};

}  // namespace

std::vector<ClaimLine> judge_claims(const Facts& facts, const Handoff& handoff) {
  std::vector<ClaimLine> claims;
  for (const auto& session : facts.task.sessions) {
    const model::Turn* last = nullptr;
    for (const auto& turn : facts.turns) {
      if (turn.session_key == session.key && !turn.last_message.empty()) last = &turn;
    }
    if (!last) continue;
    Judge judge(facts, handoff, *last);
    std::string message = last->last_message;
    if (auto masked = secrets::mask(message)) message = std::move(*masked);
    for (const auto& sentence : sentences_of(message)) {
      for (const auto& statement : statements_of(sentence)) {
        Verdict verdict = judge.judge(statement);
        if (verdict.word.empty() || claims.size() >= kMaxClaims) continue;
        claims.push_back({sentence, about(statement.kind), verdict.word, verdict.reason,
                          last->address(), verdict.evidence});
      }
    }
  }
  return claims;
}

}  // namespace baton::handoff
