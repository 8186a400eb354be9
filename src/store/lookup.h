#pragma once

// The lookup table of objects: a hash table with open addressing in a file, derived from the
// segments (docs/format/objects.md). Writers hold the objects' lock. For the .cc files of this
// folder only.

#include <functional>
#include <string>
#include <vector>

#include "os/file.h"
#include "store/segments.h"

namespace baton::store {

class Lookup {
 public:
  struct Entry {
    ObjectId id;
    Place place;
  };

  explicit Lookup(std::string path) : path_(std::move(path)) {}

  // Opens (again) the table, if another process replaced it or it is not open yet.
  Status open();
  bool is_open() const { return file_.is_open(); }
  // Everything before this place is in the table.
  Place covered() const { return covered_; }

  // Calls back for each place where the id may be, until it returns true.
  Status probe(const ObjectId& id, const std::function<bool(Place)>& visit);
  Status insert(const ObjectId& id, Place place);
  Status cover(Place covered);
  // Makes the table anew of these.
  Status replace(const std::vector<Entry>& entries, Place covered);

 private:
  struct Slot {
    uint8_t id[20];    // the first bytes of the id; the record holds all of it
    uint32_t segment;  // 0: empty; segments count from 1
    uint64_t offset;
  };
  static_assert(sizeof(Slot) == 32);

  Result<uint64_t> find_slot(const ObjectId& id, const std::function<bool(Place)>& visit);
  Status read_header();
  Status write_header();
  Status grow();
  Status write_table(uint64_t slots, const std::vector<Slot>& entries, Place covered);

  std::string path_;
  os::File file_;
  uint64_t slots_ = 0;  // a power of two
  uint64_t used_ = 0;
  Place covered_;
};

}  // namespace baton::store
