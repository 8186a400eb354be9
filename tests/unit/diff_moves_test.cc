#include "diff/moves.h"

#include <gtest/gtest.h>

#include "diff_random.h"
#include "random_seeds.h"

namespace baton::diff {

void PrintTo(const Move& move, std::ostream* out) {
  *out << "{" << move.source << ":" << move.source_line << " -> " << move.target << ":"
       << move.target_line << ", " << move.lines << (move.exact ? "" : ", not exact") << "}";
}

namespace {

// Blocks that own their lines.
class Blocks {
 public:
  void add(std::string_view text, uint32_t file = 0, bool stands = false) {
    lines_.push_back(split_lines(text));
    blocks_.push_back({lines_.back(), file, stands});
  }
  operator std::span<const Block>() const { return blocks_; }

 private:
  std::deque<std::vector<std::string_view>> lines_;
  std::vector<Block> blocks_;
};

using Moves = std::vector<Move>;

constexpr std::string_view kFunction =
    "int sum(int a, int b) {\n"
    "  int result = a + b;\n"
    "\n"
    "  return result;\n"
    "}\n";

TEST(Moves, ABlockIsFoundInWhatWasAdded) {
  Blocks sources, targets;
  sources.add("unrelated\n");
  sources.add(kFunction);
  const std::string added = "// new words\n" + std::string(kFunction) + "\nint more;\n";
  targets.add(added);
  EXPECT_EQ(find_moves(sources, targets), (Moves{{1, 0, 0, 1, 5, true}}));
}

TEST(Moves, NewIndentIsNotExact) {
  Blocks sources, targets;
  sources.add(kFunction);
  std::string deeper;
  for (std::string_view line : split_lines(kFunction)) deeper.append("\t").append(line);
  targets.add(deeper);
  EXPECT_EQ(find_moves(sources, targets), (Moves{{0, 0, 0, 0, 5, false}}));
  EXPECT_EQ(find_moves(sources, targets, {.whitespace = Whitespace::exact}), Moves{});
}

TEST(Moves, LittleIsNotBelieved) {
  Blocks sources, targets;
  sources.add("}\n\n}\n  }\n\nreturn 0;\n}\n");
  targets.add("}\n\n}\n  }\n\nreturn 0;\n}\n");
  EXPECT_EQ(find_moves(sources, targets), Moves{});

  // 24 letters: enough within a file, too little between files.
  Blocks one, same_file, other_file;
  one.add("abcdefghijkl = mnopqrstuvwx\n", 1);
  same_file.add("abcdefghijkl = mnopqrstuvwx\n", 1);
  other_file.add("abcdefghijkl = mnopqrstuvwx\n", 2);
  EXPECT_EQ(find_moves(one, same_file), (Moves{{0, 0, 0, 0, 1, true}}));
  EXPECT_EQ(find_moves(one, other_file), Moves{});

  // Three short lines that say something.
  Blocks three;
  three.add("x\nbreak;\n}\nvoid\nelse\ny\n", 1);
  Blocks there;
  there.add("z\nbreak;\n}\nvoid\nelse\nw\n", 2);
  EXPECT_EQ(find_moves(three, there), (Moves{{0, 1, 0, 1, 4, true}}));
}

TEST(Moves, WhatWasTakenAwayMovesOnceWhatStandsIsCopied) {
  const std::string twice = std::string(kFunction) + "//\n" + std::string(kFunction);
  Blocks gone, standing, targets;
  gone.add(kFunction);
  standing.add(kFunction, 0, true);
  targets.add(twice);
  EXPECT_EQ(find_moves(gone, targets), (Moves{{0, 0, 0, 0, 5, true}}));
  EXPECT_EQ(find_moves(standing, targets), (Moves{{0, 0, 0, 0, 5, true}, {0, 0, 0, 6, 5, true}}));

  // Taken away before still there, same file before another one.
  Blocks both;
  both.add(kFunction, 0, true);
  both.add(kFunction, 7);
  both.add(kFunction, 0);
  EXPECT_EQ(find_moves(both, targets), (Moves{{2, 0, 0, 0, 5, true}, {1, 0, 0, 6, 5, true}}));
}

TEST(Moves, TheLongestRunWins) {
  Blocks sources, targets;
  sources.add("first_line_of_the_block\nsecond_line_of_the_block\n");
  sources.add("first_line_of_the_block\nsecond_line_of_the_block\nthird_line_of_the_block\n");
  targets.add("first_line_of_the_block\nsecond_line_of_the_block\nthird_line_of_the_block\n");
  EXPECT_EQ(find_moves(sources, targets), (Moves{{1, 0, 0, 0, 3, true}}));
}

TEST(Moves, NothingToLookAt) {
  Blocks none, some;
  some.add("");
  EXPECT_EQ(find_moves(none, some), Moves{});
  EXPECT_EQ(find_moves(some, none), Moves{});
  EXPECT_EQ(find_moves({}, {}), Moves{});
}

// Whatever is found holds: same lines, inside the blocks, no target line twice.
TEST(Moves, RandomBlocks) {
  size_t found = 0;
  for (uint64_t seed : baton::testing::seeds(300)) {
    SCOPED_TRACE(seed);
    RandomText random(seed);
    std::vector<std::string> texts;
    for (int i = 0; i < 6; ++i)
      texts.push_back(random.joined(random.program(1 + random.below(40))));
    std::vector<std::vector<std::string_view>> lines;
    for (const std::string& text : texts) lines.push_back(split_lines(text));
    std::vector<Block> sources, targets;
    for (uint32_t i = 0; i < 6; ++i) {
      sources.push_back({lines[i], i % 2, random.one_in(2)});
      size_t begin = random.below(static_cast<uint32_t>(lines[i].size()));
      size_t count = random.below(static_cast<uint32_t>(lines[i].size() - begin)) + 1;
      targets.push_back({std::span(lines[i]).subspan(begin, count), random.below(2)});
    }
    std::vector<std::pair<uint32_t, uint32_t>> taken;
    uint32_t last_target = 0, floor = 0;
    for (const Move& move : find_moves(sources, targets)) {
      ++found;
      ASSERT_LT(move.source, sources.size());
      ASSERT_LT(move.target, targets.size());
      ASSERT_LE(move.source_line + move.lines, sources[move.source].lines.size());
      ASSERT_LE(move.target_line + move.lines, targets[move.target].lines.size());
      for (uint32_t i = 0; i < move.lines; ++i) {
        ASSERT_TRUE(same_line(sources[move.source].lines[move.source_line + i],
                              targets[move.target].lines[move.target_line + i],
                              move.exact ? Whitespace::exact : Whitespace::ignore_all));
        if (!sources[move.source].stands) {
          std::pair<uint32_t, uint32_t> place{move.source, move.source_line + i};
          ASSERT_EQ(std::ranges::count(taken, place), 0);
          taken.push_back(place);
        }
      }
      if (move.target != last_target) floor = 0;
      ASSERT_GE(move.target, last_target);
      ASSERT_GE(move.target_line, floor);
      last_target = move.target;
      floor = move.target_line + move.lines;
    }
  }
  EXPECT_GT(found, 500u);
}

TEST(Moves, ManyAlikeEnd) {
  std::string same, half;
  for (int i = 0; i < 200'000; ++i) same += "value = value + 1;\n";
  for (int i = 0; i < 100'000; ++i) {
    half += "value = value + " + std::to_string(i % 3000) + ";\n";
  }
  Blocks sources, targets;
  sources.add(same);
  sources.add(half, 0, true);
  targets.add(half);
  targets.add(same);
  targets.add(half);
  EXPECT_LT(find_moves(sources, targets).size(), 500'000u);
}

}  // namespace
}  // namespace baton::diff
