#include "index/marks.h"

#include <map>

#include "agents/agent.h"
#include "base/bytes.h"
#include "base/json.h"
#include "index/queries.h"
#include "index/query_rows.h"

namespace baton::index {
namespace {

// Why an event of this name is a mark; "" if it is none.
std::string_view reason_of(const agents::Agent* agent, const std::string& event) {
  using agents::Moment;
  if (!agent) return {};
  auto nothing = json::Document::parse("{}");
  if (!nothing) return {};
  switch (agent->hear(event, nothing->root()).moment) {
    case Moment::turn_end:
      return "turn end";
    case Moment::turn_failed:
      return "turn failed";
    case Moment::interrupt:
      return "interrupted";
    case Moment::compact_before:
      return "before compaction";
    case Moment::compact_after:
      return "after compaction";
    case Moment::session_end:
      return "session end";
    default:
      return {};
  }
}

// `rows`: number, time, name, commit key, worktree key.
Result<std::vector<Mark>> load(Index& index, Names& names, int64_t session_key, Statement& rows,
                               bool all) {
  const SessionName* name = TRY(names.session(session_key));
  const agents::Agent* agent = agents::find_agent(name->agent);
  std::map<std::string, std::string> reasons;  // by event
  struct Keys {
    int64_t commit, worktree;
  };
  std::vector<Mark> found;
  std::vector<Keys> keys;
  while (TRY(rows.step())) {
    std::string event = rows.str(2);
    auto known = reasons.try_emplace(event);
    if (known.second) known.first->second = reason_of(agent, event);
    if (known.first->second.empty() && !all) continue;
    Mark mark;
    mark.session_key = session_key;
    mark.session = name->address;
    mark.agent = name->agent;
    mark.number = rows.integer(0);
    mark.address = name->address + "@" + std::to_string(mark.number);
    mark.time = rows.integer(1);
    mark.reason = known.first->second;
    found.push_back(std::move(mark));
    keys.push_back({rows.integer(3), rows.integer(4)});
  }
  rows.reset();
  for (size_t i = 0; i < found.size(); ++i) {
    Mark& mark = found[i];
    mark.head = TRY(names.commit(keys[i].commit));
    if (keys[i].worktree != 0) {
      mark.position.worktree = TRY(names.worktree(keys[i].worktree));
      mark.position.q = TRY(number_at(index, keys[i].worktree, mark.time));
    }
    Statement* turn =
        TRY(db(index).cached("SELECT max(number) FROM turns WHERE session = ? AND began <= ?"));
    turn->bind(session_key, mark.time);
    if (TRY(turn->step())) mark.turn = turn->small(0);
    turn->reset();
  }
  return found;
}

constexpr const char* kEvents =
    "SELECT e.number, e.time, n.name, max(l.head), max(l.worktree) FROM events e"
    " JOIN event_names n ON n.key = e.name LEFT JOIN looks l ON l.session = e.session"
    " AND l.event = e.number WHERE e.session = ?1 AND (?2 < 0 OR e.number = ?2)"
    " GROUP BY e.number ORDER BY e.number";

}  // namespace

Result<std::vector<Mark>> marks(Index& index, int64_t session_key) {
  return answer(index, [&]() -> Result<std::vector<Mark>> {
    Names names(index);
    Statement rows = TRY(db(index).prepare(kEvents));
    rows.bind(session_key, -1);
    return load(index, names, session_key, rows, false);
  });
}

Result<std::optional<Mark>> find_mark(Index& index, std::string_view words) {
  size_t at = words.rfind('@');
  if (at == words.npos || at == 0) return std::nullopt;
  auto number = parse_int(words.substr(at + 1));
  if (!number || *number < 0) return std::nullopt;
  Address session = TRY(resolve_session(index, words.substr(0, at)));
  return answer(index, [&]() -> Result<std::optional<Mark>> {
    Names names(index);
    Statement rows = TRY(db(index).prepare(kEvents));
    rows.bind(session.session_key, *number);
    auto found = TRY(load(index, names, session.session_key, rows, true));
    if (found.empty()) {
      return fail(ErrorKind::not_found, "no mark '" + std::string(words) + "'",
                  "'baton handoff --list' lists them");
    }
    return std::move(found.front());
  });
}

}  // namespace baton::index
