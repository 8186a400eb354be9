#pragma once

// The flags of `baton blame` that are git's to obey: they decide which commit a line has.

#include <string>
#include <vector>

#include "cli/file_target.h"
#include "cli/front.h"

namespace baton::cli {

// As git's command line has them. `since`: 0 if it was not asked for.
std::vector<std::string> git_blame_flags(const Front& front, const FileTarget& target,
                                         Micros since);

// Whether one of them was given, so that git's own answer is what is asked for.
bool asks_git(const Invocation& asked);

// Whether a revision or file that the user gave may be what git refuses.
bool names_something_to_git(const Invocation& asked);

// ErrorKind::usage for what baton does not do.
Status check_blame_flags(const Invocation& asked, const FileTarget& target);

}  // namespace baton::cli
