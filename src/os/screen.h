#pragma once

// The whole screen of the terminal behind descriptors 0 and 1, for something to choose from: its
// own page (what stood there comes back), keys as they are pressed, lines that do not wrap.
//
// However the process ends, but by SIGKILL, the terminal is as it was: a signal that ends it puts
// the terminal back first. One at a time.

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace baton::os {

class Screen {
 public:
  static bool possible();  // both are terminals, and one that can do it
  static Result<Screen> open();
  ~Screen() { leave(); }
  Screen(Screen&& other) noexcept : open_(other.open_) { other.open_ = false; }
  Screen& operator=(Screen&&) = delete;

  // Puts the terminal back. What was typed and not read is dropped: it was meant for this screen.
  void leave();

  struct Size {
    size_t columns, rows;
  };
  Size size() const;
  // Line by line from the top, the rest empty. Lines are at most as wide as the screen and may hold
  // colours; nothing else that a terminal obeys.
  void draw(const std::vector<std::string>& lines);

  enum class Woken : uint8_t {
    bytes,    // of keys, added to `bytes`
    quiet,    // the time is over
    changed,  // another size, or back from being stopped: draw again
    closed,   // nobody is there any more
  };
  // Waits for so many milliseconds, for ever if less than 0.
  Woken wait(int milliseconds, std::string& bytes);

 private:
  Screen() = default;

  bool open_ = true;
  std::string shown_;
};

}  // namespace baton::os
