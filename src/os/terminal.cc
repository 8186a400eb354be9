#include "os/terminal.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "base/bytes.h"
#include "os/env.h"

extern char** environ;

namespace baton::os {
namespace {

volatile sig_atomic_t noted_signal = 0;

void note_signal(int signal) {
  noted_signal = signal;
}

}  // namespace

int terminal_width(int fd, int otherwise) {
  constexpr int64_t kWidest = 10'000;
  if (auto columns = env("COLUMNS")) {
    auto number = parse_int(*columns);
    if (number && *number > 0 && *number <= kWidest) return static_cast<int>(*number);
  }
  winsize size{};
  if (::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return otherwise;
}

Pager& Pager::operator=(Pager&& other) noexcept {
  std::swap(pid_, other.pid_);
  return *this;
}

Result<Pager> Pager::start(const std::string& command) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    return fail(ErrorKind::io,
                std::string("cannot create a pipe: ") + lower_ascii(strerror(errno)));
  }
  if (!env("LESS")) ::setenv("LESS", "FRX", 1);
  if (!env("LV")) ::setenv("LV", "-c", 1);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[0], 0);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  sigaddset(&defaults, SIGINT);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  std::string words[] = {"/bin/sh", "-c", command};
  char* arguments[] = {words[0].data(), words[1].data(), words[2].data(), nullptr};
  Pager pager;
  int failed = ::posix_spawn(&pager.pid_, arguments[0], &actions, &attributes, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  ::close(ends[0]);
  if (failed) {
    ::close(ends[1]);
    pager.pid_ = -1;
    return fail(ErrorKind::io,
                "cannot run the pager '" + command + "': " + lower_ascii(strerror(failed)));
  }
  ::dup2(ends[1], 1);
  if (::isatty(2)) ::dup2(ends[1], 2);
  ::close(ends[1]);
  return pager;
}

void Pager::finish() {
  if (pid_ <= 0) return;
  ::signal(SIGINT, SIG_IGN);
  ::close(1);
  ::close(2);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

void guard_standard_descriptors() {
  for (int fd = 0; fd <= 2; fd++) {
    if (::fcntl(fd, F_GETFD) >= 0) continue;
    // The lowest free number is this one, since those below it are open.
    if (::open("/dev/null", O_RDONLY) != fd) return;
  }
}

void ignore_broken_pipes() {
  ::signal(SIGPIPE, SIG_IGN);
}

void note_interrupts() {
  struct sigaction action{};
  action.sa_handler = note_signal;
  for (int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(signal, &action, nullptr);
}

int interrupted() {
  return noted_signal;
}

void die_of(int signal) {
  ::signal(signal, SIG_DFL);
  ::raise(signal);
  ::_exit(128 + signal);
}

}  // namespace baton::os
