#pragma once

// What git makes of a blob on the way to the disk: line ends, filters, ident.

#include <string>

#include "base/hash.h"
#include "base/result.h"
#include "git/repository.h"

namespace baton::git {

// The bytes that a checkout would write to the path.
Result<std::string> checked_out_content(const Repository& repository, const ObjectId& blob,
                                        const std::string& path);

}  // namespace baton::git
