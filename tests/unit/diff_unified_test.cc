#include "diff/unified.h"

#include <gtest/gtest.h>

#include "base/hash.h"
#include "diff/apply.h"
#include "diff_random.h"
#include "git_scratch.h"

namespace baton::diff {
namespace {

using git::Scratch;

constexpr size_t kAbbreviated = 7;

std::string short_id(std::string_view content, bool exists = true) {
  if (!exists) return std::string(kAbbreviated, '0');
  return blob_id(HashKind::sha1, content).hex().substr(0, kAbbreviated);
}

FileDiffHeader header(std::string_view path, const std::string* before, const std::string* after) {
  FileDiffHeader made;
  made.old_path = made.new_path = path;
  if (before) made.old_mode = "100644";
  if (after) made.new_mode = "100644";
  made.old_id = before ? short_id(*before) : short_id({}, false);
  made.new_id = after ? short_id(*after) : short_id({}, false);
  return made;
}

// A repository whose first commit has the files' old contents and whose index has the new ones.
class Pair {
 public:
  Pair() { scratch_.git("", {"init", "-q", "r"}); }

  void before(std::string_view path, std::string_view content) { write(path, content); }
  void commit() {
    git({"add", "-A"});
    git({"commit", "-q", "--allow-empty", "-m", "before"});
  }
  void after(std::string_view path, std::string_view content) { write(path, content); }
  void remove(std::string_view path) { git({"rm", "-q", "-f", "--", std::string(path)}); }
  std::string git(std::vector<std::string> arguments, std::string input = {}) {
    return scratch_.git("r", std::move(arguments), 0, std::move(input));
  }
  // What git says changed.
  std::string diff(std::vector<std::string> flags = {}) {
    git({"add", "-A"});
    std::vector<std::string> arguments = {"-c", "core.abbrev=7", "diff", "--cached"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    std::string text = git(arguments);
    return text.empty() ? text : text + "\n";
  }
  const Scratch& scratch() const { return scratch_; }

 private:
  void write(std::string_view path, std::string_view content) {
    scratch_.write("r/" + std::string(path), content);
  }
  Scratch scratch_;
};

TEST(Unified, NamesAreQuotedAsGitDoes) {
  EXPECT_EQ(quote_path("plain/name with blank.txt"), "plain/name with blank.txt");
  EXPECT_EQ(quote_path("a\tb", "a/"), "\"a/a\\tb\"");
  EXPECT_EQ(quote_path("\"\\"), "\"\\\"\\\\\"");
  EXPECT_EQ(quote_path("\xc3\xa9"), "\"\\303\\251\"");
  EXPECT_EQ(quote_path("\xc3\xa9", "b/", false), "b/\xc3\xa9");
  EXPECT_EQ(quote_path("\x01\x7f"), "\"\\001\\177\"");
}

TEST(Unified, OddNamesAndEndsAreGits) {
  const std::vector<std::string> names = {"-dash",    "a:b.txt", "blank name", "new\nline",
                                          "quote\"d", "t\tb",    "\xc3\xa9",   "\xf0\x9f\x98\x80",
                                          "d ir/x",   "back\\s", "\x01",       "\xff",
                                          "plain"};
  const std::vector<std::pair<std::string, std::string>> contents = {
      {"a\n", "b\n"}, {"a", "a\n"},   {"a\n", "a"},     {"a\nb", "a\nc"},
      {"", "a\n"},    {"a\n", ""},    {"a\r\n", "a\n"}, {"x\n\n\n", "x\n\n"},
      {"a\n", "a\n"}, {"\n", "\n\n"}, {"a", "b"},       {std::string("\0", 1), "text\n"},
      {"a", ""}};
  ASSERT_EQ(names.size(), contents.size());
  Pair pair;
  for (size_t i = 0; i < names.size(); ++i) pair.before(names[i], contents[i].first);
  pair.commit();
  std::map<std::string, std::string> expected;  // git lists by path
  for (size_t i = 0; i < names.size(); ++i) {
    pair.after(names[i], contents[i].second);
    expected[names[i]] = file_diff(header(names[i], &contents[i].first, &contents[i].second),
                                   contents[i].first, contents[i].second);
  }
  std::string all;
  for (const auto& [name, text] : expected) all += text;
  EXPECT_EQ(all, pair.diff());

  std::string unquoted;
  for (size_t i = 0; i < names.size(); ++i) {
    expected[names[i]] =
        file_diff(header(names[i], &contents[i].first, &contents[i].second), contents[i].first,
                  contents[i].second, UnifiedOptions{.quote_high_bytes = false, .diff = {}});
  }
  for (const auto& [name, text] : expected) unquoted += text;
  pair.git({"config", "core.quotePath", "false"});
  EXPECT_EQ(unquoted, pair.diff());
}

TEST(Unified, CreatedDeletedRenamedModes) {
  const std::string one = "1\n2\n3\n4\n5\n", two = "1\n2\n3\n4\n6\n", empty;
  Pair pair;
  for (const char* name :
       {"b-deleted", "c-mode", "d-mode-and-more", "e-from", "f-from", "g-type"}) {
    pair.before(name, one);
  }
  pair.before("h-deleted-empty", empty);
  pair.commit();
  std::string all;
  pair.after("a-created", one);
  all += file_diff(header("a-created", nullptr, &one), {}, one);
  pair.after("a-created-empty", empty);
  all += file_diff(header("a-created-empty", nullptr, &empty), {}, {});
  pair.remove("b-deleted");
  all += file_diff(header("b-deleted", &one, nullptr), one, {});
  FileDiffHeader mode = header("c-mode", &one, &one);
  mode.new_mode = "100755";
  all += file_diff(mode, one, one);
  mode = header("d-mode-and-more", &one, &two);
  mode.new_mode = "100755";
  pair.after("d-mode-and-more", two);
  all += file_diff(mode, one, two);
  for (const char* name : {"c-mode", "d-mode-and-more"}) {
    ASSERT_EQ(::chmod(pair.scratch().path("r/" + std::string(name)).c_str(), 0755), 0);
  }
  FileDiffHeader link = header("g-type", &one, &two);
  link.new_mode = "120000";
  link.new_id = short_id("target");
  pair.remove("g-type");
  ASSERT_EQ(::symlink("target", pair.scratch().path("r/g-type").c_str()), 0);
  all += file_diff(link, one, "target");
  pair.remove("h-deleted-empty");
  all += file_diff(header("h-deleted-empty", &empty, nullptr), {}, {});
  EXPECT_EQ(all, pair.diff({"--no-renames"}));

  Pair renamed;
  renamed.before("e-from", one);
  renamed.before("f from", "9\n8\n7\n6\n5\n4\n3\n2\n1\n");
  renamed.commit();
  renamed.git({"mv", "e-from", "e-to"});
  renamed.git({"mv", "f from", "f\tto"});
  renamed.after("f\tto", "9\n8\n7\n6\n5\n4\n3\n2\nx\n");
  FileDiffHeader rename = header("e-from", &one, &one);
  rename.new_path = "e-to";
  const std::string before = "9\n8\n7\n6\n5\n4\n3\n2\n1\n", after = "9\n8\n7\n6\n5\n4\n3\n2\nx\n";
  FileDiffHeader edited = header("f from", &before, &after);
  edited.new_path = "f\tto";
  edited.similarity = 88;
  EXPECT_EQ(file_diff(rename, one, one) + file_diff(edited, before, after), renamed.diff({"-M"}));
  FileDiffHeader nothing = header("x", &one, &one);
  EXPECT_EQ(file_diff(nothing, one, one), "");
}

TEST(Unified, HeadingsAreGits) {
  const std::string body(40, '\n');
  std::string wide;
  for (int i = 0; i < 60; ++i) wide += "\xc3\xa9";
  std::vector<std::string> headings = {"int f() {  \t",
                                       "_x",
                                       "$y",
                                       " indented",
                                       "9digit",
                                       "\xc3\xa9",
                                       "name \xc3\xa9",
                                       "bad \xff byte",
                                       "f" + wide,
                                       "ff" + wide,
                                       std::string(200, 'w'),
                                       "cut    " + std::string(200, ' ') + "x",
                                       "crlf\r",
                                       "surrogate \xed\xa0\x80 x",
                                       "ctl \x01 x"};
  Pair pair;
  std::vector<std::pair<std::string, std::string>> files;
  for (size_t i = 0; i < headings.size(); ++i) {
    std::string before = "first\n" + body + "m\n" + headings[i] + "\n" + body + "o\n" + body;
    std::string after = "first\n" + body + "n\n" + headings[i] + "\n" + body + "p\n" + body;
    files.emplace_back(before, after);
    pair.before("f" + std::to_string(100 + i), before);
  }
  pair.commit();
  std::string all;
  for (size_t i = 0; i < files.size(); ++i) {
    std::string name = "f" + std::to_string(100 + i);
    pair.after(name, files[i].second);
    all +=
        file_diff(header(name, &files[i].first, &files[i].second), files[i].first, files[i].second);
  }
  EXPECT_EQ(all, pair.diff());
}

// Random programs: the text is git's, or as short as git's; `git apply` makes the new contents of
// it, and so do we.
TEST(Unified, RandomProgramsAgainstGit) {
  constexpr uint64_t kFiles = 120;
  for (uint32_t context : {3u, 0u, 1u, 12u}) {
    SCOPED_TRACE(context);
    UnifiedOptions options;
    options.context = context;
    Pair pair;
    std::vector<std::pair<std::string, std::string>> files;
    for (uint64_t seed = 1; seed <= kFiles; ++seed) {
      RandomText random(seed * 1000 + context);
      auto lines = random.program(1 + random.below(200));
      std::string before = random.joined(lines);
      std::string after = random.joined(random.edited(lines, 1 + random.below(6)));
      files.emplace_back(before, after);
      pair.before(std::to_string(1000 + seed), before);
    }
    pair.commit();
    std::string patch;
    size_t same = 0, changed = 0;
    for (uint64_t seed = 1; seed <= kFiles; ++seed) {
      SCOPED_TRACE(seed);
      const auto& [before, after] = files[seed - 1];
      std::string name = std::to_string(1000 + seed);
      pair.after(name, after);
      std::string ours = file_diff(header(name, &before, &after), before, after, options);
      ASSERT_EQ(apply_unified(before, ours), after);
      patch += ours;
      changed += before != after;
    }
    std::string gits = pair.diff({"-U" + std::to_string(context)});
    // Compared file by file: of two readings that are equally short either may be chosen.
    auto parts = [](std::string_view text) {
      std::vector<std::string_view> found;
      while (!text.empty()) {
        size_t next = text.find("\ndiff --git ", 1);
        size_t end = next == std::string_view::npos ? text.size() : next + 1;
        found.push_back(text.substr(0, end));
        text.remove_prefix(end);
      }
      return found;
    };
    auto our_parts = parts(patch), git_parts = parts(gits);
    ASSERT_EQ(our_parts.size(), git_parts.size());
    for (size_t i = 0; i < our_parts.size(); ++i) same += our_parts[i] == git_parts[i];
    EXPECT_GE(same * 100, changed * 97) << same << " of " << changed << " are git's";

    pair.git({"checkout", "-q", "-f", "HEAD", "--", "."});
    pair.git({"apply", "--unidiff-zero", "--whitespace=nowarn", "-"}, patch);
    for (uint64_t seed = 1; seed <= kFiles; ++seed) {
      auto content = os::read_file(pair.scratch().path("r/" + std::to_string(1000 + seed)));
      ASSERT_TRUE(content);
      ASSERT_EQ(*content, files[seed - 1].second) << seed;
    }
  }
}

TEST(Unified, IgnoredSpaceIsGits) {
  const std::string before = "a\n  b\nc\nd\ne\n", after = "a \nb\nc\n  d\nX\n";
  Pair pair;
  pair.before("f", before);
  pair.commit();
  pair.after("f", after);
  FileDiffHeader made = header("f", &before, &after);
  EXPECT_EQ(file_diff(made, before, after, {.diff = {.whitespace = Whitespace::ignore_all}}),
            pair.diff({"-w"}));
  EXPECT_EQ(file_diff(made, before, after, {.diff = {.whitespace = Whitespace::ignore_trailing}}),
            pair.diff({"--ignore-space-at-eol"}));
}

TEST(Unified, PlainNames) {
  EXPECT_EQ(unified("a\n", "b\n", "a/x y", "/dev/null"),
            "--- a/x y\t\n+++ /dev/null\n@@ -1 +1 @@\n-a\n+b\n");
  EXPECT_EQ(unified("a\n", "a\n", "a", "b"), "");
}

}  // namespace
}  // namespace baton::diff
