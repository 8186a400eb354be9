#include "os/file.h"

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

#include "os/clock.h"
#include "os/system_error.h"

namespace baton::os {
namespace {

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

}  // namespace baton::os
