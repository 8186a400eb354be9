#pragma once

// Which file of a tree the path in a trace means: the text may come from another machine, another
// folder, a container or a bundler.

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace baton::triage {

class TreePaths {
 public:
  explicit TreePaths(std::vector<std::string> paths);

  struct Found {
    std::string path;  // "" if none or several
    std::string by;    // path, suffix, name
    std::vector<std::string> candidates;
    bool foreign = false;  // of a library or a runtime
  };
  // `root` of the worktree and `prefix`, the asker's folder below it. What the path has in common
  // with one file's end, as much of it as possible, decides; several with the same are ambiguous.
  Found find(std::string_view path, std::string_view root, std::string_view prefix) const;

 private:
  std::vector<std::string> paths_;                                // sorted
  std::unordered_map<std::string, std::vector<size_t>> by_name_;  // last component
};

}  // namespace baton::triage
