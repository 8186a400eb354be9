#pragma once

// What goes for a budget: which contents, and which of those that stay must be stored anew, because
// they were differences from one that goes. Works it out, changes nothing. For the .cc files of
// this folder only.

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "store/object_record.h"
#include "store/objects.h"
#include "store/thinned.h"

namespace baton::store {

class Thinning {
 public:
  Thinning(Objects& objects, const BorrowedReader& borrowed)
      : objects_(objects), borrowed_(borrowed) {}

  // A record that stays unless it is taken. `fixed`: it cannot be written anew.
  void add(const RecordHead& head, bool fixed);

  // Takes a content if it is binary and something is won. Whether it went.
  bool take(const ObjectId& id);

  const std::vector<ThinnedContent>& gone() const { return gone_; }
  bool is_gone(const ObjectId& id) const;
  // Bytes of the records of those gone, less what others grow by.
  uint64_t freed() const { return freed_; }

  bool is_rebased(const ObjectId& id) const { return rebased_.contains(id); }
  // What a record rests on from now on; empty: on nothing.
  ObjectId base_of(const RecordHead& head) const;
  // The bytes of one that is stored anew.
  Result<std::string> rebased_record(const ObjectId& id);

 private:
  struct Node {
    ObjectId base;
    int depth = 0;
    uint64_t size = 0;  // of its record
    bool fixed = false, gone = false;
    std::vector<ObjectId> children;
  };
  struct Rebased {
    ObjectId base;
    int depth = 0;
  };

  Result<std::string> content(const ObjectId& id);
  Result<std::string> encode(const ObjectId& id, const Rebased& on);

  Objects& objects_;
  const BorrowedReader& borrowed_;
  std::unordered_map<ObjectId, Node, ObjectIdHash> nodes_;
  std::unordered_map<ObjectId, Rebased, ObjectIdHash> rebased_;
  std::vector<ThinnedContent> gone_;
  uint64_t freed_ = 0;
};

}  // namespace baton::store
