#include "git/index_file.h"

#include <unistd.h>

#include <map>

#include "base/bytes.h"
#include "git_scratch.h"

namespace baton::git {
namespace {

std::string octal(uint32_t value) {
  char text[16];
  snprintf(text, sizeof text, "%06o", value);
  return text;
}

// Our reading in the words of `git ls-files --stage --debug`.
std::string ours(const Scratch& scratch, const std::string& where) {
  auto repository = discover(scratch.path(where));
  EXPECT_TRUE(repository);
  auto index = IndexFile::open(*repository);
  EXPECT_TRUE(index) << index.error().message;
  if (!index) return {};
  std::string text;
  auto status = index->for_each([&](const IndexEntry& e) {
    text += octal(e.mode) + " " + e.id.hex() + " " + std::to_string(e.stage) + "\t";
    text += e.path;
    text += "\n  ctime: " + std::to_string(e.ctime_s) + ":" + std::to_string(e.ctime_ns);
    text += "\n  mtime: " + std::to_string(e.mtime_s) + ":" + std::to_string(e.mtime_ns);
    text += "\n  dev: " + std::to_string(e.device) + "\tino: " + std::to_string(e.inode);
    text += "\n  uid: " + std::to_string(e.uid) + "\tgid: " + std::to_string(e.gid);
    text += "\n  size: " + std::to_string(e.size) + "\n";
  });
  EXPECT_TRUE(status) << status.error().message;
  return text;
}

std::string gits(const Scratch& scratch, const std::string& where) {
  std::string text = scratch.git(
      where, {"-c", "core.quotePath=false", "ls-files", "--sparse", "--stage", "--debug"});
  // The flags are bits of git's memory, not of the file.
  std::string result;
  for (std::string_view line : split(text, '\n')) {
    if (line.empty()) continue;
    result += line.substr(0, line.find("\tflags:"));
    result += '\n';
  }
  return result;
}

void expect_as_git(const Scratch& scratch, const std::string& where = "r") {
  EXPECT_EQ(ours(scratch, where), gits(scratch, where));
}

// The letters of `git ls-files -t -v`: H ordinary, S skip-worktree, lower case assume-valid.
std::map<std::string, std::string> tags(const Scratch& scratch, const std::string& where = "r") {
  std::map<std::string, std::string> result;
  auto index = IndexFile::open(*discover(scratch.path(where)));
  EXPECT_TRUE(index);
  (void)index->for_each([&](const IndexEntry& e) {
    std::string tag = e.skip_worktree ? "S" : "H";
    if (e.assume_valid) tag = lower_ascii(tag);
    if (e.intent_to_add) tag += "+";
    result[std::string(e.path)] = tag;
  });
  return result;
}

void make_tree(const Scratch& scratch, const std::string& where, int files) {
  for (int i = 0; i < files; ++i) {
    scratch.write(where + "/dir" + std::to_string(i % 7) + "/sub/file" + std::to_string(i),
                  std::to_string(i));
  }
}

// Some of everything an index can hold.
void make_rich(const Scratch& scratch, const std::string& where = "r") {
  make_tree(scratch, where, 60);
  scratch.write(where + "/" + std::string(200, 'l') + "/" + std::string(200, 'o') + "/" +
                    std::string(200, 'n') + "/" + std::string(200, 'g') + "/" +
                    std::string(200, 'x'),
                "long\n");
  scratch.write(where + "/run.sh", "#!/bin/sh\n");
  ASSERT_TRUE(os::set_permissions(scratch.path(where + "/run.sh"), 0755));
  ASSERT_TRUE(os::make_link("a", scratch.path(where + "/link")));
  scratch.write(where + "/sp ace \xc3\xa9", "x\n");
  scratch.git(where, {"add", "."});
  scratch.git(where, {"commit", "-q", "-m", "many"});
  scratch.write(where + "/intended", "x\n");
  scratch.git(where, {"add", "-N", "intended"});
  scratch.git(where, {"update-index", "--assume-unchanged", "run.sh"});
  scratch.git(where, {"update-index", "--skip-worktree", "link"});
  std::string id = scratch.git(where, {"rev-parse", "HEAD:a"});
  // A path whose length does not fit the flags.
  std::string long_path;
  while (long_path.size() < 5000) long_path += "a-long-name/";
  scratch.git(where,
              {"update-index", "--add", "--cacheinfo", "100644," + id + "," + long_path + "x"});
  // A conflict: three stages of one path.
  scratch.git(where, {"update-index", "--index-info"}, 0,
              "0 0000000000000000000000000000000000000000\tc\n100644 " + id + " 1\tc\n100644 " +
                  id + " 2\tc\n100755 " + id + " 3\tc\n");
}

void expect_rich_tags(const Scratch& scratch) {
  auto t = tags(scratch);
  EXPECT_EQ(t["run.sh"], "h");
  EXPECT_EQ(t["link"], "S");
  EXPECT_EQ(t["intended"], "H+");
  EXPECT_EQ(t["a"], "H");
}

class IndexVersions : public testing::TestWithParam<std::string> {};

TEST_P(IndexVersions, AsGitReadsThem) {
  Scratch scratch;
  scratch.make_repository("r");
  scratch.git("r", {"config", "index.version", GetParam()});
  scratch.git("r", {"update-index", "--index-version", GetParam()});
  make_rich(scratch);
  // Version 2 becomes 3 where entries need its flags.
  EXPECT_EQ((*os::read_file(scratch.path("r/.git/index")))[7], GetParam() == "4" ? 4 : 3);
  expect_as_git(scratch);
  expect_rich_tags(scratch);
}

TEST_P(IndexVersions, Split) {
  Scratch scratch;
  scratch.make_repository("r");
  scratch.git("r", {"config", "splitIndex.maxPercentChange", "100"});
  make_tree(scratch, "r", 300);
  scratch.git("r", {"add", "."});
  scratch.git("r", {"commit", "-q", "-m", "many"});
  scratch.git("r", {"update-index", "--index-version", GetParam()});
  scratch.git("r", {"update-index", "--split-index"});
  expect_as_git(scratch);
  // Replaced, removed and new ones.
  for (int i = 0; i < 300; i += 9) {
    std::string name = "dir" + std::to_string(i % 7) + "/sub/file" + std::to_string(i);
    if (i % 2) {
      scratch.write("r/" + name, "changed " + std::to_string(i));
    } else {
      ASSERT_TRUE(os::remove_file(scratch.path("r/" + name)));
    }
  }
  scratch.write("r/0first", "x");
  scratch.write("r/dir3/middle", "x");
  scratch.write("r/zlast", "x");
  scratch.git("r", {"add", "-A"});
  ASSERT_TRUE(contains(*os::read_file(scratch.path("r/.git/index")), "link"));
  expect_as_git(scratch);
  scratch.git("r", {"update-index", "--skip-worktree", "dir1/sub/file1"});
  EXPECT_EQ(tags(scratch)["dir1/sub/file1"], "S");
  expect_as_git(scratch);

  auto index = IndexFile::open(*discover(scratch.path("r")));
  ASSERT_TRUE(index);
  auto found = index->find("dir3/middle");
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->size, 1u);
  EXPECT_FALSE(*index->find("dir3/middles"));
}

INSTANTIATE_TEST_SUITE_P(All, IndexVersions, testing::Values("2", "4"),
                         [](const auto& version) { return "v" + version.param; });

TEST(IndexFile, Version2) {
  Scratch scratch;
  scratch.make_repository("r");
  make_tree(scratch, "r", 60);
  scratch.git("r", {"add", "."});
  EXPECT_EQ((*os::read_file(scratch.path("r/.git/index")))[7], 2);
  expect_as_git(scratch);
}

TEST(IndexFile, SplitInALinkedWorktree) {
  Scratch scratch;
  scratch.make_repository("r");
  scratch.git("r", {"worktree", "add", "-q", "../w"});
  scratch.git("w", {"update-index", "--split-index"});
  scratch.write("w/new", "x");
  scratch.git("w", {"add", "new"});
  expect_as_git(scratch, "w");
}

TEST(IndexFile, Sha256) {
  Scratch scratch;
  scratch.make_repository("r", {"--object-format=sha256"});
  make_tree(scratch, "r", 50);
  scratch.git("r", {"add", "."});
  expect_as_git(scratch);
  scratch.git("r", {"update-index", "--index-version", "4"});
  scratch.git("r", {"update-index", "--split-index"});
  scratch.write("r/new", "x");
  scratch.git("r", {"add", "new"});
  expect_as_git(scratch);
}

TEST(IndexFile, Sparse) {
  Scratch scratch;
  scratch.make_repository("r");
  make_tree(scratch, "r", 100);
  scratch.git("r", {"add", "."});
  scratch.git("r", {"commit", "-q", "-m", "many"});
  scratch.git("r", {"sparse-checkout", "set", "--cone", "--sparse-index", "dir1"});
  auto index = IndexFile::open(*discover(scratch.path("r")));
  ASSERT_TRUE(index);
  EXPECT_TRUE(index->is_sparse());
  std::map<std::string, IndexEntry> entries;
  ASSERT_TRUE(
      index->for_each([&](const IndexEntry& e) { entries.emplace(std::string(e.path), e); }));
  ASSERT_TRUE(entries.contains("dir2/"));
  EXPECT_TRUE(entries["dir2/"].is_sparse_dir);
  EXPECT_TRUE(entries["dir2/"].skip_worktree);
  EXPECT_EQ(entries["dir2/"].id.hex(), scratch.git("r", {"rev-parse", "HEAD:dir2"}));
  EXPECT_TRUE(entries.contains("dir1/sub/file1"));
  EXPECT_FALSE(entries["dir1/sub/file1"].is_sparse_dir);
  expect_as_git(scratch);
  // All at once: sparse, version 4, no checksum.
  scratch.git("r", {"config", "index.skipHash", "true"});
  scratch.git("r", {"update-index", "--index-version", "4"});
  scratch.write("r/dir1/new", "x");
  scratch.git("r", {"add", "dir1/new"});
  expect_as_git(scratch);
}

TEST(IndexFile, UnsetChecksum) {
  // What `index.skipHash` leaves: zeros where the hash stands.
  Scratch scratch;
  scratch.make_repository("r");
  std::string bytes = *os::read_file(scratch.path("r/.git/index"));
  bytes.replace(bytes.size() - 20, 20, std::string(20, '\0'));
  scratch.write("r/.git/index", bytes);
  expect_as_git(scratch);
}

TEST(IndexFile, EndOfEntriesNote) {
  Scratch scratch;
  scratch.make_repository("r");
  scratch.git("r", {"config", "index.recordEndOfIndexEntries", "true"});
  scratch.git("r", {"config", "index.recordOffsetTable", "true"});
  scratch.git("r", {"config", "index.threads", "2"});
  make_rich(scratch);
  ASSERT_TRUE(contains(*os::read_file(scratch.path("r/.git/index")), "EOIE"));
  expect_as_git(scratch);
  scratch.git("r", {"update-index", "--index-version", "4"});
  scratch.git("r", {"update-index", "--split-index"});
  scratch.write("r/b", "x");
  scratch.git("r", {"add", "b"});
  ASSERT_TRUE(contains(*os::read_file(scratch.path("r/.git/index")), "link"));
  expect_as_git(scratch);
}

TEST(IndexFile, EndOfEntriesNoteBeforeAnExtensionWithoutEnd) {
  Scratch scratch;
  scratch.make_repository("r");
  scratch.git("r", {"config", "index.recordEndOfIndexEntries", "true"});
  make_rich(scratch);
  std::string bytes = *os::read_file(scratch.path("r/.git/index"));
  size_t note = bytes.find("EOIE");
  ASSERT_NE(note, std::string::npos);
  uint32_t extensions;
  memcpy(&extensions, bytes.data() + note + 8, 4);
  extensions = __builtin_bswap32(extensions);
  bytes.replace(extensions + 4, 4, "\xff\xff\xff\xf8");  // with its header: nothing, in 32 bits
  auto index = IndexFile::parse(bytes, HashKind::sha1);
  ASSERT_FALSE(index);
  EXPECT_EQ(index.error().kind, ErrorKind::damage);
}

TEST(IndexFile, Submodule) {
  Scratch scratch;
  scratch.make_repository("inner");
  scratch.make_repository("r");
  scratch.git("r", {"submodule", "--quiet", "add", "../inner", "sub"});
  expect_as_git(scratch);
  auto index = IndexFile::open(*discover(scratch.path("r")));
  EXPECT_EQ((**index->find("sub")).mode, kModeGitlink);
}

TEST(IndexFile, MissingOneIsEmpty) {
  Scratch scratch;
  scratch.git("", {"init", "-q", "r"});
  auto index = IndexFile::open(*discover(scratch.path("r")));
  ASSERT_TRUE(index);
  EXPECT_FALSE(index->exists());
  EXPECT_EQ(index->size_hint(), 0u);
  int count = 0;
  EXPECT_TRUE(index->for_each([&](const IndexEntry&) { ++count; }));
  EXPECT_EQ(count, 0);
}

TEST(IndexFile, EmptyOne) {
  Scratch scratch;
  scratch.make_repository("r");
  scratch.git("r", {"rm", "-q", "a"});
  expect_as_git(scratch);
}

TEST(IndexFile, CachedTree) {
  Scratch scratch;
  scratch.make_repository("r");
  auto open = [&] { return IndexFile::open(*discover(scratch.path("r"))); };
  auto index = open();
  ASSERT_TRUE(index && index->cached_tree());
  EXPECT_EQ(index->cached_tree()->hex(), scratch.git("r", {"rev-parse", "HEAD^{tree}"}));
  scratch.write("r/b", "x");
  scratch.git("r", {"add", "b"});
  EXPECT_FALSE(open()->cached_tree());
}

TEST(IndexFile, StatMatchesCleanFiles) {
  Scratch scratch;
  scratch.make_repository("r");
  auto index = IndexFile::open(*discover(scratch.path("r")));
  auto entry = *index->find("a");
  ASSERT_TRUE(entry);
  EXPECT_TRUE(stat_matches(*entry, *os::stat_file(scratch.path("r/a"))));
  ::usleep(20000);
  scratch.write("r/a", "two\n");
  EXPECT_FALSE(stat_matches(*entry, *os::stat_file(scratch.path("r/a"))));
  EXPECT_FALSE(stat_matches(*entry, os::FileStat{}));
}

TEST(IndexFile, RacyEntries) {
  Scratch scratch;
  scratch.make_repository("r");
  ::usleep(20000);
  scratch.write("r/b", "x");
  ::usleep(20000);
  scratch.git("r", {"add", "b"});
  auto index = IndexFile::open(*discover(scratch.path("r")));
  auto entry = *index->find("b");
  EXPECT_FALSE(index->is_racy(*entry));
  entry->mtime_s += 10;
  EXPECT_TRUE(index->is_racy(*entry));
  entry->mtime_s -= 10;
  entry->mtime_ns = 0;
  entry->mtime_s = static_cast<uint32_t>(index->stat().mtime_ns / 1'000'000'000);
  EXPECT_TRUE(index->is_racy(*entry));
  --entry->mtime_s;
  EXPECT_FALSE(index->is_racy(*entry));
}

TEST(IndexFile, DamageIsAnError) {
  Scratch scratch;
  scratch.make_repository("r");
  make_rich(scratch);
  for (const char* version : {"3", "4"}) {
    scratch.git("r", {"update-index", "--index-version", version});
    std::string bytes = *os::read_file(scratch.path("r/.git/index"));
    auto walk = [](std::string_view cut) -> Status {
      auto index = TRY(IndexFile::parse(cut, HashKind::sha1));
      return index.for_each([](const IndexEntry&) {});
    };
    EXPECT_TRUE(walk(bytes));
    EXPECT_FALSE(walk(""));
    EXPECT_FALSE(walk("DIRC"));
    EXPECT_FALSE(walk("XXXX" + bytes.substr(4)));
    // Cut anywhere inside the entries, it is not taken for whole.
    for (size_t length = 0; length < 2000; length += 13)
      EXPECT_FALSE(walk(bytes.substr(0, length)));
    std::string future = bytes;
    future[7] = 5;
    EXPECT_EQ(walk(future).error().kind, ErrorKind::newer);
    std::string many = bytes;
    many[8] = 0x7f;
    EXPECT_EQ(walk(many).error().kind, ErrorKind::damage);
    std::string extension = bytes;
    extension.insert(extension.size() - 20, std::string("xxxx\0\0\0\0", 8));
    EXPECT_EQ(walk(extension).error().kind, ErrorKind::newer);
  }
}

TEST(IndexFile, MissingSharedIndex) {
  Scratch scratch;
  scratch.make_repository("r");
  scratch.git("r", {"update-index", "--split-index"});
  auto names = os::list_dir(scratch.path("r/.git"));
  for (const os::DirEntry& entry : *names) {
    if (entry.name.starts_with("sharedindex.")) {
      ASSERT_TRUE(os::remove_file(scratch.path("r/.git/" + entry.name)));
    }
  }
  auto index = IndexFile::open(*discover(scratch.path("r")));
  ASSERT_FALSE(index);
  EXPECT_EQ(index.error().kind, ErrorKind::not_found);
}

}  // namespace
}  // namespace baton::git
