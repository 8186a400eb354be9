#include "handoff/handoff.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "base/bytes.h"
#include "handoff/attempts.h"
#include "handoff/changed_lines.h"
#include "index/queries.h"

namespace baton::handoff {
namespace {

using model::OwnerKind;
using model::Step;
using model::TestKind;
using model::TestVerdict;

std::string text_of(model::StepOutcome outcome) {
  return std::string(model::to_string(outcome));
}

// Adds an item once, keeping the order of first mention.
void add_once(std::vector<std::string>& list, const std::string& item) {
  if (!item.empty() && std::ranges::find(list, item) == list.end()) list.push_back(item);
}

template <class List, class Item, class Projection = std::identity>
bool has(const List& list, const Item& item, Projection projection = {}) {
  return std::ranges::find(list, item, projection) != std::ranges::end(list);
}

std::string kind_name(Task::Kind kind) {
  switch (kind) {
    case Task::Kind::session:
      return "session";
    case Task::Kind::range:
      return "range";
    case Task::Kind::task:
      break;
  }
  return "task";
}

class Collector {
 public:
  Collector(index::Index& index, const Task& task, const Options& options)
      : index_(index), task_(task), options_(options) {}

  Result<Handoff> run() {
    handoff_.task = {kind_name(task_.kind), task_.name, task_.branch, task_.base, task_.closed};
    for (const auto& session : task_.sessions) TRY(take_session(session));
    std::ranges::stable_sort(turns_, {}, [](const auto& turn) { return turn.began; });
    std::ranges::stable_sort(steps_, {}, [](const Step& step) { return step.began; });
    for (const auto& turn : turns_) add_turn(turn);
    TRY(add_plan());
    add_reads();
    TRY(add_changes());
    TRY(add_others());
    add_commands();
    TRY(add_verification());
    handoff_.attempts = TRY(find_attempts(index_, steps_));
    add_open();
    add_rollback(task_.sessions.front());
    return std::move(handoff_);
  }

 private:
  Status take_session(const model::Session& session) {
    model::SessionView view = TRY(index::show_session(index_, session.key));
    add_session(view.session);
    for (const auto& subagent : view.subagents) add_session(subagent);
    for (auto& turn : view.turns) {
      if (turn.turn.began > options_.since) turns_.push_back(std::move(turn.turn));
    }
    for (auto& step : TRY(index::steps(index_, session.key, true))) {
      if (step.began > options_.since) steps_.push_back(std::move(step));
    }
    return {};
  }

  void add_session(const model::Session& session) {
    handoff_.sessions.push_back({session.address, session.agent, session.model,
                                 std::string(model::to_string(session.state)), session.began,
                                 session.last, session.turns, session.steps});
    if (!session.branch.empty()) handoff_.branch = session.branch;
  }

  void add_turn(const model::Turn& turn) {
    if (!turn.head.empty()) handoff_.head = turn.head;
    if (!turn.synthetic && !turn.prompt.empty()) {
      handoff_.prompts.push_back(
          {turn.address(), turn.prompt, turn.state == model::TurnState::interrupted});
    }
    if (!turn.last_message.empty()) {
      handoff_.last_message = turn.last_message;
      handoff_.last_message_turn = turn.address();
    }
  }

  Status add_plan() {
    // An item that several sessions planned with the same words is one, in its newest state.
    for (const auto& session : task_.sessions) {
      for (const auto& item : TRY(index::plan(index_, session.key)).items) {
        auto known = std::ranges::find(handoff_.plan, item.text, &PlanLine::text);
        if (known == handoff_.plan.end()) {
          handoff_.plan.push_back({item.text, item.status, item.step.address()});
        } else {
          known->status = item.status;
          known->step = item.step.address();
        }
      }
    }
    return {};
  }

  void add_reads() {
    for (const Step& step : steps_) {
      if (step.outcome == model::StepOutcome::failed ||
          step.outcome == model::StepOutcome::refused) {
        continue;
      }
      for (const auto& read : step.reads) {
        auto known = std::ranges::find(handoff_.reads, read.path, &ReadLine::path);
        if (known == handoff_.reads.end()) {
          handoff_.reads.push_back({read.path, {}, read.basis != model::Basis::exact});
          known = handoff_.reads.end() - 1;
        }
        known->inferred = known->inferred && read.basis != model::Basis::exact;
        add_once(known->steps, step.ref.address());
      }
    }
  }

  // Net changes: the first content before against the last content after, of every path that a
  // step of this session changed. What was undone is no change.
  Status add_changes() {
    struct Net {
      model::Change first, last;
      ChangeLine line;
    };
    std::map<std::string, Net> paths;
    std::vector<std::string> order;
    for (const Step& step : steps_) {
      for (const auto& change : step.changes) {
        if (change.skipped) continue;
        auto [found, fresh] = paths.try_emplace(change.path, Net{change, change, {}});
        if (fresh) order.push_back(change.path);
        found->second.last = change;
        add_once(found->second.line.steps, step.ref.address());
        found->second.line.turn = step.ref.session + ":" + std::to_string(step.ref.turn);
        if (change.owner.evidence == model::Evidence::contested) {
          found->second.line.contested = true;
        }
      }
    }
    for (const std::string& path : order) {
      Net& net = paths.at(path);
      TRY(follow_others(net.first, net.last, net.line));
      if (net.first.before == net.last.after && net.first.before_mode == net.last.after_mode) {
        continue;
      }
      ChangeLine line = std::move(net.line);
      line.path = path;
      line.status = net.first.before.empty() ? 'A' : net.last.after.empty() ? 'D' : 'M';
      LineCount count = count_changed_lines(index_, net.first.before, net.last.after);
      line.added = count.added;
      line.removed = count.removed;
      line.binary = count.binary;
      line.counted = count.known && !count.binary;
      handoff_.changes.push_back(std::move(line));
    }
    return {};
  }

  // Names who else changed the path meanwhile, and takes their last content for the present one.
  Status follow_others(const model::Change& first, model::Change& last, ChangeLine& line) {
    for (const auto& version : TRY(index::versions(index_, first.path, first.worktree))) {
      const model::Change& change = version.change;
      if (version.base || change.skipped || change.q < first.q) continue;
      if (change.q > last.q) last = change;
      if (change.owner.kind != OwnerKind::step) {
        add_once(line.also, std::string(model::to_string(change.owner.kind)));
      }
    }
    return {};
  }

  // Where the task stands on each worktree's timeline.
  Result<std::map<std::string, int64_t>> beginnings() {
    std::map<std::string, int64_t> from;
    for (const auto& session : task_.sessions) {
      index::Address address;
      address.session_key = session.key;
      auto span = index::span(index_, address);
      if (!span || !span->before.known()) continue;
      auto [at, fresh] = from.try_emplace(span->before.worktree, span->before.q);
      if (!fresh) at->second = std::min(at->second, span->before.q);
    }
    return from;
  }

  // What nobody's step changed while the task went on, in files that no step of it changed.
  Status add_others() {
    std::set<std::string> touched;
    for (const Step& step : steps_) {
      for (const auto& change : step.changes) touched.insert(change.path);
    }
    for (const auto& [worktree, q] : TRY(beginnings())) {
      auto to = TRY(index::newest(index_, worktree));
      for (const auto& change : TRY(index::changes(index_, {worktree, q}, to))) {
        OwnerKind kind = change.owner.kind;
        if (kind != OwnerKind::outside && kind != OwnerKind::unknown) continue;
        if (change.skipped || touched.contains(change.path)) continue;
        std::string owner(model::to_string(kind));
        auto known = std::ranges::find_if(handoff_.others, [&](const auto& each) {
          return each.path == change.path && each.owner == owner;
        });
        if (known == handoff_.others.end()) {
          handoff_.others.push_back({change.path, owner, 0, step_before(change.seen)});
          known = handoff_.others.end() - 1;
        }
        known->times++;
      }
    }
    return {};
  }

  Citation step_before(Micros time) const {
    Citation before;
    for (const Step& step : steps_) {
      if (step.began > time) break;
      before = step.ref.address();
    }
    return before;
  }

  void add_commands() {
    for (const Step& step : steps_) {
      if (step.test) {
        const model::TestRun& run = *step.test;
        handoff_.tests.push_back({step.ref.address(),
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
                                  {}});
      }
      if (!step.command.empty()) {
        // What only read stands among the reads.
        bool only_read = !step.reads.empty() && step.changes.empty() && step.commits.empty() &&
                         step.outcome == model::StepOutcome::ok;
        if (only_read || step.test) continue;
        handoff_.commands.push_back(
            {step.ref.address(), step.command, step.exit_status, text_of(step.outcome)});
      }
    }
  }

  // The run that tells how things stand: the newest failed one that the same runner (or the same
  // script) did not run after, else the newest.
  const Step* deciding_run() const {
    std::map<std::string, const Step*> newest;
    const Step* last = nullptr;
    for (const Step& step : steps_) {
      if (!step.test || step.test->kind != TestKind::test) continue;
      newest[step.test->runner] = last = &step;
    }
    const Step* failed = nullptr;
    for (const auto& [runner, step] : newest) {
      if (step->test->verdict != TestVerdict::failed) continue;
      if (!failed || failed->began < step->began) failed = step;
    }
    return failed ? failed : last;
  }

  Status add_verification() {
    const Step* last = deciding_run();
    if (!last) return {};
    VerificationLine& line = handoff_.verification;
    line.step = last->ref.address();
    for (const auto& change : TRY(index::changes_since(index_, *last->test))) {
      SinceLine since{change.path, std::string(model::to_string(change.owner.kind)), {}};
      if (change.owner.kind == OwnerKind::step) since.step = change.owner.step.address();
      if (!has(line.changed_since, since)) {
        line.changed_since.push_back(std::move(since));
      }
    }
    switch (last->test->verdict) {
      case TestVerdict::failed:
        line.state = Verification::failed;
        break;
      case TestVerdict::unknown:
        line.state = Verification::unknown;
        break;
      case TestVerdict::passed:
        line.state = !line.changed_since.empty() ? Verification::stale
                     : last->test->partial       ? Verification::partial
                                                 : Verification::fresh;
        break;
    }
    return {};
  }

  void add_open() {
    // A later prompt takes up what was cut off.
    if (!turns_.empty() && turns_.back().state == model::TurnState::interrupted) {
      handoff_.open.push_back(
          {"interrupted-turn", "the turn was interrupted", turns_.back().address()});
    }
    for (const auto& item : handoff_.plan) {
      if (item.status != "completed" && item.status != "deleted") {
        handoff_.open.push_back({"plan-item", item.text + " (" + item.status + ")", item.step});
      }
    }
    if (handoff_.verification.state == Verification::failed) {
      handoff_.open.push_back(
          {"failing-run", "the newest run of these tests failed", handoff_.verification.step});
    }
  }

  void add_rollback(const model::Session& session) {
    auto export_of = [](const std::string& address) {
      return "baton export " + address + " --to DIR";
    };
    handoff_.rollback.push_back({"session start", "before the first step of the session",
                                 session.address, export_of(session.address + "^")});
    // The change that turned the last failing run into a passing one.
    const Step* failing = nullptr;
    const Step* fix = nullptr;
    const Step* green = nullptr;
    const Step* candidate = nullptr;
    for (const Step& step : steps_) {
      bool changes =
          std::ranges::any_of(step.changes, [](const auto& change) { return !change.skipped; });
      if (changes && failing && !candidate) candidate = &step;
      if (!step.test || step.test->kind != TestKind::test) continue;
      if (step.test->verdict == TestVerdict::failed) {
        failing = &step;
        candidate = nullptr;
      } else if (step.test->verdict == TestVerdict::passed) {
        if (candidate) fix = candidate;
        failing = candidate = nullptr;
        green = &step;
      }
    }
    if (fix) {
      std::string address = fix->ref.address();
      handoff_.rollback.push_back({"before the fix", "before the change that made the tests pass",
                                   address, export_of(address + "^")});
    }
    if (green) {
      std::string address = green->ref.address();
      handoff_.rollback.push_back({"last green", "the files that the last passing test run saw",
                                   address, export_of(address + "^")});
    }
  }

  index::Index& index_;
  const Task& task_;
  const Options& options_;
  std::vector<model::Turn> turns_;  // by time
  std::vector<Step> steps_;         // by time
  Handoff handoff_;
};

}  // namespace

std::string_view to_string(Verification verification) {
  switch (verification) {
    case Verification::never_run:
      return "never run";
    case Verification::failed:
      return "failed";
    case Verification::unknown:
      return "unknown";
    case Verification::partial:
      return "partial";
    case Verification::stale:
      return "stale";
    case Verification::fresh:
      return "fresh";
  }
  return "";
}

Result<Handoff> make_handoff(index::Index& index, const Task& task, const Options& options) {
  if (task.sessions.empty()) return fail(ErrorKind::not_found, "the task has no sessions");
  return Collector(index, task, options).run();
}

}  // namespace baton::handoff
