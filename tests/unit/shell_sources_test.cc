#include "shell/sources.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace baton::shell {
namespace {

using Paths = std::vector<std::string>;

Paths named(std::string_view command, std::string_view path) {
  return sources_named(parse_shell(command), "/r", path);
}

TEST(SourcesNamed, OperandsOfProgramsThatCopy) {
  EXPECT_EQ(named("cp a b", "/r/b"), Paths{"/r/a"});
  EXPECT_EQ(named("sudo cp -p a ./b", "/r/b"), Paths{"/r/a"});
  EXPECT_EQ(named("cd d && mv ../a b", "/r/d/b"), Paths{"/r/a"});
  EXPECT_EQ(named("git mv a d/", "/r/d/a"), Paths{"/r/a"});
  EXPECT_EQ(named("cp -t d a b", "/r/d/b").back(), "/r/b");  // or a folder's: a/b
  EXPECT_EQ(named("cp --target-directory=d a", "/r/d/a"), Paths{"/r/a"});
  EXPECT_EQ(named("install -m 644 a b", "/r/b"), Paths{"/r/a"});
  EXPECT_EQ(named("cp -- -a b", "/r/b"), Paths{"/r/-a"});
  EXPECT_EQ(named("cp a b; cp c b", "/r/b"), (Paths{"/r/a", "/r/c"}));
  EXPECT_EQ(named("cp a b", "/r/c"), Paths{});
  EXPECT_EQ(named("rm a b", "/r/b"), Paths{});
  EXPECT_EQ(named("cp b", "/r/b"), Paths{});
}

TEST(SourcesNamed, BracesGlobsAndFolders) {
  EXPECT_EQ(named("cp a.txt{,.bak}", "/r/a.txt.bak"), Paths{"/r/a.txt"});
  EXPECT_EQ(named("cp {a,b}.txt d", "/r/d/b.txt").back(), "/r/b.txt");
  EXPECT_EQ(named("cp x/*.txt d/", "/r/d/b.txt"), Paths{"/r/x/b.txt"});
  EXPECT_EQ(named("cp x/*.txt d/", "/r/d/b.md"), Paths{});
  Paths found = named("cp -r x d", "/r/d/sub/b");
  EXPECT_NE(std::ranges::find(found, "/r/x/sub/b"), found.end());
  EXPECT_EQ(named("cp -r x d", "/r/d/x/sub/b").front(), "/r/x/sub/b");
}

TEST(SourcesNamed, WhatAPipelineReads) {
  EXPECT_EQ(named("cat a b >> c", "/r/c"), (Paths{"/r/a", "/r/b"}));
  EXPECT_EQ(named("sort < a > c", "/r/c"), Paths{"/r/a"});
  EXPECT_EQ(named("head -n5 a | tee c", "/r/c"), Paths{"/r/a"});
  EXPECT_EQ(named("dd if=a of=c", "/r/c").front(), "/r/a");
  EXPECT_EQ(named("git show HEAD~1:a > c", "/r/c").back(), "/r/a");
  EXPECT_EQ(named("(cd d; cat a; cat b) > c", "/r/c"), (Paths{"/r/d", "/r/d/a", "/r/d/b"}));
  EXPECT_EQ(named("{ cat a; echo; } > c", "/r/c"), Paths{"/r/a"});
  EXPECT_EQ(named("cat a; echo x > c", "/r/c"), Paths{"/r/x"});
  EXPECT_EQ(named("cd $there && cp a b", "/r/b"), Paths{});
}

TEST(SourcesNamed, NoMoreThanAFewHoweverLongTheLine) {
  std::string command = "cat";
  for (int i = 0; i < 1000; ++i) command += " f" + std::to_string(i);
  EXPECT_LE(named(command + " > all", "/r/all").size(), 16U);
}

}  // namespace
}  // namespace baton::shell
