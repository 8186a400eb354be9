#pragma once

// Bytes from a terminal in raw mode, one key at a time. A sequence may come in pieces; what is no
// key that anybody asks for is taken whole and told as `other`, so that no rest of it is taken for
// text.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace baton::os {

struct Key {
  enum class Kind : uint8_t {
    text,  // one character, or a piece of what was pasted
    up,
    down,
    left,
    right,
    page_up,
    page_down,
    home,
    end,
    enter,
    escape,
    backspace,
    clear,      // Ctrl-U
    reload,     // Ctrl-R, F5
    interrupt,  // Ctrl-C
    other,
  } kind = Kind::other;
  std::string text;  // Kind::text: UTF-8 without control characters
  bool operator==(const Key&) const = default;
};

class KeyReader {
 public:
  void feed(std::string_view bytes) { bytes_ += bytes; }
  // The next key. `quiet`: nothing followed for a while, so what looks like the beginning of a
  // sequence is all there is: a lone ESC is the escape key.
  std::optional<Key> next(bool quiet);
  // Whether more bytes could make something else of what is here.
  bool waits() const { return !bytes_.empty(); }

 private:
  std::optional<Key> sequence(bool quiet);
  std::optional<Key> pasted(bool quiet);
  std::optional<Key> character(bool quiet);
  Key take(size_t size, Key::Kind kind);

  std::string bytes_;
  bool pasting_ = false;
};

}  // namespace baton::os
