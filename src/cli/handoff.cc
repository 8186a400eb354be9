// `baton handoff`: what the next actor needs, from the record of a task.

#include "handoff/handoff.h"

#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/reading.h"
#include "handoff/tasks.h"
#include "record/record.h"
#include "render/handoff_json.h"
#include "render/handoff_markdown.h"

namespace baton::cli {
namespace {

Result<handoff::Task> asked_task(Front& front, index::Index& index) {
  const Invocation& asked = front.asked();
  handoff::Standing standing{front.repository(), front.worktree()};
  if (auto named = TRY(asked_session(index, asked))) return handoff::session_task(index, *named);
  if (!asked.words.empty()) return handoff::find_task(index, standing, asked.words[0]);
  auto task = handoff::current_task(index, standing);
  if (!task && task.error().kind == ErrorKind::not_found) {
    return std::unexpected(nothing_recorded());
  }
  return task;
}

// Whether the tests still hold is a question about the files as they are now: look at them.
Status look_at_files(Front& front, index::Index& index) {
  const worktree::Place& place = *TRY(front.place());
  std::string session = "reader-" + format_utc(front.style().now).substr(0, 10);
  auto looked = record::look_for_reader(place.root, session, "{\"for\":\"handoff\"}");
  if (looked.problem) {
    print_warning("the files are taken as they were last seen: " + looked.problem->message);
  }
  if (looked.recorded) TRY(index.update());
  return {};
}

}  // namespace

Result<int> run_handoff(Front& front) {
  const worktree::Place& place = *TRY(front.place());
  index::Index& index = *TRY(front.index());
  TRY(asked_task(front, index));
  TRY(look_at_files(front, index));
  handoff::Task task = TRY(asked_task(front, index));
  handoff::Options options;
  options.repository = front.repository();
  options.root = place.root;
  auto handoff = TRY(handoff::make_handoff(index, task, options));
  bool json = front.json() || front.asked().value(OptionId::format) == "json";
  front.out().write(json ? render::handoff_json(front.style(), handoff)
                         : render::handoff_markdown(front.style(), handoff));
  return kFine;
}

}  // namespace baton::cli
