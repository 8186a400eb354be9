#include "diff/lines.h"

#include <gtest/gtest.h>

#include "diff_random.h"

namespace baton::diff {
namespace {

TEST(Lines, OnlyNewlineEndsALine) {
  using Views = std::vector<std::string_view>;
  EXPECT_EQ(split_lines(""), Views{});
  EXPECT_EQ(split_lines("\n"), Views{"\n"});
  EXPECT_EQ(split_lines("a"), Views{"a"});
  EXPECT_EQ(split_lines("a\r\nb\rc\n\xe2\x80\xa8x"), (Views{"a\r\n", "b\rc\n", "\xe2\x80\xa8x"}));
  EXPECT_EQ(split_lines({"\0\n\0", 3}), (Views{{"\0\n", 2}, {"\0", 1}}));
}

TEST(Lines, CountIsThatOfSplitting) {
  // Bytes that differ from '\n' by one bit, and high ones, try the counting of eight at a time.
  constexpr char kBytes[] = {'\n', '\n', '\n', 'a', '\0', 0x0b, 0x08, '\x8a', '\xff', '\x7f'};
  RandomText random(1);
  for (int round = 0; round < 500; ++round) {
    std::string text;
    for (uint32_t i = random.below(6000); i > 0; --i) {
      text += kBytes[random.below(sizeof kBytes)];
    }
    ASSERT_EQ(count_lines(text), split_lines(text).size());
    ASSERT_EQ(count_lines(std::string_view(text).substr(text.size() / 3)),
              split_lines(std::string_view(text).substr(text.size() / 3)).size());
  }
  EXPECT_EQ(count_lines(std::string(100'000, '\n')), 100'000u);
}

TEST(Lines, IdsAreEqualForEqualLines) {
  LineIds ids;
  EXPECT_EQ(ids.intern("a\n"), 0u);
  EXPECT_EQ(ids.intern("a"), 1u);
  EXPECT_EQ(ids.intern("a \n"), 2u);
  EXPECT_EQ(ids.intern("a\n"), 0u);
  EXPECT_EQ(ids.size(), 3u);

  std::vector<std::string> many;
  for (int i = 0; i < 5000; ++i) many.push_back("line " + std::to_string(i % 3000));
  LineIds grown;
  for (int i = 0; i < 5000; ++i) {
    ASSERT_EQ(grown.intern(many[static_cast<size_t>(i)]), static_cast<uint32_t>(i % 3000));
  }
}

TEST(Lines, SpaceCountsAsAsked) {
  using enum Whitespace;
  EXPECT_FALSE(same_line("a\n", "a\r\n", exact));
  EXPECT_TRUE(same_line("a\n", "a \t\r\n", ignore_trailing));
  EXPECT_TRUE(same_line("a\n", "a", ignore_trailing));
  EXPECT_FALSE(same_line(" a\n", "a\n", ignore_trailing));
  EXPECT_TRUE(same_line("  if (a  b)\n", "if(ab)", ignore_all));
  EXPECT_FALSE(same_line("a\n", "a\v\n", ignore_all));
  EXPECT_TRUE(same_line(" \n", "", ignore_all));

  RandomText random(2);
  for (Whitespace whitespace : {exact, ignore_trailing, ignore_all}) {
    std::vector<std::string> lines;
    for (int i = 0; i < 300; ++i) {
      std::string line;
      for (uint32_t j = random.below(5); j > 0; --j) line += "ab \t\r"[random.below(5)];
      lines.push_back(line);
    }
    LineIds ids(whitespace);
    std::vector<uint32_t> numbers;
    for (const std::string& line : lines) numbers.push_back(ids.intern(line));
    for (size_t i = 0; i < lines.size(); ++i) {
      for (size_t j = 0; j < lines.size(); ++j) {
        ASSERT_EQ(numbers[i] == numbers[j], same_line(lines[i], lines[j], whitespace));
      }
    }
  }
}

}  // namespace
}  // namespace baton::diff
