// `baton handoff`: what the next actor needs, from the record of a session.

#include "handoff/handoff.h"

#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/reading.h"
#include "record/record.h"
#include "render/handoff_json.h"
#include "render/handoff_markdown.h"

namespace baton::cli {
namespace {

Result<int64_t> asked_handoff_session(Front& front, index::Index& index) {
  const Invocation& asked = front.asked();
  if (auto named = TRY(asked_session(index, asked))) return *named;
  if (!asked.words.empty()) return TRY(index::resolve_session(index, asked.words[0])).session_key;
  index::SessionFilter filter;
  filter.limit = 1;
  auto newest = TRY(index::sessions(index, filter));
  if (newest.empty()) return std::unexpected(nothing_recorded());
  return newest[0].key;
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
  TRY(front.place());
  index::Index& index = *TRY(front.index());
  TRY(asked_handoff_session(front, index));
  TRY(look_at_files(front, index));
  int64_t session = TRY(asked_handoff_session(front, index));
  auto handoff = TRY(handoff::session_handoff(index, session));
  bool json = front.json() || front.asked().value(OptionId::format) == "json";
  front.out().write(json ? render::handoff_json(front.style(), handoff)
                         : render::handoff_markdown(front.style(), handoff));
  return kFine;
}

}  // namespace baton::cli
