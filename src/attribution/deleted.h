#pragma once

// Lines that stood in a file once and stand there no more.

#include <cstdint>
#include <string>
#include <vector>

#include "attribution/history.h"

namespace baton::attribution {

struct Tombstone {
  std::string text;  // without its newline
  Origin remover;
  uint32_t mark = 0;       // of the line, in the timeline
  uint32_t before = 0;     // it stood before this line of the content (from 0)
  bool by_return = false;  // an earlier content came back that had not had it
};

// Those of the timeline's newest version, or of `version` (-1: the newest), placed in `content`.
// What a checkout took away comes back with it and is not counted twice (whether HEAD moved, or
// somebody put a file back, the remover's owner tells); a line that was put back is none. In order
// of place, then of time.
Result<std::vector<Tombstone>> tombstones(History& history, Timeline& timeline, int32_t version,
                                          std::string_view content);

constexpr size_t kMaxTombstones = 100'000;  // the oldest are forgotten

}  // namespace baton::attribution
