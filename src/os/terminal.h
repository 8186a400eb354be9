#pragma once

// The terminal that a person looks at: its width, the pager, the interrupt key.

#include <string>
#include <string_view>

#include "base/result.h"

namespace baton::os {

// Columns of the terminal behind `fd`; `otherwise` if it is none or does not tell. COLUMNS wins.
int terminal_width(int fd, int otherwise);

// While one lives, what is written to descriptor 1 (and 2, if that is a terminal) goes to the
// pager.
class Pager {
 public:
  Pager() = default;
  ~Pager() { finish(); }
  Pager(Pager&& other) noexcept : pid_(other.pid_) { other.pid_ = -1; }
  Pager& operator=(Pager&& other) noexcept;

  // `command` is given to the shell, as git does with core.pager. Sets LESS=FRX and LV=-c unless
  // they are set.
  static Result<Pager> start(const std::string& command);
  bool running() const { return pid_ > 0; }
  // Closes descriptor 1 and waits until the user has left the pager. Ctrl-C is the pager's.
  void finish();

 private:
  int pid_ = -1;
};

// Opens what is closed of descriptors 0 to 2, so that no file of ours gets their numbers and an
// answer is never written into it. Writing to a closed standard output goes on to fail.
void guard_standard_descriptors();

// A broken pipe becomes an error value of write_fd instead of a signal.
void ignore_broken_pipes();

// From now on Ctrl-C, hang-up and termination are noted instead of ending the process, so that what
// is half written can be taken back. `interrupted` is 0 or the signal.
void note_interrupts();
int interrupted();
// Ends this process as that signal would have.
[[noreturn]] void die_of(int signal);

}  // namespace baton::os
