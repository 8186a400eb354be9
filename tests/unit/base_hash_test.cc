#include "base/hash.h"

#include <gtest/gtest.h>

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
