// Steps: the list, and the trace of each of them.

#include <algorithm>
#include <set>

#include "index/queries.h"
#include "index/query_rows.h"
#include "index/step_trace.h"

namespace baton::index {
namespace {

constexpr size_t kManySteps = 20;  // of so many it pays to ask first which have something

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

}  // namespace

Result<std::vector<std::pair<int64_t, int>>> members(Index& index, Names& names, int64_t session,
                                                     int turn) {
  std::vector<std::pair<int64_t, int>> list{{session, turn}};
  for (const Subagent& subagent : TRY(subagents(index, names, session))) {
    if (subagent.turn == turn || turn == 0) list.emplace_back(subagent.key, 0);
  }
  return list;
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
