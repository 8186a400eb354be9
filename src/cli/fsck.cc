#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/reading.h"

namespace baton::cli {

Result<int> run_fsck(Front& front) {
  TRY(front.place());
  return fail(ErrorKind::usage, "'fsck' is not there yet");
}

}  // namespace baton::cli
