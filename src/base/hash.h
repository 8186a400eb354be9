#pragma once

// Hashes and the ids made of them. A content's id is its git blob id, in the repository's own hash,
// so that any tool that knows git can name what baton stored.

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace baton {

enum class HashKind : uint8_t { sha1 = 1, sha256 = 2 };

constexpr size_t hash_size(HashKind kind) {
  return kind == HashKind::sha1 ? 20 : 32;
}

// Raw digests (20 or 32 bytes).
std::string sha1(std::string_view bytes);
std::string sha256(std::string_view bytes);
std::string sha256(std::string_view first, std::string_view second, std::string_view third = {});

// A 64-bit checksum against accidents, not against people (XXH3).
uint64_t checksum64(std::string_view bytes);

// The id of a content. Empty (`size == 0`) means: no content, as on the side of a transition where
// the path does not exist.
struct ObjectId {
  std::array<uint8_t, 32> bytes{};
  uint8_t size = 0;

  bool empty() const { return size == 0; }
  std::string_view view() const { return {reinterpret_cast<const char*>(bytes.data()), size}; }
  std::string hex() const;
  static ObjectId from_bytes(std::string_view raw);
  // From 40 or 64 hex digits; nothing otherwise.
  static std::optional<ObjectId> from_hex(std::string_view text);

  bool operator==(const ObjectId& other) const { return view() == other.view(); }
  auto operator<=>(const ObjectId& other) const { return view() <=> other.view(); }
};

struct ObjectIdHash {
  size_t operator()(const ObjectId& id) const {
    size_t value;
    memcpy(&value, id.bytes.data(), sizeof value);
    return value;
  }
};

// git's id of a blob: the hash of "blob SIZE\0" and the content.
ObjectId blob_id(HashKind kind, std::string_view content);

}  // namespace baton
