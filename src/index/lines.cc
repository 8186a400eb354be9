#include "index/lines.h"

#include <algorithm>

#include "index/bases.h"
#include "index/old_trees.h"
#include "index/query_rows.h"

namespace baton::index {
namespace {

// Numbers between two changes of a path up to which one query for both is cheaper than two.
constexpr int64_t kNearChanges = 32;
constexpr int kKeptRevisions = 16;  // of one path, and contents on top of them

// A literal, so that statements made of it can be kept.
#define VERSION_COLUMNS                                                                         \
  "t.q, t.before, t.after, t.git_id, t.flags, t.owner, t.evidence, t.session, t.event, t.seen," \
  " t.owner_session, t.owner_step, t.path, t.rule"

LineVersion read_version(Statement& rows) {
  LineVersion version;
  version.q = rows.integer(0);
  version.before = rows.object(1);
  version.after = rows.object(2);
  version.git_id = rows.object(3);
  int flags = rows.small(4);
  version.skipped = (flags & kSkip) != 0;
  version.withheld = (flags & kWithheld) != 0;
  version.owner = static_cast<model::OwnerKind>(rows.small(5));
  version.evidence = static_cast<model::Evidence>(rows.small(6));
  version.session = rows.integer(7);
  version.event = rows.integer(8);
  version.seen = rows.integer(9);
  version.owner_session = rows.integer(10);
  version.owner_step = rows.small(11);
  version.committed = static_cast<Rule>(rows.small(13)) == Rule::committed;
  return version;
}

Result<std::vector<OtherVersion>> read_others(Statement& rows) {
  std::vector<OtherVersion> found;
  while (TRY(rows.step())) found.push_back({rows.integer(12), read_version(rows)});
  rows.reset();
  return found;
}

Result<std::optional<Base>> newest_base(Index& index, int64_t worktree, int64_t before_q) {
  std::optional<Base> found;
  for (Base& base : TRY(load_bases(index, worktree))) {
    if (base.q < before_q) found = std::move(base);
  }
  return found;
}

}  // namespace

Result<TimelineKey> timeline_key(Index& index, std::string_view worktree, std::string_view path) {
  return answer(index, [&]() -> Result<TimelineKey> {
    TimelineKey key{TRY(worktree_key(index, worktree)), TRY(path_key(index, path))};
    if (key.path != 0) return key;
    auto& unnamed = index.impl().unnamed_paths;
    auto found = std::ranges::find(unnamed, path);
    key.path = -1 - (found - unnamed.begin());
    if (found == unnamed.end()) unnamed.emplace_back(path);
    return key;
  });
}

Result<std::string> path_name(Index& index, int64_t path) {
  if (path < 0) return index.impl().unnamed_paths.at(static_cast<size_t>(-1 - path));
  Names names(index);
  return names.path(path);
}

std::optional<agents::FileEdit> edit_behind(Index& index, const LineVersion& version,
                                            std::string_view path) {
  auto event = reread(index, version.session, version.event);
  std::optional<agents::FileEdit> found;
  if (!event) return found;
  auto ends_with_path = [](std::string_view whole, std::string_view end) {
    return whole.ends_with(end) &&
           (whole.size() == end.size() || whole[whole.size() - end.size() - 1] == '/');
  };
  for (agents::ToolCall& call : event->heard.calls) {
    for (agents::FileEdit& edit : call.edits) {
      if (!ends_with_path(edit.path, path) && !ends_with_path(path, edit.path)) continue;
      if (found) return std::nullopt;
      found = std::move(edit);
    }
  }
  return found;
}

Result<std::optional<CommandBehind>> command_behind(Index& index, const LineVersion& version) {
  std::optional<CommandBehind> found;
  if (version.owner != model::OwnerKind::step || version.owner_session == 0) return found;
  Statement* row =
      TRY(db(index).cached("SELECT command, cwd FROM steps WHERE session = ? AND number = ?"
                           " AND command IS NOT NULL AND cwd IS NOT NULL"));
  row->bind(version.owner_session, version.owner_step);
  if (TRY(row->step())) {
    found.emplace();
    found->command = row->str(0);
    found->cwd = row->str(1);
  }
  row->reset();
  if (!found) return found;
  auto seen = reread(index, version.session, version.event);
  if (!seen || seen->header.root.empty()) return std::nullopt;
  found->root = seen->header.root;
  return found;
}

Result<std::string> first_commit(Index& index, int64_t worktree) {
  Statement* row = TRY(
      db(index).cached("SELECT commit_id FROM bases WHERE worktree = ? ORDER BY seen, q LIMIT 1"));
  row->bind(worktree);
  std::string commit;
  if (TRY(row->step()) && !row->is_null(0)) commit = row->str(0);
  row->reset();
  return commit;
}

Result<std::string> worktree_name(Index& index, int64_t worktree) {
  Names names(index);
  return names.worktree(worktree);
}

Result<std::vector<int64_t>> worktrees_of_path(Index& index, int64_t path, int64_t first) {
  std::vector<int64_t> keys;
  if (first != 0) keys.push_back(first);
  Statement* rows = TRY(db(index).cached(
      "SELECT w.key FROM worktrees w WHERE EXISTS (SELECT 1 FROM transitions t WHERE t.path = ?1"
      " AND t.worktree = w.key) OR EXISTS (SELECT 1 FROM bases b WHERE b.worktree = w.key)"
      " ORDER BY w.id"));
  rows->bind(path);
  while (TRY(rows->step())) {
    if (rows->integer(0) != first) keys.push_back(rows->integer(0));
  }
  return keys;
}

namespace {

// Puts each interim version before its transition.
Status put_interims(Index& index, const TimelineKey& key, std::vector<LineVersion>& changes) {
  Statement* rows = TRY(db(index).cached(
      "SELECT q, content, aside, by_hand, session, step FROM interims WHERE path = ? AND "
      "worktree = ? ORDER BY q"));
  rows->bind(key.path, key.worktree);
  while (TRY(rows->step())) {
    auto change = std::ranges::find(changes, rows->integer(0), &LineVersion::q);
    if (change == changes.end()) continue;
    LineVersion version;
    version.q = change->q;
    version.kind = VersionKind::interim;
    version.before = change->before;
    version.after = rows->object(1);
    version.aside = rows->integer(2) != 0;
    version.by_hand = rows->integer(3) == 1;
    version.committed = rows->integer(3) == 2;
    version.owner_session = rows->integer(4);
    version.owner_step = rows->small(5);
    const bool by_step = version.owner_session != 0;
    version.owner = by_step ? model::OwnerKind::step : model::OwnerKind::git;
    if (by_step) version.evidence = model::Evidence::during;
    version.session = change->session;
    version.event = change->event;
    version.seen = change->seen;
    if (!version.aside) change->before = version.after;
    changes.insert(change, std::move(version));
  }
  return {};
}

}  // namespace

Result<std::vector<LineVersion>> line_versions(Index& index, const TimelineKey& key,
                                               std::string_view path) {
  return answer(index, [&]() -> Result<std::vector<LineVersion>> {
    std::vector<LineVersion> changes;
    if (key.path > 0) {
      Statement* rows = TRY(db(index).cached(
          "SELECT " VERSION_COLUMNS
          " FROM transitions t INDEXED BY transitions_path WHERE t.path = ? AND t.worktree = ?"
          " AND (t.flags & 24) = 0"
          " ORDER BY t.q"));
      rows->bind(key.path, key.worktree);
      while (TRY(rows->step())) changes.push_back(read_version(*rows));
      TRY(put_interims(index, key, changes));
    }
    std::vector<LineVersion> versions;
    size_t next = 0;
    auto take = [&](int64_t until) {
      while (next < changes.size() && changes[next].q <= until) {
        versions.push_back(std::move(changes[next++]));
      }
    };
    for (const Base& base : TRY(load_bases(index, key.worktree))) {
      take(base.q);
      ObjectId last = versions.empty() ? ObjectId{} : versions.back().after;
      ObjectId now;
      if (auto entry = base_entry(index, base, std::max<int64_t>(key.path, 0), path)) {
        if (*entry) now = (*entry)->id;
      } else if (entry.error().kind != ErrorKind::not_found) {
        return std::unexpected(entry.error());
      } else if (next < changes.size()) {
        // The tree cannot be read: what the next change found is what was there.
        now = changes[next].before;
      } else {
        continue;
      }
      if (now == last) continue;
      LineVersion version;
      version.q = base.q;
      version.kind = VersionKind::base;
      version.before = last;
      version.after = now;
      version.seen = base.time;
      // A later base that differs: what happened in between was not seen.
      version.owner = versions.empty() ? model::OwnerKind::before : model::OwnerKind::unknown;
      versions.push_back(std::move(version));
    }
    take(INT64_MAX);
    return versions;
  });
}

namespace {

// Complete looks at the whole worktree: the last one before the version, and the first one that saw
// all that it could have seen (INT64_MAX: it has not come yet).
struct Looks {
  Micros from = 0, to = INT64_MAX;
};

Result<Looks> looks_around(Index& index, int64_t worktree, const LineVersion& version) {
  // Looks are in the order of their beginning; none takes longer than this.
  constexpr Micros kLongest = 60 * kSecond;
  Looks looks;
  Statement* earlier = TRY(db(index).cached(
      "SELECT time FROM looks WHERE worktree = ?1 AND began < ?2 AND whole = 1 AND complete = 1"
      " AND time < ?2 ORDER BY began DESC LIMIT 1"));
  earlier->bind(worktree, version.seen);
  if (TRY(earlier->step())) looks.from = earlier->integer(0);
  earlier->reset();
  Statement* later = TRY(db(index).cached(
      "SELECT time FROM looks WHERE worktree = ?1 AND began >= ?3 AND whole = 1 AND complete = 1"
      " AND time >= ?2 ORDER BY began LIMIT 1"));
  later->bind(worktree, version.seen, version.seen - kLongest);
  if (TRY(later->step())) looks.to = later->integer(0);
  later->reset();
  return looks;
}

}  // namespace

Result<Window> versions_around(Index& index, int64_t worktree, const LineVersion& version,
                               size_t limit) {
  Looks looks = TRY(looks_around(index, worktree, version));
  Window window;
  window.open = looks.to == INT64_MAX;
  Statement* rows =
      TRY(db(index).cached("SELECT " VERSION_COLUMNS
                           " FROM transitions t WHERE t.worktree = ? AND t.seen > ? AND t.seen <= ?"
                           " AND (t.flags & 24) = 0 ORDER BY t.q LIMIT ?"));
  rows->bind(worktree, looks.from, looks.to, static_cast<int64_t>(limit));
  window.versions = TRY(read_others(*rows));
  return window;
}

Result<std::vector<std::string>> commits_around(Index& index, int64_t worktree,
                                                const LineVersion& version, size_t limit) {
  Looks looks = TRY(looks_around(index, worktree, version));
  Statement* rows =
      TRY(db(index).cached("SELECT DISTINCT c.id FROM reflog r JOIN commits c ON c.key = r.new"
                           " WHERE r.worktree = ? AND r.time > ? AND r.time <= ? LIMIT ?"));
  // git's log tells whole seconds, rounded down.
  rows->bind(worktree, looks.from - kSecond, looks.to, static_cast<int64_t>(limit));
  std::vector<std::string> commits;
  while (TRY(rows->step())) commits.push_back(rows->str(0));
  return commits;
}

Result<std::vector<OtherVersion>> versions_of_event(Index& index, int64_t worktree,
                                                    const LineVersion& version, size_t limit) {
  Statement* rows = TRY(
      db(index).cached("SELECT " VERSION_COLUMNS
                       " FROM transitions t WHERE t.session = ? AND t.event = ? AND t.worktree = ?"
                       " AND (t.flags & 24) = 0 ORDER BY t.q LIMIT ?"));
  rows->bind(version.session, version.event, worktree, static_cast<int64_t>(limit));
  return read_others(*rows);
}

Result<std::vector<OtherVersion>> TurnVersions::before(const TimelineKey& key,
                                                       const LineVersion& version, size_t limit) {
  std::vector<OtherVersion> found;
  Turn turn{version.owner_session, key.worktree, 0};
  Statement* row =
      TRY(db(index_).cached("SELECT turn FROM steps WHERE session = ? AND number = ?"));
  row->bind(version.owner_session, version.owner_step);
  bool known = TRY(row->step());
  if (known) turn.turn = row->small(0);
  row->reset();
  if (!known) return found;
  if (last_ != turn) {
    last_.reset();
    Statement* rows = TRY(db(index_).cached(
        "SELECT " VERSION_COLUMNS
        " FROM steps s JOIN transitions t ON t.owner_session = s.session AND t.owner_step ="
        " s.number WHERE s.session = ? AND s.turn = ? AND t.worktree = ? AND (t.flags & 24) = 0"
        " ORDER BY t.q DESC"));
    rows->bind(turn.session, turn.turn, turn.worktree);
    versions_ = TRY(read_others(*rows));
    last_ = turn;
  }
  for (const OtherVersion& other : versions_) {
    if (found.size() == limit) break;
    if (other.version.q < version.q && other.path != key.path) found.push_back(other);
  }
  return found;
}

Result<std::vector<int64_t>> SessionPaths::before(int64_t worktree, const LineVersion& version,
                                                  size_t limit) {
  // Paths that change again and again hide the others only so far.
  constexpr size_t kLongest = 256;
  std::pair<int64_t, int64_t> wanted{version.owner_session, worktree};
  if (last_ != wanted) {
    last_.reset();
    known_.clear();
    Statement* rows = TRY(db(index_).cached(
        "SELECT step, path FROM reads WHERE session = ?1"
        " UNION SELECT owner_step, path FROM transitions"
        " WHERE owner_session = ?1 AND worktree = ?2 AND (flags & 24) = 0 ORDER BY 1 DESC, 2"));
    rows->bind(version.owner_session, worktree);
    while (TRY(rows->step())) known_.push_back({rows->small(0), rows->integer(1)});
    last_ = wanted;
  }
  auto from =
      std::ranges::lower_bound(known_, version.owner_step - 1, std::greater<>(), &Known::step);
  std::vector<int64_t> paths;
  for (size_t left = kLongest; left > 0 && from != known_.end() && paths.size() < limit; --left) {
    if (std::ranges::find(paths, from->path) == paths.end()) paths.push_back(from->path);
    ++from;
  }
  return paths;
}

Result<std::vector<OtherVersion>> versions_before(Index& index, int64_t worktree, int64_t before_q,
                                                  size_t limit) {
  Statement* rows = TRY(
      db(index).cached("SELECT " VERSION_COLUMNS
                       " FROM transitions t WHERE t.worktree = ? AND t.q < ? AND (t.flags & 28) = 0"
                       " ORDER BY t.q DESC"));
  rows->bind(worktree, before_q);
  std::vector<OtherVersion> found;
  // Paths that change again and again hide the others only so far.
  for (size_t left = limit * 16; left > 0 && found.size() < limit && TRY(rows->step()); --left) {
    int64_t path = rows->integer(12);
    if (std::ranges::find(found, path, &OtherVersion::path) != found.end()) continue;
    found.push_back({path, read_version(*rows)});
  }
  rows->reset();
  return found;
}

Result<std::optional<OtherVersion>> version_with(Index& index, int64_t worktree,
                                                 const ObjectId& content, int64_t before_q) {
  Statement* rows =
      TRY(db(index).cached("SELECT " VERSION_COLUMNS
                           " FROM transitions t WHERE t.after = ? AND t.worktree = ? AND t.q < ?"
                           " AND (t.flags & 28) = 0 ORDER BY t.q DESC LIMIT 1"));
  rows->bind(content, worktree, before_q);
  auto found = TRY(read_others(*rows));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

Result<std::optional<std::string>> base_path_with(Index& index, int64_t worktree,
                                                  const ObjectId& content, int64_t before_q) {
  auto base = TRY(newest_base(index, worktree, before_q));
  if (!base || base->revision().empty()) return std::nullopt;
  auto entries = tree_entries(index, base->revision());
  if (!entries) {
    if (entries.error().kind == ErrorKind::not_found) return std::nullopt;
    return std::unexpected(entries.error());
  }
  for (const GitEntry& entry : *entries) {
    if (entry.id == content) return entry.path;
  }
  return std::nullopt;
}

Result<std::vector<std::optional<model::Change>>> changes_at(
    Index& index, const std::vector<ChangePlace>& places) {
  Names names(index);
  Statement rows = TRY(db(index).prepare(
      std::string("SELECT ") + kChangeColumns +
      " FROM transitions t INDEXED BY transitions_path WHERE t.worktree = ?"
      " AND t.q >= ? AND t.q <= ? AND t.path = ? AND (t.flags & 24) = 0 ORDER BY t.q"));
  std::vector<std::optional<model::Change>> found(places.size());
  for (size_t begin = 0; begin < places.size();) {
    const ChangePlace& first = places[begin];
    size_t end = begin + 1;
    // Those of one path that lie close together are read in one go.
    while (end < places.size() && places[end].key == first.key &&
           places[end].q - places[end - 1].q <= kNearChanges) {
      ++end;
    }
    rows.bind(first.key.worktree, first.q, places[end - 1].q, first.key.path);
    size_t next = begin;
    for (model::Change& change : TRY(load_changes(index, names, rows))) {
      while (next < end && places[next].q < change.q) ++next;
      if (next < end && places[next].q == change.q) found[next++] = std::move(change);
    }
    begin = end;
  }
  return found;
}

Result<model::Owner> interim_owner(Index& index, const ChangePlace& place) {
  Statement* row = TRY(db(index).cached(
      "SELECT c.id, i.session, i.step FROM interims i JOIN commits c ON c.key = i.commit_id"
      " WHERE i.path = ? AND i.worktree = ? AND i.q = ?"));
  row->bind(place.key.path, place.key.worktree, place.q);
  model::Owner owner;
  owner.kind = model::OwnerKind::git;
  owner.rule = rule_text(Rule::git_commit);
  int64_t session = 0;
  int step = 0;
  if (TRY(row->step())) {
    owner.commit = row->str(0);
    session = row->integer(1);
    step = row->small(2);
  }
  row->reset();
  if (session == 0) return owner;
  owner = {};
  owner.kind = model::OwnerKind::step;
  owner.evidence = model::Evidence::during;
  owner.rule = rule_text(Rule::one_command);
  owner.step = TRY(Names(index).step(session, step));
  return owner;
}

Status add_interims(Index& index, std::string_view path, std::string_view worktree,
                    std::vector<model::PathVersion>& versions) {
  auto key = TRY(timeline_key(index, worktree, path));
  std::vector<std::pair<int64_t, ObjectId>> found;
  Statement* rows = TRY(db(index).cached(
      "SELECT q, content FROM interims WHERE path = ? AND worktree = ? AND aside = 0 ORDER BY q"));
  rows->bind(key.path, key.worktree);
  while (TRY(rows->step())) found.emplace_back(rows->integer(0), rows->object(1));
  for (const auto& [q, content] : found) {
    auto change = std::ranges::find_if(versions, [&](const model::PathVersion& version) {
      return version.change.q == q && !version.base;
    });
    if (change == versions.end()) continue;
    model::PathVersion interim = *change;
    interim.interim = true;
    interim.change.after = content;
    interim.change.git_id = {};
    interim.change.owner = TRY(interim_owner(index, {key, q}));
    change->change.before = content;
    versions.insert(change, std::move(interim));
  }
  return {};
}

Result<Micros> step_began(Index& index, int64_t session, int step) {
  Statement* row = TRY(db(index).cached(
      "SELECT coalesce(nullif(began, 0), first) FROM steps WHERE session = ? AND number = ?"));
  row->bind(session, step);
  Micros began = TRY(row->step()) ? row->integer(0) : 0;
  row->reset();
  return began;
}

// --- kept ---

Result<std::vector<KeptLines>> kept_lines(Index& index, const TimelineKey& key) {
  return answer(index, [&]() -> Result<std::vector<KeptLines>> {
    std::vector<KeptLines> kept;
    Statement* rows = TRY(db(index).cached(
        "SELECT number, print, crossing, seen, data FROM kept_lines WHERE path = ? AND worktree = ?"
        " ORDER BY number"));
    rows->bind(key.path, key.worktree);
    while (TRY(rows->step())) {
      kept.push_back({rows->integer(0), static_cast<uint64_t>(rows->integer(1)),
                      rows->integer(2) != 0, rows->integer(3), rows->str(4)});
    }
    return kept;
  });
}

Result<std::string> kept_git(Index& index, std::string_view path, std::string_view revision) {
  return answer(index, [&]() -> Result<std::string> {
    Statement* row =
        TRY(db(index).cached("SELECT data FROM kept_git WHERE path = ? AND revision = ?"));
    row->bind(path, revision);
    std::string data = TRY(row->step()) ? row->str(0) : "";
    row->reset();
    return data;
  });
}

Result<int64_t> data_version(Index& index) {
  return db(index).integer("PRAGMA data_version");
}

void keep(Index& index, int64_t version, const std::vector<Keep>& lines,
          const std::vector<KeepGit>& git) {
  KeptEntries& entries = index.impl().kept_entries;
  if (lines.empty() && git.empty() && !entries.has_news()) return;
  Database& database = db(index);
  // Nobody waits for a cache to be filled.
  if (!database.execute("PRAGMA busy_timeout=20")) return;
  auto write = [&]() -> Status {
    if (TRY(data_version(index)) != version) return fail(ErrorKind::negative, "it has changed");
    Statement* clear = TRY(
        database.cached("DELETE FROM kept_lines WHERE path = ? AND worktree = ? AND number >= ?"));
    Statement* add = TRY(database.cached(
        "INSERT OR REPLACE INTO kept_lines(path, worktree, number, print, crossing, seen, data)"
        " VALUES(?, ?, ?, ?, ?, ?, CAST(? AS BLOB))"));
    for (const Keep& one : lines) {
      TRY(clear->run(one.key.path, one.key.worktree, one.from));
      for (const KeptLines& row : one.rows) {
        TRY(add->run(one.key.path, one.key.worktree, row.number, row.print, row.crossing, row.seen,
                     row.data));
      }
    }
    Statement* add_git = TRY(database.cached(
        "INSERT OR REPLACE INTO kept_git(path, revision, data) VALUES(?, ?, CAST(? AS BLOB))"));
    Statement* prune = TRY(database.cached(
        "DELETE FROM kept_git WHERE path = ?1 AND revision <> ?3 AND rowid NOT IN (SELECT rowid"
        " FROM kept_git WHERE path = ?1 AND revision <> ?3 ORDER BY rowid DESC LIMIT ?2)"));
    for (const KeepGit& one : git) {
      TRY(add_git->run(one.path, one.revision, one.data));
      TRY(prune->run(one.path, kKeptRevisions, kKeptEntriesName));
    }
    return entries.write(database);
  };
  if (database.execute("BEGIN IMMEDIATE")) {
    bool done = write().has_value() && database.execute("COMMIT").has_value();
    if (!done) (void)database.execute("ROLLBACK");
  }
  (void)database.execute("PRAGMA busy_timeout=5000");
}

}  // namespace baton::index
