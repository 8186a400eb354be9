#include "handoff/task_base.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/bytes.h"
#include "git/branches.h"
#include "git/head.h"
#include "git/history.h"
#include "index/queries.h"
#include "index/session_turns.h"
#include "os/file.h"

namespace baton::handoff {
namespace {

using model::Turn;

constexpr uint64_t kMaxCommits = 500;  // of a branch's history that are looked at
constexpr size_t kMaxReflogHead = 4096;
constexpr size_t kMaxTurns = 40;  // the newest at whose beginning the state is compared
constexpr size_t kMaxOlder = 20;  // sessions behind the base that are asked for open items

// When a branch of this name was last made, by its reflog; 0 if that is not known.
Micros made_at(const git::Repository& repository, const std::string& branch) {
  auto file =
      os::open_file(os::join(repository.common_dir, "logs/refs/heads/" + branch), os::Open::read);
  if (!file) return 0;
  auto begin = os::read_at(*file, 0, kMaxReflogHead);
  if (!begin) return 0;
  std::string_view line = split(*begin, '\n').front();
  // "<old> <new> Name <mail> SECONDS ZONE\tmessage"
  size_t mail = line.find("> ");
  if (mail == std::string_view::npos) return 0;
  std::string_view rest = line.substr(mail + 2);
  auto seconds = parse_int(rest.substr(0, rest.find(' ')));
  return seconds ? *seconds * kSecond : 0;
}

class Since {
 public:
  Since(index::Index& index, const git::Repository& repository, std::string branch)
      : index_(index), repository_(repository), branch_(std::move(branch)) {}

  Result<BranchSessions> run(std::vector<model::Session> sessions) {
    if (sessions.size() > kMaxBranchSessions) sessions.resize(kMaxBranchSessions);
    std::string tip = TRY(git::resolve_ref(repository_, "refs/heads/" + branch_));
    if (tip.empty()) return BranchSessions{"", std::move(sessions)};  // the branch is gone
    TRY(find_base(tip));
    if (!is_base_branch_) {
      Micros made = made_at(repository_, branch_);
      std::erase_if(sessions, [&](const auto& session) { return session.last < made; });
    }
    // What a branch holds of its own is its task, however often it is rebased.
    if (!is_base_branch_ && !base_.empty() && base_ != tip) {
      return BranchSessions{base_, std::move(sessions)};
    }
    for (const auto& session : sessions) {
      turns_.push_back(TRY(index::session_turns(index_, session.key)));
    }
    std::vector<size_t> in;
    if (!base_.empty()) in = TRY(in_since(base_));
    if (in.empty()) {
      std::string clean = TRY(newest_clean_head());
      if (is_base_branch_ || base_.empty()) base_ = clean;
      in = clean.empty() ? all(sessions.size()) : TRY(in_since(clean));
    }
    if (in.empty() && !sessions.empty()) in.push_back(0);
    // Newest first: those in it, then the others, of which some may stay.
    std::vector<model::Session> ordered;
    for (size_t i : in) ordered.push_back(sessions[i]);
    for (size_t i = 0; i < sessions.size(); ++i) {
      if (!std::ranges::binary_search(in, i)) ordered.push_back(sessions[i]);
    }
    return BranchSessions{base_, TRY(stay_in(index_, std::move(ordered), in.size()))};
  }

 private:
  static std::vector<size_t> all(size_t count) {
    std::vector<size_t> every(count);
    for (size_t i = 0; i < count; ++i) every[i] = i;
    return every;
  }

  // The commit that this branch has in common with the one that it goes back to.
  Status find_base(const std::string& tip) {
    git::BranchRoots roots = git::branch_roots(repository_, branch_).value_or(git::BranchRoots());
    is_base_branch_ = !roots.base || roots.base->name == branch_;
    ObjectId other;
    if (!is_base_branch_) {
      other = roots.base->id;
    } else if (!roots.upstream.empty()) {
      std::string id = TRY(git::resolve_ref(repository_, roots.upstream));
      if (auto parsed = ObjectId::from_hex(id)) other = *parsed;
    }
    auto here = ObjectId::from_hex(tip);
    if (other.empty() || !here) return {};
    if (other == *here) {
      base_ = tip;
      return {};
    }
    auto common = git::merge_base(repository_, *here, other);
    if (common && !common->empty()) base_ = common->hex();
    return {};
  }

  // The commits before `commit`, as far as they are looked at.
  Result<std::set<std::string>> before(const std::string& commit) {
    std::set<std::string> ids;
    git::LogOptions options;
    options.revisions = {commit};
    options.limit = kMaxCommits;
    auto commits = git::log(repository_, options);
    if (!commits) return ids;  // a commit that git threw away
    for (const auto& each : *commits) ids.insert(each.id.hex());
    ids.erase(commit);
    return ids;
  }

  // The places of sessions with a turn that did not begin before the commit.
  Result<std::vector<size_t>> in_since(const std::string& commit) {
    std::optional<std::set<std::string>> old;  // asked for where a turn began elsewhere only
    std::vector<size_t> in;
    for (size_t i = 0; i < turns_.size(); ++i) {
      bool any = turns_[i].empty() || std::ranges::any_of(turns_[i], [&](const Turn& turn) {
                   return turn.head == commit || turn.head.empty();
                 });
      if (!any && !old) old = TRY(before(commit));
      any = any || std::ranges::any_of(turns_[i],
                                       [&](const Turn& turn) { return !old->contains(turn.head); });
      if (any) in.push_back(i);
    }
    return in;
  }

  // The newest commit on which a prompt began while everything recorded was in it.
  Result<std::string> newest_clean_head() {
    std::vector<const Turn*> turns;
    for (const auto& of_session : turns_) {
      for (const Turn& turn : of_session) {
        if (!turn.head.empty() && !turn.worktree.empty()) turns.push_back(&turn);
      }
    }
    std::ranges::sort(turns, std::greater(), [](const Turn* turn) { return turn->began; });
    if (turns.size() > kMaxTurns) turns.resize(kMaxTurns);
    std::map<std::string, Timeline> timelines;
    for (const Turn* turn : turns) {
      auto span = index::span(index_, address_of(*turn));
      if (!span || !span->before.known()) continue;
      Timeline& timeline = timelines[span->before.worktree];
      timeline.turns.emplace_back(turn, span->before.q);
    }
    for (auto& [worktree, timeline] : timelines) {
      int64_t from = timeline.turns.back().second;
      for (const auto& [turn, q] : timeline.turns) from = std::min(from, q);
      auto to = TRY(index::newest(index_, worktree));
      timeline.changes = TRY(index::changes(index_, {worktree, from}, to));
    }
    const Turn* clean = nullptr;
    for (const auto& [worktree, timeline] : timelines) {
      for (const auto& [turn, q] : timeline.turns) {
        if (clean && turn->began < clean->began) break;
        if (!TRY(is_clean(turn->head, timeline.changes, q))) continue;
        clean = turn;
        break;
      }
    }
    return clean ? clean->head : std::string();
  }

  struct Timeline {
    std::vector<std::pair<const Turn*, int64_t>> turns;  // newest first, and where they began
    std::vector<model::Change> changes;                  // since the oldest of them
  };

  static index::Address address_of(const Turn& turn) {
    index::Address address;
    address.kind = index::Address::Kind::turn;
    address.session_key = turn.session_key;
    address.turn = turn.number;
    return address;
  }

  // Whether the commit holds what the changes up to number `q` left.
  Result<bool> is_clean(const std::string& commit, const std::vector<model::Change>& changes,
                        int64_t q) {
    std::map<std::string, const model::Change*> state;
    for (const auto& change : changes) {
      if (change.q <= q && !change.withheld && !change.skipped) state[change.path] = &change;
    }
    if (state.empty()) return true;
    if (!index_.git()) return false;
    std::vector<std::string> paths;
    for (const auto& [path, change] : state) paths.push_back(path);
    auto held = index_.git()->entries(commit, paths);
    if (!held) return false;
    for (size_t i = 0; i < paths.size(); ++i) {
      const model::Change& change = *state[paths[i]];
      ObjectId id = (*held)[i] ? (*held)[i]->id : ObjectId();
      if (id != change.after && (change.git_id.empty() || id != change.git_id)) return false;
    }
    return true;
  }

  index::Index& index_;
  const git::Repository& repository_;
  std::string branch_, base_;
  bool is_base_branch_ = false;
  std::vector<std::vector<Turn>> turns_;  // of each session, newest first
};

// What a session left unfinished, and what it finished, as far as that tells of other sessions.
struct Leavings {
  std::set<std::string> open_items, done_items;    // of plans, by their words
  std::map<std::string, model::TestVerdict> runs;  // newest verdict by runner
  bool interrupted = false;
};

Result<Leavings> leavings_of(index::Index& index, const model::Session& session) {
  Leavings leavings;
  for (const auto& item : TRY(index::plan(index, session.key)).items) {
    bool done = item.status == "completed" || item.status == "deleted";
    (done ? leavings.done_items : leavings.open_items).insert(item.text);
  }
  index::TestFilter filter;
  filter.session = session.key;
  filter.kind = model::TestKind::test;
  for (const auto& run : TRY(index::test_runs(index, filter))) {
    leavings.runs.try_emplace(run.runner, run.verdict);
  }
  index::LogFilter newest;
  newest.session = session.key;
  newest.limit = 1;
  auto turns = TRY(index::log(index, newest));
  leavings.interrupted = !turns.empty() && turns[0].turn.state == model::TurnState::interrupted;
  return leavings;
}

}  // namespace

Result<std::vector<model::Session>> stay_in(index::Index& index,
                                            std::vector<model::Session> sessions, size_t keep) {
  if (sessions.size() <= keep) return sessions;
  if (sessions.size() > keep + kMaxOlder) {
    sessions.resize(keep + kMaxOlder);
  }
  std::set<std::string> done;
  std::map<std::string, model::TestVerdict> runs;  // of later sessions
  std::vector<model::Session> in;
  for (size_t i = 0; i < sessions.size(); ++i) {
    Leavings leavings = TRY(leavings_of(index, sessions[i]));
    bool open = std::ranges::any_of(leavings.open_items,
                                    [&](const auto& item) { return !done.contains(item); });
    for (const auto& [runner, verdict] : leavings.runs) {
      open |= verdict == model::TestVerdict::failed && !runs.contains(runner);
      runs.try_emplace(runner, verdict);
    }
    // A turn that was cut off is taken up by the next session.
    open |= leavings.interrupted && i == 0;
    done.merge(leavings.done_items);
    if (i < keep || open) in.push_back(std::move(sessions[i]));
  }
  return in;
}

Result<BranchSessions> since_base(index::Index& index, const git::Repository* repository,
                                  const std::string& branch, std::vector<model::Session> sessions) {
  if (!repository) return BranchSessions{"", TRY(stay_in(index, std::move(sessions), 1))};
  return Since(index, *repository, branch).run(std::move(sessions));
}

}  // namespace baton::handoff
