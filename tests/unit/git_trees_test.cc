#include "git/trees.h"

#include "git_scratch.h"

namespace baton::git {
namespace {

TEST(Trees, SaysWhatGitSays) {
  Scratch scratch;
  scratch.make_repository("r");
  for (const char* name :
       {"top.txt", "d/b/c.txt", "d/b.txt", "d/new\nline", "-dash", "\xc3\xa9/x"}) {
    scratch.write(std::string("r/") + name, std::string("content of ") + name + "\n");
  }
  scratch.git("r", {"add", "-A"});
  scratch.git("r", {"update-index", "--chmod=+x", "top.txt"});
  scratch.git("r", {"commit", "-q", "-m", "x"});
  auto repository = discover(scratch.path("r"));
  ASSERT_TRUE(repository);
  ObjectReader reader(*repository);
  ObjectId tree = *reader.tree("HEAD");
  Trees trees(reader);
  auto all = ls_tree(*repository, tree, true);
  ASSERT_TRUE(all);
  ASSERT_GE(all->size(), 6u);
  for (const TreeEntry& expected : *all) {
    auto entry = trees.entry(tree, expected.path);
    ASSERT_TRUE(entry && *entry) << expected.path;
    EXPECT_EQ((*entry)->id, expected.id);
    EXPECT_EQ((*entry)->mode, expected.mode);
    EXPECT_EQ((*entry)->path, expected.path);
  }
  EXPECT_EQ((*trees.entry(tree, "d/b"))->mode, 0040000u);
  for (const char* missing :
       {"none", "d/none", "top.txt/below", "d/b.txt/c", "d//b", "", "/top.txt"}) {
    auto entry = trees.entry(tree, missing);
    ASSERT_TRUE(entry) << missing;
    EXPECT_FALSE(*entry) << missing;
  }
  EXPECT_FALSE(trees.entry((*all)[0].id, "top.txt"));  // a blob is no tree
}

}  // namespace
}  // namespace baton::git
