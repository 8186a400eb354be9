// `baton handoff`: what the next actor needs, from the record of a task.

#include "handoff/handoff.h"

#include "cli/asked_task.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/page.h"
#include "render/handoff_json.h"
#include "render/handoff_markdown.h"

namespace baton::cli {

Result<int> run_handoff(Front& front) {
  index::Index& index = *TRY(front.index());
  if (front.asked().value(OptionId::format) == "html") {
    front.out().write(TRY(asked_page(front, index)));
    return kFine;
  }
  auto handoff = TRY(asked_handoff(front, index, "handoff"));
  bool json = front.json() || front.asked().value(OptionId::format) == "json";
  front.out().write(json ? render::handoff_json(front.style(), handoff)
                         : render::handoff_markdown(front.style(), handoff));
  return kFine;
}

}  // namespace baton::cli
