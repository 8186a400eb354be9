#include "handoff/risks.h"

#include <algorithm>

#include "base/bytes.h"
#include "handoff/path_kinds.h"
#include "handoff/scope.h"
#include "handoff/weakened.h"

namespace baton::handoff {
namespace {

constexpr size_t kBroadFiles = 20;
constexpr int kBroadLines = 500;

// From what must be looked at to what is worth knowing.
constexpr std::string_view kOrder[] = {"contradicted-claim",
                                       "forbidden",
                                       "conflict-marker",
                                       "test-deleted",
                                       "test-skipped",
                                       "test-removed",
                                       "test-assertion-removed",
                                       "test-expectation-changed",
                                       "failing-tests",
                                       "secret-withheld",
                                       "secret-masked",
                                       "ci-changed",
                                       "deletion",
                                       "unverified",
                                       "unread",
                                       "test-changed",
                                       "unknown-owner",
                                       "contested-owner",
                                       "lock-file",
                                       "configuration",
                                       "generated",
                                       "broad-change"};

class Finder {
 public:
  Finder(const Facts& facts, const Handoff& handoff,
         const std::map<std::string, std::vector<Hunk>>& hunks)
      : facts_(facts), handoff_(handoff), hunks_(hunks) {}

  std::vector<RiskLine> run() {
    for (const auto& claim : handoff_.claims) {
      if (claim.verdict != "contradicted") continue;
      RiskLine line{"contradicted-claim", claim.reason, "", {}, {claim.text}, "", claim.turn};
      if (!claim.evidence.empty()) line.step = claim.evidence[0];
      risks_.push_back(std::move(line));
    }
    for (const auto& item : handoff_.open) {
      if (item.rule != "conflict-marker") continue;
      risks_.push_back(
          {"conflict-marker", "a conflict marker was added", "", {}, {item.text}, item.source, ""});
    }
    for (const Net& net : facts_.nets) {
      if (net.changed()) of_path(net);
    }
    for (const auto& line : handoff_.scope.surprises) {
      if (line.kind != "forbidden") continue;
      risks_.push_back(
          {"forbidden", "a prompt said not to touch it", line.path, {}, {}, line.step, ""});
    }
    whole();
    std::ranges::stable_sort(risks_, {}, [](const RiskLine& line) {
      return std::ranges::find(kOrder, line.rule) - std::begin(kOrder);
    });
    return std::move(risks_);
  }

 private:
  void add(const Net& net, const std::string& rule, const std::string& text) {
    const model::Step& step = *net.steps.back();
    risks_.push_back({rule, text, net.path, {}, {}, step.ref.address(), turn_address(step)});
  }

  void of_path(const Net& net) {
    // Not what a person took away afterwards.
    bool deleted = net.status() == 'D' && net.deleted_by().empty();
    if (net.status() == 'D' && !deleted) return;
    bool made = net.status() == 'A';
    if (net.withheld) add(net, "secret-withheld", "a credential file; its content is not recorded");
    if (!net.earlier.empty() && is_test_path(net.earlier.front()) && !is_test_path(net.path)) {
      add(net, "test-deleted", "a file of tests was moved to where none are");
    } else if (is_test_path(net.path)) {
      if (deleted)
        add(net, "test-deleted", "a file of tests was deleted");
      else if (!made)
        weakened(net);
    } else if (deleted) {
      add(net, "deletion", "the file was deleted");
    } else if (!made) {
      weakened(net);
    }
    if (is_ci_path(net.path))
      add(net, "ci-changed", "the checks of the project were changed");
    else if (is_lock_path(net.path))
      add(net, "lock-file", "dependencies were changed");
    else if (is_configuration_path(net.path))
      add(net, "configuration", "configuration was changed");
    else if (!deleted && (is_generated_path(net.path) ||
                          (!net.withheld && says_generated(facts_.content(net.last.after))))) {
      add(net, "generated", "a generated file was changed");
    }
    if (const model::Step* step = changed_unread(facts_, net); step && !is_lock_path(net.path)) {
      RiskLine line{"unread",
                    "changed without having been read",
                    net.path,
                    {},
                    {},
                    step->ref.address(),
                    turn_address(*step)};
      show(line, net, step);
      risks_.push_back(std::move(line));
    }
    if (std::ranges::find(net.others, "unknown") != net.others.end()) {
      add(net, "unknown-owner", "nobody knows who made a part of the change");
    } else if (net.contested) {
      add(net, "contested-owner", "several calls may have made a part of the change");
    }
    masked(net);
  }

  // The first hunk, or the first one of that step.
  void show(RiskLine& line, const Net& net, const model::Step* step) {
    auto of_path = hunks_.find(net.key());
    if (of_path == hunks_.end() || of_path->second.empty()) return;
    const Hunk* shown = &of_path->second[0];
    for (const Hunk& hunk : of_path->second) {
      if (hunk.step == step) {
        shown = &hunk;
        break;
      }
    }
    line.lines = shown->lines;
  }

  // The first line of a file from which on it holds tests; 0 if it holds none.
  int first_line_of_tests(const Net& net) const {
    if (is_test_path(net.path)) return 1;
    if (!net.path.ends_with(".rs") || net.withheld) return 0;
    std::string text = facts_.content(net.last.after);
    size_t mark = text.find("#[cfg(test)]");
    if (mark == text.npos) return 0;
    return 1 + static_cast<int>(std::ranges::count(std::string_view(text).substr(0, mark), '\n'));
  }

  void weakened(const Net& net) {
    auto of_path = hunks_.find(net.key());
    int from = first_line_of_tests(net);
    if (of_path == hunks_.end() || from == 0) return;
    for (const Hunk& hunk : of_path->second) {
      if (hunk.lines.first < from && from > 1) continue;
      std::string rule = weakening(net.path, hunk, of_path->second);
      if (rule.empty()) continue;
      HunkLine quoted = hunk_line(facts_, hunk);
      std::string text = rule == "test-skipped"               ? "a test was made to be skipped"
                         : rule == "test-removed"             ? "a test was removed"
                         : rule == "test-assertion-removed"   ? "an assertion was removed"
                         : rule == "test-expectation-changed" ? "what a test expects was changed"
                                                              : "an existing test was changed";
      risks_.push_back({rule, text, net.path, hunk.lines, quoted.quoted, quoted.step, quoted.turn});
    }
  }

  void masked(const Net& net) {
    auto of_path = hunks_.find(net.key());
    if (of_path == hunks_.end()) return;
    for (const Hunk& hunk : of_path->second) {
      for (const auto& line : hunk.added) {
        if (!contains(line, "[masked:") ||
            std::ranges::find(hunk.removed, line) != hunk.removed.end()) {
          continue;
        }
        HunkLine made = hunk_line(facts_, hunk);
        risks_.push_back({"secret-masked",
                          "what looks like a secret was added",
                          net.path,
                          hunk.lines,
                          {},
                          made.step,
                          made.turn});
        return;
      }
    }
  }

  void whole() {
    const VerificationLine& line = handoff_.verification;
    bool changed = !handoff_.changes.empty();
    if (line.state == Verification::failed) {
      risks_.push_back(
          {"failing-tests", "the newest run of tests failed", "", {}, {}, line.step, ""});
    } else if (changed && line.state != Verification::fresh) {
      std::string text =
          line.state == Verification::never_run      ? "no tests were run"
          : line.state == Verification::stale        ? "files changed after the tests were run"
          : line.state == Verification::partial      ? "only a part of the tests was run"
          : line.state == Verification::tree_unknown ? "which files the tests ran on is not known"
                                                     : "nothing tells how the tests ended";
      Citation source = line.step.empty() ? handoff_.sessions.front().address : line.step;
      risks_.push_back({"unverified", text, "", {}, {}, source, ""});
    }
    int lines = 0;
    for (const auto& change : handoff_.changes) lines += change.added + change.removed;
    if (handoff_.changes.size() >= kBroadFiles || lines >= kBroadLines) {
      std::string text =
          std::to_string(handoff_.changes.size()) + " files, " + std::to_string(lines) + " lines";
      risks_.push_back({"broad-change", text, "", {}, {}, handoff_.sessions.front().address, ""});
    }
  }

  const Facts& facts_;
  const Handoff& handoff_;
  const std::map<std::string, std::vector<Hunk>>& hunks_;
  std::vector<RiskLine> risks_;
};

}  // namespace

std::vector<RiskLine> find_risks(const Facts& facts, const Handoff& handoff,
                                 const std::map<std::string, std::vector<Hunk>>& hunks) {
  return Finder(facts, handoff, hunks).run();
}

}  // namespace baton::handoff
