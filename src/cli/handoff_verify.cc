// `baton handoff --verify FILE`: whether a handoff that was made before still holds.

#include "cli/handoff_verify.h"

#include <algorithm>

#include "cli/asked_task.h"
#include "cli/exit.h"
#include "index/queries.h"
#include "os/file.h"
#include "render/handoff_verify.h"

namespace baton::cli {
namespace {

// The top-level sessions that the text cites; those that are not there are found missing later.
Result<handoff::Task> task_of(index::Index& index, const std::vector<std::string>& cited) {
  handoff::Task task;
  for (const std::string& name : cited) {
    auto address = index::resolve_session(index, name);
    if (!address) continue;
    auto session = TRY(index::session(index, address->session_key));
    bool known = std::ranges::any_of(task.sessions,
                                     [&](const auto& each) { return each.key == session.key; });
    if (session.parent_key == 0 && !known) task.sessions.push_back(std::move(session));
  }
  if (task.sessions.empty()) {
    return fail(ErrorKind::not_found, "the handoff cites no session that is recorded here");
  }
  std::ranges::sort(task.sessions, [](const auto& a, const auto& b) {
    return std::pair(a.began, a.address) < std::pair(b.began, b.address);
  });
  task.branch = task.sessions.back().branch;
  return task;
}

}  // namespace

Result<int> verify_handoff_file(Front& front) {
  std::string path(front.asked().value(OptionId::verify));
  std::string text = path == "-" ? TRY(os::read_stdin(render::kMaxVerifiedBytes))
                                 : TRY(os::read_file(path, render::kMaxVerifiedBytes));
  auto cited = TRY(render::cited_sessions(text));
  index::Index& index = *TRY(front.index());
  TRY(look_at_files(front, index, "handoff"));
  handoff::Task task = TRY(task_of(index, cited));
  handoff::Options options;
  TRY(add_surroundings(front, index, options));
  auto present = TRY(handoff::make_handoff(index, task, options));
  auto verified = TRY(render::verify_handoff(front.style(), index, present, text));
  front.out().write(front.json() ? render::verified_json(front.style(), verified)
                                 : render::verified_text(front.style(), verified));
  return verified.findings.empty() ? kFine : kNegative;
}

}  // namespace baton::cli
