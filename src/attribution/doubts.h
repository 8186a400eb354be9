#pragma once

// Lines that another reading of the same change, as short as the one that was chosen, has from
// somewhere else: of two equal braces around a new block each may be the new one. Contents do not
// tell, and neither does where a person would have put the border.

#include <cstdint>
#include <string_view>
#include <vector>

#include "attribution/carry.h"

namespace baton::attribution {

struct Doubt {
  uint32_t line = 0;                // of the new content
  std::string_view text;            // ... as it stands there
  int64_t chosen = -1;              // the old line that it is; -1: a new one
  bool fresh = false;               // it may be new
  std::vector<uint32_t> old_lines;  // that it may be
};

// In the order of lines. Changes that are too large to look through have no doubts.
std::vector<Doubt> doubts(std::string_view old_content, std::string_view new_content,
                          const std::vector<Stretch>& stretches);

}  // namespace baton::attribution
