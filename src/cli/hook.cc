#include "cli/hook.h"

#include "os/clock.h"
#include "os/env.h"
#include "os/file.h"
#include "os/guard.h"
#include "record/record.h"

namespace baton::cli {

int run_hook(int argc, char** argv) {
  int64_t began = os::monotonic_us();
  if (auto off = os::env("BATON_OFF"); off && *off != "0") return 0;
  os::end_quietly_after(record::kHardStopUs);
  record::Event event;
  event.agent = agents::find_agent(argc > 2 ? argv[2] : "");
  if (!event.agent) return 0;
  if (argc > 3) event.name = argv[3];
  auto payload = os::read_stdin(record::kMaxPayload);
  if (payload) event.payload = std::move(*payload);
  (void)record::record(std::move(event), began);
  return 0;
}

}  // namespace baton::cli
