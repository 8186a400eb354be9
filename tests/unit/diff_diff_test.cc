#include "diff/diff.h"

#include <gtest/gtest.h>

#include "diff/apply.h"
#include "diff_random.h"
#include "random_seeds.h"

namespace baton::diff {

void PrintTo(const Edit& edit, std::ostream* out) {
  *out << "{" << edit.old_begin << "," << edit.old_end << " " << edit.new_begin << ","
       << edit.new_end << "}";
}

namespace {

using Edits = std::vector<Edit>;

// Ordered, none empty, at least one line between two; what lies between is the same on both sides.
void expect_valid(std::string_view old_content, std::string_view new_content, const Edits& edits,
                  Whitespace whitespace = Whitespace::exact) {
  auto old_lines = split_lines(old_content);
  auto new_lines = split_lines(new_content);
  uint32_t i = 0, j = 0;
  auto expect_same_until = [&](uint32_t old_end, uint32_t new_end) {
    ASSERT_EQ(old_end - i, new_end - j);
    ASSERT_LE(old_end, old_lines.size());
    ASSERT_LE(new_end, new_lines.size());
    while (i < old_end) ASSERT_TRUE(same_line(old_lines[i++], new_lines[j++], whitespace));
  };
  for (size_t n = 0; n < edits.size(); ++n) {
    const Edit& edit = edits[n];
    ASSERT_LE(edit.old_begin, edit.old_end);
    ASSERT_LE(edit.new_begin, edit.new_end);
    ASSERT_TRUE(edit.removed() > 0 || edit.added() > 0);
    if (n > 0) {
      ASSERT_LT(i, edit.old_begin);
      ASSERT_LT(j, edit.new_begin);
    }
    expect_same_until(edit.old_begin, edit.new_begin);
    i = edit.old_end;
    j = edit.new_end;
  }
  expect_same_until(static_cast<uint32_t>(old_lines.size()),
                    static_cast<uint32_t>(new_lines.size()));
}

// Changed lines of a shortest script, by the textbook's table.
uint64_t fewest_changes(std::string_view old_content, std::string_view new_content) {
  auto a = split_lines(old_content), b = split_lines(new_content);
  std::vector<uint32_t> row(b.size() + 1, 0);
  for (size_t i = 0; i < a.size(); ++i) {
    uint32_t diagonal = 0;
    for (size_t j = 0; j < b.size(); ++j) {
      uint32_t up = row[j + 1];
      row[j + 1] = a[i] == b[j] ? diagonal + 1 : std::max(up, row[j]);
      diagonal = up;
    }
  }
  return a.size() + b.size() - 2 * uint64_t{row.back()};
}

uint64_t changes(const Edits& edits) {
  Stat sum = stat(edits);
  return sum.added + sum.removed;
}

TEST(Diff, SmallOnes) {
  EXPECT_EQ(diff_lines("", ""), Edits{});
  EXPECT_EQ(diff_lines("a\n", "a\n"), Edits{});
  EXPECT_EQ(diff_lines("", "a\nb\n"), (Edits{{0, 0, 0, 2}}));
  EXPECT_EQ(diff_lines("a\nb\n", ""), (Edits{{0, 2, 0, 0}}));
  EXPECT_EQ(diff_lines("a\nb\nc\n", "a\nB\nc\n"), (Edits{{1, 2, 1, 2}}));
  EXPECT_EQ(diff_lines("a\nb", "a\nb\n"), (Edits{{1, 2, 1, 2}}));
  EXPECT_EQ(diff_lines("a", "a\nb"), (Edits{{0, 1, 0, 2}}));
  EXPECT_EQ(diff_lines("a\nb\n", "b\na\n"), (Edits{{0, 1, 0, 0}, {2, 2, 1, 2}}));
  EXPECT_EQ(diff_lines("x\na\ny\n", "z\na\nw\n"), (Edits{{0, 1, 0, 1}, {2, 3, 2, 3}}));
  EXPECT_EQ(diff_lines("a\r\nb\r\n", "a\nb\r\n"), (Edits{{0, 1, 0, 1}}));
  EXPECT_EQ(diff_lines({"\0\n\xff\n", 4}, {"\0\n\xfe\n", 4}), (Edits{{1, 2, 1, 2}}));
}

TEST(Diff, WhitespaceAsAsked) {
  const std::string before = "a\n  b\nc\n", after = "a  \nb\nc\nd\n";
  EXPECT_EQ(diff_lines(before, after), (Edits{{0, 2, 0, 2}, {3, 3, 3, 4}}));
  EXPECT_EQ(diff_lines(before, after, {.whitespace = Whitespace::ignore_trailing}),
            (Edits{{1, 2, 1, 2}, {3, 3, 3, 4}}));
  EXPECT_EQ(diff_lines(before, after, {.whitespace = Whitespace::ignore_all}),
            (Edits{{3, 3, 3, 4}}));
  EXPECT_EQ(diff_lines("a\nb", "a\r\nb\r\n", {.whitespace = Whitespace::ignore_trailing}), Edits{});
}

// A function added before, between or after functions owns its own closing brace and heading.
TEST(Diff, AnAddedFunctionIsWhole) {
  const std::string first = "int a() {\n  x();\n}\n";
  const std::string second = "int b() {\n  x();\n}\n";
  const std::string added = "int c() {\n  x();\n}\n";
  EXPECT_EQ(diff_lines(first, first + "\n" + added), (Edits{{3, 3, 3, 7}}));
  EXPECT_EQ(diff_lines(first, first + added), (Edits{{3, 3, 3, 6}}));
  EXPECT_EQ(diff_lines(first, added + "\n" + first), (Edits{{0, 0, 0, 4}}));
  EXPECT_EQ(diff_lines(first + "\n" + second, first + "\n" + added + "\n" + second),
            (Edits{{4, 4, 4, 8}}));
  EXPECT_EQ(diff_lines(first + second, first + added + second), (Edits{{3, 3, 3, 6}}));
  // Inside a class, where the brace of the class follows.
  const std::string method_a = "  void a() {\n    x();\n  }\n";
  const std::string method_b = "  void b() {\n    y();\n  }\n";
  EXPECT_EQ(
      diff_lines("class C {\n" + method_a + "}\n", "class C {\n" + method_a + method_b + "}\n"),
      (Edits{{4, 4, 4, 7}}));
  // And taken away again.
  EXPECT_EQ(diff_lines(first + "\n" + added + "\n" + second, first + "\n" + second),
            (Edits{{4, 8, 4, 4}}));
}

TEST(Diff, WithoutTheHeuristicARegionLiesLowest) {
  const std::string before = "{\n  a\n}\n\n{\n  b\n}\n";
  const std::string after = "{\n  a\n}\n\n{\n  c\n}\n\n{\n  b\n}\n";
  EXPECT_EQ(diff_lines(before, after), (Edits{{4, 4, 4, 8}}));
  EXPECT_EQ(diff_lines(before, after, {.indent_heuristic = false}), (Edits{{5, 5, 5, 9}}));
}

TEST(Diff, RandomProgramsAreAppliedAndMinimal) {
  uint64_t ours = 0, fewest = 0;
  for (uint64_t seed : baton::testing::seeds(400)) {
    SCOPED_TRACE(seed);
    RandomText random(seed);
    auto lines = random.program(1 + random.below(150));
    std::string before = random.joined(lines);
    std::string after = random.joined(random.edited(lines, 1 + random.below(12)));
    Edits edits = diff_lines(before, after);
    expect_valid(before, after, edits);
    auto applied = apply_edits(before, after, edits);
    ASSERT_TRUE(applied);
    ASSERT_EQ(*applied, after);
    ASSERT_EQ(apply_edits(after, before, inverse(edits)), before);
    auto old_lines = split_lines(before), new_lines = split_lines(after);
    ASSERT_EQ(diff_lines(old_lines, new_lines), edits);
    ours += changes(edits);
    fewest += fewest_changes(before, after);
  }
  EXPECT_LE(ours, fewest * 102 / 100) << "fewest possible: " << fewest;
}

TEST(Diff, TheCommonStartLiesBeforeAllEdits) {
  for (uint64_t seed : baton::testing::seeds(300)) {
    SCOPED_TRACE(seed);
    RandomText random(seed);
    auto old_lines = random.program(1 + random.below(300));
    std::string old_content = random.joined(old_lines);
    std::string new_content = random.joined(random.edited(old_lines, random.below(4)));
    CommonStart start;
    auto edits = diff_lines(old_content, new_content, {}, start);
    ASSERT_EQ(edits, diff_lines(old_content, new_content));
    std::string_view common = std::string_view(old_content).substr(0, start.bytes);
    ASSERT_TRUE(new_content.starts_with(common));
    ASSERT_TRUE(common.empty() || common.ends_with('\n'));
    ASSERT_EQ(count_lines(common), start.lines);
    if (!edits.empty()) {
      ASSERT_LE(start.lines, edits[0].old_begin);
      ASSERT_LE(start.lines, edits[0].new_begin);
    }
  }
}

TEST(Diff, RandomNoiseIsApplied) {
  for (uint64_t seed : baton::testing::seeds(1000)) {
    SCOPED_TRACE(seed);
    RandomText random(seed);
    uint32_t letters = 1 + random.below(6);
    std::string before = random.joined(random.noise(random.below(60), letters));
    std::string after = random.joined(random.noise(random.below(60), letters));
    for (bool indent : {false, true}) {
      Edits edits = diff_lines(before, after, {.indent_heuristic = indent});
      expect_valid(before, after, edits);
      ASSERT_EQ(apply_edits(before, after, edits), after);
    }
  }
}

TEST(Diff, RandomWhitespaceIsIgnored) {
  for (uint64_t seed : baton::testing::seeds(300)) {
    SCOPED_TRACE(seed);
    RandomText random(seed);
    auto lines = random.program(1 + random.below(80));
    std::string before = random.joined(lines);
    auto edited = random.edited(lines, random.below(6));
    for (std::string& line : edited) {
      if (random.one_in(4)) line = "\t" + line + " \r";
    }
    std::string after = random.joined(edited);
    for (Whitespace whitespace : {Whitespace::ignore_trailing, Whitespace::ignore_all}) {
      Edits edits = diff_lines(before, after, {.whitespace = whitespace});
      expect_valid(before, after, edits, whitespace);
    }
  }
}

std::string repeated(std::string_view text, size_t times) {
  std::string all;
  all.reserve(text.size() * times);
  for (; times > 0; --times) all += text;
  return all;
}

// Contents made to keep a search busy; with a bound on the work each ends at once.
TEST(Diff, HardContentsEnd) {
  RandomText random(7);
  auto check = [](const std::string& before, const std::string& after) {
    Edits edits = diff_lines(before, after);
    expect_valid(before, after, edits);
    return changes(edits);
  };
  // 20,000 lines of few kinds, 40 % changed.
  auto lines = random.noise(20'000, 26);
  auto edited = lines;
  for (std::string& line : edited) {
    if (random.below(10) < 4) line = std::string(1, static_cast<char>('a' + random.below(26)));
  }
  EXPECT_LT(check(RandomText::join(lines), RandomText::join(edited)), 16'000u);
  // Half a million lines: one changed; nothing in common; only repeats; all in another order.
  std::string large;
  for (int i = 0; i < 500'000; ++i) large += "line " + std::to_string(i) + "\n";
  std::string one = large;
  one.replace(one.find("line 250000\n"), 12, "LINE 250000\n");
  EXPECT_EQ(check(large, one), 2u);
  one.replace(0, 4, "LINE");
  EXPECT_EQ(check(large, one), 4u);
  check(repeated("a\nb\n", 100'000), repeated("a\na\nb\nb\n", 50'000));
  check(RandomText::join(random.noise(200'000, 20)), RandomText::join(random.noise(200'000, 20)));
  auto views = split_lines(large);
  std::string reversed;
  for (auto it = views.rbegin(); it != views.rend(); ++it) reversed += *it;
  check(large, reversed);
  EXPECT_EQ(check(repeated("}\n", 500'000), repeated("}\n", 400'000)), 100'000u);
  // Lines without end.
  std::string line(5'000'000, 'x');
  std::string other = line;
  other[2'500'000] = 'y';
  EXPECT_EQ(check(line, other), 2u);
  EXPECT_EQ(check(line + "\n", other), 2u);
}

TEST(Diff, TooManyLinesAreOneEdit) {
  std::string before = "same\n" + std::string(kMaxDiffLines + 1, '\n') + "x\nsame\n";
  std::string after = "same\ny\n" + std::string(kMaxDiffLines + 1, '\n') + "same\n";
  Edits edits = diff_lines(before, after);
  ASSERT_EQ(edits.size(), 1u);
  EXPECT_EQ(edits[0].old_begin, 1u);
  expect_valid(before, after, edits);
}

}  // namespace
}  // namespace baton::diff
