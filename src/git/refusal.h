#pragma once

// Whether git itself will not work in a repository.

#include <optional>

#include "base/result.h"
#include "git/repository.h"

namespace baton::git {

// git's own words (ErrorKind::io) and how to change its mind, nothing if it works there. It refuses
// a folder of another user unless safe.directory names it (git-config(1)), so it is asked only
// where one of the folders is another's: a few system calls otherwise.
std::optional<Error> refusal(const Repository& repository);

}  // namespace baton::git
