#include "handoff/task_events.h"

#include "base/json.h"
#include "store/journal.h"

namespace baton::handoff {
namespace {

constexpr std::pair<TaskEvent::Act, std::string_view> kActs[] = {
    {TaskEvent::Act::name, "name"},
    {TaskEvent::Act::close, "close"},
    {TaskEvent::Act::reopen, "reopen"},
    {TaskEvent::Act::move, "move"},
};

}  // namespace

std::string task_payload(const TaskEvent& event) {
  json::Writer json;
  json.begin_object();
  for (const auto& [act, word] : kActs) {
    if (act == event.act) json.member("do", word);
  }
  json.member("name", event.name).key("sessions").begin_array();
  for (const auto& [agent, id] : event.sessions) {
    json.begin_object().member("agent", agent).member("id", id).end_object();
  }
  json.end_array().end_object();
  return json.take();
}

Result<std::vector<TaskEvent>> task_events(const store::Store& store) {
  std::vector<TaskEvent> events;
  std::string directory =
      store.sessions_dir() + "/baton/" + store::session_directory_name(kTaskSession);
  auto take = [&](std::string_view line, uint64_t) {
    auto parts = store::split_journal_line(line);
    if (!parts || parts->forgotten) return true;
    auto header = json::Document::parse(parts->header);
    auto payload = json::Document::parse(parts->payload);
    if (!header || !payload || header->root()["event"].str() != kTaskEvent) return true;
    TaskEvent event;
    bool known = false;
    for (const auto& [act, word] : kActs) {
      if (payload->root()["do"].str() != word) continue;
      event.act = act;
      known = true;
    }
    event.name = payload->root()["name"].str();
    event.time = parse_utc(header->root()["t"].str()).value_or(0);
    json::Value sessions = payload->root()["sessions"];
    for (size_t i = 0; i < sessions.size(); ++i) {
      json::Value each = sessions.at(i);
      event.sessions.emplace_back(each["agent"].str(), each["id"].str());
    }
    if (known) events.push_back(std::move(event));
    return true;
  };
  auto read = store::read_journal(directory, 0, take);
  if (!read && read.error().kind != ErrorKind::not_found) {
    return std::unexpected(std::move(read).error());
  }
  return events;
}

}  // namespace baton::handoff
