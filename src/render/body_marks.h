#pragma once

// The marks that a body stands between, so that it can be put in place of an older one without
// touching what people wrote around it.

#include <string>
#include <string_view>

#include "base/result.h"

namespace baton::render {

constexpr std::string_view kBodyBegins = "<!-- baton: begin -->";
constexpr std::string_view kBodyEnds = "<!-- baton: end -->";

// What stands in `existing` outside of the marks: before them and after them. Without marks all of
// it is before. ErrorKind::usage if one mark stands without the other.
struct Around {
  std::string before, after;
};
Result<Around> around_body(std::string_view existing);

}  // namespace baton::render
