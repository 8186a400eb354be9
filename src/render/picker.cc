#include "render/picker.h"

#include <algorithm>

#include "base/bytes.h"
#include "render/log.h"
#include "render/text.h"
#include "render/when.h"

namespace baton::render {
namespace {

constexpr size_t kLeastForPreview = 12;  // lines of a screen that has room for one
constexpr size_t kLeastPrompt = 20;      // columns; the other columns go before it gets less
constexpr size_t kPromptLines = 4;
constexpr std::string_view kRule = "─";

// Like fit(), but nothing fits into no columns.
std::string cut(std::string_view text, size_t columns) {
  return columns == 0 ? std::string() : fit(text, columns);
}

// The end of the text: of a long filter that is what is being typed.
std::string_view tail(std::string_view text, size_t columns) {
  auto inside = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; };
  while (render::columns(text) > columns) {
    text.remove_prefix(1);
    while (!text.empty() && inside(text[0])) text.remove_prefix(1);
  }
  return text;
}

// One line of a preview: its tabs as blanks, cut to the width.
std::string preview_line(const Style& style, const TextLine& line, size_t columns) {
  auto expanded = wrap(line.text, 0);
  return style.paint(line.look, expanded.empty() ? "" : cut(expanded[0], columns));
}

void add_preview(std::vector<std::string>& lines, const Style& style,
                 const std::vector<TextLine>& preview, size_t top, size_t count, size_t columns) {
  for (size_t i = 0; i < count; ++i) {
    size_t at = top + i;
    lines.push_back(at < preview.size() ? preview_line(style, preview[at], columns) : "");
  }
}

// "── about ──────".
std::string rule(const Style& style, std::string_view about, size_t columns) {
  std::string text = std::string(kRule) + kRule.data() + " " + std::string(about) + " ";
  text = cut(text, columns);
  for (size_t used = render::columns(text); used < columns; ++used) text += kRule;
  return style.paint(Look::faint, text);
}

// A line with something at its right end, which goes first if both do not fit.
std::string spread(const Style& style, Look look, std::string_view left, std::string_view right,
                   size_t columns) {
  size_t used = render::columns(left), more = render::columns(right);
  if (used + 2 + more > columns) return style.paint(look, cut(left, columns));
  return style.paint(look, left) + std::string(columns - used - more, ' ') +
         style.paint(Look::faint, right);
}

struct Cell {
  std::string text;
  Look look = Look::plain;
};

std::string sum_text(const PickerRow& row) {
  if (!row.sum) return {};
  const ChangeSum& sum = *row.sum;
  if (sum.added == 0 && sum.removed == 0) return sum.unknown ? "?" : sum.binary ? "binary" : "";
  return "+" + std::to_string(sum.added) + " -" + std::to_string(sum.removed) +
         (sum.unknown ? "?" : "");
}

Cell test_cell(const model::Turn& turn) {
  if (!turn.last_test) return {};
  std::string text(to_string(turn.last_test->verdict));
  if (turn.last_test->partial) text = "part " + text;
  return {"tests " + text, look_of(turn.last_test->verdict)};
}

std::string files_text(const model::Turn& turn) {
  return turn.paths.empty() ? "" : count(static_cast<int64_t>(turn.paths.size()), "file");
}

// The columns of the rows on the screen. One that is 0 wide is left out.
struct Widths {
  size_t address = 0, time = 0, prompt = 0, files = 0, sum = 0, test = 0;
};

Widths widths_of(const Style& style, const std::vector<const PickerRow*>& rows, size_t columns) {
  constexpr size_t kMark = 2, kGap = 2;
  Widths all;
  all.sum = 8;  // they come in while the list is looked at
  for (const PickerRow* row : rows) {
    all.address = std::max(all.address, row->turn.address().size());
    all.time = std::max(all.time, short_when(style, row->turn.began).size());
    all.files = std::max(all.files, files_text(row->turn).size());
    all.sum = std::max(all.sum, sum_text(*row).size());
    all.test = std::max(all.test, test_cell(row->turn).text.size());
  }
  Widths fitting;
  fitting.address = all.address;
  size_t used = kMark + all.address + kGap;
  auto add = [&](size_t Widths::* column) {
    size_t width = all.*column;
    if (width == 0 || used + width + kGap + kLeastPrompt > columns) return;
    fitting.*column = width;
    used += width + kGap;
  };
  // What tells most comes first.
  add(&Widths::sum);
  add(&Widths::test);
  add(&Widths::time);
  add(&Widths::files);
  if (used < columns) fitting.prompt = columns - used;
  return fitting;
}

std::string row_line(const Style& style, const PickerRow& row, bool chosen, const Widths& widths,
                     size_t columns) {
  const model::Turn& turn = row.turn;
  std::string mark = chosen ? "> " : "  ";
  std::string address = turn.address();
  if (widths.prompt == 0) return style.paint(Look::address, cut(mark + address, columns));
  std::string line = style.paint(Look::mark, mark) +
                     style.paint(Look::address, pad(address, widths.address)) + "  ";
  if (widths.time > 0) {
    line += style.paint(Look::faint, pad(short_when(style, turn.began), widths.time)) + "  ";
  }
  Look look = chosen                                  ? Look::prompt
              : turn.synthetic || turn.prompt.empty() ? Look::faint
                                                      : Look::plain;
  std::string prompt = turn.prompt.empty() ? "(prompt not heard)" : row.line;
  line += style.paint(look, pad(cut(prompt, widths.prompt), widths.prompt));
  if (widths.files > 0) {
    line += "  " + style.paint(Look::faint, pad(files_text(turn), widths.files, true));
  }
  if (widths.sum > 0) line += "  " + pad(sum_text(row), widths.sum, true);
  if (widths.test > 0) {
    Cell test = test_cell(turn);
    line += "  " + style.paint(test.look, pad(test.text, widths.test));
  }
  while (line.ends_with(' ')) line.pop_back();
  return line;
}

std::string about_turn(const Style& style, const model::Turn& turn) {
  std::string text = turn.address() + " · " + turn.agent + " · " + full_time(turn.began);
  if (!turn.branch.empty()) text += " · " + first_line(clean(style, turn.branch));
  return text + " · " + std::string(to_string(turn.state));
}

void no_more_than(std::vector<std::string>& lines, size_t count) {
  if (lines.size() > count) lines.resize(count);
}

}  // namespace

PickerParts picker_parts(const PickerView& view, size_t lines) {
  // One line for the filter, one for the keys, one between list and preview.
  if (lines < kLeastForPreview) return {lines > 2 ? lines - 2 : std::min<size_t>(lines, 1), 0};
  // Of all rows, so that nothing jumps while the filter is typed.
  size_t list = std::min(std::max<size_t>(5, (lines - 3) * 2 / 5), view.rows.size());
  return {list, lines - 3 - list};
}

std::vector<std::string> picker_lines(const Style& style, const PickerView& view, size_t columns,
                                      size_t lines) {
  std::vector<std::string> screen;
  PickerParts parts = picker_parts(view, lines);
  if (lines >= 2) {
    std::string shown =
        view.filter.empty() ? "rewind: type to filter" : "rewind: " + neutral(view.filter) + "_";
    std::string number = view.passing.size() == view.rows.size()
                             ? count(static_cast<int64_t>(view.rows.size()), "prompt")
                             : std::to_string(view.passing.size()) + " of " +
                                   count(static_cast<int64_t>(view.rows.size()), "prompt");
    screen.push_back(
        spread(style, Look::title,
               view.filter.empty() ? cut(shown, columns) : std::string(tail(shown, columns)),
               number, columns));
  }
  std::vector<const PickerRow*> rows;
  for (size_t i = view.top; i < view.passing.size() && rows.size() < parts.list; ++i) {
    rows.push_back(&view.rows[view.passing[i]]);
  }
  Widths widths = widths_of(style, rows, columns);
  for (size_t i = 0; i < rows.size(); ++i) {
    screen.push_back(row_line(style, *rows[i], view.top + i == view.cursor, widths, columns));
  }
  if (rows.empty()) screen.push_back(style.paint(Look::faint, cut("  no such prompt", columns)));
  size_t above = (lines >= 2 ? 1 : 0) + parts.list;
  while (screen.size() < above) screen.emplace_back();
  if (parts.preview > 0) {
    const PickerRow* chosen = view.chosen();
    screen.push_back(rule(style, chosen ? about_turn(style, chosen->turn) : "", columns));
    add_preview(screen, style, view.preview, view.preview_top, parts.preview, columns);
  }
  if (lines > 2) {
    std::string keys = "enter go on  esc leave  ↑↓ choose";
    if (parts.preview > 0) keys += "  ←→ scroll the difference";
    screen.push_back(style.paint(Look::faint, cut(keys, columns)));
  }
  no_more_than(screen, lines);
  return screen;
}

std::vector<TextLine> prompt_preview(const Style& style, const model::Turn& turn,
                                     const std::vector<FileChange>& files, size_t columns) {
  std::vector<TextLine> preview;
  auto words = wrap(trim(clean(style, turn.prompt)), columns);
  size_t shown = words.size() > kPromptLines + 1 ? kPromptLines : words.size();
  for (size_t i = 0; i < shown; ++i) preview.push_back({Look::plain, words[i]});
  if (shown < words.size()) {
    preview.push_back(
        {Look::faint, "… " + count(static_cast<int64_t>(words.size() - shown), "more line")});
  }
  Style plain = style;
  plain.color = false;
  preview.push_back({Look::faint, came_of_it(plain, turn, columns)});
  auto difference = diff_lines(style, files);
  if (!difference.empty()) preview.emplace_back();
  std::ranges::move(difference, std::back_inserter(preview));
  return preview;
}

PickerParts choice_parts(const ChoiceView& view, size_t lines) {
  size_t choices = view.choices.size();
  if (lines < choices + 5) return {lines > 2 ? lines - 2 : std::min<size_t>(lines, 1), 0};
  return {choices, lines - 3 - choices};
}

std::vector<std::string> choice_lines(const Style& style, const ChoiceView& view, size_t columns,
                                      size_t lines) {
  std::vector<std::string> screen;
  PickerParts parts = choice_parts(view, lines);
  if (lines >= 2) screen.push_back(style.paint(Look::title, cut(view.about, columns)));
  size_t name_width = 0, command_width = 0;
  for (const PickerChoice& choice : view.choices) {
    name_width = std::max(name_width, render::columns(choice.name));
    command_width = std::max(command_width, render::columns(choice.command));
  }
  bool with_commands = 4 + name_width + 2 + command_width <= columns;
  // On a small screen the chosen one is what must be seen.
  size_t top = view.cursor < parts.list ? 0 : view.cursor - parts.list + 1;
  for (size_t i = top; i < view.choices.size() && i < top + parts.list; ++i) {
    const PickerChoice& choice = view.choices[i];
    bool chosen = i == view.cursor;
    std::string left = (chosen ? "> " : "  ") + std::to_string(i + 1) + " " + choice.name;
    std::string line = style.paint(chosen ? Look::prompt : Look::plain, cut(left, columns));
    if (with_commands) {
      line += std::string(name_width - render::columns(choice.name) + 2, ' ') +
              style.paint(Look::faint, choice.command);
    }
    screen.push_back(std::move(line));
  }
  if (parts.preview > 0) {
    screen.push_back(rule(style, "what it would do", columns));
    add_preview(screen, style, view.preview, view.preview_top, parts.preview, columns);
  }
  if (lines > 2) {
    while (screen.size() + 1 < lines) screen.emplace_back();
    std::string keys = "enter do it  esc back  ↑↓ choose";
    if (parts.preview > 0) keys += "  ←→ scroll";
    screen.push_back(style.paint(Look::faint, cut(keys, columns)));
  }
  no_more_than(screen, lines);
  return screen;
}

}  // namespace baton::render
