#include "render/text.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace baton::render {
namespace {

TEST(Text, ControlCharactersBecomeVisible) {
  EXPECT_EQ(neutral("a\033[31mred\033[0m"), "a^[[31mred^[[0m");
  EXPECT_EQ(neutral("bell\a nul" + std::string(1, '\0') + " del\x7f"), "bell^G nul^@ del^?");
  EXPECT_EQ(neutral("csi \xC2\x9B"
                    "31m"),
            "csi <U+009B>31m");
  EXPECT_EQ(neutral("\xE2\x80\xAE"
                    "evil"),
            "<U+202E>evil");
  EXPECT_EQ(neutral("tab\tnewline\n"), "tab\tnewline\n");
  EXPECT_EQ(neutral("dos\r\nover\rwrite"), "dos\nover^Mwrite");
  EXPECT_EQ(neutral("bad \xFF\xFE"), "bad \xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(neutral("grüße, 世界 🎉"), "grüße, 世界 🎉");
}

TEST(Text, SecretsAreMasked) {
  std::string token = "ghp_" + std::string(36, 'a');
  token[10] = 'Z';
  token[20] = '7';
  std::string shown = clean({}, "export GITHUB_TOKEN=" + token);
  EXPECT_FALSE(contains(shown, token));
  EXPECT_TRUE(contains(shown, "[masked:"));
}

TEST(Text, ColumnsAreThoseOfATerminal) {
  EXPECT_EQ(columns("abc"), 3u);
  EXPECT_EQ(columns("äöü"), 3u);
  EXPECT_EQ(columns("世界"), 4u);
  EXPECT_EQ(columns("e\xCC\x81"), 1u);
  EXPECT_EQ(columns("🎉"), 2u);
}

TEST(Text, FitCutsAtCharacters) {
  EXPECT_EQ(fit("hello", 5), "hello");
  EXPECT_EQ(fit("hello world", 8), "hello w…");
  EXPECT_EQ(fit("hello world", 7), "hello…");
  EXPECT_EQ(fit("世界世界", 5), "世界…");
  EXPECT_EQ(fit("anything", 0), "anything");
}

TEST(Text, WrapBreaksAtBlanksAndKeepsIndents) {
  EXPECT_EQ(wrap("one two three", 8), (std::vector<std::string>{"one two", "three"}));
  EXPECT_EQ(wrap("  - item that is long", 10),
            (std::vector<std::string>{"  - item", "  that is", "  long"}));
  EXPECT_EQ(wrap("abcdefghij", 4), (std::vector<std::string>{"abcd", "efgh", "ij"}));
  EXPECT_EQ(wrap("a\n\nb\n", 10), (std::vector<std::string>{"a", "", "b"}));
  EXPECT_EQ(wrap("x\ty", 0), (std::vector<std::string>{"x   y"}));
}

TEST(Text, WrapLosesNothing) {
  std::string text = "The quick   brown 世界 fox jumps over äöü the lazy dog, again and again.";
  for (size_t width = 2; width < 80; width++) {
    std::string joined, wanted;
    for (const std::string& line : wrap(text, width)) {
      EXPECT_LE(columns(line), width);
      for (char c : line) {
        if (c != ' ') joined += c;
      }
    }
    for (char c : text) {
      if (c != ' ') wanted += c;
    }
    EXPECT_EQ(joined, wanted) << width;
  }
}

TEST(Text, BlockSaysWhatItLeavesOut) {
  EXPECT_EQ(block({}, "a\nb\nc\nd\n", "  ", 2), "  a\n  b\n  … 2 more lines\n");
  EXPECT_EQ(block({}, "a\nb\nc\n", "  ", 2), "  a\n  b\n  c\n");
  Style full;
  full.full = true;
  EXPECT_EQ(block(full, "a\nb\nc\nd", "", 2), "a\nb\nc\nd\n");
}

TEST(Text, CountsAndSizes) {
  EXPECT_EQ(count(1, "step"), "1 step");
  EXPECT_EQ(count(0, "step"), "0 steps");
  EXPECT_EQ(count(2, "entry", "entries"), "2 entries");
  EXPECT_EQ(size_text(999), "999 B");
  EXPECT_EQ(size_text(1536), "1.5 KiB");
  EXPECT_EQ(size_text(3ull << 30), "3.0 GiB");
}

TEST(Text, TableAlignsAndFits) {
  Table table;
  table.row({{"a"}, {"1", Look::plain, true}, {"first"}});
  table.row({{"long"}, {"23", Look::plain, true}, {"second that is very long indeed"}});
  EXPECT_EQ(table.text({}), "a      1  first\nlong  23  second that is very long indeed\n");
  Style narrow;
  narrow.width = 22;
  EXPECT_EQ(table.text(narrow), "a      1  first\nlong  23  second that…\n");
  Style colored;
  colored.color = true;
  Table one;
  one.row({{"x", Look::good}, {"y"}});
  EXPECT_EQ(one.text(colored), "\033[32mx\033[m  y\n");
}

TEST(Text, FirstLine) {
  EXPECT_EQ(first_line("\n\n  fix   the\tbug \nplease"), "fix the bug");
  EXPECT_EQ(first_line(" \n"), "");
}

}  // namespace
}  // namespace baton::render
