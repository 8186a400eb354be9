#include "render/blame.h"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "base/bytes.h"
#include "render/blame_row.h"
#include "render/changes.h"
#include "render/text.h"

namespace baton::render {
namespace {

using attribution::Authorship;

constexpr size_t kMostName = 16;
constexpr size_t kAnnotatedName = 10;  // as git pads it
constexpr size_t kMostPrompt = 36;
constexpr size_t kLeastPrompt = 12;
constexpr size_t kWidthForModel = 110;  // columns of a terminal

// Columns as wide as their widest cell among the rows that are shown.
struct Widths {
  size_t who = 0, file = 0, name = 0, model = 0, day = 0, evidence = 0, note = 0, why = 0;
  void take(const Row& row) {
    who = std::max(who, columns(row.who));
    file = std::max(file, columns(row.file));
    name = std::max(name, columns(row.name));
    model = std::max(model, columns(row.model));
    day = std::max(day, columns(row.day));
    evidence = std::max(evidence, columns(row.evidence));
    note = std::max(note, columns(row.note));
    why = std::max(why, columns(row.why));
  }
};

std::string binary_row(const Style& style, const BlameView& view) {
  SaidOf said;
  Row row = row_of(style, view, view.blame.of(view.blame.lines[0]), view.git_of(0), said);
  std::string text = style.paint(row.look, row.who);
  for (const std::string& part : {row.name, row.model, row.day, row.evidence, row.note, row.why}) {
    if (!part.empty()) text += " " + part;
  }
  return text + ") binary file, " + size_text(view.bytes) + "\n";
}

void append_padded(std::string& text, std::string_view content, size_t width, bool right = false) {
  size_t have = columns(content);
  size_t blanks = have < width ? width - have : 0;
  if (right) text.append(blanks, ' ');
  text += content;
  if (!right) text.append(blanks, ' ');
}

// What stands before the lines that are shown, made once for all lines that share it.
class Rows {
 public:
  Rows(const Style& style, const BlameView& view) : style_(style), view_(view) {
    number_of_.resize(view.blame.lines.size());
    for (size_t i = 0; i < view.blame.lines.size(); i++) {
      if (!view.shows(i + 1)) continue;
      number_of_[i] = number_of(i);
      if (view.form.number) original_ = std::max(original_, std::to_string(original(i)).size());
    }
    limit_reason();
    for (const Row& row : rows_) {
      made_.push_back(painted(row, row.aged));
      if (view.form.color_lines) repeated_.push_back(painted(row, Look::hunk));
    }
  }

  bool repeats(size_t at, size_t before) const { return number_of_[at] == number_of_[before]; }

  // "ID<tab>(NAME<tab>TIME<tab>NUMBER)", as git annotate.
  void append_annotated(std::string& text, size_t at) const {
    const Row& row = rows_[number_of_[at]];
    text += row.who + "\t(";
    append_padded(text, row.name, kAnnotatedName, true);
    text += "\t" + row.day + "\t" + std::to_string(at + 1) + ")";
  }

  // `repeats`: it says the same as the row before.
  void append(std::string& text, size_t at, bool repeats) const {
    const Painted& painted = (repeats ? repeated_ : made_)[number_of_[at]];
    text += painted.before;
    if (original_ > 0) {
      append_padded(text, std::to_string(original(at)), original_, true);
      text += ' ';
    }
    text += painted.behind;
  }

 private:
  // Before and behind the line's number in its commit.
  struct Painted {
    std::string before, behind;
  };

  size_t original(size_t at) const {
    const attribution::BlamedLine& line = view_.blame.lines[at];
    return line.original_line ? line.original_line : at + 1;
  }

  uint32_t number_of(size_t at) {
    const attribution::BlamedLine& line = view_.blame.lines[at];
    const GitLine* git = view_.git_of(at);
    uint64_t key = uint64_t{line.authorship} << 32 | (git ? view_.git_line_of[at] : 0);
    auto [found, added] = numbers_.try_emplace(key, static_cast<uint32_t>(rows_.size()));
    if (added) add(view_.blame.of(line), git);
    return found->second;
  }

  void add(const Authorship& line, const GitLine* git) {
    Row& row = rows_.emplace_back(row_of(style_, view_, line, git, said_));
    if (is_boundary(view_, line, git)) {
      row.who = view_.form.blank_border ? std::string(row.who.size(), ' ') : "^" + row.who;
    }
    if (view_.form.color_by_age) row.aged = look_of_age(style_, view_, line);
    if (!view_.form.mail) row.name = fit(row.name, kMostName);
    if (style_.width && style_.width < kWidthForModel) row.model.clear();
    if (view_.form.bare) {
      row.name.clear();
      row.model.clear();
      row.day.clear();
      row.evidence.clear();
      row.why.clear();
    }
    widths_.take(row);
  }

  // The lines themselves get half of a terminal.
  void limit_reason() {
    size_t most = kMostPrompt;
    if (style_.width) {
      size_t half = style_.width / 2;
      size_t others = widths_.who + widths_.file + original_ + widths_.name + widths_.model +
                      widths_.day + widths_.evidence + widths_.note + 8;
      most = std::clamp(half > others ? half - others : 0, kLeastPrompt, kMostPrompt);
    }
    if (!style_.full) widths_.why = std::min(widths_.why, most);
  }

  // `whole`: how all of it looks, where its cells do not decide.
  Painted painted(const Row& row, std::optional<Look> whole) const {
    Painted made;
    auto cell = [&](std::string& text, Look look, std::string_view content, size_t width) {
      if (width == 0) return;
      if (whole) look = *whole;
      text += style_.begin(look);
      append_padded(text, content, width);
      text += style_.end(look);
      text += ' ';
    };
    cell(made.before, row.look, row.who, widths_.who);
    cell(made.before, Look::plain, row.file, widths_.file);
    cell(made.behind, Look::plain, row.name, widths_.name);
    cell(made.behind, Look::faint, row.model, widths_.model);
    cell(made.behind, Look::faint, row.day, widths_.day);
    cell(made.behind, Look::plain, row.evidence, widths_.evidence);
    cell(made.behind, Look::warn, row.note, widths_.note);
    bool fits = columns(row.why) <= widths_.why;
    cell(made.behind, Look::faint, fits ? row.why : fit(row.why, widths_.why), widths_.why);
    return made;
  }

  const Style& style_;
  const BlameView& view_;
  SaidOf said_;
  Widths widths_;
  size_t original_ = 0;  // columns of the numbers that lines have in their commits, if shown
  std::vector<Row> rows_;
  std::vector<Painted> made_;                       // by row
  std::vector<Painted> repeated_;                   // the same, below an equal one
  std::unordered_map<uint64_t, uint32_t> numbers_;  // of rows, by authorship and git line
  std::vector<uint32_t> number_of_;                 // of rows, by line
};

std::string join_lines(const std::vector<size_t>& lines) {
  std::string text;
  for (size_t i = 0; i < lines.size();) {
    size_t last = i;
    while (last + 1 < lines.size() && lines[last + 1] == lines[last] + 1) last++;
    if (!text.empty()) text += ", ";
    text += std::to_string(lines[i]);
    if (last > i) text += "-" + std::to_string(lines[last]);
    i = last + 1;
  }
  return text;
}

}  // namespace

bool BlameView::shows(size_t number) const {
  if (shown.empty()) return true;
  return std::ranges::any_of(
      shown, [&](const auto& range) { return number >= range.first && number <= range.second; });
}

std::string blame_text(const Style& style, const BlameView& view) {
  if (view.binary) {
    std::string text = binary_row(style, view);
    for (const auto& why : view.whys) {
      text += "\n" + style.paint(Look::address, why.step.ref.address()) + "\n" +
              why_text(style, why, "    ");
    }
    return text;
  }
  std::string safe = masked_texts(style, view.blame.lines);
  auto texts = split(safe, '\n');
  Rows rows(style, view);
  size_t number_width = std::to_string(view.blame.lines.size()).size();
  std::string text;
  std::optional<size_t> before;
  for (size_t i = 0; i < view.blame.lines.size(); i++) {
    if (!view.shows(i + 1)) continue;
    if (view.form.annotate) {
      rows.append_annotated(text, i);
      if (i < texts.size()) append_neutral(text, texts[i]);
      text += "\n";
      continue;
    }
    rows.append(text, i, view.form.color_lines && before && rows.repeats(i, *before));
    before = i;
    append_padded(text, std::to_string(i + 1), number_width, true);
    text += ") ";
    if (i < texts.size()) append_neutral(text, texts[i]);
    while (text.ends_with(' ')) text.pop_back();
    text += "\n";
  }
  for (const auto& why : view.whys) {
    std::vector<size_t> lines;
    for (size_t i = 0; i < view.blame.lines.size(); i++) {
      if (view.shows(i + 1) && view.blame.of(view.blame.lines[i]).owner.step == why.step.ref) {
        lines.push_back(i + 1);
      }
    }
    text += "\n" + style.paint(Look::address, why.step.ref.address()) +
            (lines.size() == 1 ? "  line " : "  lines ") + join_lines(lines) + "\n" +
            why_text(style, why, "    ");
  }
  return text;
}

std::string blame_deleted_text(const Style& style, const BlameView& view) {
  std::string safe = masked_texts(style, view.blame.deleted);
  auto texts = split(safe, '\n');
  struct Cells {
    std::string remover, writer, day;
  };
  std::vector<Cells> rows;
  size_t remover = 0, writer = 0, day = 0, place = 0;
  for (const auto& line : view.blame.deleted) {
    Cells cells{hand_name(line.remover.owner), hand_name(line.writer.owner),
                day_of(style, view.form, line.remover.seen)};
    const model::Owner& owner = line.remover.owner;
    if (!owner.step.empty()) cells.remover += " " + owner.step.agent;
    if (owner.evidence != model::Evidence::none) {
      cells.remover += " " + std::string(to_string(owner.evidence));
    }
    remover = std::max(remover, columns(cells.remover));
    writer = std::max(writer, columns(cells.writer));
    day = std::max(day, columns(cells.day));
    place = std::max(place, std::to_string(line.before).size());
    rows.push_back(std::move(cells));
  }
  std::string text;
  for (size_t i = 0; i < rows.size(); i++) {
    const auto& line = view.blame.deleted[i];
    text += style.paint(Look::removed, pad(rows[i].remover, remover)) + " ";
    if (day) text += style.paint(Look::faint, pad(rows[i].day, day)) + " ";
    text += style.paint(Look::faint, "of " + pad(rows[i].writer, writer)) + " ";
    text += pad(std::to_string(line.before), place, true) + ") ";
    text += style.paint(Look::removed, "-" + (i < texts.size() ? neutral(texts[i]) : "")) + "\n";
  }
  return text;
}

}  // namespace baton::render
