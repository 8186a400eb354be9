#pragma once

// Writing what was recorded into one file that answers as the store does, for somebody who has no
// store: masked, with the contents that it needs. docs/format/bundle.md.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "handoff/task_list.h"
#include "index/index.h"
#include "model/session.h"
#include "secrets/masker.h"
#include "store/bundle.h"

namespace baton::handoff {

struct BundleOptions {
  const secrets::Masker* masker = nullptr;      // must not be null
  std::string worktree;                         // id of the one that the asker stands in
  const git::Repository* repository = nullptr;  // that the asker stands in; null outside of git
  // Its sessions' (and their subagents') words are in it; of the others only what was seen in the
  // working tree. Without one: all.
  std::optional<Task> task;
};

struct MadeBundle {
  std::string digest;
  size_t sessions = 0, events = 0, objects = 0;
  size_t left_out = 0;  // sessions without their words
};
// `index`: of the store, up to date.
Result<MadeBundle> make_bundle(index::Index& index, const std::string& path,
                               const BundleOptions& options);

// What a bundle says about itself, for opening an index on it.
struct BundleFacts {
  std::string worktree;
  std::map<std::string, model::SessionState> states;  // by directory below the sessions
  std::optional<TaskList> tasks;
};
Result<BundleFacts> bundle_facts(const store::Store& store);

// git's answers for a bundle: those of a repository, if there is one, else what the bundle holds.
// `repository` may be null, and must outlive the result.
Result<std::shared_ptr<index::GitSource>> bundle_git(const store::Store& store,
                                                     index::GitSource* repository);

}  // namespace baton::handoff
