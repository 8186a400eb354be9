#pragma once

// Contents that a budget took (docs/gc.md). The journal of baton's own session `thinned` holds what
// is left of each: its size, and when it went. They were binary versions of files that lay there
// for a while. A content that came again is stored again: then it is there, whatever is said here.

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "base/json.h"
#include "base/time.h"
#include "store/store.h"

namespace baton::store {

constexpr std::string_view kThinnedSession = "thinned";
constexpr std::string_view kThinnedEvent = "Thinned";

struct Thinned {
  uint64_t size = 0;  // of the content
  Micros time = 0;
};
using ThinnedContents = std::unordered_map<ObjectId, Thinned, ObjectIdHash>;

// The newest of each.
Result<ThinnedContents> read_thinned(const Store& store);

struct ThinnedContent {
  ObjectId id;
  uint64_t size = 0;
};
// The payload of the event that tells of them.
std::string thinned_payload(uint64_t budget, const std::vector<ThinnedContent>& contents);
// Whether a line with this header is one.
bool is_thinned_line(const json::Value& header);

}  // namespace baton::store
