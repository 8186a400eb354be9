#pragma once

// The commands, one file each. They give their exit status, or an error.

#include "cli/front.h"

namespace baton::cli {

Result<int> run_summary(Front& front);  // `baton` alone
Result<int> run_init(Front& front);
Result<int> run_uninstall(Front& front);
Result<int> run_doctor(Front& front);
Result<int> run_status(Front& front);
Result<int> run_sessions(Front& front);
Result<int> run_log(Front& front);
Result<int> run_show(Front& front);
Result<int> run_diff(Front& front);
Result<int> run_search(Front& front);
Result<int> run_blame(Front& front);
Result<int> run_stats(Front& front);
Result<int> run_triage(Front& front);
Result<int> run_handoff(Front& front);
Result<int> run_check(Front& front);
Result<int> run_pr(Front& front);
Result<int> run_task(Front& front);
Result<int> run_note(Front& front);
Result<int> run_bundle(Front& front);
Result<int> run_cat(Front& front);
Result<int> run_export(Front& front);
Result<int> run_rewind(Front& front);
Result<int> run_undo(Front& front);
Result<int> run_redo(Front& front);
Result<int> run_restore(Front& front);
Result<int> run_checkpoint(Front& front);
Result<int> run_fork(Front& front);
Result<int> run_du(Front& front);
Result<int> run_gc(Front& front);
Result<int> run_reindex(Front& front);
Result<int> run_fsck(Front& front);
Result<int> run_completion(Front& front);
Result<int> run_help(Front& front);
Result<int> run_version(Front& front);
Result<int> run_collect(Front& front);

}  // namespace baton::cli
