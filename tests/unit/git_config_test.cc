#include "git/config.h"

#include <random>

#include "base/bytes.h"
#include "git_scratch.h"

namespace baton::git {
namespace {

Config load(const Scratch& scratch, const std::string& where = "r") {
  auto repository = discover(scratch.path(where));
  EXPECT_TRUE(repository);
  return Config::load(*repository);
}

// All that git lists (`-z`: key, newline, value, NUL) against what we find.
void expect_as_git(const Scratch& scratch, const std::string& where) {
  std::string listed = scratch.git(where, {"config", "--list", "--includes", "-z"});
  std::vector<std::string> git_entries, ours;
  for (std::string_view item : split(listed, '\0')) {
    if (item.empty()) continue;
    if (item.find('\n') == std::string_view::npos) {
      git_entries.push_back(std::string(item) + "\ntrue");
    } else {
      git_entries.emplace_back(item);
    }
  }
  Config config = load(scratch, where);
  for (const ConfigEntry& entry : config.with_prefix("")) {
    ours.push_back(entry.key + "\n" + entry.value);
  }
  EXPECT_EQ(ours, git_entries);
  EXPECT_FALSE(config.damage());
}

TEST(ConfigParser, WhatGitWrites) {
  Scratch scratch;
  scratch.make_repository("r");
  for (const char* value : {"plain", " lead", "trail ", "semi;colon", "hash # inside", "quote\"d",
                            "back\\slash", "tab\there", "new\nline", "", "a  b", "\xc3\xa9\xff"}) {
    scratch.git("r", {"config", "--add", "Test.Sub.Section With [x] \"q\" \\ .Name", value});
  }
  expect_as_git(scratch, "r");
  EXPECT_EQ(load(scratch).get_all("test.Sub.Section With [x] \"q\" \\ .name").size(), 12u);
}

TEST(ConfigParser, HandWritten) {
  Scratch scratch;
  scratch.make_repository("r");
  std::string own = *os::read_file(scratch.path("r/.git/config"));
  for (const char* text : {
           "[a]b=c",
           "[a]\n  bool\n  spaced   =   x y\tz   ; comment\n",
           "[A.B]\nKey = v\n[a \"B\"]\nkey=w # c\n",
           "[a]\nlong = one \\\n  two\\\nthree\n",
           "[a]\r\nk = v\r\n[b]\r\nw\r\n",
           "[a]\nq = \"a \\\"b\\\" ;c\" d \"e  \"  \n",
           "; c\n# d\n\n   [x-1] y-2 = 3\n",
           "[a] x = \\t\\n\\\\\n",
           "[a]\nempty =\nquoted = \"\"\nno = \n",
           "[a \"b\\\\c\\d\"]\ne = f\n",
           "[a]\n\tend = at eof \\",
       }) {
    SCOPED_TRACE(text);
    scratch.write("r/.git/config", own + text);
    expect_as_git(scratch, "r");
  }
}

TEST(ConfigParser, RefusesWhatGitRefuses) {
  Scratch scratch;
  scratch.write("file", "");
  for (const char* text :
       {"[a\nb=c\n", "[a]\n1x = 2\n", "[a]\nx y\n", "[a]\nx = \"open\n", "[a]\nx = \\q\n",
        "[a \"b]\n", "[a \"b\"x]\n", "[a]\n=x\n", "[a_b]\n", "junk\n[a\n", "[a]\nb_c = 1\n"}) {
    SCOPED_TRACE(text);
    scratch.write("file", text);
    scratch.git("", {"config", "-f", "file", "--list"}, 128);
    EXPECT_NE(parse_config(text).bad_line, 0);
  }
  ConfigText partly = parse_config("[a]\nb = c\n[d\n");
  EXPECT_EQ(partly.entries.size(), 1u);
  EXPECT_EQ(partly.bad_line, 3);
}

TEST(ConfigParser, AgreesWithGitOnRandomText) {
  Scratch scratch;
  unsigned seed = std::random_device()();
  std::mt19937 random(seed);
  RecordProperty("seed", static_cast<int>(seed));
  const std::vector<std::string> pieces = {
      "[a]", "[b \"C\"]", "\n", "\n", "x",  "=", " ", "\t", "v", "\"",          "\\",        "#",
      ";",   "n",         "-",  "1",  "\r", "]", "[", "t",  ".", "\n[a]\nk = ", "\nkey=val "};
  for (int round = 0; round < 150; ++round) {
    std::string text = "[s]\n";
    for (unsigned i = random() % 25; i > 0; --i) text += pieces[random() % pieces.size()];
    SCOPED_TRACE("seed " + std::to_string(seed) + ": " + text);
    scratch.write("file", text);
    auto result = os::run({"git", "config", "-f", scratch.path("file"), "--list", "-z"});
    ASSERT_TRUE(result);
    ConfigText parsed = parse_config(text);
    ASSERT_EQ(parsed.bad_line != 0, result->exit_status != 0);
    if (parsed.bad_line) continue;
    std::string ours, gits;
    for (const ConfigEntry& entry : parsed.entries) ours += entry.key + "\n" + entry.value + '\0';
    for (std::string_view item : split(result->output, '\0')) {
      if (item.empty()) continue;
      gits += std::string(item) + (contains(item, "\n") ? "" : "\ntrue") + '\0';
    }
    ASSERT_EQ(ours, gits);
  }
}

TEST(ConfigLayers, LaterOnesWin) {
  Scratch scratch;
  scratch.make_repository("r");
  scratch.write("home/.config/git/config", "[t]\na = xdg\nb = xdg\n");
  scratch.git("", {"config", "--global", "t.b", "home"});
  scratch.git("", {"config", "--global", "t.c", "home"});
  scratch.git("r", {"config", "t.c", "local"});
  expect_as_git(scratch, "r");
  Config config = load(scratch);
  EXPECT_EQ(config.get("t.a"), "xdg");
  EXPECT_EQ(config.get("T.B"), "home");
  EXPECT_EQ(config.get("t.c"), "local");
  EXPECT_EQ(config.get_all("t.c"), (std::vector<std::string>{"home", "local"}));
  EXPECT_EQ(config.get("t.d"), std::nullopt);

  ::setenv("XDG_CONFIG_HOME", scratch.path("xdg").c_str(), 1);
  scratch.write("xdg/git/config", "[t]\na = moved\n");
  expect_as_git(scratch, "r");
  EXPECT_EQ(load(scratch).get("t.a"), "moved");
  ::unsetenv("XDG_CONFIG_HOME");

  ::setenv("GIT_CONFIG_GLOBAL", scratch.path("xdg/git/config").c_str(), 1);
  expect_as_git(scratch, "r");
  ::unsetenv("GIT_CONFIG_GLOBAL");

  ::setenv("GIT_CONFIG_COUNT", "1", 1);
  ::setenv("GIT_CONFIG_KEY_0", "T.C", 1);
  ::setenv("GIT_CONFIG_VALUE_0", "environment", 1);
  expect_as_git(scratch, "r");
  EXPECT_EQ(load(scratch).get("t.c"), "environment");
  ::unsetenv("GIT_CONFIG_COUNT");

  ::unsetenv("GIT_CONFIG_NOSYSTEM");
  ::setenv("GIT_CONFIG_SYSTEM", scratch.path("xdg/git/config").c_str(), 1);
  expect_as_git(scratch, "r");
  ::unsetenv("GIT_CONFIG_SYSTEM");
  ::setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
}

TEST(ConfigLayers, WorktreeConfig) {
  Scratch scratch;
  scratch.make_repository("r");
  scratch.git("r", {"worktree", "add", "-q", "../w"});
  scratch.git("r", {"config", "extensions.worktreeConfig", "true"});
  scratch.git("w", {"config", "--worktree", "t.a", "mine"});
  expect_as_git(scratch, "w");
  expect_as_git(scratch, "r");
  EXPECT_EQ(load(scratch, "w").get("t.a"), "mine");
  EXPECT_EQ(load(scratch, "r").get("t.a"), std::nullopt);
}

TEST(ConfigIncludes, FollowedWhereTheyStand) {
  Scratch scratch;
  scratch.make_repository("r");
  scratch.write("home/one", "[t]\na = one\n[include]\npath = two\npath = missing\n");
  scratch.write("home/two", "[t]\na = two\n");
  scratch.git("", {"config", "--global", "include.path", "one"});
  scratch.git("r", {"config", "--add", "include.path", "~/two"});
  scratch.git("r", {"config", "--add", "t.b", "after"});
  expect_as_git(scratch, "r");
  // One that includes itself ends at the limit.
  scratch.write("home/loop", "[t]\nl = x\n[include]\npath = loop\n");
  scratch.git("r", {"config", "--add", "include.path", "~/loop"});
  EXPECT_EQ(load(scratch).get_all("t.l").size(), static_cast<size_t>(kMaxConfigIncludes));
}

TEST(ConfigIncludes, Conditions) {
  Scratch scratch;
  scratch.make_repository("r");
  scratch.make_repository("home/work/deep/s");
  scratch.git("r", {"worktree", "add", "-q", "../w", "-b", "feature/x"});
  const std::vector<std::string> conditions = {
      "gitdir:" + scratch.path("r") + "/",
      "gitdir:" + scratch.path("r/.git"),
      "gitdir:" + scratch.path("r"),
      "gitdir:r/",
      "gitdir:*/",
      "gitdir:**/deep/**",
      "gitdir:~/work/",
      "gitdir:~/WORK/",
      "gitdir/i:~/WORK/",
      "gitdir/i:" + lower_ascii(scratch.path("R")) + "/",
      "gitdir:./work/",
      "gitdir:./",
      "onbranch:main",
      "onbranch:ma*",
      "onbranch:feature/",
      "onbranch:feature/*",
      "onbranch:*",
      "onbranch:**",
      "hasconfig:nothing",
      "nonsense",
  };
  std::string text = *os::read_file(scratch.path("home/.gitconfig"));
  for (size_t i = 0; i < conditions.size(); ++i) {
    std::string name = "inc" + std::to_string(i);
    text += "[includeIf \"" + conditions[i] + "\"]\n\tpath = " + name + "\n";
    scratch.write("home/" + name, "[t]\nhit = " + std::to_string(i) + "\n");
  }
  scratch.write("home/.gitconfig", text);
  expect_as_git(scratch, "r");
  expect_as_git(scratch, "w");
  expect_as_git(scratch, "home/work/deep/s");
  EXPECT_FALSE(load(scratch, "w").get_all("t.hit").empty());
}

TEST(ConfigTypes, BoolsNumbersPaths) {
  Scratch scratch;
  scratch.make_repository("r");
  std::string own = *os::read_file(scratch.path("r/.git/config"));
  scratch.write("r/.git/config",
                own +
                    "[t]\nyes = yes\nno = Off\nset\nempty =\none = 1\nzero = 0\nbad = maybe\n"
                    "big = 10m\nneg = -3\nhome = ~/x\nrel = y/z\nabs = /abs\n");
  Config config = load(scratch);
  EXPECT_EQ(config.get_bool("t.yes"), true);
  EXPECT_EQ(config.get_bool("t.no"), false);
  EXPECT_EQ(config.get_bool("t.set"), true);
  EXPECT_EQ(config.get_bool("t.empty"), false);
  EXPECT_EQ(config.get_bool("t.one"), true);
  EXPECT_EQ(config.get_bool("t.zero"), false);
  EXPECT_EQ(config.get_bool("t.bad"), std::nullopt);
  EXPECT_EQ(config.get_int("t.big"), 10 << 20);
  EXPECT_EQ(config.get_int("t.neg"), -3);
  EXPECT_EQ(config.get_int("t.bad"), std::nullopt);
  EXPECT_EQ(config.get_path("t.home"), scratch.path("home/x"));
  EXPECT_EQ(config.get_path("t.rel"), scratch.path("r/y/z"));
  EXPECT_EQ(config.get_path("t.abs"), "/abs");
}

TEST(ConfigDamage, IsNotedAndTheRestIsRead) {
  Scratch scratch;
  scratch.make_repository("r");
  scratch.write("home/.gitconfig", "[t]\na = 1\n[broken\n");
  Config config = load(scratch);
  EXPECT_EQ(config.get("t.a"), "1");
  ASSERT_TRUE(config.damage());
  EXPECT_EQ(config.damage()->kind, ErrorKind::damage);
}

}  // namespace
}  // namespace baton::git
