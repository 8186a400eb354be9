#include "rollback/moves.h"

#include <algorithm>

#include "os/stat_below.h"

namespace baton::rollback {
namespace {

constexpr mode_t kFolderMode = 0777;  // less the umask

}  // namespace

// A staged file leaves its name when it is put into place, or that name stands for the file it was
// exchanged with.
bool Moves::is_done(size_t number) const {
  const Move& move = moves_[number];
  if (move.removes) return os::exists(kept(number));
  auto st = os::stat_file(staged(number));
  return st && (!st->exists() || st->inode != move.staged_inode);
}

void Moves::drop_empty_folders(const std::string& path) const {
  for (std::string folder(os::dirname(path)); folder != "."; folder = os::dirname(folder)) {
    if (!os::remove_dir(full(folder))) break;
  }
}

Status Moves::remove(size_t number) {
  const Move& move = moves_[number];
  TRY(os::rename_path(full(move.path), kept(number)));
  drop_empty_folders(move.path);
  return {};
}

Status Moves::place(size_t number) {
  const Move& move = moves_[number];
  std::string path = full(move.path);
  if (move.creates) {
    // An empty folder may lie there; git knows no empty folders.
    auto st = TRY(os::stat_file(path));
    if (st.type == os::FileType::directory) TRY(os::remove_tree_of_folders(path));
    TRY(os::make_dirs(std::string(os::dirname(path)), kFolderMode));
    return os::rename_new(staged(number), path);
  }
  if (!os::exists(kept(number))) {
    auto exchanged = os::exchange_paths(staged(number), path);
    if (exchanged || exchanged.error().kind != ErrorKind::limit) return exchanged;
    TRY(os::rename_path(path, kept(number)));
  }
  return os::rename_new(staged(number), path);
}

Status Moves::forward() {
  // Removals make room: a file may become a folder and the other way round.
  for (size_t i = 0; i < moves_.size(); ++i) {
    if (moves_[i].removes && !is_done(i)) TRY(remove(i));
  }
  for (size_t i = 0; i < moves_.size(); ++i) {
    if (!moves_[i].removes && !is_done(i)) TRY(place(i));
  }
  return {};
}

Status Moves::take_back(size_t number) {
  const Move& move = moves_[number];
  std::string path = full(move.path);
  if (move.removes) {
    TRY(os::make_dirs(std::string(os::dirname(path)), kFolderMode));
    return os::rename_new(kept(number), path);
  }
  auto st = TRY(os::stat_file(path));
  if (is_done(number) && st.inode != move.staged_inode) return {};  // somebody's since
  if (move.creates) {
    TRY(os::rename_path(path, staged(number)));
    drop_empty_folders(move.path);
    return {};
  }
  if (os::exists(kept(number))) {
    if (is_done(number)) TRY(os::rename_path(path, staged(number)));
    return os::rename_new(kept(number), path);
  }
  return os::exchange_paths(staged(number), path);
}

Status Moves::back() {
  Status first;
  auto undo = [&](size_t number) {
    bool half = os::exists(kept(number));
    if (!is_done(number) && !half) return;
    auto done = take_back(number);
    if (!done && first) first = std::move(done);
  };
  for (size_t i = moves_.size(); i-- > 0;) {
    if (!moves_[i].removes) undo(i);
  }
  for (size_t i = moves_.size(); i-- > 0;) {
    if (moves_[i].removes) undo(i);
  }
  return first;
}

std::vector<std::string> Moves::changed() const {
  std::vector<std::string> paths;
  for (size_t i = 0; i < moves_.size(); ++i) {
    const Move& move = moves_[i];
    if (is_done(i) || os::exists(kept(i))) continue;
    auto st = os::stat_below(root_, move.path);
    bool same = st && (move.creates ? !st->exists() || st->type == os::FileType::directory
                                    : FileMark::of(*st) == move.was);
    if (!same) paths.push_back(move.path);
  }
  return paths;
}

}  // namespace baton::rollback
