// Turns: the log, and each of them with what its steps did.

#include <algorithm>
#include <set>

#include "index/notes.h"
#include "index/queries.h"
#include "index/query_rows.h"
#include "index/session_turns.h"

namespace baton::index {
namespace {

using model::SessionState;
using model::Turn;
using model::TurnState;
using model::TurnView;

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

}  // namespace

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

Result<std::vector<model::Message>> messages(Index& index, int64_t session_key, int turn) {
  return answer(index, [&] { return messages_of(index, session_key, turn); });
}

}  // namespace baton::index
