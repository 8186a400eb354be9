#pragma once

// A record of a segment, and what is in it: docs/format/objects.md. For the .cc files of this
// folder only.

#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/result.h"

namespace baton::store {

constexpr std::string_view kRecordMagic = "BR";
constexpr size_t kMaxRecordHead = 2 + 1 + 1 + 10 + 10 + 32 + 32 + 4;

struct RecordHead {
  int depth = 0;  // of its delta chain; 0: stored whole, no base
  ObjectId id, base;
  uint64_t raw_size = 0;
  uint64_t data_size = 0;
  uint32_t checksum = 0;
  size_t head_size = 0;
  uint64_t size() const { return head_size + data_size; }
};

std::string encode_record(int depth, const ObjectId& id, const ObjectId& base, uint64_t raw_size,
                          std::string_view data);
// Nothing if the bytes are no record's head.
std::optional<RecordHead> decode_head(std::string_view bytes);
// Whether these are all of the record's bytes, undamaged.
bool is_record(std::string_view bytes, const RecordHead& head);

// `prefix` is the base's content, "" without a base. "" if it fails.
std::string compress_content(std::string_view content, std::string_view prefix);

// A context costs more than a small delta: readers keep theirs.
struct Decompressor {
  ZSTD_DCtx* context = nullptr;
  Decompressor() = default;
  Decompressor(const Decompressor&) = delete;
  ~Decompressor() { ZSTD_freeDCtx(context); }
};
Result<std::string> decompress_content(Decompressor& kept, std::string_view data,
                                       std::string_view prefix, uint64_t raw_size);

}  // namespace baton::store
