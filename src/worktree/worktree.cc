#include "worktree/worktree.h"

#include <algorithm>

#include "base/bytes.h"
#include "os/clock.h"
#include "os/env.h"

namespace baton::worktree {
namespace {

constexpr std::string_view kStoreInGit = "baton";
constexpr std::string_view kStoreElsewhere = ".baton";
constexpr int kMaxParents = 256;
constexpr std::string_view kNestedNote = "nested";
constexpr size_t kMaxNestedNote = 1 << 20;

bool is_id(std::string_view text) {
  return text.size() == 16 && from_hex(text);
}

std::string id_file(const Place& place) {
  if (place.repository && place.repository->git_dir != place.repository->common_dir) {
    return os::join(place.repository->git_dir, kWorktreeNote);
  }
  return os::join(place.store.path, kMainWorktreeNote);
}

}  // namespace

Result<Place> find_place(const std::string& path) {
  std::string start = path;
  while (!os::is_directory(start) && start != "/" && start != ".") {
    start = std::string(os::dirname(start));
  }
  auto repository = git::discover(start);
  std::string git_root =
      repository ? (repository->bare ? repository->common_dir : repository->worktree_root) : "";
  // A `.baton` folder counts only if it is nearer than the repository.
  std::string current = start;
  for (int i = 0; i < kMaxParents; ++i) {
    if (repository && current == git_root) break;
    std::string candidate = os::join(current, kStoreElsewhere);
    if (os::exists(os::join(candidate, "format"))) {
      return Place{TRY(store::open_store(candidate)), current, std::nullopt};
    }
    if (current == "/") break;
    current = std::string(os::dirname(current));
  }
  if (!repository) {
    return fail(ErrorKind::no_store, "no baton store in '" + path + "' or above it",
                "run: baton init");
  }
  Place place;
  place.store = TRY(store::open_store(os::join(repository->common_dir, kStoreInGit)));
  place.root = repository->worktree_root;
  place.repository = std::move(*repository);
  return place;
}

Result<Worktree> open_worktree(const Place& place) {
  if (place.root.empty()) {
    return fail(ErrorKind::negative, "a bare repository has no files to record");
  }
  Worktree worktree;
  worktree.root = place.root;
  worktree.repository = place.repository;
  std::string note = id_file(place);
  auto text = os::read_file(note, 64);
  if (text && is_id(trim(*text))) {
    worktree.id = trim(*text);
  } else {
    worktree.id = hex(os::random_bytes(8));
    // Two hooks may find no id at the same time: the first one's name stands.
    worktree.fresh = true;
    auto made = os::create_file(note, worktree.id + "\n");
    if (!made) {
      auto again = os::read_file(note, 64);
      if (again && is_id(trim(*again))) {
        worktree.id = trim(*again);
        worktree.fresh = false;
      } else if (again) {
        TRY(os::replace_file(note, worktree.id + "\n"));
      } else {
        return std::unexpected(made.error());
      }
    }
  }
  worktree.directory = os::join(place.store.worktrees_dir(), worktree.id);
  return worktree;
}

Result<std::vector<std::string>> known_worktrees(const store::Store& store) {
  std::vector<std::string> ids;
  for (const auto& entry : TRY(os::list_dir(store.worktrees_dir()))) {
    if (is_id(entry.name)) ids.push_back(entry.name);
  }
  std::ranges::sort(ids);
  return ids;
}

std::vector<std::string> nested_repositories(const Worktree& worktree) {
  std::vector<std::string> paths;
  auto text = os::read_file(os::join(worktree.directory, kNestedNote), kMaxNestedNote);
  if (!text) return paths;
  for (std::string_view line : split(*text, '\n')) {
    if (!line.empty() && paths.size() < kMaxNestedNoted) paths.emplace_back(line);
  }
  return paths;
}

Status note_nested(const Worktree& worktree, const std::vector<std::string>& paths) {
  std::vector<std::string> all;
  // Those that are gone make room.
  for (std::string& known : nested_repositories(worktree)) {
    if (git::is_nested_repository(os::join(worktree.root, known))) all.push_back(std::move(known));
  }
  for (const std::string& path : paths) {
    bool known = std::ranges::find(all, path) != all.end();
    if (!known && !contains(path, "\n")) all.push_back(path);
  }
  std::string text;
  for (const std::string& path : all) text += path + '\n';
  return os::replace_file(os::join(worktree.directory, kNestedNote), text);
}

Result<Lock> Lock::take(const Worktree& worktree, int64_t budget_us) {
  Lock lock;
  std::string path = os::join(worktree.directory, "sequence");
  auto file = os::open_file(path, os::Open::read_write_create);
  if (!file && file.error().kind == ErrorKind::not_found) {
    TRY(os::make_dirs(worktree.directory));
    file = os::open_file(path, os::Open::read_write_create);
  }
  if (!file) return std::unexpected(file.error());
  lock.file_ = std::move(*file);
  TRY(os::lock_file(lock.file_, os::LockMode::exclusive, budget_us));
  if (worktree.fresh && TRY(os::file_size(lock.file_)) == 0) TRY(lock.write_next(1));
  return lock;
}

Status Lock::write_next(uint64_t number) {
  char digits[32];
  int length =
      snprintf(digits, sizeof digits, "%019llu\n", static_cast<unsigned long long>(number));
  return os::write_at(file_, 0, {digits, static_cast<size_t>(length)});
}

Result<uint64_t> Lock::next_number() const {
  std::string text = TRY(os::read_at(file_, 0, 32));
  return static_cast<uint64_t>(std::max<int64_t>(parse_int(trim(text)).value_or(0), 0));
}

Result<uint64_t> Lock::take_numbers(uint64_t count) {
  uint64_t next = TRY(next_number());
  if (next == 0) next = static_cast<uint64_t>(os::now());
  TRY(write_next(next + count));
  return next;
}

}  // namespace baton::worktree
