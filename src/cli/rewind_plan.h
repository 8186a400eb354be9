#pragma once

// What `baton rewind` is asked for, worked out.

#include "cli/rollback.h"

namespace baton::cli {

// Whether the command line says what is to be taken back, or to where.
bool says_where(const Invocation& asked);
// ErrorKind::usage if it does not.
Result<Planned> plan_rewind(Front& front, const Ground& ground);

}  // namespace baton::cli
