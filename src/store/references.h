#pragma once

// What the record refers to by id. Whatever looks like an id counts, also in members that this
// version does not know and in damaged lines: what is not found here, nothing rests on. Only what
// is said of thinned contents (thinned.h) is none of it.

#include <cstdint>
#include <functional>
#include <string_view>

#include "store/objects.h"
#include "store/store.h"

namespace baton::store {

enum class Use : uint8_t {
  version,       // of a file
  text,          // a long string of a payload
  session_text,  // the same of a copied session file
  list,          // of transitions or entries, too long for its line
  other,         // an id that stands somewhere
};

struct Reference {
  ObjectId id;
  Use use = Use::other;
  std::string_view path;  // of a version
  std::string_view time;  // of the journal's line, as it stands there; "" in a session file
  bool again = false;     // a version that was told of already, found by its digits
};
using EachReference = std::function<void(const Reference&)>;

// How far a session's journal and the copy of its file were read.
struct SessionPosition {
  uint64_t journal = 0, transcript = 0;
};

// Calls back for each reference of a session from `position` on, which moves to the end. The same
// id comes as often as it stands there, what is known better of it first. Damage does not stop it;
// the first one is told in the end: then there may be references that nobody can see.
Status each_reference(const SessionPlace& session, HashKind hash, Objects& objects,
                      const BorrowedReader& borrowed, SessionPosition& position,
                      const EachReference& each);

}  // namespace baton::store
