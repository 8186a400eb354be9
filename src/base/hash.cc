#include "base/hash.h"

#include <sys/types.h>

extern "C" {
#include <sha1.h>
#include <sha256.h>
}

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/bytes.h"

namespace baton {
namespace {

const uint8_t* raw(std::string_view bytes) {
  return reinterpret_cast<const uint8_t*>(bytes.data());
}

}  // namespace

std::string sha1(std::string_view bytes) {
  SHA1_CTX context;
  SHA1Init(&context);
  SHA1Update(&context, raw(bytes), bytes.size());
  std::string digest(20, '\0');
  SHA1Final(reinterpret_cast<uint8_t*>(digest.data()), &context);
  return digest;
}

std::string sha256(std::string_view bytes) {
  return sha256(bytes, {});
}

std::string sha256(std::string_view first, std::string_view second, std::string_view third) {
  SHA2_CTX context;
  SHA256Init(&context);
  SHA256Update(&context, raw(first), first.size());
  SHA256Update(&context, raw(second), second.size());
  SHA256Update(&context, raw(third), third.size());
  std::string digest(32, '\0');
  SHA256Final(reinterpret_cast<uint8_t*>(digest.data()), &context);
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
    SHA1_CTX context;
    SHA1Init(&context);
    SHA1Update(&context, raw(head), head.size());
    SHA1Update(&context, raw(content), content.size());
    SHA1Final(id.bytes.data(), &context);
  } else {
    SHA2_CTX context;
    SHA256Init(&context);
    SHA256Update(&context, raw(head), head.size());
    SHA256Update(&context, raw(content), content.size());
    SHA256Final(id.bytes.data(), &context);
  }
  return id;
}

}  // namespace baton
