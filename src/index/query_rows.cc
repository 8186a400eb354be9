#include "index/query_rows.h"

#include <algorithm>

#include "agents/agent.h"
#include "base/bytes.h"
#include "index/text_list.h"
#include "os/env.h"
#include "os/file.h"
#include "store/journal.h"

namespace baton::index {
namespace {

constexpr size_t kMinAddress = 4;
constexpr int kMaxNesting = 16;  // subagents of subagents

size_t common_prefix(std::string_view a, std::string_view b) {
  size_t n = 0;
  while (n < a.size() && n < b.size() && a[n] == b[n]) ++n;
  return n;
}

}  // namespace

std::string_view rule_text(Rule rule) {
  switch (rule) {
    case Rule::none:
      return "";
    case Rule::tool_result:
      return "tool result";
    case Rule::claimed:
      return "claimed result";
    case Rule::one_command:
      return "one command ran";
    case Rule::several:
      return "several ran";
    case Rule::named_path:
      return "call names the path";
    case Rule::git_commit:
      return "commit holds it";
    case Rule::git_command:
      return "git command";
    case Rule::git_head:
      return "as in HEAD";
    case Rule::committed:
      return "committed since";
    case Rule::between:
      return "no agent ran";
    case Rule::after_tool:
      return "right after a tool";
    case Rule::before_tool:
      return "found by a tool";
    case Rule::gap:
      return "after a gap";
    case Rule::unclosed:
      return "a call was never answered";
    case Rule::background:
      return "background command";
    case Rule::elsewhere:
      return "command in another worktree";
    case Rule::no_git:
      return "git not asked";
    case Rule::old_file:
      return "came into sight";
    case Rule::rewind:
      return "rewind";
    case Rule::mixed:
      return "not only its tool's result";
    case Rule::early:
      return "just before a command ran";
  }
  return "";
}

Result<std::string> shortest_address(Database& database, const std::string& hash) {
  size_t length = kMinAddress;
  Statement* before =
      TRY(database.cached("SELECT hash FROM sessions WHERE hash < ? ORDER BY hash DESC LIMIT 1"));
  before->bind(hash);
  if (TRY(before->step())) length = std::max(length, common_prefix(hash, before->text(0)) + 1);
  before->reset();
  Statement* after =
      TRY(database.cached("SELECT hash FROM sessions WHERE hash > ? ORDER BY hash LIMIT 1"));
  after->bind(hash);
  if (TRY(after->step())) length = std::max(length, common_prefix(hash, after->text(0)) + 1);
  after->reset();
  return hash.substr(0, length);
}

Result<const SessionName*> Names::session(int64_t key) {
  auto found = sessions_.find(key);
  if (found != sessions_.end()) return &found->second;
  Statement* row = TRY(db(index_).cached(
      "SELECT agent, id, hash, parent, directory, pid, started, began, last, ended, turns"
      " FROM sessions WHERE key = ?"));
  row->bind(key);
  if (!TRY(row->step())) return fail(ErrorKind::not_found, "no such session");
  SessionName name;
  name.key = key;
  name.agent = row->str(0);
  name.id = row->str(1);
  name.hash = row->str(2);
  name.parent = row->str(3);
  name.directory = row->str(4);
  name.pid = row->integer(5);
  name.started = row->integer(6);
  name.began = row->integer(7);
  name.last = row->integer(8);
  name.ended = row->integer(9);
  name.newest_turn = row->small(10);
  row->reset();
  name.address = TRY(shortest_address(db(index_), name.hash));
  return &(sessions_[key] = std::move(name));
}

Result<model::StepRef> Names::step(int64_t session_key, int number, int turn) {
  model::StepRef ref;
  if (session_key == 0 || number == 0) return ref;
  const SessionName* name = TRY(session(session_key));
  ref.session = name->address;
  ref.session_key = session_key;
  ref.agent = name->agent;
  ref.step = number;
  ref.turn = turn;
  if (turn == 0) {
    Statement* row =
        TRY(db(index_).cached("SELECT turn FROM steps WHERE session = ? AND number = ?"));
    row->bind(session_key, number);
    if (TRY(row->step())) ref.turn = row->small(0);
    row->reset();
  }
  return ref;
}

Result<int64_t> Names::parent(int64_t key) {
  const SessionName* name = TRY(session(key));
  if (name->parent.empty()) return 0;
  Statement* row = TRY(db(index_).cached("SELECT key FROM sessions WHERE agent = ? AND id = ?"));
  row->bind(name->agent, name->parent);
  int64_t found = TRY(row->step()) ? row->integer(0) : 0;
  row->reset();
  return found == key ? 0 : found;
}

Result<model::SessionState> Names::state(int64_t key) {
  auto known = states_.find(key);
  if (known != states_.end()) return known->second;
  states_[key] = model::SessionState::open;  // a session that is its own ancestor ends here
  const SessionName* name = TRY(session(key));
  model::SessionState state = model::SessionState::open;
  const IndexOptions& options = index_.impl().options;
  if (options.states || options.until) {
    // Processes of another machine or another time: only what was written down of them counts.
    if (name->ended != 0) state = model::SessionState::ended;
    if (options.states) {
      auto told = options.states->find(name->directory);
      if (told != options.states->end()) state = told->second;
    }
  } else if (name->ended != 0) {
    state = model::SessionState::ended;
  } else if (name->pid != 0) {
    auto info = os::process_info(static_cast<int>(name->pid));
    bool lives =
        info && (name->started == 0 || info->start_ticks == static_cast<uint64_t>(name->started));
    state = lives ? model::SessionState::running : model::SessionState::abnormal;
  } else if (int64_t above = TRY(parent(key)); above != 0) {
    // A subagent lives in its parent's process.
    model::SessionState of_parent = TRY(this->state(above));
    state = of_parent == model::SessionState::ended ? model::SessionState::abnormal : of_parent;
  }
  return states_[key] = state;
}

Result<std::string> Names::worktree(int64_t key) {
  if (key == 0) return std::string();
  auto found = worktrees_.find(key);
  if (found != worktrees_.end()) return found->second;
  Statement* row = TRY(db(index_).cached("SELECT id FROM worktrees WHERE key = ?"));
  row->bind(key);
  std::string id = TRY(row->step()) ? row->str(0) : "";
  row->reset();
  return worktrees_[key] = id;
}

Result<std::string> Names::path(int64_t key) {
  auto found = paths_.find(key);
  if (found != paths_.end()) return found->second;
  Statement* row = TRY(db(index_).cached("SELECT path FROM paths WHERE key = ?"));
  row->bind(key);
  std::string path = TRY(row->step()) ? row->str(0) : "";
  row->reset();
  return paths_[key] = path;
}

Result<std::string> Names::commit(int64_t key) {
  if (key == 0) return std::string();
  Statement* row = TRY(db(index_).cached("SELECT id FROM commits WHERE key = ?"));
  row->bind(key);
  std::string id = TRY(row->step()) ? row->str(0) : "";
  row->reset();
  return id;
}

Result<int64_t> worktree_key(Index& index, std::string_view id) {
  Statement* row = TRY(db(index).cached("SELECT key FROM worktrees WHERE id = ?"));
  row->bind(id);
  int64_t key = TRY(row->step()) ? row->integer(0) : 0;
  row->reset();
  return key;
}

Result<int64_t> known_worktree(Index& index, std::string_view id) {
  int64_t key = TRY(worktree_key(index, id));
  if (key == 0) {
    return fail(ErrorKind::not_found, "no worktree '" + std::string(id) + "' is recorded");
  }
  return key;
}

Result<int64_t> path_key(Index& index, std::string_view path) {
  Statement* row = TRY(db(index).cached("SELECT key FROM paths WHERE path = ?"));
  row->bind(path);
  int64_t key = TRY(row->step()) ? row->integer(0) : 0;
  row->reset();
  return key;
}

Result<int64_t> number_at(Index& index, int64_t worktree, Micros time) {
  // Events that waited for each other may have their numbers in another order than their times, but
  // never far apart.
  Statement* row = TRY(db(index).cached(
      "SELECT max((SELECT coalesce(max(q), 0) FROM (SELECT q FROM transitions WHERE worktree = ?1"
      " AND seen <= ?2 ORDER BY seen DESC, q DESC LIMIT 64)),"
      " (SELECT coalesce(max(q), 0) FROM bases WHERE worktree = ?1 AND seen <= ?2))"));
  row->bind(worktree, time);
  int64_t q = TRY(row->step()) ? row->integer(0) : 0;
  row->reset();
  return q;
}

// --- Steps ---

Result<std::vector<model::Step>> load_steps(Index& index, Names& names, Statement& rows) {
  struct Extra {
    int64_t worktree;
    std::string subagent;
  };
  std::vector<model::Step> steps;
  std::vector<Extra> extras;
  while (TRY(rows.step())) {
    model::Step step;
    step.ref.session_key = rows.integer(0);
    step.ref.step = rows.small(1);
    step.ref.turn = rows.small(2);
    step.call = rows.str(3);
    step.tool = rows.str(4);
    step.kind = static_cast<model::StepKind>(rows.small(5));
    step.outcome = static_cast<model::StepOutcome>(rows.small(6));
    step.exit_status = rows.optional_int(7);
    step.began = rows.integer(8);
    step.ended = rows.integer(9);
    if (!rows.is_null(10)) step.duration_ms = rows.integer(10);
    step.command = rows.str(11);
    step.description = rows.str(12);
    step.cwd = rows.str(13);
    step.background = rows.integer(14) != 0;
    step.error = rows.str(15);
    Extra extra{rows.integer(16), rows.str(17)};
    step.outside = split_list(rows.text(18));
    step.from_file = rows.integer(19) != 0;
    if (step.began == 0) step.began = rows.integer(20);
    steps.push_back(std::move(step));
    extras.push_back(std::move(extra));
  }
  rows.reset();
  for (size_t i = 0; i < steps.size(); ++i) {
    model::Step& step = steps[i];
    const SessionName* name = TRY(names.session(step.ref.session_key));
    step.ref.session = name->address;
    step.ref.agent = name->agent;
    step.session_id = name->id;
    step.session_agent = name->agent;
    step.worktree = TRY(names.worktree(extras[i].worktree));
    if (step.ended == 0 && step.outcome == model::StepOutcome::unknown &&
        step.ref.turn == name->newest_turn &&
        TRY(names.state(step.ref.session_key)) == model::SessionState::running) {
      step.outcome = model::StepOutcome::running;
    }
    if (!extras[i].subagent.empty()) {
      Statement* row = TRY(db(index).cached("SELECT key FROM sessions WHERE agent = ? AND id = ?"));
      row->bind(name->agent, extras[i].subagent);
      int64_t key = TRY(row->step()) ? row->integer(0) : 0;
      row->reset();
      if (key != 0) {
        const SessionName* subagent = TRY(names.session(key));
        step.subagent = subagent->address;
      }
    }
  }
  return steps;
}

Status fill_step(Index& index, Names& names, model::Step& step) {
  Database& database = db(index);
  int64_t session = step.ref.session_key;
  int number = step.ref.step;

  Statement* claims = TRY(database.cached(
      "SELECT p.path, c.kind, m.path FROM claims c JOIN paths p ON p.key = c.path"
      " LEFT JOIN paths m ON m.key = c.move_to WHERE c.session = ? AND c.step = ? ORDER BY c.idx"));
  claims->bind(session, number);
  static constexpr const char* kKinds[] = {"write", "edit", "patch", "remove", "move"};
  while (TRY(claims->step())) {
    int kind = claims->small(1);
    step.claims.push_back(
        {claims->str(0), kind >= 0 && kind < 5 ? kKinds[kind] : "edit", claims->str(2)});
  }

  Statement* reads = TRY(
      database.cached("SELECT p.path, r.basis, r.last FROM reads r JOIN paths p ON p.key = r.path"
                      " WHERE r.session = ? AND r.step = ? ORDER BY p.path"));
  reads->bind(session, number);
  bool failed =
      step.outcome == model::StepOutcome::failed || step.outcome == model::StepOutcome::refused;
  while (TRY(reads->step())) {
    // What was not read: the tool failed, or the command of which reading was the last part.
    if (failed && reads->integer(2) != 0) continue;
    if (step.outcome == model::StepOutcome::refused) continue;
    step.reads.push_back(
        {reads->str(0), static_cast<model::Basis>(reads->small(1)), step.ref, step.began});
  }

  Statement* changes = TRY(database.cached(
      "SELECT t.worktree, t.q, t.path, t.before, t.after, t.before_mode, t.after_mode, t.git_id,"
      " t.seen, t.ctime, t.flags, t.owner, t.evidence, t.rule, t.owner_session, t.owner_step,"
      " t.commit_id FROM transitions t WHERE t.owner_session = ? AND t.owner_step = ?"
      " AND (t.flags & 24) = 0 ORDER BY t.worktree, t.q"));
  changes->bind(session, number);
  step.changes = TRY(load_changes(index, names, *changes));

  static const std::string kTests = std::string("SELECT ") + kTestColumns +
                                    " FROM tests x JOIN steps s ON s.session = x.session AND"
                                    " s.number = x.step WHERE x.session = ? AND x.step = ?";
  Statement* tests = TRY(database.cached(kTests.c_str()));
  tests->bind(session, number);
  auto runs = TRY(load_tests(index, names, *tests));
  if (!runs.empty()) step.test = std::move(runs.front());

  Statement* commits = TRY(
      database.cached("SELECT c.id FROM reflog r JOIN commits c ON c.key = r.new"
                      " WHERE r.owner_session = ? AND r.owner_step = ? ORDER BY r.time, r.idx"));
  commits->bind(session, number);
  while (TRY(commits->step())) step.commits.push_back(commits->str(0));
  return {};
}

Result<std::vector<model::Change>> load_changes(Index& index, Names& names, Statement& rows) {
  struct Keys {
    int64_t worktree, path, session, commit;
    int step, turn;
  };
  std::vector<model::Change> changes;
  std::vector<Keys> keys;
  while (TRY(rows.step())) {
    model::Change change;
    Keys key;
    key.worktree = rows.integer(0);
    change.q = rows.integer(1);
    key.path = rows.integer(2);
    change.before = rows.object(3);
    change.after = rows.object(4);
    change.before_mode = rows.str(5);
    change.after_mode = rows.str(6);
    change.git_id = rows.object(7);
    change.seen = rows.integer(8);
    change.ctime_ns = rows.integer(9);
    int flags = rows.small(10);
    change.skipped = (flags & kSkip) != 0;
    change.withheld = (flags & kWithheld) != 0;
    change.owner.kind = static_cast<model::OwnerKind>(rows.small(11));
    change.owner.evidence = static_cast<model::Evidence>(rows.small(12));
    change.owner.rule = rule_text(static_cast<Rule>(rows.small(13)));
    key.session = rows.integer(14);
    key.step = rows.small(15);
    key.commit = rows.integer(16);
    key.turn = rows.small(17);
    changes.push_back(std::move(change));
    keys.push_back(key);
  }
  rows.reset();
  Statement* suspects = TRY(db(index).cached(
      "SELECT u.session, u.step, s.turn FROM suspects u LEFT JOIN steps s ON s.session = u.session"
      " AND s.number = u.step WHERE u.worktree = ? AND u.q = ?"));
  for (size_t i = 0; i < changes.size(); ++i) {
    model::Change& change = changes[i];
    const Keys& key = keys[i];
    change.worktree = TRY(names.worktree(key.worktree));
    change.path = TRY(names.path(key.path));
    change.owner.step = TRY(names.step(key.session, key.step, key.turn));
    change.owner.commit = TRY(names.commit(key.commit));
    bool has_suspects = change.owner.evidence == model::Evidence::contested ||
                        change.owner.kind == model::OwnerKind::unknown ||
                        change.owner.kind == model::OwnerKind::outside;
    if (!has_suspects) continue;
    suspects->bind(key.worktree, change.q);
    std::vector<std::array<int64_t, 3>> found;
    while (TRY(suspects->step())) {
      found.push_back({suspects->integer(0), suspects->integer(1), suspects->integer(2)});
    }
    suspects->reset();
    for (const auto& [session, step, turn] : found) {
      change.owner.candidates.push_back(
          TRY(names.step(session, static_cast<int>(step), static_cast<int>(turn))));
    }
    // Session keys depend on the order of reading; what is shown must not.
    std::ranges::sort(change.owner.candidates, {},
                      [](const model::StepRef& ref) { return std::pair(ref.session, ref.step); });
  }
  return changes;
}

Result<std::vector<model::TestRun>> load_tests(Index& index, Names& names, Statement& rows) {
  struct Keys {
    int64_t session, worktree;
    int step, turn;
    Micros began;
  };
  std::vector<model::TestRun> runs;
  std::vector<Keys> keys;
  while (TRY(rows.step())) {
    model::TestRun run;
    Keys key{rows.integer(0), rows.integer(16), rows.small(1), rows.small(18), rows.integer(17)};
    run.time = rows.integer(2);
    run.kind = static_cast<model::TestKind>(rows.small(3));
    run.runner = rows.str(4);
    run.by_name = rows.integer(5) != 0;
    run.partial = rows.integer(6) != 0;
    run.verdict = static_cast<model::TestVerdict>(rows.small(7));
    run.ground = rows.str(8);
    run.passed = rows.optional_int(9);
    run.failed = rows.optional_int(10);
    run.skipped = rows.optional_int(11);
    run.failing = split_list(rows.text(12));
    run.skipping = split_list(rows.text(13));
    run.command = rows.str(14);
    run.exit_status = rows.optional_int(15);
    run.start_heard = rows.integer(19) != 0;
    run.tree_seen = rows.integer(20) != 0;
    runs.push_back(std::move(run));
    keys.push_back(key);
  }
  rows.reset();
  for (size_t i = 0; i < runs.size(); ++i) {
    runs[i].step = TRY(names.step(keys[i].session, keys[i].step, keys[i].turn));
    if (keys[i].worktree == 0) continue;
    runs[i].tree.worktree = TRY(names.worktree(keys[i].worktree));
    runs[i].tree.q = TRY(number_at(index, keys[i].worktree, keys[i].began));
  }
  return runs;
}

Result<std::vector<Subagent>> subagents(Index& index, Names& names, int64_t session) {
  std::vector<Subagent> result;
  struct Open {
    int64_t key;
    int turn;  // of the topmost session; 0: still to be found
    int depth;
  };
  std::vector<Open> open{{session, 0, 0}};
  while (!open.empty()) {
    Open parent = open.back();
    open.pop_back();
    if (parent.depth >= kMaxNesting) continue;
    const SessionName* name = TRY(names.session(parent.key));
    Statement* rows = TRY(db(index).cached(
        "SELECT key, id, began FROM sessions WHERE agent = ? AND parent = ? ORDER BY began, hash"));
    rows->bind(name->agent, name->id);
    struct Child {
      int64_t key;
      std::string id;
      Micros began;
    };
    std::vector<Child> children;
    while (TRY(rows->step())) {
      if (rows->integer(0) == parent.key) continue;
      children.push_back({rows->integer(0), rows->str(1), rows->integer(2)});
    }
    rows->reset();
    for (const Child& child : children) {
      int turn = parent.turn;
      if (parent.key == session) {
        // The call that started it, the agent's own id of the turn, or the time.
        Statement* find = TRY(db(index).cached(
            "SELECT turn FROM steps WHERE session = ?1 AND subagent = ?2"
            " UNION ALL SELECT t.number FROM turns t JOIN turns c ON c.session = ?3"
            " AND c.agent_turn = t.agent_turn WHERE t.session = ?1"
            " UNION ALL SELECT * FROM (SELECT number FROM turns WHERE session = ?1 AND began <= ?4"
            " ORDER BY number DESC LIMIT 1) LIMIT 1"));
        find->bind(session, child.id, child.key, child.began);
        if (TRY(find->step())) turn = find->small(0);
        find->reset();
        if (turn == 0) turn = 1;
      }
      if (std::ranges::any_of(result, [&](const Subagent& s) { return s.key == child.key; }))
        continue;
      result.push_back({child.key, turn});
      open.push_back({child.key, turn, parent.depth + 1});
    }
  }
  return result;
}

// --- Reading journals again ---

namespace {

Result<std::string> read_line(Index& index, int64_t session, int64_t number) {
  Statement* row = TRY(db(index).cached(
      "SELECT e.offset, e.length, s.directory FROM events e JOIN sessions s ON s.key = e.session"
      " WHERE e.session = ? AND e.number = ?"));
  row->bind(session, number);
  if (!TRY(row->step())) return fail(ErrorKind::not_found, "no such event");
  auto offset = static_cast<uint64_t>(row->integer(0));
  auto length = static_cast<size_t>(row->integer(1));
  std::string path =
      os::join(os::join(index.store().sessions_dir(), row->str(2)), store::kJournalName);
  row->reset();
  os::File file = TRY(os::open_file(path, os::Open::read));
  std::string line = TRY(os::read_at(file, offset, length));
  if (line.size() != length) return fail(ErrorKind::damage, "a journal is shorter than it was");
  return line;
}

}  // namespace

Result<Event> reread(Index& index, int64_t session, int64_t number) {
  std::string line = TRY(read_line(index, session, number));
  ChainState unknown;
  unknown.known = false;
  return read_event(line, index.impl().context, unknown);
}

Result<std::string> reread_payload(Index& index, int64_t session, int64_t number) {
  std::string line = TRY(read_line(index, session, number));
  store::JournalLine parts = TRY(store::split_journal_line(line));
  return expand_objects(parts.payload, index.impl().context);
}

}  // namespace baton::index
