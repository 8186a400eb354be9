#include "render/picker.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "render/text.h"

namespace baton::render {
namespace {

constexpr Micros kNow = 1'780'000'000 * kSecond;

PickerRow row(int number, std::string prompt) {
  PickerRow row;
  row.turn.session = "7192";
  row.turn.agent = "claude-code";
  row.turn.number = number;
  row.turn.prompt = prompt;
  row.turn.began = kNow - 2 * 3600 * kSecond;
  row.turn.state = model::TurnState::completed;
  row.line = first_line(clean({}, prompt));
  row.loaded = true;
  return row;
}

PickerView view_of(std::vector<PickerRow> rows) {
  PickerView view;
  view.rows = std::move(rows);
  for (size_t i = 0; i < view.rows.size(); ++i) view.passing.push_back(i);
  return view;
}

Style style() {
  Style style;
  style.date.kind = DateForm::Kind::relative;
  style.now = kNow;
  return style;
}

// Without what colours it.
std::string bare(const std::string& line) {
  std::string text;
  for (size_t at = 0; at < line.size(); ++at) {
    if (line.compare(at, 2, "\033[") == 0) {
      at = line.find('m', at);
      if (at == std::string::npos) break;
      continue;
    }
    text += line[at];
  }
  return text;
}

PickerView everything() {
  std::vector<PickerRow> rows;
  rows.push_back(row(3, "fix the failing retry test"));
  rows.push_back(
      row(2, "世界世界世界世界世界世界世界世界世界世界世界世界世界世界世界世界世界世界"));
  rows.push_back(row(1,
                     "e\xCC\x81\xCC\x81\xCC\x81 \033[31mred\033]0;title\a \xE2\x80\xAE"
                     "evil\r\n\tx"));
  rows[0].turn.paths = {"src/retry.sh"};
  rows[0].sum = ChangeSum{12, 3, false, false};
  model::TestRun run;
  run.verdict = model::TestVerdict::failed;
  rows[0].turn.last_test = run;
  PickerView view = view_of(std::move(rows));
  view.preview = {{Look::title, "diff --git a/x b/x"}, {Look::added, "+\twide 世界 line"}};
  return view;
}

TEST(Picker, EveryLineFitsEveryScreen) {
  Style coloured = style();
  coloured.color = true;
  PickerView view = everything();
  ChoiceView choices;
  choices.about = "7192:3  世界世界世界世界";
  choices.choices = {{"all files, as before this prompt", "baton rewind 7192:3^"},
                     {"look only", "baton show 7192:3"}};
  choices.preview = view.preview;
  for (size_t columns = 1; columns <= 130; ++columns) {
    for (size_t lines : {1, 2, 3, 5, 11, 12, 24, 60}) {
      for (view.cursor = 0; view.cursor < 3; ++view.cursor) {
        auto screen = picker_lines(coloured, view, columns, lines);
        ASSERT_LE(screen.size(), lines);
        for (const std::string& line : screen) {
          ASSERT_LE(render::columns(bare(line)), columns)
              << columns << "x" << lines << ": " << line;
          for (char c : bare(line)) ASSERT_FALSE(static_cast<unsigned char>(c) < 0x20) << line;
        }
      }
      auto screen = choice_lines(coloured, choices, columns, lines);
      ASSERT_LE(screen.size(), lines);
      for (const std::string& line : screen) ASSERT_LE(render::columns(bare(line)), columns);
    }
  }
}

TEST(Picker, ARowTellsWhatCameOfThePrompt) {
  PickerView view = everything();
  auto screen = picker_lines(style(), view, 100, 24);
  ASSERT_EQ(screen.size(), 24u);
  EXPECT_TRUE(screen[0].starts_with("rewind: type to filter")) << screen[0];
  EXPECT_TRUE(screen[0].ends_with("3 prompts"));
  EXPECT_TRUE(screen[1].starts_with("> 7192:3  2h ago  fix the failing retry test")) << screen[1];
  EXPECT_TRUE(screen[1].ends_with("1 file    +12 -3  tests failed")) << screen[1];
  EXPECT_TRUE(screen[2].starts_with("  7192:2")) << screen[2];
  EXPECT_TRUE(contains(screen[3], "^[[31mred^[]0;title^G <U+202E>evil")) << screen[3];
}

TEST(Picker, NarrowScreensKeepWhatTellsMost) {
  PickerView view = everything();
  std::string line = picker_lines(style(), view, 45, 24)[1];
  EXPECT_TRUE(contains(line, "+12 -3") && !contains(line, "ago")) << line;
  EXPECT_EQ(picker_lines(style(), view, 9, 24)[1], "> 7192:3");
}

TEST(Picker, WhatHasNoLinesIsSaid) {
  PickerView view = everything();
  auto counted = [&](ChangeSum sum) {
    view.rows[1].sum = sum;
    std::string line = picker_lines(style(), view, 100, 24)[2];
    return line.substr(line.rfind("…") == std::string::npos ? 0 : line.rfind("…") + 3);
  };
  EXPECT_TRUE(contains(counted({0, 0, true, false}), "binary"));
  EXPECT_TRUE(counted({0, 0, false, true}).ends_with(" ?"));
  EXPECT_TRUE(counted({1, 0, true, true}).ends_with(" +1 -0?"));
  EXPECT_TRUE(counted({1, 0, true, false}).ends_with(" +1 -0"));
}

TEST(Picker, AFewRowsLeaveTheRoomToThePreview) {
  PickerView view = everything();
  EXPECT_EQ(picker_parts(view, 24).list, 3u);
  EXPECT_EQ(picker_parts(view, 24).preview, 18u);
  view.passing.clear();
  EXPECT_EQ(picker_parts(view, 24).list, 3u) << "whatever passes the filter";
}

TEST(Picker, NothingPassesTheFilter) {
  PickerView view = everything();
  view.passing.clear();
  view.filter = "nope";
  auto screen = picker_lines(style(), view, 80, 24);
  EXPECT_TRUE(screen[0].starts_with("rewind: nope_")) << screen[0];
  EXPECT_TRUE(screen[0].ends_with("0 of 3 prompts"));
  EXPECT_EQ(screen[1], "  no such prompt");
}

TEST(Picker, OfALongFilterItsEndIsShown) {
  PickerView view = everything();
  view.filter = std::string(100, 'a') + "the end";
  auto screen = picker_lines(style(), view, 20, 5);
  EXPECT_TRUE(screen[0].ends_with("the end_")) << screen[0];
}

TEST(Picker, ALongPromptIsCountedInThePreview) {
  model::Turn turn = row(1, "one\ntwo\nthree\nfour\nfive\nsix\nseven").turn;
  auto preview = prompt_preview(style(), turn, {}, 40);
  ASSERT_EQ(preview.size(), 6u);
  EXPECT_EQ(preview[3].text, "four");
  EXPECT_EQ(preview[4].text, "… 3 more lines");
  EXPECT_EQ(preview[5].text, "0 steps");
}

TEST(Picker, OnASmallScreenTheChosenWayIsSeen) {
  ChoiceView choices;
  for (const char* name : {"one", "two", "three", "four", "five"}) {
    choices.choices.push_back({name, std::string("baton ") + name});
  }
  choices.cursor = 4;
  auto screen = choice_lines(style(), choices, 20, 5);
  ASSERT_EQ(screen.size(), 5u);
  EXPECT_EQ(screen[3], "> 5 five");
}

}  // namespace
}  // namespace baton::render
