// `baton handoff`: what the next actor needs, from the record of a task.

#include "handoff/handoff.h"

#include <algorithm>

#include "cli/asked_task.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/handoff_marks.h"
#include "cli/handoff_verify.h"
#include "cli/page.h"
#include "cli/start_agent.h"
#include "render/handoff_json.h"
#include "render/handoff_markdown.h"

namespace baton::cli {
namespace {

constexpr int64_t kMostTokens = 100'000'000;
constexpr size_t kPromptTokens =
    1'500;  // what another agent is started with, unless asked otherwise

// What is asked is one thing: words that the answer would pass over are said.
Status check_together(const Invocation& asked) {
  struct Pair {
    OptionId one, other;
    std::string_view what;
  };
  constexpr Pair kApart[] = {
      {OptionId::verify, OptionId::marks, "--verify and --list"},
      {OptionId::verify, OptionId::at, "--verify and --at"},
      {OptionId::verify, OptionId::to_agent, "--verify and --to"},
      {OptionId::marks, OptionId::at, "--list and --at"},
      {OptionId::marks, OptionId::to_agent, "--list and --to"},
      {OptionId::to_agent, OptionId::format, "--to and --format"},
      {OptionId::to_agent, OptionId::json, "--to and --json"},
  };
  for (const Pair& pair : kApart) {
    if (!asked.has(pair.one) || !asked.has(pair.other)) continue;
    return fail(ErrorKind::usage, std::string(pair.what) + " do not go together",
                "see 'baton help handoff'");
  }
  if (asked.value(OptionId::format) == "html" && asked.has(OptionId::at)) {
    return fail(ErrorKind::usage, "--at and --format html do not go together",
                "the page is of the record as it is now");
  }
  if (asked.has(OptionId::run) && !asked.has(OptionId::to_agent)) {
    return fail(ErrorKind::usage, "--run starts an agent: it needs --to",
                "write: baton handoff --to AGENT --run");
  }
  return {};
}

}  // namespace

Result<int> run_handoff(Front& front) {
  const Invocation& asked = front.asked();
  TRY(check_together(asked));
  if (asked.has(OptionId::verify)) return verify_handoff_file(front);
  if (asked.has(OptionId::marks)) return list_marks(front);
  if (asks_dropped(front)) return dropped_between(front);
  render::HandoffForm form;
  std::string_view format = asked.value(OptionId::format);
  form.prompt = format == "prompt";
  bool json = front.json() || format == "json";
  if (auto budget = TRY(asked.number(OptionId::budget, 1))) {
    if (json || format == "html") {
      return fail(ErrorKind::usage, "--budget is for md and prompt; the others have everything");
    }
    form.budget = static_cast<size_t>(std::min<int64_t>(*budget, kMostTokens));
  }
  index::Index& index = *TRY(front.index());
  if (front.asked().value(OptionId::format) == "html") {
    front.out().write(TRY(asked_page(front, index)));
    return kFine;
  }
  handoff::Handoff handoff;
  if (asked.has(OptionId::at)) {
    handoff = TRY(handoff_at(front));
  } else {
    handoff = TRY(asked_handoff(front, index, "handoff"));
  }
  if (asked.has(OptionId::to_agent)) {
    std::string task = asked.words.empty() ? handoff.task.name : asked.words[0];
    form.prompt = true;
    if (form.budget == 0) form.budget = kPromptTokens;
    return start_agent(front, task, form.budget,
                       render::handoff_markdown(front.style(), handoff, form));
  }
  front.out().write(json ? render::handoff_json(front.style(), handoff)
                         : render::handoff_markdown(front.style(), handoff, form));
  return kFine;
}

}  // namespace baton::cli
