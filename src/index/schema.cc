#include "index/schema.h"

#include "base/bytes.h"
#include "index/text_list.h"
#include "os/env.h"

namespace baton::index {
namespace {

constexpr int kApplicationId = 0x6261746e;  // "batn"
constexpr std::string_view kLockName = "index.lock";

// Numbers that stand for words (kinds, outcomes, rules) are those of the enums in model/ and
// rows.h. Times are microseconds since 1970, 0: unknown. Rows of one session are clustered by
// (session, number); `session` and `worktree` are keys of this index and mean nothing outside.
constexpr const char* kTables = R"sql(
CREATE TABLE meta(name TEXT PRIMARY KEY, value) WITHOUT ROWID;

-- How far each journal and each copy of an agent's session file was read, and what a session is.
CREATE TABLE sessions(
  key INTEGER PRIMARY KEY, agent TEXT NOT NULL, id TEXT NOT NULL,
  hash TEXT NOT NULL,             -- SHA-256 of agent, NUL, id: the address is its beginning
  directory TEXT NOT NULL,        -- of the journal, below the store
  journal_read INTEGER NOT NULL, last_line INTEGER NOT NULL, last_number INTEGER NOT NULL,
  last_chain TEXT NOT NULL,
  file_read INTEGER NOT NULL,     -- of the copy: the frame to go on with,
  file_line INTEGER NOT NULL,     -- and the lines of it that are done
  file_generation INTEGER NOT NULL, file_seq INTEGER NOT NULL, file_turn INTEGER NOT NULL,
  events INTEGER NOT NULL, damaged INTEGER NOT NULL, damage TEXT,
  parent TEXT, subagent_type TEXT, began INTEGER, last INTEGER, last_event TEXT,
  model TEXT, title TEXT, cwd TEXT, worktree INTEGER, branch TEXT,
  pid INTEGER, started INTEGER, ended INTEGER, end_reason TEXT,
  turn INTEGER NOT NULL, turns INTEGER NOT NULL, steps INTEGER NOT NULL,
  compactions INTEGER NOT NULL, file_compactions INTEGER NOT NULL, resumed INTEGER NOT NULL);

CREATE TABLE turns(
  session INTEGER NOT NULL, number INTEGER NOT NULL, agent_turn TEXT, prompt TEXT,
  prompted INTEGER NOT NULL,      -- 0: implied by what followed, 1: heard, 2: from the session file
  synthetic INTEGER NOT NULL, began INTEGER NOT NULL, last INTEGER NOT NULL, ended INTEGER NOT NULL,
  ending INTEGER NOT NULL, branch TEXT, head INTEGER, worktree INTEGER, model TEXT,
  last_message TEXT, event INTEGER,
  PRIMARY KEY(session, number)) WITHOUT ROWID;

CREATE TABLE steps(
  session INTEGER NOT NULL, number INTEGER NOT NULL, turn INTEGER NOT NULL, call TEXT, input INTEGER,
  tool TEXT, kind INTEGER NOT NULL, outcome INTEGER NOT NULL, outcome_source INTEGER NOT NULL,
  exit_status INTEGER, exit_source INTEGER NOT NULL,
  first INTEGER NOT NULL,         -- when anything was first heard of it
  began INTEGER NOT NULL, ended INTEGER NOT NULL, end_source INTEGER NOT NULL, duration INTEGER,
  command TEXT, description TEXT, cwd TEXT, worktree INTEGER, background INTEGER NOT NULL,
  background_id TEXT, error TEXT, subagent TEXT, subagent_prompt TEXT,
  background_ended INTEGER NOT NULL,
  before_event INTEGER, after_event INTEGER, batch_event INTEGER, from_file INTEGER NOT NULL,
  flags INTEGER NOT NULL,
  outside TEXT,                   -- paths outside the store, NUL between them
  PRIMARY KEY(session, number)) WITHOUT ROWID;

CREATE TABLE claims(
  session INTEGER NOT NULL, step INTEGER NOT NULL, idx INTEGER NOT NULL, path INTEGER NOT NULL,
  worktree INTEGER, kind INTEGER NOT NULL, move_to INTEGER,
  result BLOB,                    -- content the tool says it made, where it is known
  PRIMARY KEY(session, step, idx)) WITHOUT ROWID;

CREATE TABLE reads(
  session INTEGER NOT NULL, step INTEGER NOT NULL, path INTEGER NOT NULL, basis INTEGER NOT NULL,
  last INTEGER NOT NULL,          -- inferred: its failure is the command's failure
  PRIMARY KEY(session, step, path)) WITHOUT ROWID;

CREATE TABLE tests(
  session INTEGER NOT NULL, step INTEGER NOT NULL, time INTEGER NOT NULL, kind INTEGER NOT NULL,
  runner TEXT, by_name INTEGER, partial INTEGER, verdict INTEGER NOT NULL, ground TEXT,
  passed INTEGER, failed INTEGER, skipped INTEGER, failing TEXT, skipping TEXT,
  by_zero INTEGER, by_failure INTEGER,  -- what an exit status would prove
  PRIMARY KEY(session, step)) WITHOUT ROWID;

CREATE TABLE plan_items(
  session INTEGER NOT NULL, seq INTEGER NOT NULL, step INTEGER NOT NULL, time INTEGER NOT NULL,
  whole INTEGER NOT NULL,         -- number of the whole-plan call it belongs to, 0: an item of its own
  id TEXT, text TEXT, status TEXT, prose TEXT,
  PRIMARY KEY(session, seq)) WITHOUT ROWID;

CREATE TABLE messages(
  session INTEGER NOT NULL, seq INTEGER NOT NULL, kind INTEGER NOT NULL, time INTEGER NOT NULL,
  turn INTEGER NOT NULL, text TEXT, next_call TEXT, id TEXT,
  PRIMARY KEY(session, seq)) WITHOUT ROWID;

-- Calls that an agent's session file tells of and no hook has told yet.
CREATE TABLE file_calls(
  session INTEGER NOT NULL, seq INTEGER NOT NULL, call TEXT NOT NULL,
  line TEXT,                      -- of the file, to be translated again when the call becomes a step
  PRIMARY KEY(session, seq)) WITHOUT ROWID;

CREATE TABLE tokens(
  session INTEGER NOT NULL, response TEXT NOT NULL, turn INTEGER NOT NULL, input INTEGER,
  cached INTEGER, output INTEGER, reasoning INTEGER,
  PRIMARY KEY(session, response)) WITHOUT ROWID;

CREATE TABLE events(
  session INTEGER NOT NULL, number INTEGER NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL,
  time INTEGER NOT NULL, name INTEGER NOT NULL,
  PRIMARY KEY(session, number)) WITHOUT ROWID;
CREATE TABLE event_names(
  key INTEGER PRIMARY KEY, agent TEXT NOT NULL, name TEXT NOT NULL, count INTEGER NOT NULL,
  last INTEGER NOT NULL, known INTEGER NOT NULL, UNIQUE(agent, name));

CREATE TABLE gaps(
  session INTEGER NOT NULL, event INTEGER NOT NULL, idx INTEGER NOT NULL, time INTEGER NOT NULL,
  what TEXT, why TEXT, worktree INTEGER, PRIMARY KEY(session, event, idx)) WITHOUT ROWID;
CREATE TABLE skipped(
  worktree INTEGER NOT NULL, path INTEGER NOT NULL, reason TEXT, time INTEGER NOT NULL,
  PRIMARY KEY(worktree, path)) WITHOUT ROWID;
CREATE TABLE notes(
  session INTEGER NOT NULL, event INTEGER NOT NULL, time INTEGER NOT NULL, kind TEXT, name TEXT,
  text TEXT, worktree INTEGER, PRIMARY KEY(session, event)) WITHOUT ROWID;
-- What `baton note` wrote, and the commands that said it: those that could not write it count too.
CREATE TABLE note_events(
  session INTEGER NOT NULL, event INTEGER NOT NULL, time INTEGER NOT NULL, id TEXT, kind TEXT,
  text TEXT, author_kind INTEGER NOT NULL, author TEXT,
  author_session TEXT, author_call TEXT,  -- of an agent: ids as it has them
  cites TEXT, closes TEXT, worktree INTEGER, branch TEXT,
  PRIMARY KEY(session, event)) WITHOUT ROWID;
CREATE TABLE note_commands(
  session INTEGER NOT NULL, step INTEGER NOT NULL, idx INTEGER NOT NULL, kind TEXT, text TEXT,
  cites TEXT, closes TEXT,
  certain INTEGER NOT NULL,       -- it ran if the step did
  PRIMARY KEY(session, step, idx)) WITHOUT ROWID;

-- What sessions were given to work under, by their agents' ids: baton tells of others' sessions.
CREATE TABLE given(
  agent TEXT NOT NULL, session TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
  time INTEGER NOT NULL, why TEXT, text TEXT, PRIMARY KEY(agent, session, kind, name))
  WITHOUT ROWID;

CREATE TABLE worktrees(
  key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, root TEXT, branch TEXT, head INTEGER,
  time INTEGER NOT NULL,          -- of the event that root, branch and head are from
  git_missing INTEGER NOT NULL);  -- owners from here on were decided without asking git, 0: none
CREATE TABLE paths(key INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE);
CREATE TABLE commits(key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE);

-- Each look at a worktree (docs/format/journal.md, "observation").
CREATE TABLE looks(
  worktree INTEGER NOT NULL, began INTEGER NOT NULL, session INTEGER NOT NULL, event INTEGER NOT NULL,
  time INTEGER NOT NULL, whole INTEGER NOT NULL, complete INTEGER NOT NULL, step INTEGER NOT NULL,
  head INTEGER, op TEXT,
  next_q INTEGER NOT NULL,        -- the next transition's number when it was settled; 0: not told
  PRIMARY KEY(worktree, began, session, event)) WITHOUT ROWID;
CREATE TABLE bases(
  key INTEGER PRIMARY KEY, worktree INTEGER NOT NULL, time INTEGER NOT NULL, session INTEGER NOT NULL,
  event INTEGER NOT NULL, commit_id TEXT, tree TEXT,
  seen INTEGER NOT NULL,          -- the time of its event; `time` is when the look began
  q INTEGER NOT NULL,             -- 0: not told
  UNIQUE(worktree, time, session, event));
CREATE TABLE base_entries(
  path INTEGER NOT NULL, base INTEGER NOT NULL, id BLOB, mode TEXT, PRIMARY KEY(path, base))
  WITHOUT ROWID;
-- Trees that HEAD left: what they held where the newer one differs. git may have dropped them.
CREATE TABLE left_trees(
  key INTEGER PRIMARY KEY, tree TEXT NOT NULL, newer TEXT NOT NULL, UNIQUE(tree, newer));
CREATE TABLE left_entries(
  path INTEGER NOT NULL, left INTEGER NOT NULL, id BLOB, mode TEXT, PRIMARY KEY(path, left))
  WITHOUT ROWID;
CREATE TABLE reflog(
  worktree INTEGER NOT NULL, time INTEGER NOT NULL, session INTEGER NOT NULL, event INTEGER NOT NULL,
  idx INTEGER NOT NULL, old INTEGER, new INTEGER, moved INTEGER, message TEXT,
  owner_session INTEGER, owner_step INTEGER,
  PRIMARY KEY(worktree, time, session, event, idx)) WITHOUT ROWID;

CREATE TABLE transitions(
  worktree INTEGER NOT NULL, q INTEGER NOT NULL, seen INTEGER NOT NULL, session INTEGER NOT NULL,
  event INTEGER NOT NULL, path INTEGER NOT NULL, before BLOB, after BLOB, before_mode TEXT,
  after_mode TEXT, ctime INTEGER, kind INTEGER NOT NULL, step INTEGER NOT NULL, git_id BLOB,
  flags INTEGER NOT NULL, began INTEGER NOT NULL,
  owner INTEGER, evidence INTEGER, rule INTEGER, owner_session INTEGER, owner_step INTEGER,
  commit_id INTEGER,
  PRIMARY KEY(worktree, q, seen, session)) WITHOUT ROWID;
-- What had been at a path before a transition, and no look saw: git brought it, or a command
-- committed it.
CREATE TABLE interims(
  path INTEGER NOT NULL, worktree INTEGER NOT NULL, q INTEGER NOT NULL, content BLOB NOT NULL,
  aside INTEGER NOT NULL,         -- the file had been changed: it never was this
  by_hand INTEGER NOT NULL,       -- 1: somebody finished it, 2: made and committed it
  commit_id INTEGER NOT NULL,
  session INTEGER NOT NULL, step INTEGER NOT NULL,  -- of the command; 0: git
  PRIMARY KEY(path, worktree, q)) WITHOUT ROWID;
CREATE TABLE suspects(
  worktree INTEGER NOT NULL, q INTEGER NOT NULL, session INTEGER NOT NULL, step INTEGER NOT NULL,
  PRIMARY KEY(worktree, q, session, step)) WITHOUT ROWID;

-- Steps that may change anything, by where and when they ran: what owners are decided by.
CREATE TABLE runs(
  session INTEGER NOT NULL, step INTEGER NOT NULL, worktree INTEGER NOT NULL, kind INTEGER NOT NULL,
  began INTEGER NOT NULL, ended INTEGER NOT NULL, end_source INTEGER NOT NULL, duration INTEGER,
  reach INTEGER NOT NULL,         -- until when it may change files
  flags INTEGER NOT NULL, PRIMARY KEY(session, step, worktree)) WITHOUT ROWID;

-- How the lines of each version of a path came from those of an earlier one (attribution/kept.h),
-- and what git says of a path's lines: thrown away when what they rest on changes.
CREATE TABLE kept_lines(
  path INTEGER NOT NULL, worktree INTEGER NOT NULL, number INTEGER NOT NULL, print INTEGER NOT NULL,
  crossing INTEGER NOT NULL,      -- other paths or worktrees had a part in it
  seen INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY(path, worktree, number)) WITHOUT ROWID;
CREATE TABLE kept_git(
  path TEXT NOT NULL, revision TEXT NOT NULL, data BLOB NOT NULL, UNIQUE(path, revision));

CREATE TABLE docs(
  key INTEGER PRIMARY KEY, session INTEGER NOT NULL, turn INTEGER NOT NULL, step INTEGER NOT NULL,
  kind INTEGER NOT NULL, source INTEGER NOT NULL);  -- source: of messages their seq
CREATE VIRTUAL TABLE fulltext USING fts5(
  prompt, message, command, output, path, note,
  content='', columnsize=0, tokenize="unicode61 remove_diacritics 2");
)sql";

constexpr const char* kIndexes = R"sql(
CREATE UNIQUE INDEX sessions_id ON sessions(agent, id);
CREATE INDEX sessions_hash ON sessions(hash);
CREATE INDEX sessions_parent ON sessions(agent, parent) WHERE parent IS NOT NULL;
CREATE INDEX sessions_last ON sessions(last);
CREATE INDEX turns_began ON turns(began);
CREATE INDEX turns_agent ON turns(session, agent_turn) WHERE agent_turn IS NOT NULL;
CREATE INDEX steps_call ON steps(session, call) WHERE call IS NOT NULL;
CREATE INDEX steps_turn ON steps(session, turn);
CREATE INDEX steps_first ON steps(first);
CREATE INDEX steps_ended ON steps(ended);
CREATE INDEX steps_open ON steps(session) WHERE ended = 0;
CREATE INDEX steps_background ON steps(session) WHERE background = 1 AND background_ended = 0;
CREATE INDEX messages_id ON messages(session, id) WHERE id IS NOT NULL;
CREATE INDEX steps_subagent ON steps(subagent) WHERE subagent IS NOT NULL;
CREATE INDEX claims_path ON claims(path);
CREATE INDEX reads_path ON reads(path);
CREATE INDEX tests_time ON tests(time);
CREATE INDEX gaps_time ON gaps(time);
CREATE INDEX looks_session ON looks(session, event);
CREATE INDEX reflog_new ON reflog(new);
CREATE INDEX transitions_path ON transitions(path, worktree, q);
CREATE INDEX transitions_seen ON transitions(worktree, seen);
CREATE INDEX transitions_owner ON transitions(owner_session, owner_step)
  WHERE owner_session IS NOT NULL;
CREATE INDEX transitions_after ON transitions(after) WHERE after IS NOT NULL;
CREATE INDEX kept_crossing ON kept_lines(seen) WHERE crossing = 1;
CREATE INDEX transitions_half ON transitions(worktree, q) WHERE kind = 4;
CREATE INDEX transitions_event ON transitions(session, event);
CREATE INDEX runs_reach ON runs(worktree, reach);
CREATE INDEX runs_leaving ON runs(reach) WHERE (flags & 2);
)sql";

Status make_tables(Database& database) {
  TRY(database.execute(kTables));
  char sql[160];
  snprintf(sql, sizeof sql, "PRAGMA application_id=%d; PRAGMA user_version=%d;", kApplicationId,
           kSchemaVersion);
  return database.execute(sql);
}

Status tune(Database& database) {
  return database.execute(
      "PRAGMA busy_timeout=5000; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-16000;"
      "PRAGMA foreign_keys=OFF;");
}

Status begin_fresh(const store::Store& store, OpenedIndex& index) {
  index.fresh = true;
  if (index.path.empty()) {
    index.database = TRY(Database::open("", Database::Mode::memory));
  } else {
    index.building = index.path + ".new";
    TRY(os::remove_file(index.building));
    TRY(os::remove_file(index.building + "-journal"));
    {
      // SQLite would make it readable to others.
      auto made = os::open_file(index.building, os::Open::read_write_create);
      if (!made) return std::unexpected(made.error());
    }
    index.database = TRY(Database::open(index.building, Database::Mode::read_write_create));
    // Nobody sees this file before it is finished, and a torn one is thrown away.
    TRY(index.database.execute(
        "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE;"));
  }
  TRY(tune(index.database));
  TRY(index.database.execute("PRAGMA cache_size=-65536;"));
  TRY(make_tables(index.database));
  auto note = TRY(index.database.prepare("INSERT INTO meta VALUES('store', ?)"));
  TRY(note.run(store.id));
  auto tests = TRY(index.database.prepare("INSERT INTO meta VALUES('test_commands', ?)"));
  return tests.run(join_list(index.test_commands));
}

using TestCommands = std::optional<std::vector<std::string>>;

// Whether the open database is a finished index of this store and version, made with these test
// commands.
bool is_usable(const store::Store& store, const TestCommands& wanted, OpenedIndex& index) {
  auto version = index.database.integer("PRAGMA user_version");
  auto application = index.database.integer("PRAGMA application_id");
  if (!version || !application || *version != kSchemaVersion || *application != kApplicationId) {
    return false;
  }
  auto statement = index.database.prepare("SELECT value FROM meta WHERE name='store'");
  if (!statement) return false;
  auto row = statement->step();
  if (!row || !*row || statement->text(0) != store.id) return false;
  auto tests = index.database.prepare("SELECT value FROM meta WHERE name='test_commands'");
  if (!tests) return false;
  auto made_with = tests->step();
  if (!made_with || !*made_with) return false;
  if (wanted && tests->text(0) != join_list(*wanted)) return false;
  index.test_commands = split_list(tests->text(0));
  // A file that was cut: SQLite would notice only when it needs the missing pages.
  auto pages = index.database.integer("PRAGMA page_count");
  auto page_size = index.database.integer("PRAGMA page_size");
  auto st = os::stat_file(index.path);
  auto wal = os::stat_file(index.path + "-wal");
  if (!pages || !page_size || !st || !wal) return false;
  if (wal->exists() && wal->size > 0) return true;  // the newest pages may be there only
  return st->size >= static_cast<uint64_t>(*pages) * static_cast<uint64_t>(*page_size);
}

Status remove_files(const std::string& path) {
  TRY(os::remove_file(path));
  TRY(os::remove_file(path + "-wal"));
  return os::remove_file(path + "-shm");
}

}  // namespace

Status lock_index(OpenedIndex& index) {
  os::File file = TRY(os::open_file(index.lock_path, os::Open::read_write_create));
  TRY(os::lock_file(file, os::LockMode::exclusive, kIndexLockBudget));
  index.lock = std::move(file);
  return {};
}

namespace {

// Opens the index at this place, making a fresh one if need be. Fails where it cannot be written.
Result<OpenedIndex> open_at(const store::Store& store, const TestCommands& wanted,
                            const std::string& path, const std::string& lock_path) {
  OpenedIndex index;
  index.path = path;
  index.lock_path = lock_path;
  TRY(lock_index(index));
  if (os::exists(path)) {
    auto database = Database::open(path, Database::Mode::read_write_create);
    if (database) {
      index.database = std::move(*database);
      auto tuned = tune(index.database);
      if (tuned && is_usable(store, wanted, index)) {
        TRY(index.database.execute("PRAGMA synchronous=NORMAL;"));
        return index;
      }
    }
    index.database.close();
    TRY(remove_files(path));
  }
  if (wanted) index.test_commands = *wanted;
  TRY(begin_fresh(store, index));
  return index;
}

std::string cache_folder() {
  auto cache = os::env("XDG_CACHE_HOME");
  if (cache && cache->starts_with('/')) return os::join(*cache, "baton");
  std::string home = os::home_directory();
  return home.empty() ? "" : os::join(home, ".cache/baton");
}

// The store's own index cannot be written, but what it holds is a good beginning.
void seed(const store::Store& store, const TestCommands& wanted, OpenedIndex& index) {
  std::string path = store.index_path();
  auto wal = os::stat_file(path + "-wal");
  if (!os::exists(path) || !wal || (wal->exists() && wal->size > 0)) return;
  std::string uri = "file:";
  for (char c : path) {
    if (c == '%' || c == '?' || c == '#') {
      uri += '%';
      uri += hex(std::string_view(&c, 1));
    } else {
      uri += c;
    }
  }
  auto source = Database::open(uri + "?immutable=1", Database::Mode::read_only);
  if (!source) return;
  OpenedIndex there;
  there.path = path;
  there.database = std::move(*source);
  if (!is_usable(store, wanted, there)) return;
  Database copy;
  if (auto opened = Database::open("", Database::Mode::memory)) copy = std::move(*opened);
  if (!copy.is_open() || !copy.copy_from(there.database)) return;
  if (!tune(copy)) return;
  index.database = std::move(copy);
  index.test_commands = std::move(there.test_commands);
  index.fresh = false;
}

}  // namespace

Result<OpenedIndex> open_index(const store::Store& store, bool in_memory,
                               const TestCommands& test_commands) {
  if (!in_memory) {
    auto index = open_at(store, test_commands, store.index_path(), os::join(store.path, kLockName));
    if (index || index.error().kind == ErrorKind::limit) return index;
    std::string folder = cache_folder();
    if (!folder.empty() && os::make_dirs(folder)) {
      std::string path = os::join(folder, store.id + ".db");
      auto cached = open_at(store, test_commands, path, os::join(folder, store.id + ".lock"));
      if (cached) return cached;
    }
  }
  OpenedIndex index;
  if (test_commands) index.test_commands = *test_commands;
  TRY(begin_fresh(store, index));
  if (!in_memory) seed(store, test_commands, index);
  return index;
}

Status recreate_index(const store::Store& store, OpenedIndex& index) {
  index.database.close();
  if (!index.path.empty()) TRY(remove_files(index.path));
  return begin_fresh(store, index);
}

Status make_indexes(OpenedIndex& index) {
  return index.database.execute(kIndexes);
}

Status finish_fresh(OpenedIndex& index) {
  index.fresh = false;
  if (index.path.empty()) return {};
  // Written in one piece: whoever comes next finds it whole or not at all.
  TRY(index.database.execute("PRAGMA locking_mode=NORMAL; PRAGMA journal_mode=WAL;"));
  index.database.close();
  TRY(os::rename_path(index.building, index.path));
  index.building.clear();
  index.database = TRY(Database::open(index.path, Database::Mode::read_write_create));
  TRY(tune(index.database));
  return index.database.execute("PRAGMA synchronous=NORMAL;");
}

}  // namespace baton::index
