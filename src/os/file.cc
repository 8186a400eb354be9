#include "os/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/bytes.h"
#include "os/clock.h"

namespace baton::os {
namespace {

std::unexpected<Error> system_error(std::string_view action, std::string_view path) {
  int number = errno;
  ErrorKind kind = number == ENOENT || number == ENOTDIR ? ErrorKind::not_found : ErrorKind::io;
  std::string message = "cannot ";
  message += action;
  if (!path.empty()) {
    message += " '";
    message += path;
    message += '\'';
  }
  message += ": ";
  message += lower_ascii(strerror(number));
  return fail(kind, std::move(message));
}

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

constexpr size_t kPipeBuffer = 65536;  // what a pipe holds: nearly always all that comes

Result<std::string> read_all(int fd, uint64_t max_bytes, size_t expected, std::string_view name) {
  std::string content;
  size_t have = 0, room = std::max<size_t>(expected + 1, 4096);
  for (;;) {
    if (have == room) room *= 2;
    ssize_t got = 0;
    // What nothing is read into is not cleared, so its pages are not touched.
    content.resize_and_overwrite(room, [&](char* to, size_t size) {
      got = ::read(fd, to + have, size - have);
      return have + static_cast<size_t>(std::max<ssize_t>(got, 0));
    });
    if (got < 0) {
      if (errno == EINTR) continue;
      return system_error("read", name);
    }
    if (got == 0) break;
    have += static_cast<size_t>(got);
    if (have > max_bytes) {
      return fail(ErrorKind::limit, "'" + std::string(name) + "' is larger than " +
                                        std::to_string(max_bytes) + " bytes");
    }
  }
  return content;
}

// `path` is for the error alone.
template <class WriteSome>
Status write_all(std::string_view bytes, std::string_view path, WriteSome write_some) {
  while (!bytes.empty()) {
    ssize_t put = write_some(bytes);
    if (put < 0) {
      if (errno == EINTR) continue;
      return system_error("write", path);
    }
    bytes.remove_prefix(static_cast<size_t>(put));
  }
  return {};
}

Status write_to(int fd, std::string_view path, std::string_view bytes) {
  return write_all(bytes, path,
                   [&](std::string_view rest) { return ::write(fd, rest.data(), rest.size()); });
}

}  // namespace

File::~File() {
  if (fd_ >= 0) ::close(fd_);
}

File& File::operator=(File&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

Result<File> open_file(const std::string& path, Open how) {
  int flags = O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  switch (how) {
    case Open::read:
      flags |= O_RDONLY;
      break;
    case Open::read_no_follow:
      flags |= O_RDONLY | O_NOFOLLOW;
      break;
    case Open::read_write:
      flags |= O_RDWR;
      break;
    case Open::read_write_create:
      flags |= O_RDWR | O_CREAT;
      break;
    case Open::append_create:
      flags |= O_RDWR | O_CREAT | O_APPEND;
      break;
  }
  int fd = ::open(path.c_str(), flags, kPrivateFile);
  if (fd < 0) return system_error("open", path);
  return File(fd);
}

Result<uint64_t> file_size(const File& file) {
  struct stat st;
  if (::fstat(file.fd(), &st) != 0) return system_error("stat", {});
  return static_cast<uint64_t>(st.st_size);
}

Result<std::string> read_at(const File& file, uint64_t offset, size_t length) {
  std::string bytes(length, '\0');
  size_t have = 0;
  while (have < length) {
    ssize_t got =
        ::pread(file.fd(), bytes.data() + have, length - have, static_cast<off_t>(offset + have));
    if (got < 0) {
      if (errno == EINTR) continue;
      return system_error("read", {});
    }
    if (got == 0) break;
    have += static_cast<size_t>(got);
  }
  bytes.resize(have);
  return bytes;
}

Status write_at(const File& file, uint64_t offset, std::string_view bytes) {
  return write_all(bytes, {}, [&](std::string_view rest) {
    ssize_t put = ::pwrite(file.fd(), rest.data(), rest.size(), static_cast<off_t>(offset));
    if (put > 0) offset += static_cast<uint64_t>(put);
    return put;
  });
}

Status append(const File& file, std::string_view bytes) {
  return write_to(file.fd(), {}, bytes);
}

Status truncate(const File& file, uint64_t size) {
  if (::ftruncate(file.fd(), static_cast<off_t>(size)) != 0) return system_error("truncate", {});
  return {};
}

Status sync(const File& file) {
  if (::fdatasync(file.fd()) != 0) return system_error("sync", {});
  return {};
}

namespace {

Result<std::string> read_whole(const std::string& path, Open how, uint64_t max_bytes) {
  File file = TRY(open_file(path, how));
  struct stat st;
  if (::fstat(file.fd(), &st) != 0) return system_error("stat", path);
  if (!S_ISREG(st.st_mode)) {
    return fail(ErrorKind::io, "cannot read '" + path + "': not a regular file");
  }
  if (static_cast<uint64_t>(st.st_size) > max_bytes) {
    return fail(ErrorKind::limit,
                "'" + path + "' is larger than " + std::to_string(max_bytes) + " bytes");
  }
  return read_all(file.fd(), max_bytes, static_cast<size_t>(st.st_size), path);
}

}  // namespace

Result<std::string> read_file(const std::string& path, uint64_t max_bytes) {
  return read_whole(path, Open::read, max_bytes);
}

Result<std::string> read_regular(const std::string& path, uint64_t max_bytes) {
  return read_whole(path, Open::read_no_follow, max_bytes);
}

Result<std::string> read_stdin(uint64_t max_bytes) {
  return read_all(0, max_bytes, kPipeBuffer, "standard input");
}

Input read_stdin_until(uint64_t max_bytes, int64_t until_us) {
  Input input;
  size_t have = 0, room = kPipeBuffer + 1;
  bool dropping = false;
  for (;;) {
    pollfd ready{0, POLLIN, 0};
    int64_t left_us = until_us - monotonic_us();
    if (::poll(&ready, 1, static_cast<int>(std::max<int64_t>(0, left_us) / 1000)) == 0) {
      if (!input.problem)
        input.problem = Error{ErrorKind::limit, "'standard input' did not end", {}};
      if (dropping) input.text.clear();
      return input;
    }
    ssize_t got = 0;
    if (have == room) room *= 2;
    input.text.resize_and_overwrite(room, [&](char* to, size_t size) {
      got = ::read(0, to + have, size - have);
      return have + static_cast<size_t>(std::max<ssize_t>(got, 0));
    });
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && !input.problem) input.problem = system_error("read", "standard input").error();
    if (got <= 0) {
      if (dropping) input.text.clear();
      return input;
    }
    if (!dropping) have += static_cast<size_t>(got);
    if (have <= max_bytes || dropping) continue;
    // Whoever writes must not meet a closed pipe: read on, and drop it.
    dropping = true;
    have = 0;
    room = kPipeBuffer;
    input.problem = Error{ErrorKind::limit,
                          "'standard input' is larger than " + std::to_string(max_bytes) + " bytes",
                          {}};
  }
}

Status write_fd(int fd, std::string_view bytes) {
  return write_to(fd, {}, bytes);
}

Status replace_file(const std::string& path, std::string_view content, mode_t mode, bool durable) {
  std::string temporary = path + ".tmp" + std::to_string(::getpid());
  int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (fd < 0) return system_error("create", path);
  File file(fd);
  ::fchmod(fd, mode);
  auto written = write_to(fd, path, content);
  if (written && durable) written = sync(file);
  if (!written) {
    ::unlink(temporary.c_str());
    return written;
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    auto error = system_error("replace", path);
    ::unlink(temporary.c_str());
    return error;
  }
  return {};
}

Status create_file(const std::string& path, std::string_view content, mode_t mode) {
  int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (fd < 0) return system_error("create", path);
  File file(fd);
  return write_to(fd, path, content);
}

namespace {

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

Mapping::~Mapping() {
  if (data_) ::munmap(data_, size_);
}

Mapping::Mapping(Mapping&& other) noexcept : data_(other.data_), size_(other.size_) {
  other.data_ = nullptr;
  other.size_ = 0;
}

Mapping& Mapping::operator=(Mapping&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

Result<Mapping> Mapping::open(const File& file, uint64_t length, bool writable) {
  Mapping mapping;
  if (length == 0) return mapping;
  void* data = ::mmap(nullptr, length, writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED,
                      file.fd(), 0);
  if (data == MAP_FAILED) return system_error("map", {});
  mapping.data_ = static_cast<char*>(data);
  mapping.size_ = length;
  return mapping;
}

Status lock_file(const File& file, LockMode mode, int64_t budget_us) {
  int operation = (mode == LockMode::exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB;
  int64_t deadline = monotonic_us() + budget_us;
  int64_t pause = 50;
  while (::flock(file.fd(), operation) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return system_error("lock", {});
    int64_t left = deadline - monotonic_us();
    if (left <= 0) return fail(ErrorKind::limit, "cannot lock: another process holds it");
    sleep_us(std::min(pause, left));
    pause = std::min<int64_t>(pause * 2, 2000);
  }
  return {};
}

void unlock_file(const File& file) {
  ::flock(file.fd(), LOCK_UN);
}

std::string join(std::string_view dir, std::string_view name) {
  if (dir.empty() || name.starts_with('/')) return std::string(name);
  std::string path(dir);
  if (!path.ends_with('/')) path += '/';
  path += name;
  return path;
}

std::string_view dirname(std::string_view path) {
  size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  if (slash == 0) return "/";
  return path.substr(0, slash);
}

std::string_view basename(std::string_view path) {
  size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string normalize(std::string_view base, std::string_view path) {
  std::string whole = join(base, path);
  std::vector<std::string_view> parts;
  for (std::string_view part : split(whole, '/')) {
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      if (!parts.empty()) parts.pop_back();
    } else {
      parts.push_back(part);
    }
  }
  std::string result;
  for (std::string_view part : parts) {
    result += '/';
    result += part;
  }
  return result.empty() ? "/" : result;
}

}  // namespace baton::os
