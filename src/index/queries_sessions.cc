// Sessions, turns, steps: lists, the log, and each of them in full.

#include <algorithm>
#include <set>

#include "base/bytes.h"
#include "index/notes.h"
#include "index/queries.h"
#include "index/query_rows.h"
#include "index/session_turns.h"
#include "index/step_trace.h"

namespace baton::index {
namespace {

using model::SessionState;
using model::Turn;
using model::TurnState;
using model::TurnView;

constexpr std::string_view kBatonAgent = "baton";
constexpr size_t kManySteps = 20;  // of so many it pays to ask first which have something

TurnState turn_state(TurnEnding ending, bool newest, SessionState session) {
  switch (ending) {
    case TurnEnding::completed:
      return TurnState::completed;
    case TurnEnding::failed:
      return TurnState::failed;
    case TurnEnding::interrupted:
    case TurnEnding::cut:
      return TurnState::interrupted;
    case TurnEnding::none:
      break;
  }
  if (!newest) return TurnState::interrupted;
  switch (session) {
    case SessionState::running:
      return TurnState::running;
    case SessionState::abnormal:
    case SessionState::ended:
      return TurnState::interrupted;
    case SessionState::open:
      return TurnState::open;
  }
  return TurnState::open;
}

Result<model::Session> load_session(Index& index, Names& names, int64_t key) {
  Database& database = db(index);
  const SessionName* name = TRY(names.session(key));
  model::Session session;
  session.key = key;
  session.address = name->address;
  session.agent = name->agent;
  session.id = name->id;
  session.state = TRY(names.state(key));
  session.began = name->began;
  session.last = name->last;
  Statement* row = TRY(database.cached(
      "SELECT subagent_type, model, title, cwd, worktree, branch, compactions, file_compactions,"
      " resumed FROM sessions WHERE key = ?"));
  row->bind(key);
  if (!TRY(row->step())) return fail(ErrorKind::not_found, "no such session");
  session.subagent_type = row->str(0);
  session.model = row->str(1);
  session.title = row->str(2);
  session.cwd = row->str(3);
  int64_t worktree = row->integer(4);
  session.branch = row->str(5);
  session.compactions = std::max(row->small(6), row->small(7));
  session.resumed = row->small(8);
  row->reset();
  session.worktree = TRY(names.worktree(worktree));

  session.parent_key = TRY(names.parent(key));
  if (session.parent_key != 0) {
    const SessionName* parent = TRY(names.session(session.parent_key));
    session.parent = parent->address;
    Statement* call = TRY(database.cached(
        "SELECT number, subagent_prompt FROM steps WHERE session = ? AND subagent = ? LIMIT 1"));
    call->bind(session.parent_key, name->id);
    if (TRY(call->step())) {
      session.parent_step = call->small(0);
      session.first_prompt = call->str(1);
    }
    call->reset();
  }

  Statement* counts =
      TRY(database.cached("SELECT (SELECT count(*) FROM turns WHERE session = ?1 AND prompted > 0),"
                          " (SELECT count(*) FROM steps WHERE session = ?1),"
                          " (SELECT count(*) FROM steps WHERE session = ?1 AND outcome IN (2, 3)),"
                          " (SELECT count(DISTINCT path) FROM transitions WHERE owner_session = ?1"
                          " AND (flags & 28) = 0),"
                          " (SELECT count(*) FROM sessions WHERE agent = ?2 AND parent = ?3)"));
  counts->bind(key, name->agent, name->id);
  if (TRY(counts->step())) {
    session.turns = counts->small(0);
    session.steps = counts->small(1);
    session.failed_steps = counts->small(2);
    session.paths_changed = counts->small(3);
    session.subagents = counts->small(4);
  }
  counts->reset();

  Statement* prompts = TRY(database.cached(
      "SELECT * FROM (SELECT prompt, number FROM turns WHERE session = ?1 AND prompted > 0"
      " AND synthetic = 0 ORDER BY number LIMIT 1) UNION ALL SELECT * FROM (SELECT prompt, number"
      " FROM turns WHERE session = ?1 AND prompted > 0 AND synthetic = 0 ORDER BY number DESC "
      "LIMIT 1)"));
  prompts->bind(key);
  bool first = true;
  while (TRY(prompts->step())) {
    if (first) session.first_prompt = prompts->str(0);
    session.last_prompt = prompts->str(0);
    first = false;
  }

  Statement* tokens = TRY(database.cached(
      "SELECT sum(input), sum(cached), sum(output), sum(reasoning) FROM tokens WHERE session = ?"));
  tokens->bind(key);
  if (TRY(tokens->step())) {
    session.tokens = {tokens->integer(0), tokens->integer(1), tokens->integer(2),
                      tokens->integer(3)};
  }
  tokens->reset();
  return session;
}

// Steps of the turn and of the subagents that belong to it, as (session, turn) pairs; turn 0: all.
Result<std::vector<std::pair<int64_t, int>>> members(Index& index, Names& names, int64_t session,
                                                     int turn) {
  std::vector<std::pair<int64_t, int>> list{{session, turn}};
  for (const Subagent& subagent : TRY(subagents(index, names, session))) {
    if (subagent.turn == turn || turn == 0) list.emplace_back(subagent.key, 0);
  }
  return list;
}

Result<std::optional<Turn>> load_head(Index& index, Names& names, int64_t session, int number) {
  Database& database = db(index);
  Statement* row = TRY(database.cached(
      "SELECT prompt, synthetic, began, last, ended, ending, branch, head, worktree, model,"
      " last_message, prompted FROM turns WHERE session = ? AND number = ?"));
  row->bind(session, number);
  if (!TRY(row->step())) return std::nullopt;
  Turn turn;
  turn.number = number;
  turn.session_key = session;
  turn.prompt = row->str(0);
  turn.synthetic = row->integer(1) != 0;
  turn.began = row->integer(2);
  Micros last = row->integer(3);
  turn.ended = row->integer(4);
  auto ending = static_cast<TurnEnding>(row->small(5));
  turn.branch = row->str(6);
  int64_t head = row->integer(7), worktree = row->integer(8);
  turn.model = row->str(9);
  turn.last_message = row->str(10);
  bool prompted = row->integer(11) != 0;
  row->reset();

  const SessionName* name = TRY(names.session(session));
  turn.session = name->address;
  turn.session_id = name->id;
  turn.agent = name->agent;
  turn.head = TRY(names.commit(head));
  turn.worktree = TRY(names.worktree(worktree));
  turn.state = turn_state(ending, number == name->newest_turn, TRY(names.state(session)));
  if (turn.ended == 0 && turn.state == TurnState::interrupted) turn.ended = last;
  if (!prompted && !name->parent.empty()) {
    // A subagent's task is told by the call that started it.
    Statement* call = TRY(database.cached(
        "SELECT s.subagent_prompt FROM steps s JOIN sessions z ON z.key = s.session"
        " WHERE s.subagent = ? AND z.id = ? AND s.subagent_prompt IS NOT NULL LIMIT 1"));
    call->bind(name->id, name->parent);
    if (TRY(call->step())) turn.prompt = call->str(0);
    call->reset();
  }
  return turn;
}

Result<std::optional<Turn>> load_turn(Index& index, Names& names, int64_t session, int number) {
  Database& database = db(index);
  auto head = TRY(load_head(index, names, session, number));
  if (!head) return std::nullopt;
  Turn turn = std::move(*head);
  std::set<std::string> paths;
  Micros last_test = 0;
  for (const auto& [key, of_turn] : TRY(members(index, names, session, number))) {
    Statement* counts =
        TRY(database.cached("SELECT count(*), sum(outcome IN (2, 3)) FROM steps WHERE session = ?1"
                            " AND turn BETWEEN ?2 AND iif(?2 = 0, 1 << 40, ?2)"));
    counts->bind(key, of_turn);
    if (TRY(counts->step())) {
      turn.steps += counts->small(0);
      turn.failed_steps += counts->small(1);
    }
    counts->reset();
    // CROSS: from the turn's steps to what they changed, whatever statistics say.
    Statement* changed = TRY(database.cached(
        "SELECT DISTINCT p.path FROM steps s CROSS JOIN transitions t ON t.owner_session = "
        "s.session"
        " AND t.owner_step = s.number JOIN paths p ON p.key = t.path WHERE s.session = ?1"
        " AND s.turn BETWEEN ?2 AND iif(?2 = 0, 1 << 40, ?2) AND (t.flags & 28) = 0"));
    changed->bind(key, of_turn);
    while (TRY(changed->step())) paths.insert(changed->str(0));
    static const std::string kTests =
        std::string("SELECT ") + kTestColumns +
        " FROM steps s JOIN tests x ON x.session = s.session AND x.step = s.number"
        " WHERE s.session = ?1 AND s.turn BETWEEN ?2 AND iif(?2 = 0, 1 << 40, ?2) AND x.kind = 0";
    Statement* tests = TRY(database.cached(kTests.c_str()));
    tests->bind(key, of_turn);
    for (auto& run : TRY(load_tests(index, names, *tests))) {
      ++turn.tests_run;
      if (run.time >= last_test) {
        last_test = run.time;
        turn.last_test = std::move(run);
      }
    }
    Statement* tokens = TRY(database.cached(
        "SELECT sum(input), sum(cached), sum(output), sum(reasoning) FROM tokens WHERE session = ?1"
        " AND turn BETWEEN ?2 AND iif(?2 = 0, 1 << 40, ?2)"));
    tokens->bind(key, of_turn);
    if (TRY(tokens->step())) {
      turn.tokens.input += tokens->integer(0);
      turn.tokens.cached_input += tokens->integer(1);
      turn.tokens.output += tokens->integer(2);
      turn.tokens.reasoning += tokens->integer(3);
    }
    tokens->reset();
  }
  turn.paths.assign(paths.begin(), paths.end());
  return turn;
}

// The steps of a session that fill_step() finds something of: most only looked at something.
Result<std::set<int>> full_steps(Index& index, int64_t session) {
  Statement* rows = TRY(db(index).cached(
      "SELECT step FROM claims WHERE session = ?1 UNION SELECT step FROM reads WHERE session = ?1"
      " UNION SELECT owner_step FROM transitions WHERE owner_session = ?1"
      " UNION SELECT step FROM tests WHERE session = ?1"
      " UNION SELECT owner_step FROM reflog WHERE owner_session = ?1"));
  rows->bind(session);
  std::set<int> steps;
  while (TRY(rows->step())) steps.insert(rows->small(0));
  rows->reset();
  return steps;
}

Result<std::vector<model::Step>> steps_of(Index& index, Names& names, int64_t session, int turn,
                                          bool with_subagents) {
  std::vector<model::Step> all;
  std::vector<std::pair<int64_t, int>> list{{session, turn}};
  if (with_subagents) list = TRY(members(index, names, session, turn));
  for (const auto& [key, of_turn] : list) {
    static const std::string kSteps =
        std::string("SELECT ") + kStepColumns +
        " FROM steps s WHERE s.session = ?1"
        " AND s.turn BETWEEN ?2 AND iif(?2 = 0, 1 << 40, ?2) ORDER BY s.number";
    Statement* rows = TRY(db(index).cached(kSteps.c_str()));
    rows->bind(key, of_turn);
    auto loaded = TRY(load_steps(index, names, *rows));
    std::optional<std::set<int>> full;
    if (of_turn == 0 && loaded.size() > kManySteps) full = TRY(full_steps(index, key));
    for (auto& step : loaded) {
      if (!full || full->contains(step.ref.step)) TRY(fill_step(index, names, step));
      all.push_back(std::move(step));
    }
  }
  if (list.size() > 1) {
    std::ranges::stable_sort(all, [](const model::Step& a, const model::Step& b) {
      return std::tie(a.began, a.session_id, a.ref.step) <
             std::tie(b.began, b.session_id, b.ref.step);
    });
  }
  return all;
}

Result<std::vector<model::Message>> messages_of(Index& index, int64_t session, int turn) {
  std::vector<model::Message> messages;
  Statement* rows = TRY(db(index).cached(
      "SELECT m.kind, m.time, m.text, m.turn, s.number FROM messages m LEFT JOIN steps s"
      " ON s.session = m.session AND s.call = m.next_call WHERE m.session = ?1"
      " AND (?2 = 0 OR m.turn = ?2) ORDER BY m.seq"));
  rows->bind(session, turn);
  while (TRY(rows->step())) {
    model::Message message;
    message.kind = static_cast<model::MessageKind>(rows->small(0));
    message.time = rows->integer(1);
    message.text = rows->str(2);
    message.turn = rows->small(3);
    message.before_step = rows->small(4);
    messages.push_back(std::move(message));
  }
  // The agent's file may not have been read yet; the turn's end told the last words.
  Statement* last = TRY(db(index).cached(
      "SELECT number, last_message, ended FROM turns WHERE session = ?1 AND (?2 = 0 OR number = ?2)"
      " AND last_message IS NOT NULL ORDER BY number"));
  last->bind(session, turn);
  while (TRY(last->step())) {
    int number = last->small(0);
    std::string_view text = last->text(1);
    bool told = std::ranges::any_of(messages, [&](const model::Message& message) {
      return message.turn == number && message.text == text;
    });
    if (told) continue;
    model::Message message;
    message.time = last->integer(2);
    message.text = text;
    message.turn = number;
    messages.push_back(std::move(message));
  }
  std::ranges::stable_sort(messages, {}, [](const model::Message& m) { return m.time; });
  return messages;
}

// What an event (-1: none) says that the call answered.
StepOutput answer_to(Index& index, int64_t session, int64_t event_number, const std::string& call) {
  StepOutput answer;
  if (event_number < 0) return answer;
  auto event = reread(index, session, event_number);
  if (!event) return answer;
  for (auto& heard : event->heard.calls) {
    if (heard.id == call)
      answer = {std::move(heard.outcome.output), std::move(heard.outcome.error)};
  }
  return answer;
}

Result<TurnView> full_turn(Index& index, Names& names, int64_t session, int number) {
  auto turn = TRY(load_turn(index, names, session, number));
  if (!turn) return fail(ErrorKind::not_found, "no such turn");
  TurnView view;
  view.turn = std::move(*turn);
  view.steps = TRY(steps_of(index, names, session, number, true));
  view.messages = TRY(messages_of(index, session, number));
  int last = 0;
  for (const auto& step : view.steps) {
    if (step.ref.session_key == session) last = std::max(last, step.ref.step);
  }
  if (last > 0) view.plan = TRY(plan(index, session, last));
  return view;
}

// Turns of sessions (main and sub) with a step that changed or read one of the paths.
Result<std::set<std::pair<int64_t, int>>> turns_touching(Index& index, const Pathspec& paths,
                                                         bool reads) {
  std::vector<int64_t> keys;
  Statement* all = TRY(db(index).cached("SELECT key, path FROM paths"));
  while (TRY(all->step())) {
    if (paths.matches(all->text(1))) keys.push_back(all->integer(0));
  }
  std::set<std::pair<int64_t, int>> turns;
  Statement* changed = TRY(db(index).cached(
      "SELECT DISTINCT s.session, s.turn FROM transitions t JOIN steps s"
      " ON s.session = t.owner_session AND s.number = t.owner_step WHERE t.path = ?"
      " AND (t.flags & 28) = 0"));
  Statement* contested = TRY(db(index).cached(
      "SELECT DISTINCT s.session, s.turn FROM transitions t JOIN suspects u"
      " ON u.worktree = t.worktree AND u.q = t.q JOIN steps s ON s.session = u.session"
      " AND s.number = u.step WHERE t.path = ? AND (t.flags & 28) = 0 AND t.owner = 1"));
  Statement* read = TRY(db(index).cached(
      "SELECT DISTINCT s.session, s.turn FROM reads r JOIN steps s ON s.session = r.session"
      " AND s.number = r.step WHERE r.path = ? AND NOT (s.outcome IN (2, 3) AND r.last)"));
  for (int64_t key : keys) {
    for (Statement* rows : {changed, contested, read}) {
      if (rows == read && !reads) continue;
      rows->bind(key);
      while (TRY(rows->step())) turns.insert({rows->integer(0), rows->small(1)});
    }
  }
  return turns;
}

}  // namespace

Result<std::vector<model::Session>> sessions(Index& index, const SessionFilter& filter) {
  return answer(index, [&]() -> Result<std::vector<model::Session>> {
    Names names(index);
    std::set<std::pair<int64_t, int>> touching;
    if (!filter.paths.empty()) touching = TRY(turns_touching(index, filter.paths, true));
    int64_t worktree = 0;
    if (!filter.worktree.empty()) {
      worktree = TRY(worktree_key(index, filter.worktree));
      if (worktree == 0) return std::vector<model::Session>();
    }
    std::string parent_id, parent_agent;
    if (filter.parent) {
      const SessionName* parent = TRY(names.session(*filter.parent));
      parent_id = parent->id;
      parent_agent = parent->agent;
    }
    std::vector<int64_t> keys;
    Statement* rows = TRY(db(index).cached(
        "SELECT key, agent, parent, began, worktree FROM sessions WHERE agent <> 'baton'"
        " AND (?1 = '' OR agent = ?1) AND last >= ?2 AND began <= ?3"
        " AND (?4 = 0 OR worktree = ?4) AND (?5 = '' OR EXISTS (SELECT 1 FROM turns t"
        " WHERE t.session = sessions.key AND t.branch = ?5)) ORDER BY last DESC, hash"));
    rows->bind(filter.agent, filter.since.value_or(INT64_MIN), filter.until.value_or(INT64_MAX),
               worktree, filter.branch);
    while (TRY(rows->step())) {
      std::string_view parent = rows->text(2);
      if (filter.parent) {
        if (parent != parent_id || rows->text(1) != parent_agent) continue;
      } else if (!parent.empty() && !filter.subagents) {
        continue;
      }
      int64_t key = rows->integer(0);
      if (!filter.paths.empty()) {
        auto at = touching.lower_bound({key, INT32_MIN});
        bool own = at != touching.end() && at->first == key;
        if (!own) {
          bool of_subagent = false;
          for (const auto& [other, turn] : touching) {
            (void)turn;
            if (other == key) of_subagent = true;
          }
          if (!of_subagent) continue;
        }
      }
      keys.push_back(key);
      if (filter.limit != 0 && keys.size() >= filter.limit) break;
    }
    rows->reset();
    std::vector<model::Session> list;
    for (int64_t key : keys) list.push_back(TRY(load_session(index, names, key)));
    return list;
  });
}

Result<model::Session> session(Index& index, int64_t session_key) {
  return answer(index, [&]() -> Result<model::Session> {
    Names names(index);
    return load_session(index, names, session_key);
  });
}

Result<std::vector<TurnView>> log(Index& index, const LogFilter& filter) {
  return answer(index, [&]() -> Result<std::vector<TurnView>> {
    Names names(index);
    Database& database = db(index);
    std::set<std::pair<int64_t, int>> touching, behind;
    if (!filter.paths.empty()) touching = TRY(turns_touching(index, filter.paths, filter.reads));
    for (const std::string& commit : filter.commits) {
      model::CommitView view = TRY(commit_prompts(index, commit));
      for (const auto& prompt : view.prompts) {
        behind.insert({prompt.turn.session_key, prompt.turn.number});
      }
    }
    // The turns of sessions that nobody started but people; subagents are part of them.
    Statement list = TRY(database.prepare(
        "SELECT t.session, t.number FROM turns t JOIN sessions z ON z.key = t.session"
        " WHERE z.agent <> 'baton' AND (?1 = '' OR z.agent = ?1) AND t.began >= ?2 AND t.began <= "
        "?3"
        " AND (?4 = 0 OR t.session = ?4) AND (?5 OR t.synthetic = 0)"
        " AND (?4 <> 0 OR z.parent IS NULL OR NOT EXISTS (SELECT 1 FROM sessions p"
        " WHERE p.agent = z.agent AND p.id = z.parent AND p.key <> z.key))"
        " ORDER BY t.began DESC, z.hash, t.number DESC"));
    list.bind(filter.agent, filter.since.value_or(INT64_MIN), filter.until.value_or(INT64_MAX),
              filter.session.value_or(0), filter.synthetic);
    std::vector<TurnView> result;
    size_t skipped = 0;
    while (TRY(list.step())) {
      int64_t key = list.integer(0);
      int number = list.small(1);
      if (!filter.commits.empty() && !behind.contains({key, number})) continue;
      if (!filter.paths.empty()) {
        bool touches = touching.contains({key, number});
        if (!touches) {
          for (const Subagent& subagent : TRY(subagents(index, names, key))) {
            if (subagent.turn != number) continue;
            auto at = touching.lower_bound({subagent.key, INT32_MIN});
            if (at != touching.end() && at->first == subagent.key) touches = true;
          }
        }
        if (!touches) continue;
      }
      auto turn = TRY(load_turn(index, names, key, number));
      if (!turn) continue;
      if (filter.tests && turn->tests_run == 0) continue;
      if (filter.failed && turn->failed_steps == 0 && turn->state != TurnState::failed &&
          turn->state != TurnState::interrupted) {
        continue;
      }
      if (skipped < filter.skip) {
        ++skipped;
        continue;
      }
      TurnView view;
      view.turn = std::move(*turn);
      if (filter.with_steps) view.steps = TRY(steps_of(index, names, key, number, true));
      if (filter.with_messages) view.messages = TRY(messages_of(index, key, number));
      result.push_back(std::move(view));
      if (filter.limit != 0 && result.size() >= filter.limit) break;
    }
    TRY(add_notes(index, result));
    return result;
  });
}

Result<Rest> rest_before(Index& index, int64_t session_key) {
  return answer(index, [&]() -> Result<Rest> {
    Names names(index);
    Rest rest;
    Statement* rows = TRY(db(index).cached(
        "SELECT e.time, l.head FROM events e JOIN event_names n ON n.key = e.name"
        " LEFT JOIN looks l ON l.session = e.session AND l.event = e.number WHERE e.session = ?"
        // It comes right before or right behind a start.
        " AND n.name <> 'InstructionsLoaded' ORDER BY e.number DESC LIMIT 200"));
    rows->bind(session_key);
    int64_t now = 0, before = 0;
    bool newest = true;
    while (TRY(rows->step())) {
      if (newest) {
        now = rows->integer(1);
        newest = false;
        continue;
      }
      if (rest.since == 0) rest.since = rows->integer(0);
      if (before == 0) before = rows->integer(1);
      if (before != 0) break;
    }
    rows->reset();
    rest.head_now = TRY(names.commit(now));
    rest.head_before = TRY(names.commit(before));
    if (now == 0 || before == 0) rest.head_before = rest.head_now;
    return rest;
  });
}

Result<model::SessionView> show_session(Index& index, int64_t session_key) {
  return answer(index, [&]() -> Result<model::SessionView> {
    Names names(index);
    model::SessionView view;
    view.session = TRY(load_session(index, names, session_key));
    std::vector<int> numbers;
    Statement* rows =
        TRY(db(index).cached("SELECT number FROM turns WHERE session = ? ORDER BY number"));
    rows->bind(session_key);
    while (TRY(rows->step())) numbers.push_back(rows->small(0));
    for (int number : numbers) {
      view.turns.push_back(TRY(full_turn(index, names, session_key, number)));
    }
    TRY(add_notes(index, view.turns));
    std::vector<int64_t> keys;
    Statement* children =
        TRY(db(index).cached("SELECT key FROM sessions WHERE agent = ? AND parent = ? AND key <> ? "
                             "ORDER BY began, hash"));
    children->bind(view.session.agent, view.session.id, session_key);
    while (TRY(children->step())) keys.push_back(children->integer(0));
    for (int64_t key : keys) view.subagents.push_back(TRY(load_session(index, names, key)));
    return view;
  });
}

Result<Turn> turn_head(Index& index, int64_t session_key, int turn) {
  return answer(index, [&]() -> Result<Turn> {
    Names names(index);
    auto head = TRY(load_head(index, names, session_key, turn));
    if (!head) return fail(ErrorKind::not_found, "no such turn");
    return std::move(*head);
  });
}

Result<Turn> turn(Index& index, int64_t session_key, int number) {
  return answer(index, [&]() -> Result<Turn> {
    Names names(index);
    auto loaded = TRY(load_turn(index, names, session_key, number));
    if (!loaded) return fail(ErrorKind::not_found, "no such turn");
    return std::move(*loaded);
  });
}

Result<std::vector<Turn>> session_turns(Index& index, int64_t session_key) {
  return answer(index, [&]() -> Result<std::vector<Turn>> {
    Names names(index);
    Statement* rows = TRY(db(index).cached(
        "SELECT number FROM turns WHERE session = ? ORDER BY began DESC, number DESC"));
    rows->bind(session_key);
    std::vector<int> numbers;
    while (TRY(rows->step())) numbers.push_back(rows->small(0));
    rows->reset();
    std::vector<Turn> turns;
    turns.reserve(numbers.size());
    for (int number : numbers) {
      auto head = TRY(load_head(index, names, session_key, number));
      if (head) turns.push_back(std::move(*head));
    }
    return turns;
  });
}

Result<std::vector<Turn>> turn_heads(Index& index, std::string_view worktree) {
  return answer(index, [&]() -> Result<std::vector<Turn>> {
    Names names(index);
    Statement* rows = TRY(db(index).cached(
        "WITH here AS (SELECT key FROM worktrees WHERE id = ?1)"
        " SELECT t.session, t.number FROM turns t JOIN sessions z ON z.key = t.session"
        " WHERE z.agent <> 'baton' AND (t.worktree IN here OR EXISTS (SELECT 1 FROM steps s"
        " CROSS JOIN transitions c ON c.owner_session = s.session AND c.owner_step = s.number"
        " WHERE s.session = t.session AND s.turn = t.number AND c.worktree IN here))"
        " AND (z.parent IS NULL OR NOT EXISTS (SELECT 1 FROM sessions p"
        " WHERE p.agent = z.agent AND p.id = z.parent AND p.key <> z.key))"
        " ORDER BY t.began DESC, z.hash, t.number DESC"));
    rows->bind(worktree);
    std::vector<std::pair<int64_t, int>> keys;
    while (TRY(rows->step())) keys.emplace_back(rows->integer(0), rows->small(1));
    rows->reset();
    std::vector<Turn> turns;
    turns.reserve(keys.size());
    for (const auto& [key, number] : keys) {
      auto head = TRY(load_head(index, names, key, number));
      if (head) turns.push_back(std::move(*head));
    }
    return turns;
  });
}

Result<TurnView> show_turn(Index& index, int64_t session_key, int turn) {
  return answer(index, [&]() -> Result<TurnView> {
    Names names(index);
    std::vector<TurnView> views;
    views.push_back(TRY(full_turn(index, names, session_key, turn)));
    TRY(add_notes(index, views));
    return std::move(views.front());
  });
}

Result<std::vector<model::Step>> steps(Index& index, int64_t session_key, bool with_subagents) {
  return answer(index, [&]() -> Result<std::vector<model::Step>> {
    Names names(index);
    return steps_of(index, names, session_key, 0, with_subagents);
  });
}

Result<model::Step> step(Index& index, int64_t session_key, int number) {
  return answer(index, [&]() -> Result<model::Step> {
    Names names(index);
    Statement rows = TRY(db(index).prepare(std::string("SELECT ") + kStepColumns +
                                           " FROM steps s WHERE s.session = ? AND s.number = ?"));
    rows.bind(session_key, number);
    auto loaded = TRY(load_steps(index, names, rows));
    if (loaded.empty()) return fail(ErrorKind::not_found, "no such step");
    TRY(fill_step(index, names, loaded.front()));
    return std::move(loaded.front());
  });
}

Result<std::vector<model::Message>> messages(Index& index, int64_t session_key, int turn) {
  return answer(index, [&] { return messages_of(index, session_key, turn); });
}

Result<StepOutput> step_output(Index& index, int64_t session_key, int number) {
  return answer(index, [&]() -> Result<StepOutput> {
    Statement* row =
        TRY(db(index).cached("SELECT coalesce(after_event, batch_event, -1), call, error FROM steps"
                             " WHERE session = ? AND number = ?"));
    row->bind(session_key, number);
    if (!TRY(row->step())) return fail(ErrorKind::not_found, "no such step");
    int64_t answered = row->integer(0);
    std::string call = row->str(1);
    std::string known = row->str(2);
    row->reset();
    StepOutput answer = answer_to(index, session_key, answered, call);
    if (answer.error.empty()) answer.error = std::move(known);
    return answer;
  });
}

Result<model::StepView> step_trace(Index& index, int64_t session_key, int number) {
  return answer(index, [&]() -> Result<model::StepView> {
    Names names(index);
    model::StepView view;
    view.step = TRY(step(index, session_key, number));

    Database& database = db(index);
    Statement* row =
        TRY(database.cached("SELECT before_event, after_event, batch_event, call, first FROM steps"
                            " WHERE session = ? AND number = ?"));
    row->bind(session_key, number);
    std::vector<int64_t> events;
    int64_t answered = -1;
    std::string call;
    Micros first = 0;
    if (TRY(row->step())) {
      for (int i = 0; i < 3; ++i) {
        if (!row->is_null(i)) events.push_back(row->integer(i));
      }
      if (!row->is_null(2)) answered = row->integer(2);
      if (!row->is_null(1)) answered = row->integer(1);
      call = row->str(3);
      first = row->integer(4);
    }
    row->reset();
    const SessionName* name = TRY(names.session(session_key));
    Statement* places = TRY(database.cached(
        "SELECT e.number, e.offset, e.length, e.time, n.name FROM events e JOIN event_names n"
        " ON n.key = e.name WHERE e.session = ? AND e.number = ?"));
    for (int64_t event : events) {
      places->bind(session_key, event);
      if (TRY(places->step())) {
        view.events.push_back({name->agent, name->directory, places->integer(0),
                               static_cast<uint64_t>(places->integer(1)),
                               static_cast<uint64_t>(places->integer(2)), places->integer(3),
                               places->str(4)});
      }
      places->reset();
    }
    if (!events.empty()) {
      if (auto payload = reread_payload(index, session_key, events.front())) view.input = *payload;
    }
    StepOutput answer = answer_to(index, session_key, answered, call);
    view.output = std::move(answer.output);
    view.error = answer.error.empty() ? view.step.error : std::move(answer.error);

    // The agent's words: those that its file puts right before the call, else the last before it.
    Statement* words = TRY(database.cached(
        "SELECT text FROM messages WHERE session = ?1 AND kind = 0 AND turn = ?2"
        " AND (next_call = ?3 OR (time > 0 AND time <= ?4)) ORDER BY (next_call IS ?3) DESC,"
        " seq DESC LIMIT 1"));
    words->bind(session_key, view.step.ref.turn, call, first);
    if (TRY(words->step())) view.words = words->str(0);
    words->reset();
    return view;
  });
}

Result<model::StepView> show_step(Index& index, int64_t session_key, int number) {
  return answer(index, [&]() -> Result<model::StepView> {
    Names names(index);
    model::StepView view = TRY(step_trace(index, session_key, number));
    auto turn = TRY(load_turn(index, names, session_key, view.step.ref.turn));
    if (turn) view.turn = std::move(*turn);
    view.plan = TRY(plan(index, session_key, number));
    Address address;
    address.kind = Address::Kind::step;
    address.session_key = session_key;
    address.step = number;
    if (auto around = span(index, address)) {
      view.before = around->before;
      view.after = around->after;
    }
    return view;
  });
}

}  // namespace baton::index
