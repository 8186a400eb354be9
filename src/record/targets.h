#pragma once

// Which worktrees an event is about, and what is to be looked at in each.

#include <optional>
#include <string>
#include <vector>

#include "agents/agent.h"
#include "worktree/observe.h"
#include "worktree/worktree.h"

namespace baton::record {

struct NamedPath {
  std::string path;  // from the worktree's root
  std::string call;
  const agents::FileEdit* edit = nullptr;  // what an after-event says of it
};

struct Target {
  worktree::Place place;
  bool full = false;
  std::vector<NamedPath> paths;
  worktree::Limits limits = {};  // what is set for the place, once it was asked
};

struct Targets {
  std::vector<Target> list;  // the first is where the agent is, if that has a store
  bool here = false;         // whether it has
  struct Edited {
    std::string path;   // absolute
    std::string store;  // of the store that it lies in, "" for none
  };
  std::vector<Edited> edited;
};

// Looks only at directories. `heard` must outlive the result.
Targets find_targets(const agents::Heard& heard, const std::string& cwd);

// Directories outside of `root` that the words of a shell command name (`cd ../other && make`,
// `git -C ../other pull`, `sed -i s/a/b/ /abs/file`): only existing ones.
std::vector<std::string> named_directories(std::string_view command, const std::string& cwd,
                                           const std::string& root);

}  // namespace baton::record
