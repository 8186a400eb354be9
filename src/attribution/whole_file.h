#pragma once

// Who brought a file's content as it is, for files that have no lines.

#include "attribution/blame.h"

namespace baton::attribution {

// Of the path's versions with this content the first; else the commit that git names, else unknown.
Result<BlamedLine> blame_whole(index::Index& index, const BlameOptions& options);

}  // namespace baton::attribution
