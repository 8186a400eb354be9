#pragma once

// Turns what an agent sent into what may be written: contents of credential files withheld, secrets
// masked, long strings taken out as objects (docs/format/journal.md, "Large strings").

#include <string>
#include <string_view>
#include <unordered_map>

#include "base/hash.h"
#include "base/json.h"
#include "store/objects.h"

namespace baton::record {

constexpr size_t kLargeString = 1024;

class PayloadWriter {
 public:
  explicit PayloadWriter(HashKind hash) : hash_(hash) {}

  // The masked text of a JSON value; ErrorKind::damage if `json_text` is none. `parsed` is the same
  // value, by whoever has it already.
  Result<std::string> rewrite(std::string_view json_text);
  Result<std::string> rewrite(std::string_view json_text, const json::Value& parsed);
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
  Result<std::string> mask(std::string_view json_text, const json::Value& parsed);

  HashKind hash_;
  std::unordered_map<ObjectId, std::string, ObjectIdHash> large_;
};

}  // namespace baton::record
