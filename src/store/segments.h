#pragma once

// The files of records, for reading: docs/format/objects.md. A segment's number is never used for
// another file, so an open one can be read to its end whatever happens to its name. For the .cc
// files of this folder only.

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "os/file.h"
#include "store/object_record.h"

namespace baton::store {

constexpr uint64_t kMaxSegment = 256ull << 20;

struct Place {
  uint32_t segment = 0;  // counted from 1
  uint64_t offset = 0;
  bool operator==(const Place&) const = default;
};

class Segments {
 public:
  explicit Segments(std::string directory) : directory_(std::move(directory)) {}

  std::string path(uint32_t number) const;
  // Ascending.
  Result<std::vector<uint32_t>> numbers() const;
  // The same, and all of them are open from now on: none of them goes while they are read.
  Result<std::vector<uint32_t>> open_all();
  Result<os::File*> file(uint32_t number);

  Result<RecordHead> head(Place place);
  // The record's bytes, whatever they are.
  Result<std::string> record(Place place, const RecordHead& head);

  // Reads records from `from` to the end of its segment, past stretches of damage. Gives the offset
  // behind the last whole one.
  using Each = std::function<void(Place, const RecordHead&)>;
  using Damage = std::function<void(Place, uint64_t length)>;
  Result<uint64_t> scan(Place from, const Each& each, const Damage& damage = {});

 private:
  Result<uint64_t> next_record(Place from, uint64_t size);

  std::string directory_;
  std::unordered_map<uint32_t, os::File> open_;
};

}  // namespace baton::store
