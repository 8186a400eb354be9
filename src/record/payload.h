#pragma once

// Turns what an agent sent into what may be written: secrets masked, long strings taken out as
// objects (docs/format/journal.md, "Large strings").

#include <string>
#include <string_view>
#include <unordered_map>

#include "base/hash.h"
#include "store/objects.h"

namespace baton::record {

constexpr size_t kLargeString = 1024;

class PayloadWriter {
 public:
  explicit PayloadWriter(HashKind hash) : hash_(hash) {}

  // The masked text of a JSON value; ErrorKind::damage if `json_text` is none.
  Result<std::string> rewrite(std::string_view json_text);
  // A text that is not JSON, masked, as a JSON value: {"$text": …}.
  std::string wrap_text(std::string_view text);

  // Stores the long strings that were taken out. Those for which `is_kept` says that their content
  // is kept already (borrowed from git, or stored a moment ago) are left out.
  template <class IsKept>
  Status store(store::Objects& objects, IsKept is_kept) {
    for (const auto& [id, content] : large_) {
      if (!is_kept(id)) TRY(objects.put(id, content));
    }
    return {};
  }

 private:
  HashKind hash_;
  std::unordered_map<ObjectId, std::string, ObjectIdHash> large_;
};

}  // namespace baton::record
