#include "git/repository.h"

#include <optional>

#include "base/bytes.h"
#include "git/config_parser.h"
#include "os/env.h"
#include "os/file.h"

namespace baton::git {
namespace {

constexpr uint64_t kMaxPointerFile = 64u << 10;  // HEAD, commondir, gitdir, a `.git` file

std::string without_newlines(std::string text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  return text;
}

// The folder that shares objects and refs: named by a `commondir` file in linked worktrees.
std::string common_dir_of(const std::string& git_dir) {
  auto text = os::read_file(git_dir + "/commondir", kMaxPointerFile);
  if (!text) return git_dir;
  return os::normalize(git_dir, without_newlines(*text));
}

bool is_head(const std::string& path) {
  auto text = os::read_file(path, kMaxPointerFile);
  if (!text) {
    // Old repositories have a link, which may lead to a branch that does not exist yet.
    auto target = os::read_link(path);
    return target && target->starts_with("refs/");
  }
  if (text->starts_with("ref:"))
    return trim(std::string_view(*text).substr(4)).starts_with("refs/");
  auto is_id = [&](size_t digits) {
    return text->size() >= digits && ObjectId::from_hex(text->substr(0, digits)).has_value();
  };
  return is_id(64) || is_id(40);
}

// Whether `dir` is a repository's own folder; then `common` is the one it shares.
bool is_git_dir(const std::string& dir, std::string& common) {
  if (!is_head(dir + "/HEAD")) return false;
  common = common_dir_of(dir);
  return os::is_directory(common + "/objects") && os::is_directory(common + "/refs");
}

enum class GitFile { none, good, unreadable, bad };

// What `path` (a `.git` that is a file) points at.
GitFile read_git_file(const std::string& path, std::string& git_dir, std::string& common) {
  auto stat = os::stat_file(path, true);
  if (!stat || stat->type != os::FileType::regular) return GitFile::none;
  auto text = os::read_file(path, kMaxPointerFile);
  if (!text) return text.error().kind == ErrorKind::limit ? GitFile::bad : GitFile::unreadable;
  std::string target = without_newlines(*text);
  constexpr std::string_view kWord = "gitdir: ";
  if (!target.starts_with(kWord) || target.size() == kWord.size()) return GitFile::bad;
  target = os::normalize(os::dirname(path), target.substr(kWord.size()));
  if (!is_git_dir(target, common)) return GitFile::bad;
  auto real = os::real_path(target);
  git_dir = real ? *real : target;
  if (common == target) common = git_dir;
  return GitFile::good;
}

// What decides about the repository's form in its own configuration. git reads these without
// following includes, so do we.
struct Format {
  HashKind hash = HashKind::sha1;
  std::optional<bool> bare;
  std::optional<std::string> worktree;
};

void read_core(const ConfigText& config, Format& format) {
  for (const ConfigEntry& entry : config.entries) {
    if (entry.key == "core.bare") format.bare = config_bool(entry.value);
    if (entry.key == "core.worktree") format.worktree = entry.value;
  }
}

Format read_format(const std::string& git_dir, const std::string& common_dir) {
  Format format;
  auto text = os::read_file(common_dir + "/config", kMaxConfigBytes);
  if (!text) return format;
  ConfigText config = parse_config(*text);
  bool worktree_config = false;
  for (const ConfigEntry& entry : config.entries) {
    if (entry.key == "extensions.objectformat" && lower_ascii(entry.value) == "sha256") {
      format.hash = HashKind::sha256;
    }
    if (entry.key == "extensions.worktreeconfig") {
      worktree_config = config_bool(entry.value).value_or(false);
    }
  }
  // A linked worktree shares the configuration of the main one, but neither its `bare` nor its
  // `worktree`, unless each has a file of its own: then they belong in there.
  if (git_dir == common_dir || worktree_config) read_core(config, format);
  if (worktree_config) {
    if (auto own = os::read_file(git_dir + "/config.worktree", kMaxConfigBytes)) {
      read_core(parse_config(*own), format);
    }
  }
  return format;
}

Repository make_repository(std::string git_dir, std::string common_dir,
                           const std::string& found_in) {
  Repository repository;
  repository.git_dir = std::move(git_dir);
  repository.common_dir = std::move(common_dir);
  if (repository.common_dir != repository.git_dir) {
    if (auto real = os::real_path(repository.common_dir)) repository.common_dir = *real;
  }
  Format format = read_format(repository.git_dir, repository.common_dir);
  repository.hash = format.hash;
  if (format.worktree) {
    repository.worktree_root = os::normalize(repository.git_dir, *format.worktree);
    if (auto real = os::real_path(repository.worktree_root)) repository.worktree_root = *real;
  } else if (format.bare.value_or(false) || found_in.empty()) {
    repository.bare = true;
  } else {
    repository.worktree_root = found_in;
  }
  return repository;
}

// The working tree of a git folder in which somebody stands, "" if it has none.
std::string worktree_of_git_dir(const std::string& git_dir) {
  if (auto text = os::read_file(git_dir + "/gitdir", kMaxPointerFile)) {
    return std::string(os::dirname(os::normalize(git_dir, without_newlines(*text))));
  }
  if (os::basename(git_dir) == ".git") return std::string(os::dirname(git_dir));
  return {};
}

// The length of the deepest ceiling that is a proper ancestor of `dir`; nothing above it is looked
// at.
size_t ceiling_length(const std::string& dir) {
  auto list = os::env("GIT_CEILING_DIRECTORIES");
  if (!list) return 0;
  size_t longest = 0;
  bool resolve = true;  // an empty entry says that those behind it hold no links
  for (std::string_view entry : split(*list, ':')) {
    if (entry.empty()) {
      resolve = false;
      continue;
    }
    if (!entry.starts_with('/')) continue;
    std::string ceiling = os::normalize("/", entry);
    if (resolve) {
      auto real = os::real_path(ceiling);
      if (real) ceiling = *real;
    }
    size_t length = ceiling == "/" ? 0 : ceiling.size();
    if (dir.size() > length + (length == 0 ? 1 : 0) && dir.starts_with(ceiling) &&
        dir[length] == '/') {
      if (length + 1 > longest) longest = length + 1;
    }
  }
  return longest;  // one more than the ceiling's own length, so that 0 is "none"
}

std::string existing_directory(std::string path) {
  for (;;) {
    if (auto real = os::real_path(path)) {
      if (os::is_directory(*real)) return *real;
      return std::string(os::dirname(*real));
    }
    std::string parent(os::dirname(path));
    if (parent == path) return "/";
    path = std::move(parent);
  }
}

}  // namespace

Result<Repository> discover(const std::string& start_dir) {
  std::string start = start_dir;
  if (!start.starts_with('/')) start = os::normalize(TRY(os::working_directory()), start);
  std::string dir = existing_directory(start);
  size_t ceiling = ceiling_length(dir);
  bool across =
      config_bool(os::env("GIT_DISCOVERY_ACROSS_FILESYSTEM").value_or("")).value_or(false);
  auto here = os::stat_file(dir);
  uint64_t device = here ? here->device : 0;

  for (;;) {
    std::string dot_git = dir == "/" ? "/.git" : dir + "/.git";
    std::string git_dir, common;
    auto stat = os::stat_file(dot_git);
    bool link = stat && stat->type == os::FileType::link;
    if (link) stat = os::stat_file(dot_git, true);
    if (stat && stat->type == os::FileType::regular) {
      switch (read_git_file(dot_git, git_dir, common)) {
        case GitFile::good:
          return make_repository(std::move(git_dir), std::move(common), dir);
        case GitFile::none:
          break;
        default:
          return fail(ErrorKind::damage, "'" + dot_git + "' does not lead to a repository");
      }
    } else if (stat && stat->type == os::FileType::directory && is_git_dir(dot_git, common)) {
      if (link) {
        if (auto real = os::real_path(dot_git)) {
          if (common == dot_git) common = *real;
          dot_git = *real;
        }
      }
      return make_repository(std::move(dot_git), std::move(common), dir);
    }
    if (is_git_dir(dir, common)) {
      return make_repository(dir, std::move(common), worktree_of_git_dir(dir));
    }

    if (dir == "/") break;
    std::string parent(os::dirname(dir));
    if (ceiling && (parent == "/" ? 0 : parent.size()) < ceiling) break;
    if (!across) {
      auto above = os::stat_file(parent);
      if (!above || above->device != device) break;
    }
    dir = std::move(parent);
  }
  return fail(ErrorKind::not_found, "not in a git repository: '" + start_dir + "'");
}

bool is_nested_repository(const std::string& dir) {
  std::string dot_git = dir + "/.git";
  auto stat = os::stat_file(dot_git, true);
  if (!stat || !stat->exists()) return false;
  std::string git_dir, common;
  if (stat->type == os::FileType::directory) return is_git_dir(dot_git, common);
  GitFile file = read_git_file(dot_git, git_dir, common);
  return file == GitFile::good || file == GitFile::unreadable;
}

Result<std::vector<WorktreeInfo>> list_worktrees(const Repository& repository) {
  std::vector<WorktreeInfo> worktrees;
  Repository main = make_repository(repository.common_dir, repository.common_dir,
                                    worktree_of_git_dir(repository.common_dir));
  if (!main.bare && !main.worktree_root.empty()) {
    worktrees.push_back({main.git_dir, main.worktree_root});
  }
  std::string folder = repository.common_dir + "/worktrees";
  auto names = os::list_dir(folder);
  if (!names) {
    if (names.error().kind == ErrorKind::not_found) return worktrees;
    return std::unexpected(names.error());
  }
  for (const os::DirEntry& entry : *names) {
    std::string git_dir = folder + "/" + entry.name;
    auto text = os::read_file(git_dir + "/gitdir", kMaxPointerFile);
    if (!text) continue;
    std::string root(os::dirname(os::normalize(git_dir, without_newlines(*text))));
    worktrees.push_back({std::move(git_dir), std::move(root)});
  }
  return worktrees;
}

}  // namespace baton::git
