#include "cli/hook.h"

#include "cli/injection.h"
#include "os/clock.h"
#include "os/env.h"
#include "os/file.h"
#include "os/guard.h"
#include "record/record.h"

namespace baton::cli {

int run_hook(int argc, char** argv) {
  int64_t began = os::monotonic_us();
  os::end_quietly_after(record::kHardStopUs);
  // Always to the end: some agents tell their user of a hook that does not read.
  os::Input input = os::read_stdin_until(record::kMaxPayload, began + record::kInputBudgetUs);
  if (auto off = os::env("BATON_OFF"); off && *off != "0") return 0;
  record::Event event;
  event.agent = agents::find_agent(argc > 2 ? argv[2] : "");
  if (!event.agent) {
    record::count_unrecorded("their agent is not known to this baton");
    return 0;
  }
  if (argc > 3) event.name = argv[3];
  event.payload = std::move(input.text);
  event.problem = std::move(input.problem);
  const agents::Agent& agent = *event.agent;
  record::Recorded recorded = record::record(std::move(event), began);
  if (recorded.recorded && recorded.heard.moment == agents::Moment::session_start) {
    inject(agent, recorded.heard);
  }
  if (recorded.recorded && recorded.heard.moment == agents::Moment::prompt) {
    inject_notice(agent, recorded.heard, recorded.store_path);
  }
  return 0;
}

}  // namespace baton::cli
