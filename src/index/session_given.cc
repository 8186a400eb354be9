// What a session was given to work under, as far as one session's journal and file tell of it.

#include "base/bytes.h"
#include "index/session_ingest.h"
#include "os/file.h"

namespace baton::index {
namespace {

constexpr size_t kMaxText = 1000;  // bytes of what a hook added

}  // namespace

Status SessionIngest::add_given(std::string_view agent, std::string_view session,
                                const agents::Given& given, Micros time) {
  bool file = given.kind == agents::Given::Kind::instructions;
  std::string name = file ? os::normalize(row_.cwd, given.name) : given.name;
  // The hook and the agent's file may both tell it: the first counts, in whatever order they are
  // read.
  Statement* add = TRY(tables_.database().cached(
      "INSERT INTO given(agent, session, kind, name, time, why, text) VALUES(?, ?, ?, ?, ?, ?, ?)"
      " ON CONFLICT DO UPDATE SET time = min(time, excluded.time),"
      " why = max(coalesce(why, ''), coalesce(excluded.why, '')),"
      " text = iif(excluded.time < time, excluded.text, text)"));
  return add->run(agent, session, agents::to_string(given.kind), name, time, given.why,
                  std::string(utf8_prefix(given.text, kMaxText)));
}

Status SessionIngest::hear_injection(const EventHeader& header, const json::Value& payload) {
  agents::Given given{agents::Given::Kind::handoff, std::string(payload["source"].str()), {}, {}};
  return add_given(payload["agent"].str(), payload["session"].str(), given, header.time);
}

}  // namespace baton::index
