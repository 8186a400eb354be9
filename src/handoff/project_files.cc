#include "handoff/project_files.h"

#include <algorithm>

#include "index/contents.h"
#include "index/queries.h"
#include "index/state.h"
#include "os/file.h"

namespace baton::handoff {
namespace {

constexpr uint64_t kMaxFile = 1u << 20;

class OnDisk final : public ProjectFiles {
 public:
  explicit OnDisk(std::string root) : root_(std::move(root)) {}

  std::string read(const std::string& path) const override {
    auto text = os::read_regular(os::join(root_, path), kMaxFile);
    return text ? std::move(*text) : std::string();
  }
  std::vector<std::string> names(const std::string& folder) const override {
    std::vector<std::string> names;
    auto entries = os::list_dir(os::join(root_, folder));
    if (!entries) return names;
    for (const auto& entry : *entries) names.push_back(entry.name);
    std::ranges::sort(names);
    return names;
  }

 private:
  std::string root_;
};

class LastSeen final : public ProjectFiles {
 public:
  LastSeen(index::Index& index, model::State state) : index_(index), state_(std::move(state)) {}

  std::string read(const std::string& path) const override {
    auto entry = std::ranges::lower_bound(state_.entries, path, {}, &model::StateEntry::path);
    if (entry == state_.entries.end() || entry->path != path) return {};
    auto content = index_.contents().get(entry->id);
    return content && content->size() <= kMaxFile ? std::move(*content) : std::string();
  }
  std::vector<std::string> names(const std::string& folder) const override {
    std::vector<std::string> names;
    std::string prefix = folder + "/";
    auto entry = std::ranges::lower_bound(state_.entries, prefix, {}, &model::StateEntry::path);
    for (; entry != state_.entries.end() && entry->path.starts_with(prefix); ++entry) {
      std::string name = entry->path.substr(prefix.size());
      if (name.find('/') == std::string::npos) names.push_back(std::move(name));
    }
    return names;
  }

 private:
  index::Index& index_;
  model::State state_;  // by path
};

}  // namespace

std::shared_ptr<const ProjectFiles> files_on_disk(std::string root) {
  return std::make_shared<OnDisk>(std::move(root));
}

Result<std::shared_ptr<const ProjectFiles>> files_last_seen(index::Index& index,
                                                            std::string_view worktree) {
  auto position = TRY(index::newest(index, std::string(worktree)));
  auto state = index::state_at(index, position);
  // A tree that git threw away: nothing can be read.
  return std::make_shared<LastSeen>(index, state ? std::move(*state) : model::State());
}

}  // namespace baton::handoff
