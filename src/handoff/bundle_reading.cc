#include <algorithm>

#include "base/bytes.h"
#include "handoff/bundle.h"
#include "handoff/bundle_files.h"
#include "os/file.h"

namespace baton::handoff {
namespace {

class BundleGit final : public index::GitSource {
 public:
  BundleGit(const store::Store& store, index::GitSource* repository)
      : store_(store), repository_(repository) {}

  Status load() {
    auto text = os::read_file(os::join(store_.path, kCommitsFile), kMaxFile);
    if (!text) return {};
    for (std::string_view line : split(*text, '\n')) {
      size_t blank = line.find(' ');
      if (blank == line.npos) continue;
      trees_[std::string(line.substr(0, blank))] = line.substr(blank + 1);
    }
    return {};
  }

  Result<std::vector<std::optional<index::GitEntry>>> entries(
      std::string_view revision, const std::vector<std::string>& paths) override {
    if (repository_) {
      auto known = repository_->entries(revision, paths);
      if (known) return known;
    }
    auto files = TRY(listed(revision));
    std::vector<std::optional<index::GitEntry>> result;
    for (const std::string& path : paths) {
      auto found = std::ranges::find(files, path, &index::GitEntry::path);
      result.push_back(found == files.end() ? std::optional<index::GitEntry>() : *found);
    }
    return result;
  }

  Result<std::vector<index::GitEntry>> tree(std::string_view revision) override {
    if (repository_) {
      auto known = repository_->tree(revision);
      if (known) return known;
    }
    return listed(revision);
  }

  Result<std::string> blob(const ObjectId& id) override {
    if (repository_) return repository_->blob(id);
    return fail(ErrorKind::not_found, "the bundle does not hold the content " + id.hex());
  }
  Result<std::string> resolve(std::string_view revision) override {
    if (repository_) return repository_->resolve(revision);
    return fail(ErrorKind::not_found, "no git repository here");
  }
  Result<std::vector<std::string>> commits(std::string_view range) override {
    if (repository_) return repository_->commits(range);
    return fail(ErrorKind::not_found, "no git repository here");
  }
  Result<Commit> commit(std::string_view revision) override {
    if (repository_) return repository_->commit(revision);
    return fail(ErrorKind::not_found, "no git repository here");
  }

 private:
  Result<std::vector<index::GitEntry>> listed(std::string_view revision) {
    std::string tree(revision);
    if (auto commit = trees_.find(tree); commit != trees_.end()) tree = commit->second;
    auto none = [&] {
      return fail(ErrorKind::not_found, "the bundle does not know '" + std::string(revision) + "'");
    };
    if (!from_hex(tree)) return none();
    auto text =
        os::read_file(os::join(store_.path, std::string(kTreesFolder) + "/" + tree), kMaxFile);
    if (!text) return none();
    std::vector<index::GitEntry> files;
    for (std::string_view line : split(*text, '\0')) {
      size_t mode = line.find(' '), id = line.find(' ', mode + 1);
      if (mode == line.npos || id == line.npos) continue;
      auto object = ObjectId::from_hex(line.substr(mode + 1, id - mode - 1));
      if (!object) continue;
      files.push_back(
          {std::string(line.substr(id + 1)), std::string(line.substr(0, mode)), *object});
    }
    return files;
  }

  store::Store store_;
  index::GitSource* repository_;
  std::map<std::string, std::string> trees_;  // by commit
};

}  // namespace

Result<BundleFacts> bundle_facts(const store::Store& store) {
  BundleFacts facts;
  std::string worktree = TRY(os::read_file(os::join(store.path, kWorktreeFile), kMaxFile));
  facts.worktree = trim(worktree);
  std::string states = TRY(os::read_file(os::join(store.path, kStatesFile), kMaxFile));
  // A bundle of an older baton has none: they are worked out.
  if (auto tasks = os::read_file(os::join(store.path, kTasksFile), kMaxFile)) {
    facts.tasks = TRY(parse_task_list(*tasks));
  }
  using model::SessionState;
  for (std::string_view line : split(states, '\n')) {
    size_t blank = line.rfind(' ');
    if (blank == line.npos) continue;
    SessionState state = SessionState::open;
    for (SessionState each :
         {SessionState::running, SessionState::ended, SessionState::abnormal, SessionState::open}) {
      if (model::to_string(each) == line.substr(blank + 1)) state = each;
    }
    facts.states[std::string(line.substr(0, blank))] = state;
  }
  return facts;
}

Result<std::shared_ptr<index::GitSource>> bundle_git(const store::Store& store,
                                                     index::GitSource* repository) {
  auto source = std::make_shared<BundleGit>(store, repository);
  TRY(source->load());
  return std::shared_ptr<index::GitSource>(std::move(source));
}

}  // namespace baton::handoff
