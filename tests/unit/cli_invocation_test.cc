#include "cli/invocation.h"

#include <gtest/gtest.h>

#include <set>

#include "base/bytes.h"
#include "cli/help.h"

namespace baton::cli {
namespace {

Result<Invocation> parse(std::string_view line) {
  std::vector<std::string_view> words;
  for (std::string_view word : split(line, ' ')) {
    if (!word.empty()) words.push_back(word);
  }
  return parse_invocation(words);
}

std::string hint_of(std::string_view line) {
  auto result = parse(line);
  return result ? "(none)" : result.error().hint;
}

TEST(Invocation, TakesOptionsWordsAndPathspecs) {
  auto asked = parse("-C sub log --limit 5 --agent=codex c7f2 --failed -- src :!build --json");
  ASSERT_TRUE(asked) << asked.error().message;
  EXPECT_EQ(asked->command, CommandId::log);
  EXPECT_EQ(asked->value(OptionId::directory), "sub");
  EXPECT_EQ(asked->value(OptionId::limit), "5");
  EXPECT_EQ(asked->value(OptionId::agent), "codex");
  EXPECT_TRUE(asked->has(OptionId::failed));
  EXPECT_FALSE(asked->has(OptionId::json));
  EXPECT_EQ(asked->words, std::vector<std::string>{"c7f2"});
  EXPECT_EQ(asked->pathspecs, (std::vector<std::string>{"src", ":!build", "--json"}));
}

TEST(Invocation, ShortOptionsMayBeJoined) {
  auto asked = parse("log -sn3");
  ASSERT_TRUE(asked);
  EXPECT_TRUE(asked->has(OptionId::steps));
  EXPECT_EQ(asked->value(OptionId::limit), "3");
  asked = parse("log -12");
  ASSERT_TRUE(asked);
  EXPECT_EQ(*asked->number(OptionId::limit, 1), 12);
}

TEST(Invocation, LastValueCountsUnlessItRepeats) {
  auto asked = parse("search a --session x --session y --agent codex --agent claude");
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->values(OptionId::session), std::vector<std::string>{"y"});
  EXPECT_EQ(asked->values(OptionId::agent).size(), 2u);
}

TEST(Invocation, DashesAfterACommandWithoutPathsAreWords) {
  auto asked = parse("cat -- -file");
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->words, std::vector<std::string>{"-file"});
}

TEST(Invocation, AloneAndHelp) {
  EXPECT_EQ(parse("")->command, CommandId::none);
  EXPECT_TRUE(parse("--version")->has(OptionId::version));
  EXPECT_TRUE(parse("search -h")->has(OptionId::help));  // though a word is missing
  EXPECT_FALSE(parse("log --version"));
}

TEST(Invocation, NamesTheNearestWord) {
  EXPECT_TRUE(contains(hint_of("lgo"), "'log'"));
  EXPECT_TRUE(contains(hint_of("statuss"), "'status'"));
  EXPECT_TRUE(contains(hint_of("sess"), "'sessions'"));
  EXPECT_TRUE(contains(hint_of("log --sesion x"), "'--session'"));
  EXPECT_TRUE(contains(hint_of("log --color=alway"), "'always'"));
  EXPECT_FALSE(contains(hint_of("xylophone"), "did you mean"));
}

TEST(Invocation, RefusesWhatMakesNoSense) {
  for (const char* line : {"log --limit", "log --json=1", "log a b", "search", "completion",
                           "-- log", "init now", "log -x", "--session x log", "status --limit 3"}) {
    auto result = parse(line);
    ASSERT_FALSE(result) << line;
    EXPECT_EQ(result.error().kind, ErrorKind::usage) << line;
  }
  auto asked = parse("log --limit many");
  ASSERT_TRUE(asked);
  EXPECT_FALSE(asked->number(OptionId::limit, 1));
}

TEST(Invocation, NearestKeepsItsDistance) {
  EXPECT_EQ(nearest("a", {"log", "show"}), "");
  EXPECT_EQ(nearest("shwo", {"log", "show"}), "show");
  EXPECT_EQ(nearest("", {"log"}), "");
}

// The table is what help and completion are made of.
TEST(CommandTable, IsConsistent) {
  std::set<std::string_view> names;
  for (const CommandRow& row : all_commands()) {
    EXPECT_TRUE(names.insert(row.name.view()).second);
    EXPECT_FALSE(row.summary.view().ends_with('.')) << row.name.view();
    EXPECT_EQ(row.most > 0, !row.arguments.empty()) << row.name.view();
    std::set<std::string_view> options;
    std::set<char> letters;
    for (const OptionRow& option : all_options()) {
      if (!takes(row, option)) continue;
      if (!option.name.empty()) {
        EXPECT_TRUE(options.insert(option.name.view()).second);
      }
      if (option.letter) {
        // Behind `blame` -C is git's, before it a folder.
        bool twice = row.id == CommandId::blame && option.letter == 'C';
        EXPECT_TRUE(letters.insert(option.letter).second || twice) << option.letter;
      }
    }
    std::string help = command_help(row, {});
    for (std::string_view name : options) EXPECT_TRUE(contains(help, name)) << name;
  }
}

}  // namespace
}  // namespace baton::cli
