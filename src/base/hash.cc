#include "base/hash.h"

#include <sys/types.h>

#include <algorithm>

extern "C" {
#include <sha1.h>
#include <sha256.h>
}

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/bytes.h"
#include "base/sha_blocks.h"

namespace baton {
namespace {

const uint8_t* raw(std::string_view bytes) {
  return reinterpret_cast<const uint8_t*>(bytes.data());
}

// A hash of this family: words of state over blocks of 64 bytes; the last block ends with the
// number of bits.
struct Sha1 {
  static constexpr size_t kWords = 5;
  static constexpr uint32_t kStart[kWords] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476,
                                              0xc3d2e1f0};
  static constexpr auto blocks = sha1_blocks;
  using Context = SHA1_CTX;
  static constexpr auto init = SHA1Init;
  static constexpr auto update = SHA1Update;
  static constexpr auto final = SHA1Final;
};
struct Sha256 {
  static constexpr size_t kWords = 8;
  static constexpr uint32_t kStart[kWords] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                              0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  static constexpr auto blocks = sha256_blocks;
  using Context = SHA2_CTX;
  static constexpr auto init = SHA256Init;
  static constexpr auto update = SHA256Update;
  static constexpr auto final = SHA256Final;
};

constexpr size_t kBlock = 64;

template <class Hash>
class Blocks {
 public:
  Blocks() { memcpy(state_, Hash::kStart, sizeof state_); }
  void add(std::string_view bytes) {
    size_ += bytes.size();
    if (held_ > 0) {
      size_t more = std::min(bytes.size(), kBlock - held_);
      hold(bytes.substr(0, more));
      bytes.remove_prefix(more);
      if (held_ < kBlock) return;
      Hash::blocks(state_, buffer_, 1);
      held_ = 0;
    }
    Hash::blocks(state_, raw(bytes), bytes.size() / kBlock);
    hold(bytes.substr(bytes.size() / kBlock * kBlock));
  }
  void end(uint8_t* digest) {
    uint64_t bits = size_ * 8;
    buffer_[held_++] = 0x80;
    if (held_ > kBlock - sizeof bits) {
      memset(buffer_ + held_, 0, kBlock - held_);
      Hash::blocks(state_, buffer_, 1);
      held_ = 0;
    }
    memset(buffer_ + held_, 0, kBlock - held_);
    for (size_t i = 0; i < sizeof bits; ++i) {
      buffer_[kBlock - 1 - i] = static_cast<uint8_t>(bits >> (8 * i));
    }
    Hash::blocks(state_, buffer_, 1);
    for (size_t i = 0; i < sizeof state_; ++i) {
      digest[i] = static_cast<uint8_t>(state_[i / 4] >> (24 - 8 * (i % 4)));
    }
  }

 private:
  void hold(std::string_view bytes) {
    if (!bytes.empty()) memcpy(buffer_ + held_, bytes.data(), bytes.size());
    held_ += bytes.size();
  }
  uint32_t state_[Hash::kWords];
  uint8_t buffer_[kBlock];
  size_t held_ = 0;
  uint64_t size_ = 0;
};

template <class Hash>
void digest_of(std::string_view first, std::string_view second, std::string_view third,
               uint8_t* digest) {
  if (has_sha_instructions()) {
    Blocks<Hash> blocks;
    for (std::string_view part : {first, second, third}) blocks.add(part);
    return blocks.end(digest);
  }
  typename Hash::Context context;
  Hash::init(&context);
  for (std::string_view part : {first, second, third}) {
    Hash::update(&context, raw(part), part.size());
  }
  Hash::final(digest, &context);
}

}  // namespace

std::string sha1(std::string_view bytes) {
  std::string digest(20, '\0');
  digest_of<Sha1>(bytes, {}, {}, reinterpret_cast<uint8_t*>(digest.data()));
  return digest;
}

std::string sha256(std::string_view bytes) {
  return sha256(bytes, {});
}

std::string sha256(std::string_view first, std::string_view second, std::string_view third) {
  std::string digest(32, '\0');
  digest_of<Sha256>(first, second, third, reinterpret_cast<uint8_t*>(digest.data()));
  return digest;
}

uint64_t checksum64(std::string_view bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

std::string ObjectId::hex() const {
  return baton::hex(view());
}

ObjectId ObjectId::from_bytes(std::string_view raw_bytes) {
  ObjectId id;
  if (raw_bytes.size() > id.bytes.size()) return id;
  memcpy(id.bytes.data(), raw_bytes.data(), raw_bytes.size());
  id.size = static_cast<uint8_t>(raw_bytes.size());
  return id;
}

std::optional<ObjectId> ObjectId::from_hex(std::string_view text) {
  if (text.size() != 40 && text.size() != 64) return std::nullopt;
  auto bytes = baton::from_hex(text);
  if (!bytes) return std::nullopt;
  return from_bytes(*bytes);
}

ObjectId blob_id(HashKind kind, std::string_view content) {
  char header[32] = "blob ";
  char* end = header + 5;
  char digits[24];
  size_t count = 0;
  size_t rest = content.size();
  do {
    digits[count++] = static_cast<char>('0' + rest % 10);
    rest /= 10;
  } while (rest);
  while (count) *end++ = digits[--count];
  *end++ = '\0';
  std::string_view head(header, static_cast<size_t>(end - header));

  ObjectId id;
  id.size = static_cast<uint8_t>(hash_size(kind));
  if (kind == HashKind::sha1) {
    digest_of<Sha1>(head, content, {}, id.bytes.data());
  } else {
    digest_of<Sha256>(head, content, {}, id.bytes.data());
  }
  return id;
}

}  // namespace baton
