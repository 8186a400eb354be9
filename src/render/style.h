#pragma once

// How an answer is to look: where it goes decides. Renderers ask for meanings, not for colours.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"
#include "render/date_form.h"

namespace baton::secrets {
class Masker;
}

namespace baton::render {

enum class Look : uint8_t {
  plain,
  title,    // what a paragraph is about
  faint,    // less important than what stands around it
  address,  // session, turn, step
  agent,
  path,
  prompt,  // a person's words
  good,
  bad,
  warn,
  added,
  removed,
  hunk,
  mark,  // what was searched for
};

struct Style {
  bool color = false;
  size_t width = 0;   // columns; 0: lines are as long as they are
  DateForm date;      // of times
  bool full = false;  // cut nothing short
  Micros now = 0;
  const secrets::Masker* masker = nullptr;  // must outlive the style; null: the built-in rules

  std::string paint(Look look, std::string_view text) const;
  std::string_view begin(Look look) const;  // "" without colour
  std::string_view end(Look look) const;
};

// A line that is to look so.
struct TextLine {
  Look look = Look::plain;
  std::string text;
};

}  // namespace baton::render
