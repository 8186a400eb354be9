#include "git/ignore.h"

#include <algorithm>
#include <random>

#include "base/bytes.h"
#include "git/wildmatch.h"
#include "git_scratch.h"

namespace baton::git {
namespace {

struct Node {
  std::string path;
  bool is_dir;
};

// All that lies below the worktree's root, but `.git`.
void list(const std::string& root, const std::string& dir, std::vector<Node>& nodes) {
  auto entries = os::list_dir(root + "/" + dir);
  ASSERT_TRUE(entries);
  for (const os::DirEntry& entry : *entries) {
    if (entry.name == ".git") continue;
    std::string path = dir.empty() ? entry.name : dir + "/" + entry.name;
    bool is_dir = entry.type == os::FileType::directory;
    nodes.push_back({path, is_dir});
    if (is_dir) list(root, path, nodes);
  }
}

struct Tree {
  Scratch scratch;
  Tree() { scratch.git("", {"init", "-q", "r"}); }

  std::vector<Node> nodes() const {
    std::vector<Node> found;
    list(scratch.path("r"), "", found);
    return found;
  }
  Ignore load(std::vector<std::string> extra = {}) const {
    Repository repository = *discover(scratch.path("r"));
    return Ignore::load(repository, Config::load(repository), std::move(extra));
  }
  std::vector<std::string> gits(const std::vector<Node>& nodes) const {
    std::string input;
    for (const Node& node : nodes) input += node.path + '\0';
    std::string output =
        scratch.git("r", {"check-ignore", "--no-index", "-z", "--stdin"}, -1, input);
    std::vector<std::string> paths;
    for (std::string_view path : split(output, '\0')) {
      if (!path.empty()) paths.emplace_back(path);
    }
    std::ranges::sort(paths);
    return paths;
  }
  std::vector<std::string> ours(const std::vector<Node>& nodes) const {
    Ignore ignore = load();
    std::vector<std::string> paths;
    for (const Node& node : nodes) {
      if (ignore.ignored(node.path, node.is_dir)) paths.push_back(node.path);
    }
    std::ranges::sort(paths);
    return paths;
  }
  void expect_as_git() const {
    auto all = nodes();
    EXPECT_EQ(ours(all), gits(all));
  }
};

TEST(Ignore, WhatTheManualSays) {
  Tree t;
  for (const char* file : {"foo/bar/hello.txt", "hello.o", "a/hello.o", "doc/frotz", "a/doc/frotz",
                           "frotz/x", "a/frotz", "foo/x", "abc/x/y", "abc/z", "a/x/b", "a/b",
                           "a/x/y/b", "build/keep", "build/x", "hello ", "#x", "!y", "q/abc"}) {
    t.scratch.write(std::string("r/") + file, "");
  }
  for (const char* patterns : {"hello.*",
                               "/hello.*",
                               "doc/frotz",
                               "doc/frotz/",
                               "frotz/",
                               "foo/*",
                               "**/foo",
                               "abc/**",
                               "a/**/b",
                               "/*\n!/foo\n/foo/*\n!/foo/bar",
                               "build/*\n!build/keep",
                               "build\n!build/keep",
                               "hello\\ ",
                               "hello ",
                               "\\#x",
                               "\\!y",
                               "#x",
                               "!y",
                               "*\n!*/\n!*.o",
                               "**",
                               "**/",
                               "/**",
                               "/",
                               "//",
                               "!",
                               "",
                               "x/",
                               "[a-c]bc",
                               "[!a]*",
                               "*.[oa]",
                               "a/x/",
                               "a/*/b",
                               "fo?/",
                               "\\",
                               "foo\\",
                               "foo/**/",
                               "**/x",
                               "**/**/b",
                               "a**",
                               "a/**b",
                               "/a**",
                               "/a**/b",
                               "a/x**",
                               "***",
                               "***/b",
                               "a/***/b",
                               "\xef\xbb\xbfhello.o",
                               "hello.o\r\nfoo\r\n",
                               "hello.o \t",
                               "[[:alpha:]]bc",
                               "[[:bogus:]]",
                               "[",
                               "a[",
                               "[]]",
                               "f[^/]o/",
                               "f[a-z/]o",
                               "frotz//",
                               "./foo",
                               "foo/.",
                               "a//b",
                               "fo**//",
                               "foo/**//",
                               "a/[b]]"}) {
    SCOPED_TRACE(patterns);
    t.scratch.write("r/.gitignore", patterns);
    t.expect_as_git();
    t.scratch.write("r/.gitignore", std::string(patterns) + "\n");
    t.expect_as_git();
  }
}

TEST(Ignore, SourcesAndTheirOrder) {
  Tree t;
  for (const char* file : {"a", "b", "c", "sub/a", "sub/b", "sub/c", "sub/deep/a", "sub/deep/b"}) {
    t.scratch.write(std::string("r/") + file, "");
  }
  t.scratch.write("home/.config/git/ignore", "a\n!b\n");
  t.scratch.write("r/.git/info/exclude", "b\n");
  t.expect_as_git();
  t.scratch.write("r/sub/.gitignore", "!a\n/b\n");
  t.expect_as_git();
  t.scratch.write("r/sub/deep/.gitignore", "a\n!b\n");
  t.expect_as_git();
  t.scratch.write("mine", "c\nsub/deep\n");
  t.scratch.git("r", {"config", "core.excludesFile", t.scratch.path("mine")});
  t.expect_as_git();
  t.scratch.git("r", {"config", "core.excludesFile", "~/none"});
  t.expect_as_git();
  t.scratch.git("r", {"config", "core.excludesFile", ""});
  t.expect_as_git();
  // A link is not read.
  ASSERT_TRUE(os::remove_file(t.scratch.path("r/sub/.gitignore")));
  ASSERT_TRUE(os::make_link("../../mine", t.scratch.path("r/sub/.gitignore")));
  t.expect_as_git();
}

TEST(Ignore, LinkedWorktreesShareInfoExclude) {
  Tree t;
  t.scratch.make_repository("m");
  t.scratch.git("m", {"worktree", "add", "-q", "../w"});
  t.scratch.write("m/.git/info/exclude", "secret\n");
  Repository repository = *discover(t.scratch.path("w"));
  Ignore ignore = Ignore::load(repository, Config::load(repository));
  EXPECT_TRUE(ignore.ignored("secret", false));
  t.scratch.write("w/secret", "");
  EXPECT_EQ(t.scratch.git("w", {"check-ignore", "--no-index", "secret"}), "secret");
}

TEST(Ignore, FilesOfOtherNames) {
  Tree t;
  t.scratch.write("r/.gitignore", "*.log\n");
  t.scratch.write("r/.batonignore", "!keep.log\n*.csv\n");
  t.scratch.write("r/data/.batonignore", "!one.csv\n/big/\n");
  Ignore ignore = t.load({".batonignore"});
  EXPECT_TRUE(ignore.ignored("x.log", false));
  EXPECT_FALSE(ignore.ignored("keep.log", false));
  EXPECT_TRUE(ignore.ignored("x.csv", false));
  EXPECT_TRUE(ignore.ignored("data/two.csv", false));
  EXPECT_FALSE(ignore.ignored("data/one.csv", false));
  EXPECT_TRUE(ignore.ignored("data/big", true));
  EXPECT_TRUE(ignore.ignored("data/big/x/y", false));
  EXPECT_FALSE(ignore.ignored("big", true));
  EXPECT_FALSE(t.load().ignored("x.csv", false));

  Ignore plain = Ignore::load_plain(t.scratch.path("r"), {".batonignore"});
  EXPECT_FALSE(plain.ignored("x.log", false));
  EXPECT_TRUE(plain.ignored("x.csv", false));
}

TEST(Ignore, WalkersView) {
  Tree t;
  t.scratch.write("r/.gitignore", "/build/\n*.o\n");
  t.scratch.write("r/src/.gitignore", "!keep.o\n");
  Ignore ignore = t.load();
  auto root = ignore.directory("");
  EXPECT_TRUE(root->ignored("build", true));
  EXPECT_FALSE(root->ignored("build", false));
  EXPECT_TRUE(root->is_ignore_file(".gitignore"));
  auto src = root->enter("src");
  EXPECT_EQ(src->path(), "src/");
  EXPECT_TRUE(src->ignored("x.o", false));
  EXPECT_FALSE(src->ignored("keep.o", false));
  EXPECT_TRUE(root->enter("src", false)->ignored("keep.o", false));
  EXPECT_FALSE(src->excluded());
  auto build = root->enter("build");
  EXPECT_TRUE(build->excluded());
  EXPECT_TRUE(build->enter("x")->ignored("anything", false));
}

// Random trees and patterns over a small alphabet, so that much of it matches.
TEST(Ignore, AgreesWithGitOnRandomPatterns) {
  unsigned seed = std::random_device()();
  if (const char* given = ::getenv("BATON_TEST_SEED")) seed = static_cast<unsigned>(atol(given));
  std::mt19937 random(seed);
  auto pick = [&](const auto& from) { return from[random() % std::size(from)]; };
  auto below = [&](unsigned limit) { return static_cast<unsigned>(random() % limit); };
  const std::vector<std::string> names = {"a",   "b",  "ab",  "abc",  "A",        "aB",  "a.c",
                                          "b.o", ".x", "foo", "x y",  "tail ",    "a*b", "[a]",
                                          "!n",  "#n", "a-b", "a\\b", "\xc3\xa9", "0"};
  const std::vector<std::string> pieces = {"a",           "b",
                                           "ab",          "A",
                                           "B",           "*",
                                           "*",           "**",
                                           "?",           "/",
                                           "/",           "/",
                                           ".c",          ".o",
                                           "foo",         "[ab]",
                                           "[!a]",        "[^a]",
                                           "[a-c]",       "[A-C]",
                                           "[]a]",        "[[:alpha:]]",
                                           "\\",          " ",
                                           "x y",         "**/",
                                           "/**",         "/**/",
                                           "!",           "#",
                                           "[[:upper:]]", "[a",
                                           "\\a",         "\\A",
                                           "-",           "\xc3\xa9",
                                           "\xc3",        "[\xc3\xa0-\xc3\xb0]",
                                           "[\\]a]",      "[a\\-c]",
                                           "0",           "[[:x:]]",
                                           "[[:digit:]]", "[[:a]",
                                           "[--0]",       "[a-]",
                                           "***",         "tail\\ ",
                                           "\\*",         "\\[",
                                           "[!]a]",       "[/]",
                                           "[b-a]"};
  auto pattern = [&] {
    std::string text;
    if (below(6) == 0) text += "!";
    if (below(6) == 0) text += "/";
    for (unsigned i = 1 + below(5); i > 0; --i) text += pick(pieces);
    if (below(5) == 0) text += "/";
    return text;
  };
  auto file = [&] {
    std::string text;
    for (unsigned i = 1 + below(6); i > 0; --i) {
      text += pattern();
      if (below(12) == 0) text += " ";
      text += below(15) == 0 ? "\r\n" : "\n";
    }
    if (below(6) == 0) text.pop_back();
    return text;
  };
  int matched = 0;
  for (int tree = 0; tree < 8; ++tree) {
    Tree t;
    std::vector<std::string> dirs = {""};
    for (int i = 0; i < 12; ++i) dirs.push_back(pick(dirs) + pick(names) + "/");
    for (const std::string& dir : dirs) {
      ASSERT_TRUE(os::make_dirs(t.scratch.path("r/" + dir), 0755));
    }
    for (const std::string& dir : dirs) {
      for (int i = 0; i < 5; ++i) {
        std::string path = t.scratch.path("r/" + dir + pick(names));
        if (!os::exists(path)) {
          ASSERT_TRUE(os::replace_file(path, ""));
        }
      }
    }
    auto nodes = t.nodes();
    for (int round = 0; round < 50; ++round) {
      std::vector<std::string> written;
      std::string trace = "BATON_TEST_SEED=" + std::to_string(seed);
      auto put = [&](const std::string& name) {
        std::string text = file();
        t.scratch.write(name, text);
        written.push_back(name);
        trace += "\n--- " + name + "\n" + text;
      };
      put("r/.gitignore");
      for (unsigned i = below(3); i > 0; --i) put("r/" + pick(dirs) + ".gitignore");
      if (below(4) == 0) put("r/.git/info/exclude");
      if (below(4) == 0) put("home/.config/git/ignore");
      bool fold = below(3) == 0;
      t.scratch.git("r", {"config", "core.ignoreCase", fold ? "true" : "false"});
      SCOPED_TRACE(trace + (fold ? "\nfold case" : ""));
      auto ours = t.ours(nodes);
      ASSERT_EQ(ours, t.gits(nodes));
      matched += static_cast<int>(ours.size());
      for (const std::string& name : written) {
        ASSERT_TRUE(os::remove_file(t.scratch.path(name)));
      }
    }
  }
  EXPECT_GT(matched, 1000);
}

TEST(Wildmatch, DoesNotBlowUp) {
  std::string pattern, text;
  for (int i = 0; i < 60; ++i) pattern += "**/*a*/";
  for (int i = 0; i < 2000; ++i) text += "aab/";
  EXPECT_FALSE(wildmatch(pattern + "x", text + "y", {.pathname = true}));
  std::string stars;
  for (int i = 0; i < 200; ++i) stars += "*a";
  EXPECT_FALSE(wildmatch(stars + "b", std::string(5000, 'a'), {.pathname = true}));
  EXPECT_FALSE(wildmatch(stars + "b", std::string(5000, 'a'), {}));
}

}  // namespace
}  // namespace baton::git
