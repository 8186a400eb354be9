#include "random_seeds.h"
#include "store/manifest.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <map>
#include <random>

namespace baton::store {
namespace {

struct Scratch {
  Scratch() {
    char name[] = "/tmp/baton-test-XXXXXX";
    path = mkdtemp(name);
  }
  ~Scratch() { (void)os::remove_tree(path); }
  std::string path;
};

ManifestEntry file(uint64_t size) {
  ManifestEntry entry;
  entry.type = os::FileType::regular;
  entry.permissions = 0644;
  entry.size = size;
  entry.mtime_ns = static_cast<int64_t>(size) * 7;
  entry.id = blob_id(HashKind::sha1, std::to_string(size));
  return entry;
}

TEST(Manifest, RandomChangesAgainstAMap) {
  for (uint64_t seed : baton::testing::seeds(5)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Scratch scratch;
    std::mt19937 random(seed);
    std::map<std::string, uint64_t> truth;
    auto manifest = Manifest::open(scratch.path, HashKind::sha1);
    ASSERT_TRUE(manifest);
    EXPECT_TRUE(manifest->fresh());
    for (int i = 0; i < 5000; ++i) {
      std::string path = "d" + std::to_string(random() % 20);
      if (random() % 2) path += "/e" + std::to_string(random() % 20);
      path += "/f" + std::to_string(random() % 60);
      if (random() % 4 == 0) {
        truth.erase(path);
        ASSERT_TRUE(manifest->erase(path));
      } else {
        truth[path] = random();
        ASSERT_TRUE(manifest->set(path, file(truth[path])));
      }
      if (random() % 500 == 0) manifest = Manifest::open(scratch.path, HashKind::sha1);
    }
    manifest = Manifest::open(scratch.path, HashKind::sha1);
    EXPECT_FALSE(manifest->fresh());
    size_t live = 0;
    for (uint32_t number = 0; number < manifest->count(); ++number) {
      ManifestEntry entry = manifest->entry(number);
      if (entry.type != os::FileType::regular) continue;
      ++live;
      auto found = truth.find(manifest->path(number));
      ASSERT_NE(found, truth.end()) << manifest->path(number);
      EXPECT_EQ(entry.size, found->second);
      EXPECT_EQ(entry.id, blob_id(HashKind::sha1, std::to_string(found->second)));
    }
    EXPECT_EQ(live, truth.size());
    for (const auto& [path, size] : truth) {
      auto entry = manifest->find(path);
      ASSERT_TRUE(entry) << path;
      EXPECT_EQ(entry->size, size);
    }
    EXPECT_FALSE(manifest->find("d1/none"));
    EXPECT_EQ(manifest->find("d1")->type, os::FileType::directory);
  }
}

TEST(Manifest, BuiltAtOnceIsTheSame) {
  Scratch scratch;
  std::map<std::string, ManifestEntry> sorted;
  for (uint64_t i = 0; i < 3000; ++i) {
    sorted["d" + std::to_string(i % 7) + "/e" + std::to_string(i % 13) + "/f" + std::to_string(i)] =
        file(i);
    sorted["d" + std::to_string(i % 7) + ".x" + std::to_string(i % 50)] = file(i);
  }
  std::vector<std::pair<std::string, ManifestEntry>> files(sorted.begin(), sorted.end());
  auto manifest = Manifest::build(scratch.path, HashKind::sha1, files);
  ASSERT_TRUE(manifest);
  EXPECT_FALSE(manifest->fresh());
  EXPECT_EQ(manifest->count(), files.size() + 7 + 7 * 13);
  for (const auto& [path, entry] : files) {
    auto found = manifest->find(path);
    ASSERT_TRUE(found) << path;
    EXPECT_EQ(found->id, entry.id);
  }
  EXPECT_EQ(manifest->find("d3/e4")->type, os::FileType::directory);
  ASSERT_TRUE(manifest->set("d3/e4/new", file(9)));
  EXPECT_EQ(manifest->find("d3/e4/new")->size, 9u);
}

TEST(Manifest, DamageMeansAFreshOne) {
  Scratch scratch;
  ASSERT_TRUE(Manifest::open(scratch.path, HashKind::sha1)->set("a", file(1)));
  ASSERT_TRUE(os::replace_file(scratch.path + "/manifest", std::string(100, 'x')));
  EXPECT_TRUE(Manifest::open(scratch.path, HashKind::sha1)->fresh());
}

TEST(Manifest, AHeaderThatPromisesMoreNamesThanCanBeIsNotBelieved) {
  Scratch scratch;
  ASSERT_TRUE(Manifest::open(scratch.path, HashKind::sha1)->set("a", file(1)));
  std::string bytes = *os::read_file(scratch.path + "/manifest");
  bytes.replace(24, 8, std::string("\x43\xfe") + std::string(6, '\xff'));  // a length below 2^64
  ASSERT_TRUE(os::replace_file(scratch.path + "/manifest", bytes));
  EXPECT_TRUE(Manifest::open(scratch.path, HashKind::sha1)->fresh());
}

TEST(Manifest, AFlippedByteOfAnEntryIsNotBelieved) {
  Scratch scratch;
  {
    auto manifest = Manifest::open(scratch.path, HashKind::sha1);
    ASSERT_TRUE(manifest->set("a", file(12345)));
  }
  std::string bytes = *os::read_file(scratch.path + "/manifest");
  for (size_t at = 4096; at < 4096 + 60; ++at) {
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ 1);
    ASSERT_TRUE(os::replace_file(scratch.path + "/manifest", flipped));
    auto entry = Manifest::open(scratch.path, HashKind::sha1)->find("a");
    EXPECT_FALSE(entry) << "byte " << at;
  }
}

TEST(Manifest, InfoIsKept) {
  Scratch scratch;
  auto manifest = Manifest::open(scratch.path, HashKind::sha256);
  ManifestInfo info = manifest->info();
  EXPECT_FALSE(info.complete);
  info.complete = true;
  info.reflog_offset = 77;
  ASSERT_TRUE(manifest->set_info(info));
  ASSERT_TRUE(manifest->set("x/y", ManifestEntry{}));
  EXPECT_TRUE(Manifest::open(scratch.path, HashKind::sha256)->info().complete);
  EXPECT_EQ(Manifest::open(scratch.path, HashKind::sha256)->info().reflog_offset, 77u);
}

}  // namespace
}  // namespace baton::store
