#include "cli/start_agent.h"

#include "agents/agent.h"
#include "agents/install_agents.h"
#include "cli/exit.h"
#include "cli/invocation.h"
#include "cli/reading.h"
#include "os/env.h"
#include "os/file.h"
#include "os/process.h"
#include "render/text.h"

namespace baton::cli {
Result<int> start_agent(Front& front, const std::string& task, size_t budget,
                        const std::string& context) {
  const agents::Agent* agent = agents::find_agent(front.asked().value(OptionId::to_agent));
  const agents::HookedAgent* hooked = agent ? agents::find_hooked_agent(agent->id()) : nullptr;
  if (!hooked) {
    return fail(ErrorKind::usage,
                "unknown agent '" + std::string(front.asked().value(OptionId::to_agent)) + "'",
                "known: claude-code, codex");
  }
  const std::string& root = TRY(front.place())->root;
  std::string program(hooked->program);
  if (!front.asked().has(OptionId::run)) {
    // The hook would tell it once more.
    const Invocation& asked = front.asked();
    std::string command = shell_quoted(os::program_path()) + " handoff " + shell_quoted(task) +
                          " --format prompt --budget " + std::to_string(budget);
    if (asked.has(OptionId::at)) command += " --at " + shell_quoted(asked.value(OptionId::at));
    std::string bundle(asked.value(OptionId::bundle));
    if (!bundle.empty()) command += " --bundle " + shell_quoted(os::normalize(front.cwd(), bundle));
    front.out().write("cd " + shell_quoted(root) + " && BATON_INJECT=false " + program + " \"$(" +
                      command + ")\"\n");
    return kFine;
  }
  if (os::find_program(program).empty()) {
    return fail(ErrorKind::not_found, "no program '" + program + "' in PATH",
                "install " + std::string(hooked->name) + ", or leave --run away");
  }
  TRY(os::change_directory(root));
  front.out().finish();
  return std::unexpected(os::become({program, context}, {{"BATON_INJECT", "false"}}));
}

}  // namespace baton::cli
