#pragma once

// Where answers go: the standard output, through a pager if a person looks at it, and progress for
// work that takes its time.

#include <functional>
#include <string>
#include <string_view>

#include "os/terminal.h"

namespace baton::cli {

class Output {
 public:
  Output() = default;
  ~Output() { finish(); }
  Output(const Output&) = delete;

  // From now on text goes to this pager, which is started with the first text; "" for none.
  void use_pager(std::string command) { pager_command_ = std::move(command); }

  void write(std::string_view text);
  // Nobody reads any more (the pager was left, the pipe is broken): an end like any other.
  bool closed() const { return closed_; }
  // Whether the text could not be written for another reason; says why.
  const std::string& problem() const { return problem_; }
  // Writes what is held back.
  void flush();
  // The same, and waits until the pager was left.
  void finish();

 private:
  void put(std::string_view text);

  std::string buffer_;
  std::string pager_command_;
  os::Pager pager_;
  bool closed_ = false;
  std::string problem_;
};

// "baton: reading the record: 45%" on the standard error if that is a terminal, once the work has
// taken a second; the line goes when this dies.
class Progress {
 public:
  explicit Progress(std::string what);
  ~Progress();
  void operator()(uint64_t done, uint64_t total);

 private:
  std::string what_;
  int64_t began_us_;
  int64_t next_us_;
  bool terminal_;
  bool shown_ = false;
};

}  // namespace baton::cli
