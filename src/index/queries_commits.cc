// The prompts behind a git commit.

#include <algorithm>
#include <map>
#include <set>

#include "index/commit_made.h"
#include "index/queries.h"
#include "index/query_rows.h"

namespace baton::index {
namespace {

using model::Change;

// The changes behind one path of a commit: those that led from the parent's content to the
// commit's.
struct Explained {
  std::vector<Change> changes;
  bool found = false;
};

ObjectId stored_by_git(const Change& change) {
  return change.git_id.empty() ? change.after : change.git_id;
}

// git notes whole seconds, and the look that sees a change comes after it.
constexpr Micros kSeenSoon = 10 * kSecond;

// Whether the change can be in a commit of that time: seen by then, or seen later and made before.
bool was_there(const Change& change, Micros committed) {
  if (change.seen <= committed + kSeenSoon) return true;
  if (change.ctime_ns > 0) return change.ctime_ns / 1000 <= committed + 2 * kSecond;
  return change.owner.kind != model::OwnerKind::step;
}

Explained explain(const std::vector<model::PathVersion>& versions,
                  const GitSource::CommitChange& target, Micros committed) {
  Explained best;
  // Each worktree's timeline by itself; the newest version with that content before the commit
  // wins.
  std::map<std::string, std::vector<const Change*>> timelines;
  std::set<std::string> had_before;  // timelines that begin with the commit's content
  for (const auto& version : versions) {
    if (!version.base) {
      timelines[version.change.worktree].push_back(&version.change);
    } else if (!target.after.empty() && stored_by_git(version.change) == target.after) {
      had_before.insert(version.change.worktree);
    }
  }
  Micros best_time = -1;
  for (const auto& [worktree, list] : timelines) {
    // The commit's own content, last seen not long after it was made.
    int at = -1;
    for (size_t i = 0; i < list.size(); ++i) {
      bool same =
          target.after.empty() ? list[i]->after.empty() : stored_by_git(*list[i]) == target.after;
      // What git brought is not where the commit is from.
      if (list[i]->owner.kind == model::OwnerKind::git) continue;
      // If the content was there before, only what surely came before the commit counts.
      bool in_time = had_before.contains(worktree) ? list[i]->seen <= committed
                                                   : was_there(*list[i], committed);
      if (same && in_time) at = static_cast<int>(i);
    }
    if (at < 0 || list[static_cast<size_t>(at)]->seen < best_time) continue;
    std::vector<Change> chain;
    for (int i = at; i >= 0; --i) {
      const Change& change = *list[static_cast<size_t>(i)];
      // The parent's content: what led to it belongs to older commits.
      if (i < at && stored_by_git(change) == target.before) break;
      chain.push_back(change);
      if (change.before == target.before) break;
    }
    std::ranges::reverse(chain);
    best.found = true;
    best.changes = std::move(chain);
    best_time = list[static_cast<size_t>(at)]->seen;
  }
  return best;
}

}  // namespace

namespace {

constexpr std::string_view kMoveMakes =
    "(r.message LIKE 'commit%' OR r.message LIKE 'cherry-pick%' OR r.message LIKE 'rebase%'"
    " OR r.message LIKE 'revert%' OR r.message LIKE 'am:%')";

// The step that made a commit, as the reflog was seen; {0, 0} if none did.
Result<std::pair<int64_t, int>> maker_of(Index& index, const std::string& id) {
  Statement* made = TRY(db(index).cached(
      "SELECT r.owner_session, r.owner_step FROM reflog r JOIN commits c ON c.key = r.new"
      " WHERE c.id = ? AND r.owner_session IS NOT NULL ORDER BY r.time LIMIT 1"));
  made->bind(id);
  std::pair<int64_t, int> maker{0, 0};
  if (TRY(made->step())) maker = {made->integer(0), made->small(1)};
  made->reset();
  return maker;
}

// When HEAD was first seen to have moved there by a command that makes commits.
Result<std::optional<Micros>> seen_made(Index& index, const std::string& id) {
  static const std::string kQuery =
      "SELECT min(r.time) FROM reflog r JOIN commits c ON c.key = r.new WHERE c.id = ? AND " +
      std::string(kMoveMakes);
  Statement* moved = TRY(db(index).cached(kQuery.c_str()));
  moved->bind(id);
  std::optional<Micros> seen;
  if (TRY(moved->step()) && !moved->is_null(0)) seen = moved->integer(0);
  moved->reset();
  return seen;
}

}  // namespace

Result<std::optional<Micros>> commit_made(Index& index, const std::string& id) {
  return answer(index, [&]() -> Result<std::optional<Micros>> {
    auto [session, number] = TRY(maker_of(index, id));
    if (session == 0) return std::optional<Micros>();
    model::Step made = TRY(step(index, session, number));
    return std::optional(std::max(made.began, made.ended));
  });
}

Result<std::optional<Micros>> commit_seen(Index& index, const std::string& id) {
  return answer(index, [&] { return seen_made(index, id); });
}

Result<model::CommitView> commit_prompts(Index& index, std::string_view revision) {
  return answer(index, [&]() -> Result<model::CommitView> {
    if (index.git() == nullptr) return fail(ErrorKind::not_found, "git cannot be asked");
    Names names(index);
    GitSource::Commit commit = TRY(index.git()->commit(revision));
    model::CommitView view;
    view.commit = commit.id;

    auto [made_session, made_step] = TRY(maker_of(index, commit.id));
    view.made_by = TRY(names.step(made_session, made_step));

    struct Behind {
      std::set<std::pair<Micros, int>> order;
      std::vector<model::StepRef> steps;
      std::set<std::string> paths;
      model::Evidence evidence = model::Evidence::exact;
    };
    std::map<std::pair<int64_t, int>, Behind> prompts;
    // Dates of commits can be anything: when one was seen to be made counts as well.
    Micros committed = commit.committed * kSecond;
    if (auto seen = TRY(seen_made(index, commit.id))) committed = std::max(committed, *seen);
    for (const auto& change : commit.changes) {
      view.paths.push_back(change.path);
      auto history = TRY(versions(index, change.path));
      Explained explained = explain(history, change, committed);
      if (!explained.found) {
        view.unexplained.push_back(change.path);
        continue;
      }
      for (const Change& one : explained.changes) {
        if (one.skipped) continue;
        std::vector<model::StepRef> refs;
        if (one.owner.kind == model::OwnerKind::step) {
          if (one.owner.evidence == model::Evidence::contested) {
            refs = one.owner.candidates;
          } else {
            refs.push_back(one.owner.step);
          }
        }
        for (const model::StepRef& ref : refs) {
          Behind& behind = prompts[{ref.session_key, ref.turn}];
          if (std::ranges::find(behind.steps, ref) == behind.steps.end())
            behind.steps.push_back(ref);
          behind.paths.insert(change.path);
          behind.evidence = std::max(behind.evidence, one.owner.evidence);
        }
      }
    }
    for (auto& [key, behind] : prompts) {
      // A subagent's work belongs to its parent's prompt.
      int64_t session = key.first;
      int number = key.second;
      for (int i = 0; i < 16; ++i) {
        int64_t above = TRY(names.parent(session));
        if (above == 0) break;
        for (const Subagent& subagent : TRY(subagents(index, names, above))) {
          if (subagent.key == session) number = subagent.turn;
        }
        session = above;
      }
      auto existing = std::ranges::find_if(view.prompts, [&](const model::CommitPrompt& prompt) {
        return prompt.turn.session_key == session && prompt.turn.number == number;
      });
      if (existing == view.prompts.end()) {
        model::CommitPrompt prompt;
        auto turn = show_turn(index, session, number);
        if (!turn) continue;
        prompt.turn = std::move(turn->turn);
        view.prompts.push_back(std::move(prompt));
        existing = view.prompts.end() - 1;
      }
      std::ranges::sort(behind.steps, {}, &model::StepRef::step);
      std::ranges::move(behind.steps, std::back_inserter(existing->steps));
      for (const std::string& path : behind.paths) {
        if (std::ranges::find(existing->paths, path) == existing->paths.end()) {
          existing->paths.push_back(path);
        }
      }
      std::ranges::sort(existing->paths);
      existing->evidence = std::max(existing->evidence, behind.evidence);
    }
    std::ranges::sort(view.prompts, [](const auto& a, const auto& b) {
      return std::tie(a.turn.began, a.turn.session, a.turn.number) <
             std::tie(b.turn.began, b.turn.session, b.turn.number);
    });
    return view;
  });
}

}  // namespace baton::index
