#include "store/objects.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <map>
#include <random>

#include "os/file.h"

namespace baton::store {
namespace {

struct Scratch {
  Scratch() {
    char name[] = "/tmp/baton-test-XXXXXX";
    path = mkdtemp(name);
    store = *create_store(path + "/baton", HashKind::sha1);
  }
  ~Scratch() { (void)os::remove_tree(path); }
  std::string path;
  Store store;
};

std::string random_text(std::mt19937& random, size_t lines) {
  std::string text;
  for (size_t i = 0; i < lines; ++i) text += "line " + std::to_string(random()) + "\n";
  return text;
}

TEST(Objects, VersionsComeBackAndDeltasAreSmall) {
  Scratch scratch;
  std::mt19937 random(7);
  auto objects = Objects::open(scratch.store);
  std::string version = random_text(random, 2000);
  ObjectId id = blob_id(HashKind::sha1, version);
  ASSERT_TRUE(objects->put(id, version));
  std::map<ObjectId, std::string> all{{id, version}};
  for (int i = 0; i < 60; ++i) {
    std::string next = version;
    next.replace(random() % (next.size() - 40), 12, "edit" + std::to_string(random()));
    ObjectId next_id = blob_id(HashKind::sha1, next);
    ASSERT_TRUE(objects->put(next_id, next, DeltaBase{id, version}));
    all[next_id] = next;
    version = next;
    id = next_id;
  }
  auto fresh = Objects::open(scratch.store);
  uint64_t stored = 0;
  int depth_seen = 0;
  ASSERT_TRUE(fresh->each_record([&](const Objects::Record& record, const Error* problem) {
    EXPECT_EQ(problem, nullptr);
    if (!record.base.empty()) stored += record.stored_size, ++depth_seen;
    return true;
  }));
  EXPECT_GE(depth_seen, 55);
  EXPECT_LT(stored / static_cast<uint64_t>(depth_seen), 400u);
  for (const auto& [each_id, content] : all) {
    auto got = fresh->get(each_id);
    ASSERT_TRUE(got) << got.error().message;
    EXPECT_EQ(*got, content);
  }
}

TEST(Objects, BorrowedBasesAreAskedFor) {
  Scratch scratch;
  auto objects = Objects::open(scratch.store);
  std::mt19937 random(3);
  std::string before = random_text(random, 500);
  std::string after = before + "one more\n";
  ObjectId before_id = blob_id(HashKind::sha1, before), after_id = blob_id(HashKind::sha1, after);
  ASSERT_TRUE(objects->put(after_id, after, DeltaBase{before_id, before}));
  EXPECT_FALSE(objects->get(after_id));
  auto got = objects->get(after_id, [&](const ObjectId& id) -> Result<std::string> {
    EXPECT_EQ(id, before_id);
    return before;
  });
  ASSERT_TRUE(got);
  EXPECT_EQ(*got, after);
}

// An edit of a clean file is a delta against what git holds; undoing it makes that content one of
// ours, and its natural base is the edit.
TEST(Objects, UndoneEditsCloseNoCircle) {
  Scratch scratch;
  auto objects = Objects::open(scratch.store);
  std::mt19937 random(4);
  std::vector<std::string> versions{random_text(random, 500)};
  for (int i = 0; i < 4; ++i) versions.push_back(versions.back() + std::to_string(i) + "\n");
  auto id = [&](size_t n) { return blob_id(HashKind::sha1, versions[n]); };
  for (size_t n = 1; n < versions.size(); ++n) {
    ASSERT_TRUE(objects->put(id(n), versions[n], DeltaBase{id(n - 1), versions[n - 1]}));
  }
  ASSERT_TRUE(objects->put(id(0), versions[0], DeltaBase{id(4), versions[4]}));
  for (size_t n = 0; n < versions.size(); ++n) {
    auto got = objects->get(id(n));
    ASSERT_TRUE(got) << got.error().message;
    EXPECT_EQ(*got, versions[n]);
  }
}

TEST(Objects, AReaderOfAnEmptyStoreSeesWhatComes) {
  Scratch scratch;
  auto reader = Objects::open(scratch.store);
  auto writer = Objects::open(scratch.store);
  ObjectId id = blob_id(HashKind::sha1, "first\n");
  EXPECT_FALSE(reader->contains(id));
  ASSERT_TRUE(writer->put(id, "first\n"));
  EXPECT_EQ(reader->get(id), "first\n");
}

TEST(Objects, LookupGrowsAndIsRebuilt) {
  Scratch scratch;
  std::map<ObjectId, std::string> all;
  {
    auto objects = Objects::open(scratch.store);
    for (int i = 0; i < 3000; ++i) {
      std::string content = "content " + std::to_string(i);
      ObjectId id = blob_id(HashKind::sha1, content);
      ASSERT_TRUE(objects->put(id, content));
      all[id] = content;
    }
  }
  auto check = [&] {
    auto objects = Objects::open(scratch.store);
    for (const auto& [id, content] : all) {
      auto got = objects->get(id);
      ASSERT_TRUE(got) << got.error().message;
      ASSERT_EQ(*got, content);
    }
  };
  check();
  // Lost, or damaged: the next writer makes it anew.
  for (int round = 0; round < 2; ++round) {
    std::string lookup = scratch.store.objects_dir() + "/lookup";
    if (round == 0) {
      ASSERT_TRUE(os::remove_file(lookup));
    } else {
      ASSERT_TRUE(os::replace_file(lookup, "garbage"));
    }
    auto objects = Objects::open(scratch.store);
    std::string content = "another " + std::to_string(round);
    ObjectId id = blob_id(HashKind::sha1, content);
    ASSERT_TRUE(objects->put(id, content));
    all[id] = content;
    check();
  }
}

TEST(Objects, ATornTailIsCutOff) {
  Scratch scratch;
  std::string first = "first content", second = "second content";
  ObjectId first_id = blob_id(HashKind::sha1, first), second_id = blob_id(HashKind::sha1, second);
  {
    auto objects = Objects::open(scratch.store);
    ASSERT_TRUE(objects->put(first_id, first));
  }
  {
    auto file = os::open_file(scratch.store.objects_dir() + "/000001.seg", os::Open::append_create);
    ASSERT_TRUE(os::append(*file, "BR\x00\x14garbage that ends early"));
  }
  auto objects = Objects::open(scratch.store);
  ASSERT_TRUE(objects->put(second_id, second));
  EXPECT_EQ(*objects->get(first_id), first);
  EXPECT_EQ(*objects->get(second_id), second);
  ASSERT_TRUE(objects->each_record([&](const Objects::Record&, const Error* problem) {
    EXPECT_EQ(problem, nullptr);
    return true;
  }));
}

TEST(Objects, AFlippedByteIsFound) {
  Scratch scratch;
  std::string content = "some content that is long enough to be compressed, compressed, compressed";
  ObjectId id = blob_id(HashKind::sha1, content);
  ASSERT_TRUE(Objects::open(scratch.store)->put(id, content));
  std::string path = scratch.store.objects_dir() + "/000001.seg";
  std::string bytes = *os::read_file(path);
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string flipped = bytes;
    flipped[i] = static_cast<char>(flipped[i] ^ 4);
    ASSERT_TRUE(os::replace_file(path, flipped));
    auto objects = Objects::open(scratch.store);
    EXPECT_FALSE(objects->get(id)) << "byte " << i;
  }
}

}  // namespace
TEST(Objects, DamageCostsOnlyWhatItHit) {
  Scratch scratch;
  std::vector<std::pair<ObjectId, std::string>> all;
  {
    auto objects = Objects::open(scratch.store);
    std::mt19937 random(11);
    for (int i = 0; i < 20; ++i) {
      std::string content = random_text(random, 5);
      all.emplace_back(blob_id(HashKind::sha1, content), content);
      ASSERT_TRUE(objects->put(all.back().first, content));
    }
  }
  std::string path = scratch.store.objects_dir() + "/000001.seg";
  std::string whole = *os::read_file(path);
  for (size_t hit = 0; hit < whole.size(); hit += 37) {
    std::string damaged = whole;
    damaged[hit] = static_cast<char>(damaged[hit] ^ 0x55);
    ASSERT_TRUE(os::replace_file(path, damaged));
    ASSERT_TRUE(os::remove_file(scratch.store.objects_dir() + "/lookup"));
    auto objects = Objects::open(scratch.store);
    ASSERT_TRUE(objects->rebuild_lookup());
    size_t readable = 0;
    for (const auto& [id, content] : all) {
      auto got = objects->get(id);
      if (!got) continue;
      EXPECT_EQ(*got, content);
      ++readable;
    }
    EXPECT_EQ(readable, all.size() - 1) << "byte " << hit;
    std::string more = "more " + std::to_string(hit);
    ObjectId id = blob_id(HashKind::sha1, more);
    ASSERT_TRUE(objects->put(id, more));
    EXPECT_EQ(*objects->get(id), more);
  }
}

TEST(Objects, ATableAheadOfItsSegmentIsMadeAnew) {
  Scratch scratch;
  std::mt19937 random(12);
  std::string first = random_text(random, 50), second = random_text(random, 50);
  ObjectId first_id = blob_id(HashKind::sha1, first), second_id = blob_id(HashKind::sha1, second);
  {
    auto objects = Objects::open(scratch.store);
    ASSERT_TRUE(objects->put(first_id, first));
    ASSERT_TRUE(objects->put(second_id, second));
  }
  std::string path = scratch.store.objects_dir() + "/000001.seg";
  std::string whole = *os::read_file(path);
  ASSERT_TRUE(os::replace_file(path, std::string_view(whole).substr(0, whole.size() - 3)));
  auto objects = Objects::open(scratch.store);
  std::string third = random_text(random, 10);
  ObjectId third_id = blob_id(HashKind::sha1, third);
  ASSERT_TRUE(objects->put(third_id, third));
  EXPECT_EQ(*Objects::open(scratch.store)->get(third_id), third);
  EXPECT_EQ(*Objects::open(scratch.store)->get(first_id), first);
  EXPECT_FALSE(objects->get(second_id));
}

}  // namespace baton::store
