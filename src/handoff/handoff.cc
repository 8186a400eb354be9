#include "handoff/handoff.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "base/bytes.h"
#include "git/head.h"
#include "handoff/assumptions.h"
#include "handoff/at_head.h"
#include "handoff/attempts.h"
#include "handoff/changed_lines.h"
#include "handoff/claims.h"
#include "handoff/constraints.h"
#include "handoff/facts.h"
#include "handoff/hunks.h"
#include "handoff/not_checked.h"
#include "handoff/open_items.h"
#include "handoff/plans.h"
#include "handoff/release.h"
#include "handoff/risks.h"
#include "handoff/scope.h"
#include "handoff/verification.h"
#include "index/given.h"
#include "index/notes.h"
#include "index/queries.h"
#include "index/snapshot.h"
#include "shell/words.h"

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
  explicit Collector(Facts facts) : facts_(std::move(facts)) {}

  Result<Handoff> run() {
    const Task& task = facts_.task;
    handoff_.task = {kind_name(task.kind), task.name, task.branch, task.base, task.closed};
    for (const auto& session : facts_.sessions) add_session(session);
    for (const auto& turn : facts_.turns) add_turn(turn);
    handoff_.constraints = find_constraints(handoff_.prompts);
    TRY(add_plans(facts_, handoff_));
    TRY(add_notes());
    TRY(add_context());
    handoff_.assumptions = find_assumptions(facts_, handoff_);
    add_reads();
    TRY(add_changes());
    add_others();
    add_commands();
    handoff_.tests = test_lines(facts_);
    handoff_.verification = verify_whole(facts_);
    handoff_.not_checked = find_not_checked(facts_);
    handoff_.attempts = TRY(find_attempts(facts_.index, facts_.steps, &facts_));
    handoff_.deviations = plan_deviations(facts_, handoff_);
    handoff_.open = open_items(facts_, handoff_, hunks_);
    handoff_.claims = judge_claims(facts_, handoff_);
    handoff_.scope = judge_scope(facts_, handoff_);
    handoff_.risks = find_risks(facts_, handoff_, hunks_);
    handoff_.repository = TRY(repository_line());
    place_at_head(facts_, handoff_.repository.head, handoff_.changes);
    for (const auto& [worktree, changes] : facts_.timelines) {
      if (!changes.empty()) handoff_.timeline.push_back({worktree, changes.back().q});
    }
    add_rollback(task.sessions);
    return std::move(handoff_);
  }

 private:
  void add_session(const model::Session& session) {
    handoff_.sessions.push_back({session.address, session.agent, session.model,
                                 std::string(model::to_string(session.state)), session.began,
                                 session.last, session.turns, session.steps, session.parent,
                                 session.subagent_type});
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

  Status add_notes() {
    for (const auto& session : facts_.sessions) {
      index::NoteFilter filter;
      filter.session = session.key;
      for (const auto& note : TRY(index::notes(facts_.index, filter))) {
        handoff_.notes.push_back(
            {note.kind, note.text, note.author, note.address(), note.time, note.closed});
      }
    }
    std::ranges::stable_sort(handoff_.notes, {}, &NoteLine::time);
    return {};
  }

  Status add_context() {
    for (const auto& session : facts_.sessions) {
      auto given = TRY(index::given_to(facts_.index, session.key));
      bool told = std::ranges::any_of(
          given, [](const index::Given& each) { return each.kind == "handoff"; });
      for (auto& each : given) {
        // baton's own words come through a hook as well.
        if (each.kind == "hook" && told && contains(each.text, "recorded by baton")) continue;
        auto known = std::ranges::find_if(handoff_.context, [&](const ContextLine& line) {
          return line.kind == each.kind && line.name == each.name && line.text == each.text;
        });
        if (known == handoff_.context.end()) {
          handoff_.context.push_back({std::move(each.kind),
                                      std::move(each.name),
                                      std::move(each.why),
                                      std::move(each.text),
                                      {}});
          known = handoff_.context.end() - 1;
        }
        add_once(known->sessions, session.address);
      }
    }
    return {};
  }

  void add_reads() {
    for (const Step& step : facts_.steps) {
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

  // Net changes: what was undone is no change.
  Status add_changes() {
    std::set<std::string> several;  // paths that are changed in more than one worktree
    for (const Net& net : facts_.nets) {
      if (net.apart) several.insert(net.path);
    }
    std::vector<model::WorktreeView> views;
    if (!several.empty()) views = TRY(index::worktrees(facts_.index));
    for (const Net& net : facts_.nets) {
      if (!net.changed()) continue;
      ChangeLine line;
      line.path = net.path;
      if (several.contains(net.path)) line.worktree = other_worktree(views, net.last.worktree);
      line.status = net.status();
      line.deleted_by = net.deleted_by();
      if (!net.earlier.empty()) {
        line.moved_from = net.earlier.front();
        line.moved_by = model::to_string(net.moved.owner.kind);
      }
      line.also = net.others;
      line.contested = net.contested;
      line.withheld = net.withheld;
      for (const Step* step : net.steps) line.steps.push_back(step->ref.address());
      line.turn = turn_address(*net.steps.back());
      LineCount count = count_changed_lines(facts_.index, net.first.before, net.last.after);
      line.added = count.added;
      line.removed = count.removed;
      line.binary = count.binary;
      line.counted = count.known && !count.binary;
      verify_file(facts_, net, line);
      auto& hunks = hunks_[net.key()] = hunks_of(facts_, net);
      for (const Hunk& hunk : hunks) line.hunks.push_back(hunk_line(facts_, hunk));
      handoff_.changes.push_back(std::move(line));
    }
    return {};
  }

  // What a worktree is called; "" if we are in it.
  std::string other_worktree(const std::vector<model::WorktreeView>& views,
                             const std::string& id) const {
    auto view = std::ranges::find(views, id, &model::WorktreeView::id);
    if (view == views.end() || view->root.empty()) return id;
    bool here = facts_.options.repository && view->root == facts_.options.repository->worktree_root;
    return here ? std::string() : view->root;
  }

  // What nobody's step changed while the task went on, in files that no step of it changed.
  void add_others() {
    for (const auto& [worktree, changes] : facts_.timelines) {
      for (const auto& change : changes) {
        OwnerKind kind = change.owner.kind;
        if (kind != OwnerKind::outside && kind != OwnerKind::unknown) continue;
        if (change.skipped || facts_.net(change.path)) continue;
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
  }

  Citation step_before(Micros time) const {
    Citation before;
    for (const Step& step : facts_.steps) {
      if (step.began > time) break;
      before = step.ref.address();
    }
    return before;
  }

  void add_commands() {
    for (const Step& step : facts_.steps) {
      if (step.command.empty() || step.test) continue;
      // What only read stands among the reads.
      bool only_read =
          !step.reads.empty() && step.changes.empty() && step.commits.empty() &&
          (step.outcome == model::StepOutcome::ok || step.outcome == model::StepOutcome::unknown) &&
          shell::only_shows(shell::parse_shell(step.command));
      if (only_read) continue;
      handoff_.commands.push_back(
          {step.ref.address(), step.command, step.exit_status, text_of(step.outcome)});
    }
  }

  // Where the repository stands now: the worktree that we are in, and others that the task changed.
  Result<RepositoryLine> repository_line() {
    RepositoryLine line;
    if (!facts_.options.repository) return line;
    auto head = git::read_head(*facts_.options.repository);
    if (!head) return line;
    line.branch = head->branch;
    line.head = head->commit;
    line.operation = head->operation;
    auto views = TRY(index::worktrees(facts_.index));
    for (const auto& [worktree, changes] : facts_.timelines) {
      auto view = std::ranges::find(views, worktree, &model::WorktreeView::id);
      if (view == views.end() || changes.empty()) continue;
      if (views.size() == 1 || view->root == facts_.options.repository->worktree_root) {
        line.dirty = not_held(changes, line.head);
      } else if (!view->root.empty()) {
        line.worktrees.push_back(
            {view->root, view->branch, view->head, not_held(changes, view->head)});
      }
    }
    return line;
  }

  // Paths that were recorded and that the commit does not hold so.
  std::vector<std::string> not_held(const std::vector<model::Change>& changes,
                                    const std::string& commit) {
    std::map<std::string, const model::Change*> present;
    for (const auto& change : changes) {
      if (!change.skipped && !change.withheld) present[change.path] = &change;
    }
    std::vector<std::string> dirty;
    if (present.empty() || commit.empty() || !facts_.index.git()) return dirty;
    std::vector<std::string> paths;
    for (const auto& [path, change] : present) paths.push_back(path);
    auto held = facts_.index.git()->entries(commit, paths);
    for (size_t i = 0; held && i < paths.size(); ++i) {
      const model::Change& change = *present[paths[i]];
      ObjectId id = (*held)[i] ? (*held)[i]->id : ObjectId();
      bool same = id == change.after || (!change.git_id.empty() && id == change.git_id);
      if (!same) dirty.push_back(paths[i]);
    }
    return dirty;
  }

  void add_rollback(const std::vector<model::Session>& sessions) {
    auto rewind_to = [](const std::string& address) { return "baton rewind " + address; };
    for (const model::Session& session : sessions) {
      handoff_.rollback.push_back({"session start", "before the first step of the session",
                                   session.address, rewind_to(session.address + "^")});
      // The sessions of a range were tasks of their own, and each may be taken back.
      if (handoff_.task.kind != "range") break;
    }
    // The change that turned the last failing run into a passing one of the same tests.
    struct Failing {
      const Step* run;
      const Step* change;  // the first after it
    };
    std::vector<Failing> failing;
    const Step* fix = nullptr;
    const Step* green = nullptr;
    for (const Step& step : facts_.steps) {
      bool changes =
          std::ranges::any_of(step.changes, [](const auto& change) { return !change.skipped; });
      for (Failing& each : failing) {
        if (changes && !each.change) each.change = &step;
      }
      if (!step.test || step.test->kind != TestKind::test) continue;
      if (step.test->verdict == TestVerdict::unknown) continue;
      bool passed = step.test->verdict == TestVerdict::passed;
      std::erase_if(failing, [&](const Failing& each) {
        bool same = speaks_of(step, *each.run);
        if (same && passed && each.change) fix = each.change;
        return same;
      });
      if (passed) green = &step;
      if (!passed) failing.push_back({&step, nullptr});
    }
    if (fix) {
      std::string address = fix->ref.address();
      handoff_.rollback.push_back({"before the fix", "before the change that made the tests pass",
                                   address, rewind_to(address + "^")});
    }
    if (green) {
      std::string address = green->ref.address();
      handoff_.rollback.push_back({"last green", "the files that the last passing test run saw",
                                   address, rewind_to(address + "^")});
    }
  }

  Facts facts_;
  std::map<std::string, std::vector<Hunk>> hunks_;  // of changed paths
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
    case Verification::tree_unknown:
      return "tree not known";
    case Verification::fresh:
      return "fresh";
  }
  return "";
}

Result<Handoff> make_handoff(index::Index& index, const Task& task, const Options& options) {
  if (task.sessions.empty()) return fail(ErrorKind::not_found, "the task has no sessions");
  index::Snapshot snapshot(index);
  Facts facts = TRY(load_facts(index, task, options));
  Handoff handoff = TRY(Collector(std::move(facts)).run());
  if (task.kind == Task::Kind::range) handoff.tasks = TRY(release_lines(index, task, options));
  // Each task of a range has a way back of its own.
  for (const auto& line : handoff.tasks) {
    bool known = std::ranges::find(handoff.rollback, line.rollback.command,
                                   &RollbackLine::command) != handoff.rollback.end();
    if (!known) handoff.rollback.push_back(line.rollback);
  }
  return handoff;
}

}  // namespace baton::handoff
