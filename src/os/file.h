#pragma once

// Files and directories. Only os/ opens, reads or writes them. Errors carry the path and the
// system's reason; a missing file is ErrorKind::not_found, everything else ErrorKind::io.

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace baton::os {

constexpr mode_t kPrivateFile = 0600;
constexpr mode_t kPrivateDir = 0700;

// An open file descriptor, closed at the end of its life.
class File {
 public:
  File() = default;
  explicit File(int fd) : fd_(fd) {}
  ~File();
  File(File&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  File& operator=(File&& other) noexcept;
  File(const File&) = delete;

  bool is_open() const { return fd_ >= 0; }
  int fd() const { return fd_; }

 private:
  int fd_ = -1;
};

enum class Open {
  read,
  read_no_follow,     // fails on a link
  read_write,         // must exist
  read_write_create,  // created with kPrivateFile
  append_create,      // O_APPEND, created with kPrivateFile
};
// Never follows to a device that blocks: opened with O_NONBLOCK | O_CLOEXEC | O_NOCTTY.
Result<File> open_file(const std::string& path, Open how);

Result<uint64_t> file_size(const File& file);
Result<std::string> read_at(const File& file, uint64_t offset, size_t length);  // short at the end
// Writes all or fails; a single system call for what fits one.
Status write_at(const File& file, uint64_t offset, std::string_view bytes);
Status append(const File& file, std::string_view bytes);
Status truncate(const File& file, uint64_t size);
Status sync(const File& file);

// The content of a regular file; ErrorKind::limit over `max_bytes`.
Result<std::string> read_file(const std::string& path, uint64_t max_bytes = UINT64_MAX);
// The same, but never through a link: ErrorKind::io for one.
Result<std::string> read_regular(const std::string& path, uint64_t max_bytes = UINT64_MAX);
// Reads descriptor 0 to its end; ErrorKind::limit over `max_bytes`.
Result<std::string> read_stdin(uint64_t max_bytes);
// The same for who must be gone by a time (monotonic_us()): what came until then, and why that may
// not be all of it. What is over `max_bytes` is read and dropped, so that whoever writes does not
// meet a closed pipe.
struct Input {
  std::string text;
  std::optional<Error> problem;
};
Input read_stdin_until(uint64_t max_bytes, int64_t until_us);
// Writes to a descriptor such as stdout. ErrorKind::io with "broken pipe" when nobody reads.
Status write_fd(int fd, std::string_view bytes);

// Replaces a file's content at once: temporary file beside it, rename. Keeps no old permissions.
Status replace_file(const std::string& path, std::string_view content, mode_t mode = kPrivateFile,
                    bool durable = false);

// Makes a file that does not exist yet; ErrorKind::io if it does. The umask applies to `mode`.
Status create_file(const std::string& path, std::string_view content, mode_t mode = kPrivateFile);

enum class FileType : uint8_t { none, regular, directory, link, fifo, socket, device };

// What lstat says, without following links. Times are nanoseconds since the epoch.
struct FileStat {
  FileType type = FileType::none;  // none: does not exist
  uint32_t permissions = 0;        // the low 12 bits of the mode
  uint32_t uid = 0;
  uint64_t size = 0;
  uint64_t inode = 0;
  uint64_t device = 0;
  int64_t mtime_ns = 0;
  int64_t ctime_ns = 0;

  bool exists() const { return type != FileType::none; }
  bool operator==(const FileStat&) const = default;
};

// A missing path is a FileStat of type none, not an error.
Result<FileStat> stat_file(const std::string& path, bool follow = false);
Result<FileStat> stat_open_file(const File& file);
// The same for a path relative to an open directory, for passes over many files: no error but
// "none" (an unreadable directory has nothing in it), no allocation.
FileStat stat_at(const File& directory, const char* path);
Result<File> open_directory(const std::string& path);
bool exists(const std::string& path);
bool is_directory(const std::string& path);  // follows links
bool is_writable(const std::string& path);

struct DirEntry {
  std::string name;
  FileType type;  // none if the file system does not tell
};
// Without "." and ".."; in no order.
Result<std::vector<DirEntry>> list_dir(const std::string& path);

Status make_dirs(const std::string& path, mode_t mode = kPrivateDir);
Status remove_file(const std::string& path);             // a missing one is fine
Status remove_dir(const std::string& path);              // must be empty; a missing one is fine
Status remove_tree(const std::string& path);             // never follows links
Status remove_tree_of_folders(const std::string& path);  // fails if there is anything else in it
Status rename_path(const std::string& from, const std::string& to);
// The same, but never over something that is there: ErrorKind::io then.
Status rename_new(const std::string& from, const std::string& to);
// Each of two files gets the other's name, in one act. ErrorKind::limit where the file system
// cannot.
Status exchange_paths(const std::string& one, const std::string& other);
// Whether names can be made and removed in the directory.
bool may_change_names(const std::string& directory);
Status set_permissions(const std::string& path, mode_t mode);
Status sync_dir(const std::string& path);
Result<std::string> read_link(const std::string& path);
Status make_link(const std::string& target, const std::string& path);
// The path with links and dots resolved; it must exist.
Result<std::string> real_path(const std::string& path);
Result<std::string> working_directory();
Status change_directory(const std::string& path);

// A file's bytes in memory, read-only or shared for writing.
class Mapping {
 public:
  Mapping() = default;
  ~Mapping();
  Mapping(Mapping&& other) noexcept;
  Mapping& operator=(Mapping&& other) noexcept;
  Mapping(const Mapping&) = delete;

  static Result<Mapping> open(const File& file, uint64_t length, bool writable);
  char* data() const { return data_; }
  size_t size() const { return size_; }
  std::string_view view() const { return {data_, size_}; }

 private:
  char* data_ = nullptr;
  size_t size_ = 0;
};

// An advisory lock on an open file (flock), released when the File closes. It dies with the
// process, so no lock is ever stale. `budget_us` 0 tries once; ErrorKind::limit when time is up.
enum class LockMode { shared, exclusive };
Status lock_file(const File& file, LockMode mode, int64_t budget_us);
void unlock_file(const File& file);

// "dir/name" with one slash; an absolute `name` replaces.
std::string join(std::string_view dir, std::string_view name);
std::string_view dirname(std::string_view path);  // "." if there is no slash
std::string_view basename(std::string_view path);
// Dots and double slashes removed by text alone; `path` is made absolute against `base`.
std::string normalize(std::string_view base, std::string_view path);

}  // namespace baton::os
