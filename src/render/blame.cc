#include "render/blame.h"

#include <algorithm>
#include <unordered_map>

#include "base/bytes.h"
#include "render/changes.h"
#include "render/json.h"
#include "render/text.h"
#include "render/when.h"

namespace baton::render {
namespace {

using attribution::BlamedLine;
using attribution::Hand;

constexpr size_t kMostName = 16;
constexpr size_t kMostModel = 18;
constexpr size_t kMostPrompt = 36;
constexpr size_t kLeastPrompt = 12;
constexpr size_t kWidthForModel = 110;  // columns of a terminal

const model::Turn* turn_of(const BlameView& view, const BlamedLine& line) {
  if (line.owner.step.empty() || line.turn == 0) return nullptr;
  auto found = view.turns.find(line.owner.step.session + ":" + std::to_string(line.turn));
  return found == view.turns.end() ? nullptr : &found->second;
}

// When a recorded line was written; of old answers only the prompt's time is known.
Micros written_at(const BlameView& view, const BlamedLine& line) {
  if (line.seen) return line.seen;
  const model::Turn* turn = turn_of(view, line);
  return turn ? turn->began : 0;
}

bool is_boundary(const BlameView& view, size_t at) {
  const BlamedLine& line = view.blame.lines[at];
  if (line.owner.kind == model::OwnerKind::step || line.owner.kind == model::OwnerKind::outside) {
    Micros time = written_at(view, line);
    return view.since && time && time < view.since;
  }
  return at < view.git_lines.size() && view.git_lines[at].boundary;
}

// What stands before a line.
struct Row {
  std::string who, file, original, name, model, day, evidence, note, why;
  Look look = Look::plain;
};

std::string day_of(const Style& style, const BlameForm& form, Micros time) {
  if (time == 0) return {};
  if (form.raw_time) return std::to_string(time / kSecond);
  return form.dated ? when(style, time) : format_utc(time).substr(0, 10);
}

std::string hand_name(const model::Owner& owner) {
  if (!owner.step.empty()) return owner.step.address();
  if (!owner.candidates.empty() && owner.kind == model::OwnerKind::step) {
    return owner.candidates[0].address() + "?";
  }
  if (!owner.commit.empty()) return owner.commit.substr(0, 8);
  return std::string(to_string(owner.kind));
}

// "was c7f2.14, moved by c7f2.20".
std::string note_of(const BlamedLine& line) {
  std::string note;
  auto add = [&](std::string_view word, const std::optional<Hand>& hand) {
    if (!hand) return;
    if (!note.empty()) note += ", ";
    note += std::string(word) + " " + hand_name(hand->owner);
  };
  add("was", line.was);
  if (line.mover) {
    add(line.arrival == attribution::Arrival::written
            ? "moved by"
            : std::string(to_string(line.arrival)) + " by",
        line.mover);
  }
  add("reformatted by", line.reformatter);
  return note;
}

// Many lines say the same: their cells are made once.
struct Seen {
  std::unordered_map<std::string, Row> commits;
  std::unordered_map<const model::Turn*, Row> turns;
};

Row row_of_commit(const Style& style, const BlameView& view, const BlamedLine& line,
                  const GitLine* git) {
  Row row;
  row.who = view.form.whole_id ? line.commit : line.commit.substr(0, view.form.id_digits);
  row.name = first_line(clean(style, view.form.mail && git ? "<" + git->mail + ">" : line.author));
  row.day = day_of(style, view.form, line.author_time * kSecond);
  row.why = first_line(clean(style, line.summary));
  row.look = Look::agent;
  if (line.owner.evidence == model::Evidence::identity) {
    row.evidence = to_string(line.owner.evidence);
    if (!line.owner.step.agent.empty()) row.name = line.owner.step.agent;
  }
  return row;
}

const Row& row_of_commit(const Style& style, const BlameView& view, const BlamedLine& line,
                         const GitLine* git, Seen& seen) {
  // All that the row is made of and a commit does not decide.
  std::string key = line.commit + (git ? "+" : "-");
  if (git) key += git->mail;
  if (line.owner.evidence == model::Evidence::identity) key += "\n" + line.owner.step.agent;
  auto found = seen.commits.find(key);
  if (found == seen.commits.end()) {
    found = seen.commits.emplace(std::move(key), row_of_commit(style, view, line, git)).first;
  }
  return found->second;
}

Row row_of(const Style& style, const BlameView& view, size_t at, Seen& seen) {
  Row row;
  const BlamedLine& line = view.blame.lines[at];
  const model::Owner& owner = line.owner;
  const GitLine* git = at < view.git_lines.size() ? &view.git_lines[at] : nullptr;
  row.note = note_of(line);
  if (view.form.file) {
    row.file = git && !git->file.empty() && line.owner.kind != model::OwnerKind::step
                   ? git->file
                   : (line.path.empty() ? view.path : line.path);
    row.file = first_line(clean(style, row.file));
  }
  if (view.form.number) {
    row.original = std::to_string(line.original_line ? line.original_line : at + 1);
  }
  switch (owner.kind) {
    case model::OwnerKind::step: {
      row.look = Look::address;
      row.evidence = to_string(owner.evidence);
      row.name = owner.step.agent;
      if (owner.step.empty() && owner.candidates.empty()) {  // only a commit says so
        row.who = line.commit.substr(0, view.form.id_digits);
        row.day = day_of(style, view.form, line.author_time * kSecond);
        row.why = first_line(clean(style, line.summary));
        return row;
      }
      row.who = owner.step.empty() ? owner.candidates[0].address() + "?" : owner.step.address();
      if (owner.step.empty()) row.name = owner.candidates[0].agent;
      row.day = day_of(style, view.form, written_at(view, line));
      if (const model::Turn* turn = turn_of(view, line)) {
        auto [said, added] = seen.turns.try_emplace(turn);
        if (added) {
          said->second.model = fit(first_line(clean(style, turn->model)), kMostModel);
          said->second.why = first_line(clean(style, turn->prompt));
        }
        row.model = said->second.model;
        row.why = said->second.why;
      }
      return row;
    }
    case model::OwnerKind::git:
    case model::OwnerKind::before:
      if (!line.commit.empty()) {
        Row made = row_of_commit(style, view, line, git, seen);
        made.note = std::move(row.note);
        made.file = std::move(row.file);
        made.original = std::move(row.original);
        return made;
      }
      row.who = to_string(owner.kind);
      row.why = owner.kind == model::OwnerKind::git ? "came with git" : "there before recording";
      row.look = Look::faint;
      return row;
    case model::OwnerKind::outside:
      row.who = "outside";
      row.day = day_of(style, view.form, line.seen);
      row.why = "no tool call";
      row.look = Look::good;
      return row;
    case model::OwnerKind::unknown:
      break;
  }
  row.who = "unknown";
  row.why = first_line(clean(style, owner.rule));
  if (!owner.candidates.empty()) row.why += ", suspect " + owner.candidates[0].address();
  row.look = Look::warn;
  return row;
}

// Columns as wide as their widest cell among the rows that are shown.
struct Widths {
  size_t who = 0, file = 0, original = 0, name = 0, model = 0, day = 0, evidence = 0, note = 0,
         why = 0;
  void take(const Row& row) {
    who = std::max(who, columns(row.who));
    file = std::max(file, columns(row.file));
    original = std::max(original, columns(row.original));
    name = std::max(name, columns(row.name));
    model = std::max(model, columns(row.model));
    day = std::max(day, columns(row.day));
    evidence = std::max(evidence, columns(row.evidence));
    note = std::max(note, columns(row.note));
    why = std::max(why, columns(row.why));
  }
};

std::string binary_row(const Style& style, const BlameView& view) {
  Seen seen;
  Row row = row_of(style, view, 0, seen);
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
  // Masked as a whole, so that a secret of several lines is found.
  std::string content;
  content.reserve(view.bytes + 1);
  for (const auto& line : view.blame.lines) {
    content += line.text;
    content += '\n';
  }
  std::string safe = masked_lines(style, content);
  auto texts = split(safe, '\n');

  std::vector<Row> rows;
  rows.reserve(view.blame.lines.size());
  Seen seen;
  Widths widths;
  for (size_t i = 0; i < view.blame.lines.size(); i++) {
    if (!view.shows(i + 1)) {
      rows.emplace_back();
      continue;
    }
    rows.push_back(row_of(style, view, i, seen));
    Row& row = rows.back();
    if (is_boundary(view, i)) row.who = "^" + row.who;
    if (!view.form.mail) row.name = fit(row.name, kMostName);
    if (style.width && style.width < kWidthForModel) row.model.clear();
    if (view.form.bare) {
      row.name.clear();
      row.model.clear();
      row.day.clear();
      row.evidence.clear();
      row.why.clear();
    }
    widths.take(row);
  }
  size_t most = kMostPrompt;
  if (style.width) {
    size_t half = style.width / 2;
    size_t others = widths.who + widths.file + widths.original + widths.name + widths.model +
                    widths.day + widths.evidence + widths.note + 8;
    most = std::clamp(half > others ? half - others : 0, kLeastPrompt, kMostPrompt);
  }
  if (!style.full) widths.why = std::min(widths.why, most);
  size_t number_width = std::to_string(view.blame.lines.size()).size();

  std::string text;
  auto cell = [&](Look look, std::string_view content, size_t width, bool right = false) {
    if (width == 0) return;
    text += style.begin(look);
    append_padded(text, content, width, right);
    text += style.end(look);
    text += ' ';
  };
  for (size_t i = 0; i < rows.size(); i++) {
    if (!view.shows(i + 1)) continue;
    const Row& row = rows[i];
    cell(row.look, row.who, widths.who);
    cell(Look::plain, row.file, widths.file);
    cell(Look::plain, row.original, widths.original, true);
    cell(Look::plain, row.name, widths.name);
    cell(Look::faint, row.model, widths.model);
    cell(Look::faint, row.day, widths.day);
    cell(Look::plain, row.evidence, widths.evidence);
    cell(Look::warn, row.note, widths.note);
    if (columns(row.why) <= widths.why) {
      cell(Look::faint, row.why, widths.why);
    } else {
      cell(Look::faint, fit(row.why, widths.why), widths.why);
    }
    append_padded(text, std::to_string(i + 1), number_width, true);
    text += ") ";
    text += i < texts.size() ? neutral(texts[i]) : "";
    while (text.ends_with(' ')) text.pop_back();
    text += "\n";
  }
  for (const auto& why : view.whys) {
    std::vector<size_t> lines;
    for (size_t i = 0; i < view.blame.lines.size(); i++) {
      if (view.shows(i + 1) && view.blame.lines[i].owner.step == why.step.ref) {
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
  std::string content;
  for (const auto& line : view.blame.deleted) content += line.text + "\n";
  std::string safe = masked_lines(style, content);
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
