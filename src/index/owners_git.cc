#include "index/acts.h"
#include "index/owners_worktree.h"

#include <algorithm>

#include "base/bytes.h"

namespace baton::index::owners {

namespace {

constexpr size_t kMaxCommitsAsked = 64;  // reflog entries of one interval that are looked into

// Whether the entry is one of a command that makes commits out of the working tree.
bool makes_commit(std::string_view message) {
  return message.starts_with("commit:") || message.starts_with("commit (") ||
         message.starts_with("commit ");
}

bool is_merge_commit(std::string_view message) {
  return message.starts_with("commit (merge)");
}

bool is_picked_commit(std::string_view message) {
  return message.starts_with("commit (cherry-pick)");
}

// ... of nothing but what was there.
bool commits_by_hand(std::string_view message) {
  return makes_commit(message) && !is_merge_commit(message) && !is_picked_commit(message);
}

// Entries after which a commit is there that was not there before.
bool makes_history(std::string_view message) {
  if (makes_commit(message)) return true;
  for (std::string_view word : {"cherry-pick", "revert", "am"}) {
    if (message.starts_with(word)) return true;
  }
  if (message.starts_with("merge ") || message.starts_with("pull")) {
    return !contains(message, "Fast-forward") && !contains(message, "rebase (start)");
  }
  return message.starts_with("rebase") &&
         (contains(message, "(pick)") || contains(message, "(squash)") ||
          contains(message, "(fixup)") || contains(message, "(reword)") ||
          contains(message, "(edit)") || contains(message, "(continue)"));
}

}  // namespace

Status TimelineOwners::widen() {
  Statement* merges =
      TRY(database_.cached("SELECT min(time) FROM reflog WHERE worktree = ? AND time >= ?"
                           " AND message LIKE 'commit (merge)%'"));
  merges->bind(row_.key, since_);
  Micros first = TRY(merges->step()) ? merges->integer(0) : 0;
  merges->reset();
  if (first == 0) return {};
  Statement* before = TRY(database_.cached(
      "SELECT max(began) FROM looks WHERE worktree = ? AND began < ? AND op = ''"));
  before->bind(row_.key, first);
  Micros quiet = TRY(before->step()) ? before->integer(0) : 0;
  before->reset();
  since_ = std::min(since_, quiet);
  return {};
}

Status TimelineOwners::load_reflog(Micros from) {
  Statement* rows = TRY(database_.cached(
      "SELECT time, moved, old, new, message FROM reflog WHERE worktree = ? AND time >= ?"
      " ORDER BY moved, time, idx"));
  rows->bind(row_.key, from);
  while (TRY(rows->step())) {
    Moved entry;
    entry.time = rows->integer(0);
    entry.moved = rows->integer(1);
    entry.old_commit = rows->integer(2);
    entry.new_commit = rows->integer(3);
    entry.message = rows->str(4);
    entry.makes = makes_commit(entry.message);
    moves_.push_back(std::move(entry));
  }
  return {};
}

Status TimelineOwners::link_commits() {
  Statement* rows = TRY(database_.cached(
      "SELECT time, session, event, idx, moved, message, owner_session, owner_step FROM reflog"
      " WHERE worktree = ? AND time >= ?"));
  struct Entry {
    Micros time, moved;
    int64_t session, event, index;
    std::string message;
    int64_t owner_session;
    int owner_step;
  };
  std::vector<Entry> entries;
  rows->bind(row_.key, since_);
  while (TRY(rows->step())) {
    entries.push_back({rows->integer(0), rows->integer(4), rows->integer(1), rows->integer(2),
                       rows->integer(3), rows->str(5), rows->integer(6), rows->small(7)});
  }
  if (entries.empty()) return {};
  TRY(reach_back(looks_from_));
  Statement* update = TRY(database_.cached(
      "UPDATE reflog SET owner_session = ?, owner_step = ? WHERE worktree = ? AND time = ?"
      " AND session = ? AND event = ? AND idx = ?"));
  for (const Entry& entry : entries) {
    std::vector<const Run*> running;
    if (makes_history(entry.message)) {
      // git notes whole seconds.
      for (const Run& run : runs_) {
        if (run.kind == StepKind::edit) continue;
        if (run.start() <= entry.moved + kSecond && run.stop() >= entry.moved &&
            run.start() <= entry.time) {
          running.push_back(&run);
        }
      }
      if (running.size() > 1) {
        std::vector<const Run*> speaking;
        for (const Run* run : running) {
          if (run->flags & kRunCommits) speaking.push_back(run);
        }
        if (!speaking.empty()) running = std::move(speaking);
      }
      if (running.size() > 1) {
        // The one whose own after-event found it.
        std::vector<const Run*> finding;
        for (const Run* run : running) {
          if (run->session == entry.session && run->ended <= entry.time &&
              entry.time - run->ended < kSecond) {
            finding.push_back(run);
          }
        }
        if (finding.size() == 1) running = std::move(finding);
      }
    }
    int64_t session = running.size() == 1 ? running[0]->session : 0;
    int step = running.size() == 1 ? running[0]->step : 0;
    if (session == entry.owner_session && step == entry.owner_step) continue;
    std::optional<int64_t> new_session, new_step;
    if (session != 0) {
      new_session = session;
      new_step = step;
    }
    TRY(update->run(new_session, new_step, row_.key, entry.time, entry.session, entry.event,
                    entry.index));
  }
  return {};
}

Result<std::string> TimelineOwners::commit_id(int64_t key) {
  Statement* row = TRY(database_.cached("SELECT id FROM commits WHERE key = ?"));
  row->bind(key);
  std::string id = TRY(row->step()) ? row->str(0) : "";
  row->reset();
  return id;
}

Result<std::string> TimelineOwners::path_text(int64_t key) {
  Statement* row = TRY(database_.cached("SELECT path FROM paths WHERE key = ?"));
  row->bind(key);
  std::string path = TRY(row->step()) ? row->str(0) : "";
  row->reset();
  return path;
}

Result<const std::map<int64_t, ObjectId>*> TimelineOwners::held_by(const std::string& revision) {
  auto known = held_.find(revision);
  if (known != held_.end()) return &known->second;
  std::map<int64_t, ObjectId> held;
  if (git_ == nullptr) return &(held_[revision] = std::move(held));
  std::vector<int64_t> keys;
  std::vector<std::string> paths;
  for (size_t i = group_.begin; i < group_.end; ++i) {
    keys.push_back(rows_[i].path);
    paths.push_back(TRY(path_text(rows_[i].path)));
  }
  auto entries = git_->entries(revision, paths);
  if (!entries) {
    // A commit that is gone holds nothing that we could know.
    if (entries.error().kind != ErrorKind::not_found) return std::unexpected(entries.error());
    gone_.insert(revision);
    // Of one that does not answer nothing is known: all that follows is decided without it.
    if (!git_->answers()) {
      git_ = nullptr;
      missing_ = first_of(missing_, rows_[group_.begin].seen);
    }
  } else {
    for (size_t i = 0; i < keys.size(); ++i) {
      if ((*entries)[i]) held[keys[i]] = (*entries)[i]->id;
    }
  }
  return &(held_[revision] = std::move(held));
}

Result<bool> TimelineOwners::holds(const std::string& revision, const Row& row) {
  const auto* held = TRY(held_by(revision));
  if (git_ == nullptr || gone_.contains(revision)) return false;
  auto found = held->find(row.path);
  if (row.after.empty()) return found == held->end();
  return found != held->end() && found->second == stored(row);
}

std::vector<const Moved*> TimelineOwners::moves_in(const Bound& bound, const Row& row, bool all) {
  std::vector<const Moved*> found;
  // A look at some paths notes no moves, but where HEAD is.
  const Moved* last = nullptr;
  for (const Moved& entry : moves_) {
    if (entry.moved > row.seen) break;
    if (group_.head_key == 0 || entry.new_commit == group_.head_key) last = &entry;
  }
  for (const Moved& entry : moves_) {
    if (entry.makes && !all) continue;
    if (bound.low != INT64_MIN && entry.moved + kSecond < bound.low) continue;
    if (entry.time <= bound.noted || entry.moved > row.seen) continue;
    if (entry.time > row.seen &&
        (group_.whole ? entry.moved + kSecond > row.began : &entry > last)) {
      continue;
    }
    found.push_back(&entry);
  }
  if (found.size() > kMaxCommitsAsked) {
    found.erase(found.begin(), found.end() - kMaxCommitsAsked);
  }
  return found;
}

Status TimelineOwners::open_group(size_t begin, size_t end) {
  group_ = Group{begin, end, {}, {}, 0, false, false};
  held_.clear();
  gone_.clear();
  const Row& row = rows_[begin];
  Statement* look = TRY(database_.cached(
      "SELECT l.op, c.id, l.whole, l.head FROM looks l LEFT JOIN commits c ON c.key = l.head"
      " WHERE l.worktree = ? AND l.session = ? AND l.event = ?"));
  look->bind(row_.key, row.session, row.event);
  if (TRY(look->step())) {
    group_.op = look->str(0);
    group_.head = look->str(1);
    group_.whole = look->integer(2) != 0;
    group_.head_key = look->integer(3);
  }
  look->reset();
  Statement* event = TRY(
      database_.cached("SELECT n.agent, n.name FROM events e JOIN event_names n ON n.key = e.name"
                       " WHERE e.session = ? AND e.number = ?"));
  event->bind(row.session, row.event);
  group_.rewind = TRY(event->step()) && event->text(0) == "baton" &&
                  (event->text(1) == kRewindEvent || event->text(1) == kTakenBackEvent);
  event->reset();
  return {};
}

Result<bool> TimelineOwners::operation_began(const std::string& op, Micros low) {
  if (op.empty()) return false;
  Statement* look = TRY(database_.cached(
      "SELECT op FROM looks WHERE worktree = ? AND began <= ? ORDER BY began DESC LIMIT 1"));
  look->bind(row_.key, low);
  bool began = TRY(look->step()) && look->text(0).empty();
  look->reset();
  return began;
}

Result<bool> TimelineOwners::committed_before(const Moved& move, const Row& row,
                                              std::optional<Micros> time) {
  if (!time || *time >= move.moved) return false;
  for (const Moved& entry : moves_) {
    if (&entry == &move) break;
    if (!entry.makes || entry.moved + kSecond < *time) continue;
    if (!TRY(holds(TRY(commit_id(entry.new_commit)), row))) continue;
    std::string old = TRY(commit_id(entry.old_commit));
    if (!old.empty() && !TRY(holds(old, row))) return true;
  }
  return false;
}

Result<bool> TimelineOwners::committed_by_hand(const Row& row,
                                               const std::vector<const Moved*>& moves) {
  for (const Moved* move : moves) {
    if (!commits_by_hand(move->message)) continue;
    if (!TRY(holds(TRY(commit_id(move->new_commit)), row))) continue;
    std::string old = TRY(commit_id(move->old_commit));
    if (!old.empty() && !TRY(holds(old, row))) return true;
  }
  return false;
}

Result<std::optional<Decision>> TimelineOwners::from_git(const Row& row, const Bound& bound,
                                                         std::optional<Micros> time,
                                                         const std::vector<Candidate>& running,
                                                         bool nobody) {
  Decision decision;
  decision.kind = OwnerKind::git;
  auto moves = moves_in(bound, row);
  const std::string& op = group_.op;
  bool some_git = std::ranges::any_of(
      running, [](const Candidate& each) { return (each.run->flags & kRunSomeGit) != 0; });
  bool only_git = !running.empty() && std::ranges::all_of(running, [](const Candidate& each) {
    return (each.run->flags & kRunOnlyGit) != 0;
  });
  // Put back to what was committed: by checkout of the path, or by hand.
  bool may_be_head =
      (nobody || some_git) && row.kind == Seen::disk && !group_.head.empty() && !row.after.empty();
  if (git_ != nullptr) {
    for (auto it = moves.rbegin(); it != moves.rend(); ++it) {
      std::string id = TRY(commit_id((*it)->new_commit));
      if (id.empty() || !TRY(holds(id, row))) continue;
      std::string old = TRY(commit_id((*it)->old_commit));
      if (row.after.empty()) {
        // Not there in the new commit says something only if the old one had it.
        if (old.empty()) continue;
        const auto* held = TRY(held_by(old));
        if (!held->contains(row.path)) continue;
      } else if (!old.empty() && !(*it)->message.starts_with("reset:") && TRY(holds(old, row))) {
        continue;  // git does not write what both hold
      }
      if (!row.after.empty() && TRY(committed_before(**it, row, time))) continue;
      decision.rule = Rule::git_commit;
      decision.commit = (*it)->new_commit;
      return decision;
    }
    if (!op.empty()) {
      // The merge that was in progress then ended in a commit: what its other side holds.
      auto merge = std::ranges::find_if(moves_, [&](const Moved& entry) {
        return is_merge_commit(entry.message) && entry.moved + kSecond >= row.began;
      });
      if (merge != moves_.end() && !row.after.empty()) {
        std::string other = TRY(commit_id(merge->new_commit)) + "^2";
        if (TRY(holds(other, row))) {
          decision.rule = Rule::git_commit;
          decision.commit = merge->new_commit;
          return decision;
        }
      }
    }
    if (may_be_head && TRY(holds(group_.head, row))) {
      decision.rule = TRY(committed_by_hand(row, moves_in(bound, row, true))) ? Rule::committed
                                                                              : Rule::git_head;
      Statement* key = TRY(database_.cached("SELECT key FROM commits WHERE id = ?"));
      key->bind(group_.head);
      if (TRY(key->step())) decision.commit = key->integer(0);
      key->reset();
      return decision;
    }
  }
  if (git_ == nullptr && (nobody || some_git || !moves.empty())) {
    missing_ = first_of(missing_, row.seen);
  }
  if (only_git && !bound.gap) {
    decision.rule = Rule::git_command;
    return decision;
  }
  if (nobody && !bound.gap && TRY(operation_began(op, bound.low))) {
    decision.rule = Rule::git_command;
    return decision;
  }
  if (git_ == nullptr && (!moves.empty() || may_be_head)) {
    decision.kind = OwnerKind::unknown;
    decision.rule = Rule::no_git;
    add_suspects(decision, running);
    return decision;
  }
  return std::nullopt;
}

Result<std::optional<ObjectId>> TimelineOwners::held_at(const std::string& revision,
                                                        const Row& row) {
  if (revision.empty()) return std::nullopt;
  const auto* entries = TRY(held_by(revision));
  if (git_ == nullptr || gone_.contains(revision)) return std::nullopt;
  auto entry = entries->find(row.path);
  return entry == entries->end() ? ObjectId{} : entry->second;
}

ObjectId TimelineOwners::stored_before(const Row& row, const Row* previous) {
  const bool converted =
      previous != nullptr && previous->after == row.before && !previous->git_id.empty();
  return converted ? previous->git_id : row.before;
}

Result<std::optional<Decision::Interim>> TimelineOwners::interim_of(const Row& row,
                                                                    const Row* previous,
                                                                    const Bound& bound,
                                                                    bool nobody) {
  std::optional<Decision::Interim> found;
  if (git_ == nullptr || row.after.empty() || row.before == row.after) return found;
  const ObjectId before = stored_before(row, previous);
  bool committed = false;  // by hand, something else than was seen
  for (const Moved* move : moves_in(bound, row, true)) {
    // What was noted later may have come later.
    if (move->time > row.seen) continue;
    const std::string id = TRY(commit_id(move->new_commit));
    // A merge that somebody finished: what its other side holds came, the rest may be theirs.
    const bool merged = is_merge_commit(move->message);
    auto now = TRY(held_at(merged ? id + "^2" : id, row));
    auto was = TRY(held_at(TRY(commit_id(move->old_commit)), row));
    if (!now || !was || *now == *was) continue;
    if (commits_by_hand(move->message)) {
      committed |= *now != before;
      continue;
    }
    if (now->empty()) continue;
    const bool aside = found ? found->aside || merged : merged || committed || *was != before;
    found = Decision::Interim{.content = *now,
                              .commit = move->new_commit,
                              .aside = aside,
                              .by_hand = nobody && is_picked_commit(move->message),
                              .committed = committed};
  }
  if (git_ == nullptr || !found || found->content == before || found->content == stored(row)) {
    return std::nullopt;
  }
  return found;
}

Result<std::optional<Decision::Interim>> TimelineOwners::committed_by(const Run* run,
                                                                      const Row& row,
                                                                      const Row* previous,
                                                                      const Bound& bound) {
  std::optional<Decision::Interim> found;
  if (git_ == nullptr || row.after.empty()) return found;
  if (run != nullptr && (run->flags & kRunCommits) == 0) return found;
  const ObjectId before = stored_before(row, previous);
  bool brought = false;   // by git
  bool is_mixed = false;  // of what git brought and what was made of it
  for (const Moved* move : moves_in(bound, row, true)) {
    if (move->time > row.seen) continue;
    auto now = TRY(held_at(TRY(commit_id(move->new_commit)), row));
    auto was = TRY(held_at(TRY(commit_id(move->old_commit)), row));
    if (!now || !was || *now == *was) continue;
    if (!commits_by_hand(move->message)) {
      brought = true;
      continue;
    }
    if (now->empty() || *now == before) continue;
    is_mixed = brought;
    found = Decision::Interim{.content = *now, .commit = move->new_commit};
    found->committed = true;
    if (run != nullptr) {
      found->session = run->session;
      found->step = run->step;
    }
  }
  if (git_ == nullptr || (is_mixed && found->content != stored(row))) return std::nullopt;
  return found;
}

}  // namespace baton::index::owners
