#pragma once

// Contents that git does not have: append-only segments of compressed records, and a lookup table
// that can be rebuilt from them. docs/format/objects.md.
//
// Content that git's pinned base tree holds is not stored again; a reader that does not find an id
// here asks git (see Contents in git/ and index/). Writers append under the segment's lock; a
// record is one write, so a killed writer leaves at most a torn tail, which the next one cuts off.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "store/store.h"

namespace baton::store {

constexpr uint64_t kMaxObject = 1ull << 30;
constexpr int kMaxDeltaDepth = 10;

// An earlier version of the same content, in hand, to compress against.
struct DeltaBase {
  ObjectId id;
  std::string_view content;
};

// Gives a content that is borrowed from git, when a record is a delta against it.
using BorrowedReader = std::function<Result<std::string>(const ObjectId&)>;

// The content itself if nobody else holds it, else a copy.
std::string take(std::shared_ptr<const std::string> content);

class Objects {
 public:
  ~Objects();
  Objects(Objects&&) noexcept;
  Objects& operator=(Objects&&) noexcept;
  static Result<Objects> open(const Store& store);

  bool contains(const ObjectId& id);

  // Stores a content under its blob id if it is not there yet.
  Status put(const ObjectId& id, std::string_view content,
             const std::optional<DeltaBase>& base = {});

  // The content. ErrorKind::not_found if it is not in the store, ErrorKind::damage if the record's
  // checksum or any of its bases' does not hold. `borrowed` is asked for bases that git holds.
  Result<std::string> get(const ObjectId& id, const BorrowedReader& borrowed = {});
  // The same without a copy: what was read last is held for the next readers, whose contents may be
  // deltas against it.
  Result<std::shared_ptr<const std::string>> share(const ObjectId& id,
                                                   const BorrowedReader& borrowed = {});

  struct Record {
    ObjectId id;
    ObjectId base;  // empty: stored whole
    uint64_t raw_size = 0;
    uint64_t stored_size = 0;  // with its header
    uint32_t segment = 0;
    uint64_t offset = 0;
  };
  // All records in the order of their segments, for fsck, gc and du. `problem` is set instead for
  // a stretch of bytes that is no record. A callback that returns false stops.
  Status each_record(const std::function<bool(const Record&, const Error* problem)>& each);
  // Throws the lookup table away and makes it anew from the segments.
  Status rebuild_lookup();
  // Flushes what was written to the disk.
  Status sync();

 private:
  struct Impl;
  explicit Objects(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace baton::store
