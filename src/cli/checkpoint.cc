// `baton checkpoint`: the moments worth going back to, and making one.

#include <algorithm>

#include "base/bytes.h"
#include "base/json.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/rollback.h"
#include "cli/target.h"
#include "index/queries.h"
#include "os/env.h"
#include "record/record.h"
#include "render/rollback.h"
#include "render/text.h"
#include "render/when.h"

namespace baton::cli {
namespace {

constexpr size_t kMaxName = 100;
constexpr size_t kMaxSessions = 20;

struct Point {
  std::string name, reason;
  Micros time = 0;
  model::Position position;
};

bool is_name(std::string_view name) {
  if (name.empty() || name.size() > kMaxName) return false;
  char first = name[0];
  bool letter = (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z');
  return letter && std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_' || c == '/';
         });
}

// Newest first: what was named, where rewinds began, the last green run, starts of sessions.
Result<std::vector<Point>> points(Front& front, index::Index& index) {
  std::vector<Point> list;
  std::string worktree = front.worktree();
  for (const index::Act& act : TRY(index::acts(index, worktree))) {
    if (act.event_name == index::kForkEvent) continue;
    bool rewind = act.event_name == index::kRewindEvent;
    list.push_back({act.name,
                    rewind             ? "before it " + render::act_text(act)
                    : act.note.empty() ? "made by hand"
                                       : act.note,
                    act.time, rewind ? act.before : act.after});
  }
  if (auto run = TRY(last_green(index, worktree))) {
    list.push_back({"@green", "the tests passed in " + run->step.address(), run->time, run->tree});
  }
  index::SessionFilter filter;
  filter.worktree = worktree;
  filter.limit = kMaxSessions;
  for (const model::Session& session : TRY(index::sessions(index, filter))) {
    index::Address address;
    address.session_key = session.key;
    address.session = session.address;
    auto span = index::span(index, address);
    if (!span) continue;
    list.push_back({session.address + "^",
                    "before session " + session.address + " (" + session.agent + ")", session.began,
                    span->before});
  }
  std::ranges::stable_sort(list, std::greater{}, &Point::time);
  return list;
}

Result<int> show_points(Front& front) {
  index::Index& index = *TRY(front.index());
  auto list = TRY(points(front, index));
  if (front.json()) {
    render::JsonAnswer answer("checkpoints");
    json::Writer& json = answer.writer();
    json.key("checkpoints").begin_array();
    for (const Point& point : list) {
      json.begin_object().member("name", point.name).member("reason", point.reason);
      render::optional_time(json, "time", point.time);
      json.key("position");
      render::write(json, point.position);
      json.end_object();
    }
    json.end_array();
    front.out().write(answer.finish(front.style()));
    return kFine;
  }
  if (list.empty()) {
    print_warning("there is no checkpoint yet; 'baton checkpoint NAME' makes one");
    return kFine;
  }
  render::Table table;
  for (const Point& point : list) {
    table.row({{point.name, render::Look::address},
               {render::when(front.style(), point.time), render::Look::faint},
               {render::first_line(render::clean(front.style(), point.reason))}});
  }
  front.out().write(table.text(front.style()));
  return kFine;
}

Result<int> make_point(Front& front, const std::string& name) {
  if (!is_name(name)) {
    return fail(ErrorKind::usage, "'" + name + "' is no name for a checkpoint",
                "letters, digits, '-', '_' and '/', beginning with a letter");
  }
  index::Index& index = *TRY(front.index());
  std::string worktree = front.worktree();
  bool known = TRY(find_act(index, worktree, name)).has_value();
  if (known && !front.asked().has(OptionId::force)) {
    return fail(ErrorKind::negative, "there is a checkpoint '" + name + "' already",
                "--force makes the name stand for the files as they are now");
  }
  bool means_another = name == "start" || name == "green" || name.starts_with("rewind-");
  if (means_another || index::resolve(index, name, true)) {
    return fail(ErrorKind::usage, "'" + name + "' has a meaning already", "choose another name");
  }
  json::Writer payload;
  payload.begin_object().member("id", hex(os::random_bytes(8))).member("name", name);
  if (front.asked().has(OptionId::message)) {
    payload.member("note", front.asked().value(OptionId::message));
  }
  payload.end_object();
  TRY(record::record_own(TRY(front.place())->root, "notes", index::kCheckpointEvent,
                         payload.text()));
  TRY(index.update());
  auto made = TRY(find_act(index, worktree, name));
  if (!made) return fail(ErrorKind::damage, "the checkpoint was not recorded");
  if (front.json()) {
    render::JsonAnswer answer("checkpoint");
    answer.writer().key("made");
    render::write(answer.writer(), *made);
    front.out().write(answer.finish(front.style()));
  } else {
    front.out().write("checkpoint " + name + "\n");
  }
  return kFine;
}

}  // namespace

Result<int> run_checkpoint(Front& front) {
  const Invocation& asked = front.asked();
  return asked.words.empty() ? show_points(front) : make_point(front, asked.words[0]);
}

}  // namespace baton::cli
