#pragma once

// Starting other programs. No shell is involved unless the caller names one.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "os/file.h"

namespace baton::os {

struct RunOptions {
  std::string directory;                                         // empty: where we are
  std::string input;                                             // given on stdin
  std::vector<std::pair<std::string, std::string>> environment;  // added to ours
  std::vector<std::string> remove_environment;                   // names that are not passed on
  uint64_t max_output = 1ull << 30;
  bool inherit_stderr = false;
};

struct RunResult {
  int exit_status = 0;  // 128 + signal if it was killed
  std::string output;
  std::string error;
};

// Runs the program (looked up in PATH) to its end. ErrorKind::io if it could not be started.
Result<RunResult> run(const std::vector<std::string>& argv, const RunOptions& options = {});

// This process becomes the program (looked up in PATH), with these variables set; comes back only
// with what kept it from that.
Error become(const std::vector<std::string>& argv,
             const std::vector<std::pair<std::string, std::string>>& environment);

// The program's path by PATH, "" if there is none.
std::string find_program(std::string_view name);

// A program that answers on pipes as long as this object lives (git cat-file --batch).
class Child {
 public:
  Child() = default;
  ~Child();
  Child(Child&& other) noexcept;
  Child& operator=(Child&& other) noexcept;

  // Of the options, directory and environment count; stderr goes nowhere unless inherited.
  static Result<Child> start(const std::vector<std::string>& argv, const RunOptions& options = {});
  bool running() const { return pid_ > 0; }
  Status write(std::string_view bytes);
  // Up to and without the next newline.
  Result<std::string> read_line();
  Result<std::string> read_exact(size_t length);
  // Closes its input and waits; the exit status.
  int finish();

 private:
  Status fill();
  int pid_ = -1;
  File input_, output_;
  std::string buffer_;
  size_t used_ = 0;
};

}  // namespace baton::os
