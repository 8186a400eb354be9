#include "git/head.h"

#include "git_scratch.h"

namespace baton::git {
namespace {

struct Heads {
  Scratch scratch;
  Repository repository(const std::string& where = "r") const {
    auto found = discover(scratch.path(where));
    EXPECT_TRUE(found);
    return *found;
  }
  HeadState head(const std::string& where = "r") const {
    auto state = read_head(repository(where));
    EXPECT_TRUE(state) << state.error().message;
    return state ? *state : HeadState();
  }
  void expect_as_git(const std::string& where = "r") const {
    HeadState state = head(where);
    EXPECT_EQ(state.commit, scratch.git(where, {"rev-parse", "--verify", "-q", "HEAD"}, -1));
    EXPECT_EQ(state.branch, scratch.git(where, {"symbolic-ref", "-q", "--short", "HEAD"}, -1));
  }
  void commit(const std::string& content, const std::string& where = "r") const {
    scratch.write(where + "/a", content);
    scratch.git(where, {"commit", "-q", "-am", "c " + content});
  }
};

TEST(Head, Branches) {
  Heads t;
  t.scratch.make_repository("r");
  t.expect_as_git();
  EXPECT_EQ(t.head().branch, "main");
  t.scratch.git("r", {"checkout", "-q", "-b", "feature/deep/er"});
  t.expect_as_git();
  t.scratch.git("r", {"checkout", "-q", "--detach"});
  t.expect_as_git();
  EXPECT_EQ(t.head().branch, "");
}

TEST(Head, UnbornBranch) {
  Heads t;
  t.scratch.git("", {"init", "-q", "r"});
  t.expect_as_git();
  EXPECT_EQ(t.head().commit, "");
  EXPECT_EQ(t.head().branch, "main");
}

TEST(Head, PackedRefs) {
  Heads t;
  t.scratch.make_repository("r");
  std::string commands;
  std::string id = t.head().commit;
  for (int i = 0; i < 500; ++i)
    commands += "create refs/heads/b" + std::to_string(i) + " " + id + "\n";
  t.scratch.git("r", {"update-ref", "--stdin"}, 0, commands);
  t.scratch.git("r", {"tag", "-a", "-m", "x", "v1"});
  t.commit("two\n");
  t.scratch.git("r", {"tag", "-a", "-m", "x", "v2"});
  t.scratch.git("r", {"pack-refs", "--all"});
  t.expect_as_git();
  for (int i = 0; i < 500; i += 7) {
    EXPECT_EQ(*resolve_ref(t.repository(), "refs/heads/b" + std::to_string(i)), id);
  }
  for (const char* name : {"refs/tags/v1", "refs/tags/v2", "refs/heads/main"}) {
    EXPECT_EQ(*resolve_ref(t.repository(), name), t.scratch.git("r", {"rev-parse", name}));
  }
  for (const char* name : {"refs/heads/a", "refs/heads/b1000", "refs/zzz/z", "refs/heads/b"}) {
    EXPECT_EQ(*resolve_ref(t.repository(), name), "");
  }
  // A header that promises no order.
  std::string packed = *os::read_file(t.scratch.path("r/.git/packed-refs"));
  packed = packed.substr(packed.find('\n') + 1);
  t.scratch.write("r/.git/packed-refs", packed);
  t.expect_as_git();
  EXPECT_EQ(*resolve_ref(t.repository(), "refs/heads/b77"), id);
  // A loose ref goes before a packed one.
  t.commit("three\n");
  t.expect_as_git();
  EXPECT_FALSE(resolve_ref(t.repository(), "refs/heads/../../config"));
}

TEST(Head, LinkedWorktree) {
  Heads t;
  t.scratch.make_repository("r");
  t.scratch.git("r", {"worktree", "add", "-q", "../w", "-b", "side"});
  t.commit("two\n", "w");
  t.expect_as_git("w");
  t.expect_as_git("r");
  EXPECT_EQ(t.head("w").branch, "side");
  EXPECT_EQ(t.head("r").branch, "main");
}

TEST(Head, Sha256) {
  Heads t;
  t.scratch.make_repository("r", {"--object-format=sha256"});
  t.expect_as_git();
  EXPECT_EQ(t.head().commit.size(), 64u);
  EXPECT_EQ(read_reflog_tail(t.repository(), {})->lines.size(), 1u);
}

TEST(Head, ReftableIsUnknown) {
  Heads t;
  t.scratch.make_repository("r");
  t.scratch.write("r/.git/HEAD", "ref: refs/heads/.invalid\n");
  EXPECT_FALSE(t.head().known);
}

TEST(Head, Operations) {
  Heads t;
  t.scratch.make_repository("r");
  t.scratch.git("r", {"checkout", "-q", "-b", "other"});
  t.commit("other\n");
  t.scratch.git("r", {"checkout", "-q", "main"});
  t.commit("main\n");
  EXPECT_EQ(t.head().operation, "");

  t.scratch.git("r", {"merge", "-q", "other"}, 1);
  EXPECT_EQ(t.head().operation, "merge");
  t.scratch.git("r", {"merge", "--abort"});

  t.scratch.git("r", {"rebase", "-q", "other"}, 1);
  EXPECT_EQ(t.head().operation, "rebase");
  EXPECT_EQ(t.head().operation_branch, "main");
  t.expect_as_git();
  t.scratch.git("r", {"rebase", "--abort"});

  t.scratch.git("r", {"rebase", "-q", "--apply", "other"}, 1);
  EXPECT_EQ(t.head().operation, "rebase");
  EXPECT_EQ(t.head().operation_branch, "main");
  t.scratch.git("r", {"rebase", "--abort"});

  t.scratch.git("r", {"cherry-pick", "other"}, 1);
  EXPECT_EQ(t.head().operation, "cherry-pick");
  t.scratch.git("r", {"cherry-pick", "--abort"});

  t.scratch.git("r", {"revert", "--no-edit", "other"}, 1);
  EXPECT_EQ(t.head().operation, "revert");
  t.scratch.git("r", {"revert", "--abort"});

  std::string patch = t.scratch.git("r", {"format-patch", "-1", "--stdout", "other"}) + "\n";
  t.scratch.git("r", {"am", "-q"}, 128, patch);
  EXPECT_EQ(t.head().operation, "am");
  t.scratch.git("r", {"am", "--abort"});

  t.scratch.git("r", {"bisect", "start"});
  EXPECT_EQ(t.head().operation, "bisect");
  t.scratch.git("r", {"bisect", "reset"});
  EXPECT_EQ(t.head().operation, "");
}

TEST(Reflog, NewLinesOnly) {
  Heads t;
  t.scratch.make_repository("r");
  auto first = read_reflog_tail(t.repository(), {});
  ASSERT_TRUE(first);
  ASSERT_EQ(first->lines.size(), 1u);
  EXPECT_EQ(first->lines[0].message, "commit (initial): first");
  EXPECT_EQ(first->lines[0].old_id, std::string(40, '0'));
  EXPECT_EQ(first->lines[0].new_id, t.head().commit);
  EXPECT_EQ(first->lines[0].time, 1767323045);

  auto nothing = read_reflog_tail(t.repository(), first->position);
  EXPECT_TRUE(nothing->lines.empty());
  EXPECT_EQ(nothing->position.offset, first->position.offset);

  auto skipped = read_reflog_tail(t.repository(), {kReflogEnd, {}});
  EXPECT_TRUE(skipped->lines.empty());
  EXPECT_FALSE(skipped->rewritten);
  EXPECT_EQ(skipped->position.offset, first->position.offset);
  EXPECT_EQ(skipped->position.last, first->position.last);

  t.commit("two\n");
  t.scratch.git("r", {"checkout", "-q", "-b", "x"});
  auto more = read_reflog_tail(t.repository(), first->position);
  ASSERT_EQ(more->lines.size(), 2u);
  EXPECT_EQ(more->lines[0].message, "commit: c two");
  EXPECT_EQ(more->lines[1].message, "checkout: moving from main to x");
  EXPECT_FALSE(more->rewritten);
  EXPECT_EQ(more->stash_bytes, 0u);

  // A line that is being written waits until it is whole.
  std::string log = *os::read_file(t.scratch.path("r/.git/logs/HEAD"));
  t.scratch.write("r/.git/logs/HEAD", log + log.substr(0, 30));
  auto torn = read_reflog_tail(t.repository(), more->position);
  EXPECT_TRUE(torn->lines.empty());
  EXPECT_FALSE(torn->rewritten);
  EXPECT_EQ(torn->position.offset, log.size());
}

TEST(Reflog, RewrittenLog) {
  Heads t;
  t.scratch.make_repository("r");
  t.commit("two\n");
  t.commit("three\n");
  auto seen = read_reflog_tail(t.repository(), {});
  ASSERT_EQ(seen->lines.size(), 3u);
  t.commit("four\n");
  t.scratch.git("r", {"reflog", "delete", "HEAD@{3}"});
  auto after = read_reflog_tail(t.repository(), seen->position);
  EXPECT_TRUE(after->rewritten);
  ASSERT_EQ(after->lines.size(), 1u);
  EXPECT_EQ(after->lines[0].message, "commit: c four");

  t.scratch.git("r", {"reflog", "expire", "--expire=all", "--all"});
  auto gone = read_reflog_tail(t.repository(), after->position);
  EXPECT_TRUE(gone->rewritten);
  EXPECT_TRUE(gone->lines.empty());
  EXPECT_EQ(gone->position.offset, 0u);
}

TEST(Reflog, TooMuchIsCut) {
  Heads t;
  t.scratch.make_repository("r");
  std::string line = *os::read_file(t.scratch.path("r/.git/logs/HEAD"));
  std::string log;
  while (log.size() < 3 * kMaxReflogTail) log += line;
  t.scratch.write("r/.git/logs/HEAD", log);
  auto tail = read_reflog_tail(t.repository(), {});
  ASSERT_TRUE(tail);
  EXPECT_TRUE(tail->skipped);
  EXPECT_GT(tail->lines.size(), kMaxReflogTail / line.size() - 2);
  EXPECT_LE(tail->lines.size(), kMaxReflogTail / line.size() + 1);
  EXPECT_EQ(tail->position.offset, log.size());
}

TEST(Reflog, MissingAndStash) {
  Heads t;
  t.scratch.git("", {"init", "-q", "r"});
  auto none = read_reflog_tail(t.repository(), {});
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->lines.empty());
  EXPECT_FALSE(none->rewritten);
  t.scratch.write("r/a", "one\n");
  t.scratch.git("r", {"add", "a"});
  t.scratch.git("r", {"commit", "-q", "-m", "first"});
  t.scratch.write("r/a", "two\n");
  t.scratch.git("r", {"stash", "-q"});
  EXPECT_GT(read_reflog_tail(t.repository(), {})->stash_bytes, 0u);
}

}  // namespace
}  // namespace baton::git
