// `baton bundle`: what was recorded in one file, for somebody who has no store.

#include "handoff/bundle.h"

#include "cli/asked_task.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "handoff/tasks.h"
#include "os/file.h"
#include "render/json.h"
#include "render/text.h"

namespace baton::cli {

Result<int> run_bundle(Front& front) {
  const Invocation& asked = front.asked();
  TRY(front.place());
  index::Index& index = *TRY(front.index());
  TRY(look_at_files(front, index, "bundle"));
  handoff::BundleOptions options;
  options.masker = &front.masker();
  options.worktree = front.worktree();
  options.repository = front.repository();
  if (asked.words.size() > 1) {
    options.task = TRY(handoff::find_task(index, standing_of(front), asked.words[0]));
  }
  const std::string& path = asked.words.back();
  auto made = TRY(handoff::make_bundle(index, os::normalize(front.cwd(), path), options));
  uint64_t size = TRY(os::stat_file(os::normalize(front.cwd(), path))).size;
  if (front.json()) {
    render::JsonAnswer answer("bundle");
    answer.writer()
        .member("path", path)
        .member("digest", made.digest)
        .member("bytes", static_cast<int64_t>(size))
        .member("sessions", static_cast<int64_t>(made.sessions))
        .member("events", static_cast<int64_t>(made.events))
        .member("objects", static_cast<int64_t>(made.objects))
        .member("left_out", static_cast<int64_t>(made.left_out));
    front.out().write(answer.finish(front.style()));
    return kFine;
  }
  std::string text = render::count(static_cast<int64_t>(made.events), "event") + " and " +
                     render::count(static_cast<int64_t>(made.objects), "content") + ", " +
                     render::size_text(size) + "\n";
  if (made.left_out > 0) {
    text += "of " + render::count(static_cast<int64_t>(made.left_out), "other session") +
            " only what was seen in the files\n";
  }
  text += "digest " + made.digest + "\n";
  text += "read it with --bundle: baton log --bundle " + render::neutral(path) + "\n";
  front.out().write(text);
  return kFine;
}

}  // namespace baton::cli
