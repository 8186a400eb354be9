// What stands under a name: its kind, a folder's entries, and how names come and go.

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "os/file.h"
#include "os/system_error.h"

namespace baton::os {
namespace {

FileType type_of_mode(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG:
      return FileType::regular;
    case S_IFDIR:
      return FileType::directory;
    case S_IFLNK:
      return FileType::link;
    case S_IFIFO:
      return FileType::fifo;
    case S_IFSOCK:
      return FileType::socket;
    default:
      return FileType::device;
  }
}

FileType type_of_entry(unsigned char type) {
  switch (type) {
    case DT_REG:
      return FileType::regular;
    case DT_DIR:
      return FileType::directory;
    case DT_LNK:
      return FileType::link;
    case DT_FIFO:
      return FileType::fifo;
    case DT_SOCK:
      return FileType::socket;
    case DT_CHR:
    case DT_BLK:
      return FileType::device;
    default:
      return FileType::none;
  }
}

FileStat to_file_stat(const struct stat& st) {
  FileStat result;
  result.type = type_of_mode(st.st_mode);
  result.permissions = st.st_mode & 07777;
  result.uid = st.st_uid;
  result.size = static_cast<uint64_t>(st.st_size);
  result.inode = st.st_ino;
  result.device = st.st_dev;
  result.mtime_ns = st.st_mtim.tv_sec * 1'000'000'000 + st.st_mtim.tv_nsec;
  result.ctime_ns = st.st_ctim.tv_sec * 1'000'000'000 + st.st_ctim.tv_nsec;
  return result;
}
}  // namespace

Result<FileStat> stat_file(const std::string& path, bool follow) {
  struct stat st;
  int done = follow ? ::stat(path.c_str(), &st) : ::lstat(path.c_str(), &st);
  if (done != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return FileStat{};
    return system_error("stat", path);
  }
  return to_file_stat(st);
}

Result<FileStat> stat_open_file(const File& file) {
  struct stat st;
  if (::fstat(file.fd(), &st) != 0) return system_error("stat", {});
  return to_file_stat(st);
}

FileStat stat_at(const File& directory, const char* path) {
  struct stat st;
  if (::fstatat(directory.fd(), path, &st, AT_SYMLINK_NOFOLLOW) != 0) return {};
  return to_file_stat(st);
}

Result<File> open_directory(const std::string& path) {
  int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return system_error("open", path);
  return File(fd);
}

bool exists(const std::string& path) {
  struct stat st;
  return ::lstat(path.c_str(), &st) == 0;
}

bool is_writable(const std::string& path) {
  return ::access(path.c_str(), W_OK) == 0;
}

bool is_directory(const std::string& path) {
  struct stat st;
  return ::stat(path.c_str(), &st) == 0 && S_ISDIR(st.st_mode);
}

Result<std::vector<DirEntry>> list_dir(const std::string& path) {
  DIR* dir = ::opendir(path.c_str());
  if (!dir) return system_error("list", path);
  std::vector<DirEntry> entries;
  errno = 0;
  while (const dirent* entry = ::readdir(dir)) {
    std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    entries.push_back({std::string(name), type_of_entry(entry->d_type)});
  }
  int failed = errno;
  ::closedir(dir);
  if (failed) {
    errno = failed;
    return system_error("list", path);
  }
  return entries;
}

Status make_dirs(const std::string& path, mode_t mode) {
  if (::mkdir(path.c_str(), mode) == 0) return {};
  if (errno == EEXIST && is_directory(path)) return {};
  if (errno == ENOENT) {
    std::string parent(dirname(path));
    if (parent != path && parent != ".") {
      TRY(make_dirs(parent, mode));
      if (::mkdir(path.c_str(), mode) == 0 || (errno == EEXIST && is_directory(path))) return {};
    }
  }
  return system_error("create directory", path);
}

Status remove_file(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return system_error("remove", path);
  return {};
}

Status remove_dir(const std::string& path) {
  if (::rmdir(path.c_str()) != 0 && errno != ENOENT) return system_error("remove", path);
  return {};
}

Status remove_tree(const std::string& path) {
  FileStat st = TRY(stat_file(path));
  if (st.type != FileType::directory) return remove_file(path);
  for (const DirEntry& entry : TRY(list_dir(path))) TRY(remove_tree(join(path, entry.name)));
  return remove_dir(path);
}

Status remove_tree_of_folders(const std::string& path) {
  for (const DirEntry& entry : TRY(list_dir(path))) {
    TRY(remove_tree_of_folders(join(path, entry.name)));
  }
  return remove_dir(path);
}

Status rename_path(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return system_error("rename to", to);
  return {};
}

Status rename_new(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return {};
  if (errno != EINVAL && errno != ENOSYS) return system_error("rename to", to);
  if (exists(to)) {
    errno = EEXIST;
    return system_error("rename to", to);
  }
  return rename_path(from, to);
}

Status exchange_paths(const std::string& one, const std::string& other) {
  if (::renameat2(AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(), RENAME_EXCHANGE) == 0) return {};
  bool unable = errno == EINVAL || errno == ENOSYS;
  auto error = system_error("replace", other);
  if (unable) error.error().kind = ErrorKind::limit;
  return error;
}

bool may_change_names(const std::string& directory) {
  return ::access(directory.c_str(), W_OK | X_OK) == 0;
}

Status set_permissions(const std::string& path, mode_t mode) {
  if (::chmod(path.c_str(), mode) != 0) return system_error("change the mode of", path);
  return {};
}

Status sync_dir(const std::string& path) {
  int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return system_error("open", path);
  File dir(fd);
  if (::fsync(fd) != 0) return system_error("sync", path);
  return {};
}

Result<std::string> read_link(const std::string& path) {
  std::string target(4096, '\0');
  ssize_t length = ::readlink(path.c_str(), target.data(), target.size());
  if (length < 0) return system_error("read link", path);
  target.resize(static_cast<size_t>(length));
  return target;
}

Status make_link(const std::string& target, const std::string& path) {
  if (::symlink(target.c_str(), path.c_str()) != 0) return system_error("create link", path);
  return {};
}

Result<std::string> real_path(const std::string& path) {
  char* resolved = ::realpath(path.c_str(), nullptr);
  if (!resolved) return system_error("resolve", path);
  std::string result = resolved;
  ::free(resolved);
  return result;
}

Result<std::string> working_directory() {
  char* current = ::getcwd(nullptr, 0);
  if (!current) return system_error("find the current directory", {});
  std::string result = current;
  ::free(current);
  return result;
}

Status change_directory(const std::string& path) {
  if (::chdir(path.c_str()) != 0) return system_error("change to", path);
  return {};
}

}  // namespace baton::os
