#include "base/hash.h"

#include <gtest/gtest.h>
#include <sys/types.h>

extern "C" {
#include <sha1.h>
#include <sha256.h>
}

#include "base/bytes.h"
#include "base/time.h"

namespace baton {
namespace {

TEST(Hash, BlobIdsAreGits) {
  // Known answers: `git hash-object` of the empty file and of "hello\n".
  EXPECT_EQ(blob_id(HashKind::sha1, "").hex(), "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
  EXPECT_EQ(blob_id(HashKind::sha1, "hello\n").hex(), "ce013625030ba8dba906f756967f9e9ca394464a");
  EXPECT_EQ(blob_id(HashKind::sha256, "").hex(),
            "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813");
}

// Whatever computes them, they are what libmd says, in any pieces and across all borders of blocks.
TEST(Hash, DigestsAreLibmds) {
  std::string text;
  for (size_t size = 0; size < 400; ++size) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
    uint8_t digest[32];
    SHA1_CTX one;
    SHA1Init(&one);
    SHA1Update(&one, bytes, size);
    SHA1Final(digest, &one);
    ASSERT_EQ(hex(sha1(text)), hex({reinterpret_cast<const char*>(digest), 20})) << size;
    SHA2_CTX two;
    SHA256Init(&two);
    SHA256Update(&two, bytes, size);
    SHA256Final(digest, &two);
    std::string expected = hex({reinterpret_cast<const char*>(digest), 32});
    ASSERT_EQ(hex(sha256(text)), expected) << size;
    std::string_view view(text);
    size_t a = size / 3, b = size * 2 / 3;
    ASSERT_EQ(hex(sha256(view.substr(0, a), view.substr(a, b - a), view.substr(b))), expected);
    text += static_cast<char>(size * 131 + 7);
  }
  std::string large;
  for (int i = 0; i < 100'000; ++i) large += static_cast<char>(i * 31);
  EXPECT_EQ(hex(sha1(large)), "56c03c33599a27354e1267aef5a127bc18785997");
  EXPECT_EQ(hex(sha256(large)), "7e76f19c9d73bcfda63bba337a1ad01f24cd311038f7598736a510bd92aa233b");
}

TEST(Hash, HexAndBase64ComeBack) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) {
    bytes += static_cast<char>(i);
    EXPECT_EQ(from_hex(hex(bytes)), bytes);
    EXPECT_EQ(from_base64(base64(bytes)), bytes);
  }
}

TEST(Time, FormatsAndParses) {
  EXPECT_EQ(format_utc(0), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(format_utc(*parse_utc("2024-02-29T23:59:59.5Z")), "2024-02-29T23:59:59.500000Z");
  EXPECT_EQ(parse_utc("2026-11-24T10:00:00+02:00"), parse_utc("2026-11-24T08:00:00Z"));
  EXPECT_FALSE(parse_utc("2026-13-01"));
  EXPECT_FALSE(parse_utc("yesterday"));
}

}  // namespace
}  // namespace baton
