#pragma once

#include <cstddef>

namespace baton::secrets {

// A part of a text, in bytes.
struct Span {
  size_t begin = 0, end = 0;
};

}  // namespace baton::secrets
