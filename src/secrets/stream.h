#pragma once

// Masks a text that comes in pieces, such as a command's output: a secret may be split over two of
// them. What may be the beginning of a secret is held back until more is known.

#include <cstddef>
#include <string>
#include <string_view>

namespace baton::secrets {

class StreamMasker {
 public:
  // More than this of a line without an end, or of what looks like a private key, is not held back:
  // it is masked by what is known of it.
  static constexpr size_t kMaxHeld = 64 * 1024;

  // Takes the next piece; returns what can be given out, masked: whole lines, as a rule.
  std::string feed(std::string_view piece);
  // What is left at the end.
  std::string finish();

 private:
  std::string give_out(size_t end);

  std::string text_;        // what was given out last, and what was not yet
  size_t given_ = 0;        // how much of it was given out: it stays as context
  bool in_secret_ = false;  // a secret too long to hold goes on: nothing of it is given out
};

}  // namespace baton::secrets
