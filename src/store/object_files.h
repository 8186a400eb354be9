#pragma once

// Segments and their lookup table together: where an object is, and where the next record goes. For
// the .cc files of this folder only.

#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "store/lookup.h"
#include "store/segments.h"

namespace baton::store {

// Held by one writer at a time.
constexpr std::string_view kObjectsLockName = "lock";
// Shared by everybody who relies on contents that no line names yet: from when he finds that one is
// there, or writes it, until his line is written. Whoever takes contents away has it alone.
constexpr std::string_view kObjectsUsersName = "users";
constexpr int64_t kObjectsLockUs = 500'000;

struct ObjectFiles {
  explicit ObjectFiles(const std::string& directory)
      : segments(directory), lookup(directory + "/lookup") {}

  Segments segments;
  Lookup lookup;

  using Found = std::pair<Place, RecordHead>;
  // The place of an object, if the table knows it and a record of that id is really there.
  std::optional<Found> find(const ObjectId& id);
  // The same for readers, who also find what a writer left behind the table's end: its hook died,
  // or there was no space for the table. The next writer puts it in.
  std::optional<Found> find_for_reader(const ObjectId& id);
  // Whether the chain of `base` leads to `id`.
  bool rests_on(ObjectId base, const ObjectId& id);

  // Makes the table anew from the segments. REQUIRES from here on: the objects' lock.
  Status rebuild();
  // Brings the table to the segments' end, cuts off a torn tail, and gives the place where the next
  // record goes.
  Result<Place> prepare_append(uint64_t record_size);
  // Appends a record and puts it into the table.
  Status append(const ObjectId& id, std::string_view record);
  Status flush_segment(uint32_t number);

 private:
  Status look_behind();
  Result<uint64_t> catch_up(Place from);

  std::unordered_map<ObjectId, Place, ObjectIdHash> behind_;  // the table's end
  bool looked_behind_ = false;
};

}  // namespace baton::store
