// `baton pr`: the body of a pull request, for `gh pr create --body-file -`.

#include "base/bytes.h"
#include "cli/asked_task.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/page.h"
#include "cli/review_since.h"
#include "handoff/pull_request.h"
#include "os/file.h"
#include "render/body_marks.h"
#include "render/pull_request.h"

namespace baton::cli {
namespace {

constexpr uint64_t kMaxExistingBytes = 1u << 20;
constexpr size_t kLeastBody = 4096;

// The body that --update names, "-" for the standard input.
Result<std::string> existing_body(const std::string& file) {
  if (file == "-") return os::read_stdin(kMaxExistingBytes);
  return os::read_file(file, kMaxExistingBytes);
}

std::unexpected<Error> no_room(size_t kept) {
  return fail(ErrorKind::usage, "the text around the marks leaves no room for a body",
              "a body may have 65536 bytes in all, " + std::to_string(kept) + " are taken");
}

}  // namespace

Result<int> run_pr(Front& front) {
  const Invocation& asked = front.asked();
  render::Around around;
  if (asked.has(OptionId::update)) {
    std::string file(asked.value(OptionId::update));
    around = TRY(render::around_body(TRY(existing_body(file))));
  }
  size_t kept = around.before.size() + around.after.size();
  if (kept + kLeastBody > render::kMaxBodyBytes) return no_room(kept);
  index::Index& index = *TRY(front.index());
  handoff::Task task = TRY(task_of_now(front, index, "pr"));
  handoff::Options options;
  TRY(add_surroundings(front, index, options));
  auto since = TRY(asked_since(front, index, task));
  auto request = TRY(handoff::make_pull_request(index, task, options, since));
  if (front.bundle()) request.bundle = front.bundle()->digest;
  render::Body body = render::pull_request_body(front.style(), request, TRY(outward(front, index)),
                                                render::kMaxBodyBytes - kept);
  if (kept + body.text.size() > render::kMaxBodyBytes) return no_room(kept);
  body.text = around.before + body.text + around.after;
  if (asked.has(OptionId::html)) {
    std::string file(asked.value(OptionId::html));
    std::string page = TRY(review_page(front, index, task, request));
    TRY(os::replace_file(file, page, 0644));
  }
  front.out().write(front.json() ? render::pull_request_json(front.style(), request, body)
                                 : body.text);
  return kFine;
}

}  // namespace baton::cli
