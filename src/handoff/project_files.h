#pragma once

// The project's files as they are now, as far as judgements read them: what its own checks are
// called stands there. With a bundle they are what its author had, whatever lies around the reader.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "index/index.h"

namespace baton::handoff {

class ProjectFiles {
 public:
  virtual ~ProjectFiles() = default;
  // "" if there is no such regular file, or it is larger than 1 MB.
  virtual std::string read(const std::string& path) const = 0;
  // Names of the files in a folder, sorted.
  virtual std::vector<std::string> names(const std::string& folder) const = 0;
};

std::shared_ptr<const ProjectFiles> files_on_disk(std::string root);
// Those of the worktree with this id as they were last seen. `index` must outlive them.
Result<std::shared_ptr<const ProjectFiles>> files_last_seen(index::Index& index,
                                                            std::string_view worktree);

}  // namespace baton::handoff
