// `baton rewind`: all files, some, or only what one session, turn or step did, back to what they
// were.

#include "cli/commands.h"
#include "cli/picker.h"
#include "cli/rewind_plan.h"
#include "os/screen.h"
#include "render/text.h"

namespace baton::cli {
namespace {

Result<int> rewind(Front& front) {
  TRY(front.place());
  TRY(asked_rollback_paths(front));
  Ground ground = TRY(Ground::look(front, "rewind"));
  Planned planned = TRY(plan_rewind(front, ground));
  return carry_out(front, ground, std::move(planned.plan), std::move(planned.intent));
}

// What a person chose from the list, and the command that does the same again.
Result<int> rewind_chosen(Front& front) {
  Invocation chosen = TRY(pick_rewind(front));
  std::string command = render::clean(front.style(), command_line(chosen));
  bool looks = chosen.command == CommandId::show;
  front.ask_instead(std::move(chosen));
  if (looks) {
    front.out().write(command + "\n");
    front.out().flush();
    front.use_pager();
    return run_show(front);
  }
  auto status = rewind(front);
  front.out().write("as a command: " + command + "\n");
  front.out().flush();
  return status;
}

}  // namespace

Result<int> run_rewind(Front& front) {
  const Invocation& asked = front.asked();
  bool choose =
      !says_where(asked) && !asked.has(OptionId::hunk) && !front.json() && os::Screen::possible();
  return choose ? rewind_chosen(front) : rewind(front);
}

}  // namespace baton::cli
