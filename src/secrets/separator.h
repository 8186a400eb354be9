#pragma once

// What stands between a name and its value: `=`, `: `, `=>`, `(`, a blank behind `--password`, the
// `value:` of the next line.

#include <cstddef>
#include <optional>
#include <string_view>

#include "secrets/assignment.h"

namespace baton::secrets {

struct Separator {
  enum class Kind {
    assignment,
    colon,
    argument,
    list,
    flag,
    login,
    encoded,
    element,
    prose,
    beside
  };
  Kind kind = Kind::assignment;
  size_t end = 0;      // where the value begins, or the quote before it
  bool tight = false;  // no blank on either side
  bool must_quote = false;
};

// Nothing if no value can follow.
std::optional<Separator> separator_after(std::string_view text, const Name& name);

}  // namespace baton::secrets
