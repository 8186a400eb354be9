#pragma once

// Reads the copy of an agent's session file (docs/format/transcripts.md) line by line, from any
// frame on, so that a reader can stop in the middle and go on later.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "os/file.h"

namespace baton::index {

class FileCopy {
 public:
  // Goes on with the frame at `frame`, of which `lines_done` lines are done. Nothing at or behind
  // `end` is read. A missing copy is an empty one.
  static Result<FileCopy> open(const std::string& session_directory, uint64_t frame,
                               int64_t lines_done, uint64_t end);

  // The next line, without consuming it; false at the end. ErrorKind::damage if a frame is broken.
  Result<bool> peek();
  std::string_view line() const { return line_; }
  // Where the line began in the agent's file, and in which of its generations.
  uint64_t at() const { return at_; }
  int64_t generation() const { return generation_; }
  void consume();

  // What to give to `open` to go on behind the last consumed line.
  uint64_t frame() const { return frame_; }
  int64_t lines_done() const { return lines_done_; }

 private:
  Result<bool> load_frame();
  os::File file_;
  uint64_t end_ = 0;
  uint64_t frame_ = 0;       // begin of the frame whose lines are in text_, or of the next one
  uint64_t frame_size_ = 0;  // compressed; 0: nothing is loaded
  int64_t lines_done_ = 0;
  std::string text_;
  size_t used_ = 0;
  std::string_view line_;
  bool have_line_ = false;
  uint64_t at_ = 0;
  int64_t generation_ = 0;
};

}  // namespace baton::index
