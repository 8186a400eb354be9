#include "cli/handoff_marks.h"

#include <algorithm>

#include "base/bytes.h"
#include "cli/asked_task.h"
#include "cli/exit.h"
#include "cli/reading.h"
#include "index/git_objects.h"
#include "index/marks.h"
#include "index/notes.h"
#include "os/file.h"
#include "render/marks.h"
#include "render/when.h"

namespace baton::cli {
namespace {

constexpr size_t kPromptKey = 40;  // bytes of a prompt that a summary would repeat

// The moment that a word names: a mark, the end of a turn or step, a time.
struct Moment {
  Micros time = 0;
  int64_t session = 0;  // 0: of none
};
Result<Moment> moment_of(Front& front, index::Index& index, std::string_view word) {
  if (auto mark = TRY(index::find_mark(index, word))) return Moment{mark->time, mark->session_key};
  if (auto time = render::parse_when(word, front.style().now)) return Moment{*time, 0};
  index::Address address = TRY(index::resolve(index, word));
  Moment moment{0, address.session_key};
  if (address.step != 0) {
    model::Step step = TRY(index::step(index, address.session_key, address.step));
    moment.time = std::max(step.began, step.ended);
  } else if (address.turn != 0) {
    auto view = TRY(index::show_turn(index, address.session_key, address.turn));
    moment.time = std::max(view.turn.began, view.turn.ended);
    for (const auto& step : view.steps) {
      moment.time = std::max({moment.time, step.began, step.ended});
    }
  } else {
    moment.time = TRY(index::session(index, address.session_key)).last;
  }
  return moment;
}

// The record as it stood at that time.
struct Then {
  std::unique_ptr<index::GitObjects> git;
  std::optional<index::Index> index;
};
Result<Then> open_then(Front& front, Micros time) {
  const worktree::Place& place = *TRY(front.place());
  Then then;
  if (place.repository && !front.bundle()) {
    then.git = std::make_unique<index::GitObjects>(*place.repository);
  }
  index::IndexOptions options;
  options.git = then.git ? then.git.get() : TRY(front.index())->git();
  options.until = time;
  options.test_commands = TRY(front.index())->test_commands();
  then.index.emplace(TRY(index::Index::open(place.store, options)));
  return then;
}

// The same sessions in an index of another moment; those that had not begun are left out.
Status carry_over(handoff::Task& task, index::Index& then) {
  std::vector<model::Session> sessions;
  for (const model::Session& session : task.sessions) {
    int64_t key = TRY(index::session_of(then, session.agent, session.id));
    if (key != 0) sessions.push_back(TRY(index::session(then, key)));
  }
  task.sessions = std::move(sessions);
  if (!task.sessions.empty()) return {};
  return fail(ErrorKind::not_found, "nothing of this task was recorded by then");
}

Result<handoff::Handoff> make_then(Then& then, handoff::Task task) {
  TRY(carry_over(task, *then.index));
  // The repository is as it is now, not as it was: it tells nothing.
  return handoff::make_handoff(*then.index, task, {});
}

// What a handoff holds, each thing by a text that a summary would repeat.
std::vector<render::DroppedThing> things_in(const handoff::Handoff& handoff) {
  std::vector<render::DroppedThing> things;
  for (const auto& prompt : handoff.prompts) {
    std::string key(utf8_prefix(trim(prompt.text), kPromptKey));
    things.push_back({"prompt", prompt.text, std::move(key), prompt.turn});
  }
  for (const auto& note : handoff.notes) {
    things.push_back({"note", note.text, note.text, note.source});
  }
  for (const auto& attempt : handoff.attempts) {
    std::string text = !attempt.command.empty() ? attempt.command
                       : attempt.paths.empty()  ? attempt.tool
                                                : attempt.paths.front();
    std::string step = attempt.steps.empty() ? attempt.failed_at : attempt.steps.front();
    things.push_back({"failed attempt", text, text, step});
  }
  for (const auto& test : handoff.tests) {
    things.push_back({"test run", test.command, test.command, test.step});
  }
  for (const auto& change : handoff.changes) {
    std::string step = change.steps.empty() ? change.turn : change.steps.back();
    things.push_back({"change", change.path, std::string(os::basename(change.path)), step});
  }
  for (const auto& read : handoff.reads) {
    std::string step = read.steps.empty() ? "" : read.steps.front();
    things.push_back({"read", read.path, std::string(os::basename(read.path)), step});
  }
  for (const auto& item : handoff.plan) {
    if (item.status == "completed" || item.status == "deleted") continue;
    things.push_back({"open plan item", item.text, item.text, item.step});
  }
  return things;
}

}  // namespace

Result<int> list_marks(Front& front) {
  TRY(front.place());
  index::Index& index = *TRY(front.index());
  handoff::Task task = TRY(asked_task(front, index));
  std::vector<index::Mark> marks;
  for (const model::Session& session : task.sessions) {
    for (auto& mark : TRY(index::marks(index, session.key))) marks.push_back(std::move(mark));
  }
  std::ranges::stable_sort(marks, {}, &index::Mark::time);
  if (front.json()) {
    front.out().write(render::marks_json(front.style(), marks));
  } else if (marks.empty()) {
    say_nothing_found(index, "mark");
  } else {
    front.out().write(render::marks_text(front.style(), marks));
  }
  return kFine;
}

Result<handoff::Handoff> handoff_at(Front& front) {
  TRY(front.place());
  index::Index& index = *TRY(front.index());
  Moment moment = TRY(moment_of(front, index, front.asked().value(OptionId::at)));
  handoff::Task task = TRY(asked_task(front, index));
  bool named = !front.asked().words.empty() || front.asked().has(OptionId::session);
  bool in_it = std::ranges::any_of(
      task.sessions, [&](const model::Session& each) { return each.key == moment.session; });
  if (!named && moment.session != 0 && !in_it) {
    task = TRY(handoff::session_task(index, moment.session));
  }
  Then then = TRY(open_then(front, moment.time));
  return make_then(then, std::move(task));
}

bool asks_dropped(const Front& front) {
  return contains(front.asked().value(OptionId::at), "..");
}

Result<int> dropped_between(Front& front) {
  TRY(front.place());
  index::Index& index = *TRY(front.index());
  std::string range(front.asked().value(OptionId::at));
  size_t dots = range.find("..");
  Moment from = TRY(moment_of(front, index, std::string_view(range).substr(0, dots)));
  Moment to = TRY(moment_of(front, index, std::string_view(range).substr(dots + 2)));
  if (from.session == 0 || from.session != to.session || from.time > to.time) {
    return fail(ErrorKind::usage, "'" + range + "' is no two marks of one session, in order",
                "'baton handoff --list' lists them");
  }
  std::string summary;
  bool known = false;
  for (const auto& message : TRY(index::messages(index, from.session))) {
    // The agent's file tells times in milliseconds.
    bool between = message.time + kSecond >= from.time && message.time <= to.time + kSecond;
    if (message.kind != model::MessageKind::summary || !between) continue;
    summary += message.text + "\n";
    known = true;
  }
  Then then = TRY(open_then(front, from.time));
  handoff::Handoff handoff = TRY(make_then(then, TRY(handoff::session_task(index, from.session))));
  std::vector<render::DroppedThing> dropped;
  for (auto& thing : things_in(handoff)) {
    if (!contains(summary, thing.key)) dropped.push_back(std::move(thing));
  }
  front.out().write(front.json() ? render::dropped_json(front.style(), dropped, known)
                                 : render::dropped_text(front.style(), dropped, known));
  return kFine;
}

}  // namespace baton::cli
