#include "handoff/attempts.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "base/bytes.h"
#include "handoff/changed_lines.h"
#include "handoff/like_commands.h"
#include "handoff/moves.h"
#include "index/queries.h"
#include "index/step_trace.h"

namespace baton::handoff {
namespace {

using model::Step;
using model::StepKind;
using model::StepOutcome;
using model::TestVerdict;

constexpr size_t kMaxWhy = 300;  // bytes of the agent's words

bool run_failed(const Step& step) {
  return step.test &&
         (step.test->verdict == TestVerdict::failed ||
          (step.test->verdict == TestVerdict::unknown && step.outcome == StepOutcome::failed));
}

template <class List, class Item, class Projection = std::identity>
bool has(const List& list, const Item& item, Projection projection = {}) {
  return std::ranges::find(list, item, projection) != std::ranges::end(list);
}

// The net change of each path, in order of its first change.
struct Net {
  std::string path;
  ObjectId before, after;
};

void follow(std::vector<Net>& nets, const Step& step) {
  for (const auto& change : step.changes) {
    if (change.skipped) continue;
    auto net = std::ranges::find(nets, change.path, &Net::path);
    if (net == nets.end()) {
      nets.push_back({change.path, change.before, change.after});
    } else {
      net->after = change.after;
    }
  }
}

bool changes_one_of(const Step& step, const std::vector<Net>& nets) {
  return std::ranges::any_of(step.changes, [&](const auto& change) {
    return !change.skipped && has(nets, change.path, &Net::path);
  });
}

// How much a line tells of what went wrong: 3 names an error, 2 shows one, 1 only says that
// something failed, 0 nothing.
int telling(std::string_view line) {
  std::string lower = lower_ascii(line);
  for (std::string_view word : {"error: ", "exception: ", "expected", "undefined", "no such"}) {
    if (contains(lower, word)) return 3;
  }
  for (std::string_view word : {"error", "not ok", "panic", "exception", "assert", "not found",
                                "denied", "fatal", "cannot"}) {
    if (contains(lower, word)) return 2;
  }
  return contains(lower, "fail") ? 1 : 0;
}

class Finder {
 public:
  Finder(index::Index& index, const std::vector<Step>& steps, const Facts* facts)
      : index_(index), steps_(steps), facts_(facts), lines_(index) {}

  Result<std::vector<AttemptLine>> run() {
    TRY(look_for_undone());
    edits_then_failing_run();
    undone_edits();
    failed_calls();
    std::ranges::stable_sort(found_, {}, [](const Found& each) { return each.at; });
    std::vector<AttemptLine> lines;
    for (auto& each : found_) lines.push_back(std::move(each.line));
    return lines;
  }

 private:
  struct Found {
    size_t at;  // the step that showed it
    AttemptLine line;
    std::pair<int, Micros> back = {};  // what undid it
  };

  // Changes of one path that later came to nothing: the content was put back.
  struct Undone {
    std::string path;
    std::vector<size_t> steps;  // places in steps_
    ObjectId before, after;     // what they made of it
    model::Change back;
  };

  // Follows each path that the steps changed from state to state; one that was there before closes
  // a circle.
  Status look_for_undone() {
    std::map<std::pair<std::string, std::string>, int64_t> first;  // worktree and path
    std::map<std::pair<int64_t, int>, size_t> place;
    for (size_t i = 0; i < steps_.size(); ++i) {
      place[{steps_[i].ref.session_key, steps_[i].ref.step}] = i;
      for (const auto& change : steps_[i].changes) {
        if (change.skipped) continue;
        auto [at, fresh] = first.try_emplace({change.worktree, change.path}, change.q);
        if (!fresh) at->second = std::min(at->second, change.q);
      }
    }
    for (const auto& [key, q] : first) {
      std::vector<model::Change> open;  // since a state that has not come back
      for (auto& version : TRY(index::versions(index_, key.second, key.first))) {
        model::Change& change = version.change;
        if (version.base || change.skipped || change.q < q) continue;
        // What is there again was not dropped.
        std::erase_if(undone_, [&](const Undone& undone) {
          return undone.path == key.second && !change.after.empty() && undone.after == change.after;
        });
        auto circle = std::ranges::find_if(open, [&](const model::Change& earlier) {
          return earlier.before == change.after && earlier.before_mode == change.after_mode;
        });
        if (circle == open.end()) {
          open.push_back(std::move(change));
          continue;
        }
        Undone undone{key.second, {}, circle->before, open.back().after, change};
        for (auto each = circle; each != open.end(); ++each) {
          const model::StepRef& ref = each->owner.step;
          auto found = place.find({ref.session_key, ref.step});
          bool by_step = each->owner.kind == model::OwnerKind::step && !ref.empty() &&
                         found != place.end() && !(ref == change.owner.step);
          if (by_step && !has(undone.steps, found->second)) undone.steps.push_back(found->second);
        }
        open.erase(circle, open.end());
        if (undone.steps.empty()) continue;
        auto by = place.find({change.owner.step.session_key, change.owner.step.step});
        if (by != place.end() && moved_away(steps_[by->second], change)) continue;
        if (facts_ && moved_to(*facts_, change)) continue;
        // On another branch it stays as it was.
        bool left_behind = change.owner.kind == model::OwnerKind::git &&
                           TRY(index::came_with_switch(index_, change));
        if (!left_behind) undone_.push_back(std::move(undone));
      }
    }
    return {};
  }

  // Whether the step put what the file held under another name.
  static bool moved_away(const Step& step, const model::Change& gone) {
    return gone.after.empty() && std::ranges::any_of(step.changes, [&](const auto& change) {
             return change.path != gone.path && change.after == gone.before;
           });
  }

  // Whether it was put back after the run, not before it.
  bool came_after(const Undone& undone, const Step& run) const {
    auto by = std::ranges::find_if(
        steps_, [&](const Step& step) { return step.ref == undone.back.owner.step; });
    return by == steps_.end() ? undone.back.seen > run.began : by->began > run.began;
  }

  void note_undone(AttemptLine& attempt, const model::Change& back) {
    bool rewind = back.owner.kind == model::OwnerKind::outside && back.owner.rule == "rewind";
    attempt.undone_by = rewind ? "baton rewind" : model::to_string(back.owner.kind);
    if (back.owner.kind != model::OwnerKind::step || back.owner.step.empty()) return;
    attempt.undone_at = back.owner.step.address();
    auto view = index::step_trace(index_, back.owner.step.session_key, back.owner.step.step);
    if (view) attempt.why = std::string(utf8_prefix(trim(view->words), kMaxWhy));
  }

  // What was put back without a failing run that told why.
  void undone_edits() {
    for (Undone& undone : undone_) {
      std::erase_if(undone.steps, [&](size_t step) { return explained_.contains(step); });
      if (undone.steps.empty()) continue;
      std::vector<Citation> steps;
      for (size_t step : undone.steps) steps.push_back(steps_[step].ref.address());
      // Several paths that were put back at once are one attempt.
      auto same = std::ranges::find_if(found_, [&](const Found& each) {
        return each.line.rule == "undone" && each.line.steps == steps &&
               each.back == std::pair(undone.back.owner.step.step, undone.back.seen);
      });
      if (same == found_.end()) {
        AttemptLine attempt;
        attempt.rule = "undone";
        attempt.steps = std::move(steps);
        note_undone(attempt, undone.back);
        found_.push_back({undone.steps.back(),
                          std::move(attempt),
                          {undone.back.owner.step.step, undone.back.seen}});
        same = found_.end() - 1;
      }
      same->line.paths.push_back(undone.path);
      append(same->line.tried, lines_.between(undone.before, undone.after));
    }
  }

  // Edits that a failing run followed and that were changed again afterwards. All edits since the
  // run before count as one attempt; a failing run without an edit before it only shows what was
  // broken to begin with, and one whose edits still stand is the present state, no dropped attempt.
  void edits_then_failing_run() {
    std::vector<size_t> edits;
    for (size_t i = 0; i < steps_.size(); ++i) {
      const Step& step = steps_[i];
      if (std::ranges::any_of(step.changes, [](const auto& c) { return !c.skipped; })) {
        edits.push_back(i);
      }
      if (!step.test) continue;
      if (run_failed(step) && !edits.empty()) add_failed_edits(edits, i);
      edits.clear();
    }
  }

  void add_failed_edits(const std::vector<size_t>& edits, size_t run) {
    AttemptLine attempt;
    attempt.rule = "edit-then-failing-run";
    std::vector<Net> tried, replacement;
    std::set<std::string> put_back;
    for (size_t edit : edits) {
      follow(tried, steps_[edit]);
    }
    for (size_t later = run + 1; later < steps_.size(); ++later) {
      if (changes_one_of(steps_[later], tried)) {
        attempt.replaced_by.push_back(steps_[later].ref.address());
        follow(replacement, steps_[later]);
      }
      if (steps_[later].test && !attempt.replaced_by.empty()) break;
    }
    for (const Undone& undone : undone_) {
      bool of_these = std::ranges::any_of(edits, [&](size_t e) { return has(undone.steps, e); });
      if (!of_these || !came_after(undone, steps_[run])) continue;
      put_back.insert(undone.path);
      if (attempt.undone_by.empty()) note_undone(attempt, undone.back);
    }
    if (attempt.replaced_by.empty() && attempt.undone_by.empty()) return;
    // It is about the files that were changed again or put back; what else these edits did stands.
    std::erase_if(tried, [&](const Net& net) {
      return !put_back.contains(net.path) && !has(replacement, net.path, &Net::path);
    });
    attempt.steps.clear();
    for (size_t edit : edits) {
      if (!changes_one_of(steps_[edit], tried)) continue;
      attempt.steps.push_back(steps_[edit].ref.address());
      explained_.insert(edit);
    }
    for (const Net& net : tried) {
      attempt.paths.push_back(net.path);
      append(attempt.tried, lines_.between(net.before, net.after));
    }
    for (const Net& net : replacement) {
      if (!has(tried, net.path, &Net::path)) continue;
      append(attempt.replacement, lines_.between(net.before, net.after));
    }
    show_failure(attempt, steps_[run]);
    attempt.command = steps_[run].command;
    found_.push_back({run, std::move(attempt), {}});
  }

  // Commands and tool calls that failed by themselves, or were refused; the same or a like one
  // failing again counts up.
  void failed_calls() {
    std::vector<bool> counted(steps_.size());
    for (size_t i = 0; i < steps_.size(); ++i) {
      const Step& step = steps_[i];
      if (counted[i] || !is_failed_call(step)) continue;
      AttemptLine attempt;
      attempt.rule = step.outcome == StepOutcome::refused ? "refused"
                     : step.kind == StepKind::shell       ? "failed-command"
                     : step.kind == StepKind::edit        ? "failed-edit"
                                                          : "failed-call";
      attempt.tool = step.tool;
      attempt.times = 0;
      size_t last = i;
      for (size_t later = i; later < steps_.size(); ++later) {
        const Step& next = steps_[later];
        if (next.kind != step.kind) continue;
        bool again = later == i || is_like(step, next) || is_like(steps_[last], next);
        if (!again) continue;
        if (next.outcome == step.outcome) {
          counted[later] = true;
          last = later;
          attempt.times++;
          attempt.steps.push_back(next.ref.address());
        } else if (next.outcome == StepOutcome::ok && !next.test) {
          attempt.replaced_by.push_back(next.ref.address());
          attempt.replaced_command = next.command;
          break;
        }
      }
      attempt.command = steps_[last].command;
      for (const auto& claim : steps_[last].claims) attempt.paths.push_back(claim.path);
      if (attempt.paths.empty()) {
        for (const auto& read : steps_[last].reads) attempt.paths.push_back(read.path);
      }
      show_failure(attempt, steps_[last]);
      found_.push_back({last, std::move(attempt), {}});
    }
  }

  bool is_failed_call(const Step& step) const {
    if (step.test) return false;
    if (step.outcome == StepOutcome::refused) return true;
    if (step.outcome != StepOutcome::failed) return false;
    return step.exit_status != 1 ||
           !is_answer(step.command, step.exit_status, failure_text(index_, step));
  }

  // Forms of one command, or the same path for a tool that names paths.
  static bool is_like(const Step& left, const Step& right) {
    if (left.command.empty() != right.command.empty() || left.tool != right.tool) return false;
    if (left.command.empty()) {
      return std::ranges::any_of(left.claims, [&](const auto& claim) {
        return has(right.claims, claim.path, &model::PathClaim::path);
      });
    }
    return are_like(left.command, right.command);
  }

  void show_failure(AttemptLine& attempt, const Step& step) {
    attempt.failed_at = step.ref.address();
    attempt.exit_status = step.exit_status;
    attempt.error = failure_text(index_, step);
  }

  static void append(std::vector<std::string>& list, const std::vector<std::string>& more) {
    for (const auto& each : more) {
      if (list.size() <= kMaxQuotedLines) list.push_back(each);
    }
  }

  index::Index& index_;
  const std::vector<Step>& steps_;
  const Facts* facts_;
  ChangedLines lines_;
  std::vector<Undone> undone_;
  std::set<size_t> explained_;  // places of steps whose failure is told
  std::vector<Found> found_;
};

}  // namespace

std::string telling_lines(std::string_view output, size_t max_lines, size_t max_bytes) {
  std::vector<std::string_view> lines;
  for (std::string_view line : split(output, '\n')) {
    line = trim(line);
    if (!line.empty()) lines.push_back(line);
  }
  std::vector<std::string_view> chosen;
  for (int strength = 3; strength > 0; strength--) {
    for (std::string_view line : lines) {
      if (telling(line) == strength && chosen.size() < max_lines) chosen.push_back(line);
    }
  }
  if (chosen.empty() && !lines.empty()) chosen.push_back(lines.back());
  std::string text;
  for (std::string_view line : chosen) {
    if (!text.empty()) text += '\n';
    text += line;
  }
  return std::string(utf8_prefix(text, max_bytes));
}

std::string failure_text(index::Index& index, const model::Step& step) {
  // The step keeps the first lines only; what tells may stand further down.
  auto answer = index::step_output(index, step.ref.session_key, step.ref.step);
  std::string_view text = step.error;
  if (answer && !answer->output.empty())
    text = answer->output;
  else if (answer && !answer->error.empty())
    text = answer->error;
  return telling_lines(text);
}

Result<std::vector<AttemptLine>> find_attempts(index::Index& index, const std::vector<Step>& steps,
                                               const Facts* facts) {
  return Finder(index, steps, facts).run();
}

}  // namespace baton::handoff
