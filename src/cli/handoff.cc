#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/reading.h"

namespace baton::cli {

Result<int> run_handoff(Front& front) {
  TRY(front.place());
  return fail(ErrorKind::usage, "'handoff' is not there yet");
}

}  // namespace baton::cli
