#include "cli/asked_task.h"

#include "cli/exit.h"
#include "cli/reading.h"
#include "record/record.h"

namespace baton::cli {

handoff::Standing standing_of(Front& front) {
  return {front.repository(), front.worktree(), front.told_tasks()};
}

Result<handoff::Task> asked_task(Front& front, index::Index& index) {
  const Invocation& asked = front.asked();
  handoff::Standing standing = standing_of(front);
  if (auto named = TRY(asked_session(index, asked))) return handoff::session_task(index, *named);
  if (!asked.words.empty()) return handoff::find_task(index, standing, asked.words[0]);
  auto task = handoff::current_task(index, standing);
  if (!task && task.error().kind == ErrorKind::not_found) {
    return std::unexpected(nothing_recorded());
  }
  return task;
}

namespace {

// Whether the look recorded something new.
Result<bool> look(Front& front, index::Index& index, std::string_view reader) {
  const worktree::Place& place = *TRY(front.place());
  if (front.bundle()) return {};
  std::string session = "reader-" + format_utc(front.style().now).substr(0, 10);
  auto looked =
      record::look_for_reader(place.root, session, "{\"for\":\"" + std::string(reader) + "\"}");
  if (looked.problem) {
    print_warning("the files are taken as they were last seen: " + looked.problem->message);
  }
  if (looked.recorded) TRY(index.update());
  return looked.recorded;
}

// What --scope and the setting baton.scope say may be touched.
void take_scope(const Front& front, handoff::Options& options) {
  for (const std::string& pattern : front.asked().values(OptionId::scope)) {
    options.scope.push_back({pattern, "--scope"});
  }
  for (const std::string& pattern : front.settings().texts(Setting::scope)) {
    options.scope.push_back({pattern, "baton.scope"});
  }
}

}  // namespace

Status look_at_files(Front& front, index::Index& index, std::string_view reader) {
  (void)TRY(look(front, index, reader));
  return {};
}

Result<handoff::Task> task_of_now(Front& front, index::Index& index, std::string_view reader) {
  handoff::Task task = TRY(asked_task(front, index));
  if (TRY(look(front, index, reader))) task = TRY(asked_task(front, index));
  return task;
}

Status add_surroundings(Front& front, index::Index& index, handoff::Options& options) {
  options.repository = front.repository();
  options.files = front.bundle() ? TRY(handoff::files_last_seen(index, front.worktree()))
                                 : handoff::files_on_disk(TRY(front.place())->root);
  take_scope(front, options);
  return {};
}

Result<handoff::Handoff> asked_handoff(Front& front, index::Index& index, std::string_view reader,
                                       handoff::Options options) {
  handoff::Task task = TRY(task_of_now(front, index, reader));
  TRY(add_surroundings(front, index, options));
  return handoff::make_handoff(index, task, options);
}

}  // namespace baton::cli
