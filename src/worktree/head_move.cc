#include "worktree/head_move.h"

#include <algorithm>

#include "base/bytes.h"
#include "git/head.h"
#include "git/object_reader.h"
#include "git/object_writer.h"
#include "git/repository_changes.h"
#include "git/tree_listing.h"
#include "os/clock.h"
#include "store/manifest.h"

namespace baton::worktree {
namespace {

bool is_file(uint32_t mode) {
  return mode == git::kModeFile || mode == git::kModeExecutable || mode == git::kModeLink;
}

std::string mode_text(uint32_t mode) {
  return mode == git::kModeLink ? "120000" : mode == git::kModeExecutable ? "100755" : "100644";
}

// Notes how the trees differ, and takes into the store what only the old one holds. False if the
// deadline came first.
Result<bool> take_difference(const git::Repository& repository, store::Objects& objects,
                             const ObjectId& old_tree, const ObjectId& new_tree, Deadline deadline,
                             BaseMove& move) {
  git::ObjectReader reader(repository);
  for (const auto& change : TRY(git::diff_tree(repository, old_tree, new_tree))) {
    BaseMove::Change moved{change.path, {}, {}};
    if (is_file(change.old_mode)) moved.before = {change.old_id, mode_text(change.old_mode)};
    if (is_file(change.new_mode)) moved.after = {change.new_id, mode_text(change.new_mode)};
    if (moved.before.exists() && !objects.contains(change.old_id)) {
      if (os::monotonic_us() >= deadline) return false;
      TRY(objects.put(change.old_id, TRY(reader.blob(change.old_id))));
    }
    if (moved.before.exists() || moved.after.exists()) move.changes.push_back(std::move(moved));
  }
  return true;
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
  ObjectId tree = TRY(reader.tree(commit));
  staged.tree = tree.hex();
  if (index.cached_tree() && tree == *index.cached_tree()) return staged;
  auto paths = TRY(git::staged_paths(*worktree.repository, *id));
  staged.paths.insert(paths.begin(), paths.end());
  return staged;
}

Result<HeadMove> HeadMove::look(const Worktree& worktree, store::Objects& objects,
                                const std::string& commit, const std::string& tree,
                                Deadline deadline) {
  HeadMove result;
  git::HeadState head = TRY(git::read_head(*worktree.repository));
  if (!head.known || head.commit == commit || head.commit.empty()) return result;
  git::ObjectReader reader(*worktree.repository);
  ObjectId new_tree = TRY(reader.tree(head.commit));
  result.move.from_tree = tree;
  result.move.to_commit = head.commit;
  result.move.to_tree = new_tree.hex();
  auto old_tree = ObjectId::from_hex(tree);
  if (!old_tree) {
    result.ready = true;
    return result;
  }
  auto whole =
      take_difference(*worktree.repository, objects, *old_tree, new_tree, deadline, result.move);
  if (!whole) {
    result.lost = !reader.info(tree);
    if (!result.lost) return std::unexpected(whole.error());
    return result;
  }
  if (!*whole) return result;
  for (const auto& change : result.move.changes) {
    if (change.after.exists()) result.arrived[change.path] = change.after.id;
  }
  result.ready = true;
  return result;
}

namespace {

std::string id_in(const std::string& note) {
  auto text = os::read_file(note, 64);
  return text ? std::string(trim(*text)) : std::string();
}

store::ManifestInfo manifest_info(const store::Store& store, const std::string& id) {
  auto manifest = store::Manifest::open_readonly(os::join(store.worktrees_dir(), id));
  return manifest ? manifest->info() : store::ManifestInfo{};
}

}  // namespace

Status move_pin(const git::Repository& repository, const std::string& id, const std::string& tree) {
  constexpr int kAttempts = 3;
  Status done;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    std::vector<git::TreeEntry> pins;
    ObjectId before;
    git::ObjectReader reader(repository);
    if (auto pinned = reader.info(kPinRef)) {
      before = pinned->id;
      for (auto& entry : TRY(git::ls_tree(repository, pinned->id, false))) {
        if (entry.path != id) pins.push_back(std::move(entry));
      }
    }
    if (auto pinned = ObjectId::from_hex(tree)) pins.push_back({git::kModeTree, *pinned, id});
    ObjectId after;
    if (!pins.empty()) after = TRY(git::create_tree(repository, std::move(pins)));
    if (before == after) return {};
    // Another worktree's process may have been faster: then its entry is taken over.
    done = git::update_ref(repository, kPinRef, after, before);
    if (done) break;
  }
  return done;
}

Result<std::vector<PinState>> pin_states(const store::Store& store,
                                         const git::Repository& repository) {
  std::vector<PinState> states;
  for (const auto& each : TRY(git::list_worktrees(repository))) {
    bool main = each.git_dir == repository.common_dir;
    PinState state;
    state.id = id_in(main ? os::join(store.path, kMainWorktreeNote)
                          : os::join(each.git_dir, kWorktreeNote));
    if (state.id.empty()) continue;
    store::ManifestInfo info = manifest_info(store, state.id);
    state.tree = info.tree;
    if (os::is_directory(each.root)) state.root = each.root;
    git::Repository own = repository;
    own.git_dir = each.git_dir;
    auto head = git::read_head(own);
    state.due = info.base_recorded &&
                (info.pin_due ||
                 (head && head->known && !head->commit.empty() && head->commit != info.head));
    states.push_back(std::move(state));
  }
  auto is_live = [&](const std::string& id) {
    return std::ranges::find(states, id, &PinState::id) != states.end();
  };
  for (const std::string& id : TRY(known_worktrees(store))) {
    if (is_live(id)) continue;
    PinState gone;
    gone.id = id;
    gone.gone = true;
    gone.tree = manifest_info(store, id).tree;
    gone.due = !gone.tree.empty();
    states.push_back(std::move(gone));
  }
  return states;
}

Result<BaseMove> leave_tree(const git::Repository& repository, store::Objects& objects,
                            const std::string& from, const std::string& to) {
  BaseMove move;
  move.from_tree = from;
  move.to_tree = to;
  git::ObjectReader reader(repository);
  auto old_tree = ObjectId::from_hex(from);
  if (!old_tree) return move;
  auto new_tree = ObjectId::from_hex(to);
  bool whole = TRY(take_difference(repository, objects, *old_tree, new_tree.value_or(ObjectId{}),
                                   kNoDeadline, move));
  if (!whole) return fail(ErrorKind::limit, "it takes too long to leave a tree of git's");
  return move;
}

Status forget_tree(const store::Store& store, const std::string& id) {
  std::string directory = os::join(store.worktrees_dir(), id);
  auto manifest = TRY(store::Manifest::open(directory, store.hash));
  store::ManifestInfo info = manifest.info();
  info.tree[0] = info.head[0] = '\0';
  info.pin_due = false;
  return manifest.set_info(info);
}

}  // namespace baton::worktree
