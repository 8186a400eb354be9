#include "git/attributes.h"

#include <random>

#include "base/bytes.h"
#include "git_scratch.h"

namespace baton::git {
namespace {

const std::vector<std::string> kNames = {"text",   "crlf", "eol", "ident",
                                         "filter", "diff", "x",   "working-tree-encoding"};

struct Tree {
  Scratch scratch;
  Tree() {
    scratch.git("", {"init", "-q", "r"});
    ::setenv("GIT_ATTR_NOSYSTEM", "1", 1);
  }
  Attributes load() const {
    Repository repository = *discover(scratch.path("r"));
    return Attributes::load(repository, Config::load(repository));
  }
  void config(const std::string& key, const std::string& value) const {
    scratch.git("r", {"config", key, value});
  }
  void expect_as_git(const std::vector<std::string>& paths) const {
    std::vector<std::string> arguments = {"check-attr", "-z", "--stdin"};
    arguments.insert(arguments.end(), kNames.begin(), kNames.end());
    std::string input;
    for (const std::string& path : paths) input += path + '\0';
    std::string output = scratch.git("r", arguments, 0, input);
    auto fields = split(output, '\0');
    Attributes attributes = load();
    ASSERT_EQ(fields.size(), paths.size() * kNames.size() * 3 + 1);
    for (size_t i = 0; i + 2 < fields.size(); i += 3) {
      ASSERT_EQ(attributes.value(fields[i], fields[i + 1]), fields[i + 2])
          << fields[i] << ": " << fields[i + 1];
    }
  }
};

TEST(Attributes, AsGitReadsThem) {
  Tree t;
  const std::vector<std::string> paths = {"a.c",   "b.txt",     "sub/a.c",  "sub/deep/b.txt",
                                          "x y",   "sub/x y",   "\xc3\xa9", "q\"q",
                                          "dir/f", "dir/sub/f", "A.C",      "[attr]"};
  for (const char* text : {"*.c text\n*.txt -text",
                           "* text=auto\n*.c eol=crlf !text",
                           "*.c binary",
                           "*.c -binary",
                           "[attr]mine text x=1\n*.c mine\n*.txt -mine",
                           "[attr]mine text\n[attr]mine -text\n*.c mine",
                           "[attr]binary x\n*.c binary",
                           "[attr]a x\n[attr]x a text\n* a",
                           "\"x y\" x\n\"\\303\\251\" text",
                           "\"q\\\"q\" x",
                           "\"x y x",
                           "\"\\q\" x",
                           "x\\ y x",
                           "dir/ x",
                           "dir/** x",
                           "dir/* x",
                           "/dir/sub/f x",
                           "!*.c x",
                           "*.c x=1 x=2",
                           "*.c x -x",
                           "*.c x=1 text bad=",
                           "*.c ba/d text",
                           "*.c -",
                           "*.c !",
                           "*.c =x",
                           "#*.c x",
                           "  \t *.c   x \t text=auto ",
                           "\xef\xbb\xbf*.c x",
                           "*.c x\r\n*.txt x\r\n",
                           "*.c",
                           "[attr] x",
                           "[attr]-x text\n",
                           "*.c -x=3 !text=auto",
                           "[attr]m",
                           "*.c [attr]m",
                           "** x"}) {
    SCOPED_TRACE(text);
    t.scratch.write("r/.gitattributes", text);
    t.expect_as_git(paths);
  }
  t.scratch.write("r/.gitattributes", "*.c " + std::string(2060, 'x') + "\n*.txt x\n");
  t.expect_as_git(paths);
}

TEST(Attributes, SourcesAndTheirOrder) {
  Tree t;
  const std::vector<std::string> paths = {"a", "b", "sub/a", "sub/b", "sub/deep/a", "other/a"};
  t.scratch.write("home/.config/git/attributes", "* x=user\n[attr]mac text\n");
  t.expect_as_git(paths);
  t.scratch.write("r/.gitattributes", "a x=root mac\nsub/a text=auto\n");
  t.expect_as_git(paths);
  t.scratch.write("r/sub/.gitattributes", "a x=sub\n/b x=anchored\n[attr]mac -text\nb mac\n");
  t.expect_as_git(paths);
  t.scratch.write("r/sub/deep/.gitattributes", "* !x ident\n");
  t.expect_as_git(paths);
  t.scratch.write("r/.git/info/attributes", "sub/a x=info\n[attr]mac eol=lf\n");
  t.expect_as_git(paths);
  t.scratch.write("mine", "b x=mine\n");
  t.config("core.attributesFile", t.scratch.path("mine"));
  t.expect_as_git(paths);
  t.config("core.ignoreCase", "true");
  t.scratch.write("r/.gitattributes", "A x=folded\n");
  t.expect_as_git(paths);
  ASSERT_TRUE(os::remove_file(t.scratch.path("r/sub/.gitattributes")));
  ASSERT_TRUE(os::make_link("../../mine", t.scratch.path("r/sub/.gitattributes")));
  t.expect_as_git(paths);
}

TEST(Attributes, SurvivesAMove) {
  Tree t;
  t.scratch.write("r/.gitattributes", "* text\n\"a\" x\n");
  Attributes first = t.load();
  EXPECT_EQ(first.value("a", "text"), "set");
  Attributes second = std::move(first);
  EXPECT_EQ(second.value("a", "text"), "set");
  EXPECT_EQ(second.value("a", "x"), "set");
  EXPECT_TRUE(second.any_conversion_configured());
}

TEST(Attributes, AgreesWithGitOnRandomFiles) {
  unsigned seed = std::random_device()();
  if (const char* given = ::getenv("BATON_TEST_SEED")) seed = static_cast<unsigned>(atol(given));
  std::mt19937 random(seed);
  auto pick = [&](const auto& from) { return from[random() % std::size(from)]; };
  const std::vector<std::string> names = {"a", "b", "ab", "a.c", "x y", "A"};
  const std::vector<std::string> patterns = {
      "*",       "a",  "*.c",    "/a", "sub/a", "sub/*",      "**/b",        "sub/",  "[ab]",
      "\"x y\"", "a*", "sub/**", "*b", "A",     "sub/deep/*", "\"sub/x y\"", "deep/a"};
  const std::vector<std::string> states = {
      "text",     "-text",   "!text",      "text=auto", "eol=lf", "eol=crlf",
      "binary",   "-binary", "x",          "-x",        "x=1",    "m",
      "!m",       "ident",   "-ident",     "crlf",      "-crlf",  "crlf=input",
      "filter=f", "m2",      "text=input", "diff",      "=bad",   "working-tree-encoding=UTF-16"};
  Tree t;
  std::vector<std::string> paths;
  for (const char* dir : {"", "sub/", "sub/deep/", "other/"}) {
    for (const std::string& name : names) paths.push_back(dir + name);
  }
  for (int round = 0; round < 300; ++round) {
    std::string trace = "BATON_TEST_SEED=" + std::to_string(seed);
    std::vector<std::string> written;
    auto put = [&](const std::string& name) {
      std::string text;
      for (unsigned i = random() % 5; i > 0; --i) {
        if (random() % 6 == 0) {
          text += random() % 2 ? "[attr]m" : "[attr]m2";
        } else {
          text += pick(patterns);
        }
        for (unsigned j = random() % 4; j > 0; --j) text += " " + pick(states);
        text += "\n";
      }
      t.scratch.write(name, text);
      written.push_back(name);
      trace += "\n--- " + name + "\n" + text;
    };
    put("r/.gitattributes");
    if (random() % 2) put("r/sub/.gitattributes");
    if (random() % 3 == 0) put("r/sub/deep/.gitattributes");
    if (random() % 3 == 0) put("r/.git/info/attributes");
    if (random() % 3 == 0) put("home/.config/git/attributes");
    SCOPED_TRACE(trace);
    t.expect_as_git(paths);
    if (testing::Test::HasFailure()) return;
    for (const std::string& name : written) ASSERT_TRUE(os::remove_file(t.scratch.path(name)));
  }
}

struct Case {
  const char* attributes;
  const char* autocrlf;
  const char* eol;
  Conversion expected;
};

// What is claimed is held against what git does with two contents.
TEST(Conversion, AsGitConverts) {
  Tree t;
  t.config("filter.real.clean", "tr a-z A-Z");
  t.config("filter.real.smudge", "tr A-Z a-z");
  t.config("filter.empty.clean", "");
  const std::string lf = "one\ntwo $Id$\n";
  const std::string crlf = "one\r\ntwo $Id$\r\n";
  t.scratch.write("lf", lf);
  t.scratch.write("crlf", crlf);
  t.scratch.write("r/f", lf);
  std::string blob = t.scratch.git("r", {"hash-object", "-w", "--no-filters", "../lf"});
  std::string crlf_blob = t.scratch.git("r", {"hash-object", "--no-filters", "../crlf"});
  for (const Case& c : std::vector<Case>{
           {"", "false", "lf", Conversion::none},
           {"", "false", "crlf", Conversion::none},
           {"", "true", "lf", Conversion::any},
           {"", "input", "lf", Conversion::line_ends},
           {"f text", "false", "lf", Conversion::line_ends},
           {"f text", "false", "native", Conversion::line_ends},
           {"f text", "false", "crlf", Conversion::any},
           {"f text", "true", "lf", Conversion::any},
           {"f text", "input", "lf", Conversion::line_ends},
           {"f -text", "true", "crlf", Conversion::none},
           {"f binary", "true", "crlf", Conversion::none},
           {"f -text eol=crlf", "false", "lf", Conversion::none},
           {"f text=auto", "false", "lf", Conversion::line_ends},
           {"f text=auto", "false", "crlf", Conversion::any},
           {"f text=auto", "true", "lf", Conversion::any},
           {"f text=auto eol=crlf", "false", "lf", Conversion::any},
           {"f text=auto eol=lf", "true", "lf", Conversion::line_ends},
           {"f text=auto eol=lf", "false", "crlf", Conversion::line_ends},
           {"f text eol=lf", "true", "lf", Conversion::line_ends},
           {"f eol=crlf", "false", "lf", Conversion::any},
           {"f eol=lf", "false", "lf", Conversion::line_ends},
           {"f text=input", "true", "lf", Conversion::line_ends},
           {"f text=nonsense", "false", "lf", Conversion::none},
           {"f text=nonsense", "input", "lf", Conversion::line_ends},
           {"f crlf", "false", "crlf", Conversion::any},
           {"f -crlf", "true", "lf", Conversion::none},
           {"f crlf=input", "true", "lf", Conversion::line_ends},
           {"f ident", "false", "lf", Conversion::any},
           {"f -ident", "false", "lf", Conversion::none},
           {"f filter=real", "false", "lf", Conversion::any},
           {"f filter=none", "false", "lf", Conversion::none},
           {"f filter=empty", "false", "lf", Conversion::none},
           {"f filter", "false", "lf", Conversion::none},
           {"f working-tree-encoding=UTF-16", "false", "lf", Conversion::any},
           {"f working-tree-encoding=utf-8", "false", "lf", Conversion::none},
           {"f diff merge linguist-generated", "false", "lf", Conversion::none},
       }) {
    SCOPED_TRACE(std::string(c.attributes) + ", autocrlf " + c.autocrlf + ", eol " + c.eol);
    t.config("core.autocrlf", c.autocrlf);
    // git refuses this pair of settings.
    if (std::string(c.autocrlf) == "input" && std::string(c.eol) == "crlf") continue;
    t.config("core.eol", c.eol);
    t.scratch.write("r/.gitattributes", c.attributes);
    Attributes attributes = t.load();
    EXPECT_EQ(attributes.conversion("f"), c.expected);
    if (c.expected != Conversion::none) {
      EXPECT_TRUE(attributes.any_conversion_configured());
    }

    bool smudged = t.scratch.git("r", {"cat-file", "--filters", "--path=f", blob}) + "\n" != lf;
    bool cleaned =
        t.scratch.git("r", {"hash-object", "--stdin", "--path=f"}, -1, crlf) != crlf_blob;
    bool cleaned_lf = t.scratch.git("r", {"hash-object", "--stdin", "--path=f"}, -1, lf) != blob;
    switch (c.expected) {
      case Conversion::none:
        EXPECT_FALSE(smudged || cleaned || cleaned_lf);
        break;
      case Conversion::line_ends:
        EXPECT_FALSE(smudged || cleaned_lf);
        EXPECT_TRUE(cleaned);
        break;
      case Conversion::any:
        EXPECT_TRUE(smudged);
        break;
    }
  }
}

TEST(Conversion, OrdinaryRepositoriesHaveNone) {
  Tree t;
  EXPECT_FALSE(t.load().any_conversion_configured());
  t.scratch.write("r/.gitattributes",
                  "*.png binary\n*.gen linguist-generated\n*.x filter=lfs\n*.sh -text\n");
  EXPECT_FALSE(t.load().any_conversion_configured());
  t.config("filter.lfs.process", "git-lfs filter-process");
  EXPECT_TRUE(t.load().any_conversion_configured());
  EXPECT_TRUE(t.load().may_convert("a.x"));
  EXPECT_FALSE(t.load().may_convert("a.y"));
}

TEST(Conversion, NestedFiles) {
  Tree t;
  t.scratch.write("r/sub/.gitattributes", "*.txt text\n");
  t.scratch.write("r/sub/deep/.gitattributes", "*.txt -text\n");
  EXPECT_TRUE(t.load().may_convert("sub/a.txt"));
  EXPECT_FALSE(t.load().may_convert("sub/deep/a.txt"));
  EXPECT_FALSE(t.load().any_conversion_configured());
  Attributes told = t.load();
  told.nested_files({"sub"});
  EXPECT_TRUE(told.any_conversion_configured());
  EXPECT_TRUE(told.may_convert("sub/deep/a.txt"));  // as it was told
  Attributes all = t.load();
  all.nested_files({"sub/deep", "sub"});
  EXPECT_FALSE(all.may_convert("sub/deep/a.txt"));
  EXPECT_TRUE(all.may_convert("sub/x/a.txt"));
}

}  // namespace
}  // namespace baton::git
