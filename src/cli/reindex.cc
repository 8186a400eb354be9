#include "base/json.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/reading.h"
#include "render/json.h"
#include "render/text.h"

namespace baton::cli {

Result<int> run_reindex(Front& front) {
  index::Index& index = *TRY(front.index(Front::Opening::rebuild));
  const index::UpdateStats& done = index.last_update();
  if (front.json()) {
    render::JsonAnswer answer("reindex");
    answer.writer().member("path", index.path()).member("events", done.events);
    answer.writer().member("file_lines", done.file_lines).member("transitions", done.transitions);
    front.out().write(answer.finish(front.style()));
  } else {
    front.out().write(render::count(done.events, "event") + " and " +
                      render::count(done.file_lines, "line") + " of session files read, " +
                      render::count(done.transitions, "change") + " of files\n");
  }
  return kFine;
}

}  // namespace baton::cli
