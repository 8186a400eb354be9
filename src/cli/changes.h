#pragma once

// From recorded changes to files with their contents on both sides.

#include <string>
#include <vector>

#include "index/index.h"
#include "index/pathspec.h"
#include "model/session.h"
#include "render/changes.h"

namespace baton::cli {

// Changes of one path that follow each other become one, in order of the paths. What came to
// nothing is left out. Contents are loaded; one that is not there gets a note instead.
std::vector<render::FileChange> load_changes(index::Index& index,
                                             const std::vector<model::Change>& changes,
                                             const index::Pathspec& paths);
// The content of one side; a note in `note` if it cannot be had.
std::optional<std::string> load_content(index::Index& index, const ObjectId& id, bool withheld,
                                        std::string& note);

}  // namespace baton::cli
