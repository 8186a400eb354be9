#include "handoff/findings.h"

#include <algorithm>

#include "base/bytes.h"

namespace baton::handoff {
namespace {

class Findings {
 public:
  explicit Findings(const Handoff& handoff) : handoff_(handoff) {}

  std::vector<Finding> run(const std::vector<Judgement>& failing) {
    claims();
    verification();
    own_commands();
    open();
    scope();
    risks();
    std::ranges::stable_sort(found_, {}, &Finding::judgement);
    for (Finding& finding : found_) {
      finding.fails = std::ranges::find(failing, finding.judgement) != failing.end();
    }
    return std::move(found_);
  }

 private:
  void claims() {
    for (const ClaimLine& claim : handoff_.claims) {
      if (claim.verdict != "contradicted") continue;
      Finding finding{.judgement = Judgement::contradicted,
                      .text = claim.reason + ", though the agent said",
                      .quoted = claim.text,
                      .path = {},
                      .lines = {},
                      .evidence = claim.evidence};
      finding.evidence.insert(finding.evidence.begin(), claim.turn);
      found_.push_back(std::move(finding));
    }
  }

  const TestLine* run_at(const Citation& step) const {
    auto run = std::ranges::find(handoff_.tests, step, &TestLine::step);
    return run == handoff_.tests.end() ? nullptr : &*run;
  }

  void add_run(Judgement judgement, std::string text, const Citation& step) {
    const TestLine* run = run_at(step);
    found_.push_back({.judgement = judgement,
                      .text = std::move(text),
                      .quoted = run ? run->command : std::string(),
                      .path = {},
                      .lines = {},
                      .evidence = {step}});
  }

  void verification() {
    const VerificationLine& line = handoff_.verification;
    switch (line.state) {
      case Verification::fresh:
        return;
      case Verification::never_run:
        // Nothing to verify is no finding.
        if (handoff_.changes.empty()) return;
        found_.push_back({.judgement = Judgement::never_run,
                          .text = "files were changed and no tests ran",
                          .quoted = {},
                          .path = {},
                          .lines = {},
                          .evidence = {}});
        return;
      case Verification::failed:
        return add_run(Judgement::failed, failure_text(line.step), line.step);
      case Verification::unknown:
        return add_run(Judgement::unknown, "nothing tells how the newest run ended", line.step);
      case Verification::partial:
        return add_run(Judgement::partial, "only a part of the tests ran", line.step);
      case Verification::tree_unknown:
        return add_run(Judgement::unknown, "which files the newest run saw is not known",
                       line.step);
      case Verification::stale:
        break;
    }
    for (const SinceLine& since : line.changed_since) {
      Finding finding{.judgement = Judgement::stale,
                      .text = "changed after the tests had passed",
                      .quoted = {},
                      .path = since.path,
                      .lines = {},
                      .evidence = {line.step}};
      if (!since.step.empty()) finding.evidence.push_back(since.step);
      found_.push_back(std::move(finding));
    }
  }

  // Tests that a setting names; where nothing ran that is told already.
  void own_commands() {
    if (handoff_.changes.empty() || handoff_.verification.state == Verification::never_run) return;
    for (const NotCheckedLine& line : handoff_.not_checked) {
      if (line.source != kTestCommandSetting) continue;
      found_.push_back({.judgement = Judgement::partial,
                        .text = "nobody ran these tests, which baton.testCommand names",
                        .quoted = line.name,
                        .path = {},
                        .lines = {},
                        .evidence = {}});
    }
  }

  std::string failure_text(const Citation& step) const {
    std::string text = "the newest run of these tests failed";
    const TestLine* run = run_at(step);
    if (!run || run->failing.empty()) return text;
    return text + ", " + std::to_string(run->failing.size()) + " named";
  }

  // Failed runs of builds and checks stand among the open items; that of the tests is told already.
  void open() {
    for (const OpenLine& item : handoff_.open) {
      const TestLine* run = run_at(item.source);
      if (run && item.source == handoff_.verification.step) continue;
      if (run && run->verdict == "failed") {
        add_run(Judgement::failed, "the newest run of this " + run->kind + " failed", item.source);
        continue;
      }
      found_.push_back({.judgement = Judgement::open,
                        .text = item.rule,
                        .quoted = item.text,
                        .path = {},
                        .lines = {},
                        .evidence = {item.source}});
    }
  }

  void scope() {
    for (const SurpriseLine& surprise : handoff_.scope.surprises) {
      found_.push_back({.judgement = Judgement::scope,
                        .text = "not asked for: " + surprise.kind,
                        .quoted = {},
                        .path = surprise.path,
                        .lines = {},
                        .evidence = {surprise.step}});
    }
  }

  void risks() {
    for (const RiskLine& risk : handoff_.risks) {
      if (is_told_elsewhere(risk)) continue;
      Finding finding{.judgement = Judgement::risk,
                      .text = risk.text,
                      .quoted = {},
                      .path = risk.path,
                      .lines = risk.lines,
                      .evidence = {}};
      if (!risk.step.empty()) finding.evidence.push_back(risk.step);
      found_.push_back(std::move(finding));
    }
  }

  const Handoff& handoff_;
  std::vector<Finding> found_;
};

}  // namespace

std::string_view to_string(Judgement judgement) {
  switch (judgement) {
    case Judgement::contradicted:
      return "contradicted";
    case Judgement::failed:
      return "failed";
    case Judgement::stale:
      return "stale";
    case Judgement::partial:
      return "partial";
    case Judgement::never_run:
      return "never-run";
    case Judgement::unknown:
      return "unknown";
    case Judgement::open:
      return "open";
    case Judgement::scope:
      return "scope";
    case Judgement::risk:
      return "risk";
  }
  return "";
}

bool is_told_elsewhere(const RiskLine& risk) {
  return risk.rule == "contradicted-claim" || risk.rule == "failing-tests" ||
         risk.rule == "unverified";
}

std::vector<Finding> find_findings(const Handoff& handoff, const std::vector<Judgement>& failing) {
  return Findings(handoff).run(failing);
}

}  // namespace baton::handoff
