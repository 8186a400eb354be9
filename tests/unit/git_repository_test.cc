#include "git/repository.h"

#include "git_scratch.h"

namespace baton::git {
namespace {

// What git itself answers, in the same order as Repository.
void expect_as_git(const Scratch& scratch, const std::string& where) {
  SCOPED_TRACE(where);
  auto found = discover(scratch.path(where));
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->worktree_root, scratch.git(where, {"rev-parse", "--show-toplevel"}));
  EXPECT_EQ(found->git_dir, scratch.git(where, {"rev-parse", "--absolute-git-dir"}));
  std::string common =
      scratch.git(where, {"rev-parse", "--path-format=absolute", "--git-common-dir"});
  EXPECT_EQ(found->common_dir, common);
  EXPECT_FALSE(found->bare);
  EXPECT_EQ(found->hash == HashKind::sha256,
            scratch.git(where, {"rev-parse", "--show-object-format"}) == "sha256");
}

TEST(Discover, OrdinaryRepository) {
  Scratch scratch;
  scratch.make_repository("r");
  scratch.write("r/x/y/z", "");
  expect_as_git(scratch, "r");
  expect_as_git(scratch, "r/x/y");
  // A file, and a name that is not there yet, stand for their folder.
  EXPECT_EQ(discover(scratch.path("r/x/y/z"))->worktree_root, scratch.path("r"));
  EXPECT_EQ(discover(scratch.path("r/new/folder/file"))->worktree_root, scratch.path("r"));
}

TEST(Discover, LeadsThroughLinks) {
  Scratch scratch;
  scratch.make_repository("r");
  scratch.write("r/x/file", "");
  ASSERT_TRUE(os::make_link("r/x", scratch.path("link")));
  expect_as_git(scratch, "link");
  ASSERT_TRUE(os::make_dirs(scratch.path("other")));
  ASSERT_TRUE(os::make_link("../r/.git", scratch.path("other/.git")));
  expect_as_git(scratch, "other");
}

TEST(Discover, Sha256) {
  Scratch scratch;
  scratch.make_repository("r", {"--object-format=sha256"});
  expect_as_git(scratch, "r");
}

TEST(Discover, LinkedWorktrees) {
  Scratch scratch;
  scratch.make_repository("r");
  scratch.git("r", {"worktree", "add", "-q", "../w", "-b", "side"});
  scratch.write("w/deep/file", "");
  expect_as_git(scratch, "w");
  expect_as_git(scratch, "w/deep");
  auto all = list_worktrees(*discover(scratch.path("w")));
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 2u);
  EXPECT_EQ((*all)[0].root, scratch.path("r"));
  EXPECT_EQ((*all)[1].root, scratch.path("w"));
  EXPECT_EQ((*all)[1].git_dir, scratch.path("r/.git/worktrees/w"));
}

TEST(Discover, WorktreeOfABareRepository) {
  Scratch scratch;
  scratch.make_repository("r");
  scratch.git("", {"clone", "-q", "--bare", "r", "bare.git"});
  scratch.git("bare.git", {"worktree", "add", "-q", "../w"});
  auto bare = discover(scratch.path("bare.git/refs"));
  ASSERT_TRUE(bare);
  EXPECT_TRUE(bare->bare);
  EXPECT_EQ(bare->worktree_root, "");
  EXPECT_EQ(bare->git_dir, scratch.path("bare.git"));
  expect_as_git(scratch, "w");
  // Also with settings of its own for each worktree.
  scratch.git("bare.git", {"config", "extensions.worktreeConfig", "true"});
  scratch.git("bare.git", {"config", "--unset", "core.bare"});
  scratch.git("bare.git", {"config", "--worktree", "core.bare", "true"});
  expect_as_git(scratch, "w");
  EXPECT_EQ(list_worktrees(*bare)->size(), 1u);
}

TEST(Discover, Submodules) {
  Scratch scratch;
  scratch.make_repository("inner");
  scratch.make_repository("r");
  scratch.git("r", {"submodule", "--quiet", "add", "../inner", "sub"});
  expect_as_git(scratch, "r/sub");
  EXPECT_TRUE(is_nested_repository(scratch.path("r/sub")));
  EXPECT_EQ(discover(scratch.path("r/.git/modules/sub"))->worktree_root, scratch.path("r/sub"));
}

TEST(Discover, SeparateGitDirAndCoreWorktree) {
  Scratch scratch;
  scratch.make_repository("r", {"--separate-git-dir", scratch.path("elsewhere")});
  expect_as_git(scratch, "r");
  scratch.make_repository("s");
  ASSERT_TRUE(os::make_dirs(scratch.path("s/tree")));
  scratch.git("s", {"config", "core.worktree", "../tree"});
  expect_as_git(scratch, "s/tree");
}

TEST(Discover, InsideTheGitFolder) {
  Scratch scratch;
  scratch.make_repository("r");
  EXPECT_EQ(discover(scratch.path("r/.git/refs/heads"))->worktree_root, scratch.path("r"));
  scratch.git("r", {"worktree", "add", "-q", "../w"});
  auto linked = discover(scratch.path("r/.git/worktrees/w"));
  ASSERT_TRUE(linked);
  EXPECT_EQ(linked->worktree_root, scratch.path("w"));
  EXPECT_EQ(linked->common_dir, scratch.path("r/.git"));
}

TEST(Discover, NestedRepositories) {
  Scratch scratch;
  scratch.make_repository("r");
  scratch.make_repository("r/inner");
  expect_as_git(scratch, "r/inner");
  EXPECT_TRUE(is_nested_repository(scratch.path("r/inner")));
  ASSERT_TRUE(os::make_dirs(scratch.path("r/plain/.git")));  // a folder of that name only
  EXPECT_FALSE(is_nested_repository(scratch.path("r/plain")));
  expect_as_git(scratch, "r/plain");
  EXPECT_FALSE(is_nested_repository(scratch.path("r/none")));
}

TEST(Discover, NoRepository) {
  Scratch scratch;
  ASSERT_TRUE(os::make_dirs(scratch.path("plain/x")));
  auto found = discover(scratch.path("plain/x"));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::not_found);
  scratch.git("plain/x", {"rev-parse"}, 128);
}

TEST(Discover, GitFileThatLeadsNowhere) {
  Scratch scratch;
  scratch.make_repository("r");
  scratch.write("r/x/.git", "gitdir: ../gone\n");
  auto found = discover(scratch.path("r/x"));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::damage);
  scratch.git("r/x", {"rev-parse"}, 128);
  EXPECT_FALSE(is_nested_repository(scratch.path("r/x")));
}

TEST(Discover, Ceilings) {
  Scratch scratch;
  scratch.make_repository("r");
  scratch.write("r/x/y/z/file", "");
  auto agree = [&](const std::string& ceiling, const std::string& where, bool expected) {
    SCOPED_TRACE(ceiling + " from " + where);
    ::setenv("GIT_CEILING_DIRECTORIES", ceiling.c_str(), 1);
    EXPECT_EQ(discover(scratch.path(where)).has_value(), expected);
    scratch.git(where, {"rev-parse"}, expected ? 0 : 128);
    ::unsetenv("GIT_CEILING_DIRECTORIES");
  };
  agree(scratch.path("r/x"), "r/x/y", false);
  agree(scratch.path("r/x"), "r/x", true);
  agree(scratch.path("r"), "r/x/y", false);
  agree(scratch.path("r"), "r", true);
  agree(scratch.dir(), "r/x/y", true);
  agree("/nowhere:" + scratch.path("r/x") + "/", "r/x/y/z", false);
  agree(scratch.path("r/xx"), "r/x/y", true);
  agree("/", "r/x", true);
  ASSERT_TRUE(os::make_link("r/x", scratch.path("link")));
  agree(scratch.path("link"), "r/x/y", false);
  agree(":" + scratch.path("link"), "r/x/y", true);
}

}  // namespace
}  // namespace baton::git
