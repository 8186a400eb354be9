#include "os/process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "base/bytes.h"
#include "os/env.h"

extern char** environ;

namespace baton::os {
namespace {

struct Pipe {
  File read_end, write_end;
};

Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    return fail(ErrorKind::io,
                std::string("cannot create a pipe: ") + lower_ascii(strerror(errno)));
  }
  return Pipe{File(ends[0]), File(ends[1])};
}

// Starts argv with the given descriptors; `error` -1 inherits stderr.
Result<int> spawn(const std::vector<std::string>& argv, const RunOptions& options, int input,
                  int output, int error) {
  std::vector<char*> arguments;
  for (const std::string& word : argv) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);

  std::vector<std::string> added;
  for (const auto& [name, value] : options.environment) added.push_back(name + "=" + value);
  std::vector<char*> environment;
  for (char** entry = environ; *entry; ++entry) {
    std::string_view text = *entry;
    std::string_view name = text.substr(0, text.find('='));
    bool replaced = std::ranges::any_of(options.environment,
                                        [&](const auto& pair) { return pair.first == name; });
    bool removed =
        std::ranges::find(options.remove_environment, name) != options.remove_environment.end();
    if (!replaced && !removed) environment.push_back(*entry);
  }
  for (std::string& entry : added) environment.push_back(entry.data());
  environment.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, 0);
  posix_spawn_file_actions_adddup2(&actions, output, 1);
  if (error >= 0) posix_spawn_file_actions_adddup2(&actions, error, 2);
  if (!options.directory.empty()) {
    posix_spawn_file_actions_addchdir_np(&actions, options.directory.c_str());
  }

  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);

  pid_t pid = -1;
  int failed = ::posix_spawnp(&pid, arguments[0], &actions, &attributes, arguments.data(),
                              environment.data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (failed) {
    return fail(ErrorKind::io, "cannot run '" + argv[0] + "': " + lower_ascii(strerror(failed)));
  }
  return pid;
}

int wait_for(int pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

// Feeds input and drains output and error until all are done.
Status pump(std::string_view input, File& to, File& from, File& from_error, RunResult& result,
            uint64_t max_output) {
  if (input.empty()) to = File();
  if (to.is_open()) ::fcntl(to.fd(), F_SETFL, O_NONBLOCK);
  char buffer[65536];
  while (from.is_open() || from_error.is_open()) {
    pollfd polled[3] = {{to.is_open() ? to.fd() : -1, POLLOUT, 0},
                        {from.is_open() ? from.fd() : -1, POLLIN, 0},
                        {from_error.is_open() ? from_error.fd() : -1, POLLIN, 0}};
    if (::poll(polled, 3, -1) < 0 && errno != EINTR) break;
    if (polled[0].revents) {
      ssize_t put = ::write(to.fd(), input.data(), input.size());
      if (put > 0) input.remove_prefix(static_cast<size_t>(put));
      if (input.empty() || (put < 0 && errno != EAGAIN && errno != EINTR)) to = File();
    }
    auto drain = [&](File& file, std::string& into) {
      ssize_t got = ::read(file.fd(), buffer, sizeof buffer);
      if (got > 0) into.append(buffer, static_cast<size_t>(got));
      if (got == 0 || (got < 0 && errno != EINTR)) file = File();
    };
    if (polled[1].revents) drain(from, result.output);
    if (polled[2].revents) drain(from_error, result.error);
    if (result.output.size() > max_output) {
      return fail(ErrorKind::limit,
                  "output is larger than " + std::to_string(max_output) + " bytes");
    }
  }
  return {};
}

// Writing to a pipe whose reader is gone must be an error value, not a signal.
class IgnoreSigpipe {
 public:
  IgnoreSigpipe() { old_ = ::signal(SIGPIPE, SIG_IGN); }
  ~IgnoreSigpipe() { ::signal(SIGPIPE, old_); }

 private:
  void (*old_)(int);
};

}  // namespace

Result<RunResult> run(const std::vector<std::string>& argv, const RunOptions& options) {
  IgnoreSigpipe ignore;
  Pipe input = TRY(make_pipe());
  Pipe output = TRY(make_pipe());
  Pipe error = TRY(make_pipe());
  int pid = TRY(spawn(argv, options, input.read_end.fd(), output.write_end.fd(),
                      options.inherit_stderr ? -1 : error.write_end.fd()));
  input.read_end = File();
  output.write_end = File();
  error.write_end = File();
  RunResult result;
  auto pumped = pump(options.input, input.write_end, output.read_end, error.read_end, result,
                     options.max_output);
  input.write_end = File();
  output.read_end = File();
  error.read_end = File();
  result.exit_status = wait_for(pid);
  if (!pumped) return std::unexpected(pumped.error());
  return result;
}

Error become(const std::vector<std::string>& argv,
             const std::vector<std::pair<std::string, std::string>>& environment) {
  for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
  std::vector<char*> words;
  for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  ::execvp(words[0], words.data());
  return {ErrorKind::io, "cannot run '" + argv[0] + "': " + ::strerror(errno), ""};
}

std::string find_program(std::string_view name) {
  std::string path = env("PATH").value_or("/usr/local/bin:/usr/bin:/bin");
  for (std::string_view directory : split(path, ':')) {
    std::string candidate = join(directory.empty() ? "." : directory, name);
    if (::access(candidate.c_str(), X_OK) == 0 && !is_directory(candidate)) return candidate;
  }
  return {};
}

Child::~Child() {
  finish();
}

Child::Child(Child&& other) noexcept {
  *this = std::move(other);
}

Child& Child::operator=(Child&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(input_, other.input_);
  std::swap(output_, other.output_);
  std::swap(buffer_, other.buffer_);
  std::swap(used_, other.used_);
  return *this;
}

Result<Child> Child::start(const std::vector<std::string>& argv, const RunOptions& options) {
  Pipe input = TRY(make_pipe());
  Pipe output = TRY(make_pipe());
  File nowhere;
  if (!options.inherit_stderr) nowhere = File(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  Child child;
  child.pid_ = TRY(spawn(argv, options, input.read_end.fd(), output.write_end.fd(), nowhere.fd()));
  child.input_ = std::move(input.write_end);
  child.output_ = std::move(output.read_end);
  return child;
}

Status Child::write(std::string_view bytes) {
  IgnoreSigpipe ignore;
  return write_fd(input_.fd(), bytes);
}

Status Child::fill() {
  if (used_ > 0) {
    buffer_.erase(0, used_);
    used_ = 0;
  }
  char chunk[65536];
  for (;;) {
    ssize_t got = ::read(output_.fd(), chunk, sizeof chunk);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return fail(ErrorKind::io, "a helper program ended early");
    buffer_.append(chunk, static_cast<size_t>(got));
    return {};
  }
}

Result<std::string> Child::read_line() {
  for (;;) {
    size_t end = buffer_.find('\n', used_);
    if (end != std::string::npos) {
      std::string line = buffer_.substr(used_, end - used_);
      used_ = end + 1;
      return line;
    }
    TRY(fill());
  }
}

Result<std::string> Child::read_exact(size_t length) {
  while (buffer_.size() - used_ < length) TRY(fill());
  std::string bytes = buffer_.substr(used_, length);
  used_ += length;
  return bytes;
}

int Child::finish() {
  if (pid_ <= 0) return 0;
  input_ = File();
  output_ = File();
  int status = wait_for(pid_);
  pid_ = -1;
  return status;
}

}  // namespace baton::os
