#include "cli/asked_task.h"

#include "cli/exit.h"
#include "cli/reading.h"
#include "record/record.h"

namespace baton::cli {

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

Status look_at_files(Front& front, index::Index& index, std::string_view reader) {
  const worktree::Place& place = *TRY(front.place());
  std::string session = "reader-" + format_utc(front.style().now).substr(0, 10);
  auto looked =
      record::look_for_reader(place.root, session, "{\"for\":\"" + std::string(reader) + "\"}");
  if (looked.problem) {
    print_warning("the files are taken as they were last seen: " + looked.problem->message);
  }
  if (looked.recorded) TRY(index.update());
  return {};
}

void take_scope(const Front& front, handoff::Options& options) {
  for (const std::string& pattern : front.asked().values(OptionId::scope)) {
    options.scope.push_back({pattern, "--scope"});
  }
  for (const std::string& pattern : front.config().get_all("baton.scope")) {
    options.scope.push_back({pattern, "baton.scope"});
  }
}

Result<handoff::Handoff> asked_handoff(Front& front, index::Index& index, std::string_view reader,
                                       handoff::Options options) {
  const worktree::Place& place = *TRY(front.place());
  TRY(asked_task(front, index));  // what is asked wrongly costs no look
  TRY(look_at_files(front, index, reader));
  handoff::Task task = TRY(asked_task(front, index));
  options.repository = front.repository();
  options.root = place.root;
  take_scope(front, options);
  return handoff::make_handoff(index, task, options);
}

}  // namespace baton::cli
