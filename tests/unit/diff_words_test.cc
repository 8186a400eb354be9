#include "diff/words.h"

#include <gtest/gtest.h>

#include "diff_random.h"
#include "random_seeds.h"

namespace baton::diff {
namespace {

using Pairs = std::vector<std::optional<uint32_t>>;

TEST(Words, EditsAreByteOffsetsOfWholeWords) {
  EXPECT_EQ(diff_words("int a = 1;", "int abc = 1;"), (std::vector<Edit>{{4, 5, 4, 7}}));
  EXPECT_EQ(diff_words("f(a, b)", "f(a)"), (std::vector<Edit>{{3, 6, 3, 3}}));
  EXPECT_EQ(diff_words("h\xc3\xa9llo x", "h\xc3\xa8llo x"), (std::vector<Edit>{{0, 6, 0, 6}}));
  EXPECT_TRUE(diff_words("same", "same").empty());
  EXPECT_EQ(diff_words("", "a"), (std::vector<Edit>{{0, 0, 0, 1}}));
  const std::string wide(kMaxWordsText + 1, 'x');
  EXPECT_EQ(diff_words(wide, "x").size(), 1u);
}

TEST(Words, RandomTextsAreRebuilt) {
  for (uint64_t seed : baton::testing::seeds(300)) {
    SCOPED_TRACE(seed);
    RandomText random(seed);
    auto text = [&] {
      std::string made;
      for (uint32_t i = random.below(30); i > 0; --i) {
        made +=
            std::vector<std::string>{"a", "b", " ", "  ", "(", ";", "\xc3\xa9"}[random.below(7)];
      }
      return made;
    };
    std::string before = text(), after = text(), rebuilt;
    size_t at = 0;
    for (const Edit& edit : diff_words(before, after)) {
      ASSERT_LE(at, edit.old_begin);
      rebuilt += before.substr(at, edit.old_begin - at);
      rebuilt += after.substr(edit.new_begin, edit.added());
      at = edit.old_end;
    }
    rebuilt += before.substr(at);
    ASSERT_EQ(rebuilt, after);
  }
}

Pairs pairs(std::string_view old_content, std::string_view new_content) {
  return pair_lines(split_lines(old_content), split_lines(new_content));
}

TEST(Words, ALineIsPairedWithWhatItWas) {
  EXPECT_EQ(pairs("  int timeout = 30;\n", "  int timeout = 60;\n"), (Pairs{0}));
  EXPECT_EQ(pairs("retry(count, 3);\nlog(\"done\");\n", "check();\nretry(count, 5);\n"),
            (Pairs{std::nullopt, 0}));
  EXPECT_EQ(pairs("one thing\n", "quite another matter\n"), (Pairs{std::nullopt}));
  EXPECT_EQ(pairs("\n", "\n"), (Pairs{std::nullopt}));
  EXPECT_EQ(pairs("", "a\n"), (Pairs{std::nullopt}));
  // Two that changed places: only one of them is paired.
  EXPECT_EQ(pairs("alpha beta\ngamma delta\n", "gamma delta\nalpha beta\n"),
            (Pairs{std::nullopt, 0}));
  EXPECT_EQ(pairs("}\n", "  }\n"), (Pairs{0}));
}

TEST(Words, LargeRegionsArePairedLineByLine) {
  std::string before, after;
  for (int i = 0; i < 200; ++i) {
    before += "value " + std::to_string(i) + " is old here\n";
    after += "value " + std::to_string(i) + " is new here\n";
  }
  Pairs made = pairs(before, after);
  for (uint32_t i = 0; i < 200; ++i) EXPECT_EQ(made[i], i);
}

}  // namespace
}  // namespace baton::diff
