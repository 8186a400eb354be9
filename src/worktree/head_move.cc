#include "worktree/head_move.h"

#include "git/commands.h"
#include "git/head.h"
#include "os/clock.h"

namespace baton::worktree {
namespace {

bool is_file(uint32_t mode) {
  return mode == git::kModeFile || mode == git::kModeExecutable || mode == git::kModeLink;
}

}  // namespace

Result<StagedPaths> staged_paths(const Worktree& worktree, const git::IndexFile& index,
                                 const std::string& commit) {
  StagedPaths staged;
  auto id = ObjectId::from_hex(commit);
  if (!id) {
    staged.all = true;
    return staged;
  }
  git::ObjectReader reader(*worktree.repository);
  if (index.cached_tree() && TRY(reader.tree(commit)) == *index.cached_tree()) return staged;
  auto paths = TRY(git::staged_paths(*worktree.repository, *id));
  staged.paths.insert(paths.begin(), paths.end());
  return staged;
}

Result<HeadMove> HeadMove::look(const Worktree& worktree, store::Objects& objects,
                                const std::string& from, Deadline deadline) {
  HeadMove move;
  git::HeadState head = TRY(git::read_head(*worktree.repository));
  if (!head.known || head.commit == from || head.commit.empty()) return move;
  move.to = head.commit;
  auto old_commit = ObjectId::from_hex(from);
  auto new_commit = ObjectId::from_hex(head.commit);
  if (!old_commit || !new_commit) {
    move.ready = true;
    return move;
  }
  git::ObjectReader reader(*worktree.repository);
  for (const auto& change :
       TRY(git::diff_tree(*worktree.repository, *old_commit, *new_commit))) {
    if (is_file(change.new_mode)) move.arrived[change.path] = change.new_id;
    if (!is_file(change.old_mode) || objects.contains(change.old_id)) continue;
    if (os::monotonic_us() >= deadline) return move;
    TRY(objects.put(change.old_id, TRY(reader.blob(change.old_id))));
  }
  move.ready = true;
  return move;
}

Status move_pin(const Worktree& worktree, const std::string& commit) {
  const git::Repository& repository = *worktree.repository;
  git::ObjectReader reader(repository);
  std::vector<git::TreeEntry> pins;
  std::optional<ObjectId> before;
  if (auto pinned = reader.info(kPinRef)) {
    before = pinned->id;
    for (auto& entry : TRY(git::ls_tree(repository, pinned->id, false))) {
      if (entry.path != worktree.id) pins.push_back(std::move(entry));
    }
  }
  if (!commit.empty()) {
    pins.push_back({git::kModeTree, TRY(reader.tree(commit)), worktree.id});
  }
  ObjectId tree;
  if (!pins.empty()) tree = TRY(git::create_tree(repository, std::move(pins)));
  if (before && *before == tree) return {};
  return git::update_ref(repository, kPinRef, tree);
}

}  // namespace baton::worktree
