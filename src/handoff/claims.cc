#include "handoff/claims.h"

#include <algorithm>

#include "base/bytes.h"
#include "handoff/claim_judge.h"
#include "handoff/plans.h"
#include "handoff/sentences.h"
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

}  // namespace

Verdict Judge::judge(const Statement& statement) const {
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

std::vector<PlanLine> Judge::own_plan() const {
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

Verdict Judge::complete() const {
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
  auto plan = index::plan(facts_.index, turn_.session_key);
  auto gone =
      left_out(facts_.index, turn_.session_key, plan ? plan->items : decltype(plan->items)());
  if (gone && !gone->empty()) {
    return {"not verified", "an item left the plan unfinished", {gone->front().step.address()}};
  }
  if (items.empty()) return {"not verified", "there is no plan to hold it against", {}};
  for (const auto& item : items) {
    if (std::ranges::find(evidence, item.step) == evidence.end()) evidence.push_back(item.step);
  }
  return {"supported", "all items of the plan are completed", evidence};
}

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
