#include "render/blame.h"

#include <algorithm>

#include "base/bytes.h"
#include "render/changes.h"
#include "render/json.h"
#include "render/text.h"

namespace baton::render {
namespace {

constexpr size_t kShortId = 8;
constexpr size_t kMostName = 16;
constexpr size_t kMostPrompt = 36;
constexpr size_t kLeastPrompt = 12;

bool shown(const BlameView& view, size_t number) {
  if (view.shown.empty()) return true;
  return std::ranges::any_of(view.shown, [&](const auto& range) {
    return number >= range.first && number <= range.second;
  });
}

const model::Turn* turn_of(const BlameView& view, const attribution::BlamedLine& line) {
  if (line.owner.step.empty() || line.turn == 0) return nullptr;
  auto found = view.turns.find(line.owner.step.session + ":" + std::to_string(line.turn));
  return found == view.turns.end() ? nullptr : &found->second;
}

// What stands before a line.
struct Row {
  std::string who, name, day, evidence, why;
  Look look = Look::plain;
};

Row row_of(const Style& style, const BlameView& view, const attribution::BlamedLine& line) {
  Row row;
  const model::Owner& owner = line.owner;
  switch (owner.kind) {
    case model::OwnerKind::step: {
      row.look = Look::address;
      row.who = owner.step.empty() && !owner.candidates.empty()
                    ? owner.candidates[0].address() + "?"
                    : owner.step.address();
      row.name = owner.step.agent;
      row.evidence = to_string(owner.evidence);
      if (const model::Turn* turn = turn_of(view, line)) {
        row.day = format_utc(turn->began).substr(0, 10);
        row.why = first_line(clean(style, turn->prompt));
      }
      return row;
    }
    case model::OwnerKind::git:
    case model::OwnerKind::before:
      if (!line.commit.empty()) {
        row.who = line.commit.substr(0, kShortId);
        row.name = first_line(clean(style, line.author));
        row.day = line.author_time ? format_utc(line.author_time * kSecond).substr(0, 10) : "";
        row.why = first_line(clean(style, line.summary));
        row.look = Look::agent;
        return row;
      }
      row.who = to_string(owner.kind);
      row.why = owner.kind == model::OwnerKind::git ? "came with git" : "there before recording";
      row.look = Look::faint;
      return row;
    case model::OwnerKind::outside:
      row.who = "outside";
      row.why = "no tool call";
      row.look = Look::good;
      return row;
    case model::OwnerKind::unknown:
      break;
  }
  row.who = "unknown";
  row.why = first_line(clean(style, owner.rule));
  row.look = Look::warn;
  return row;
}

}  // namespace

std::string blame_text(const Style& style, const BlameView& view) {
  // Masked as a whole, so that a secret of several lines is found.
  std::string content;
  for (const auto& line : view.blame.lines) content += line.text + "\n";
  std::string safe = masked_lines(style, content);
  auto texts = split(safe, '\n');

  std::vector<Row> rows;
  size_t who = 0, name = 0, day = 0, evidence = 0, why = 0;
  for (size_t i = 0; i < view.blame.lines.size(); i++) {
    rows.push_back(row_of(style, view, view.blame.lines[i]));
    if (!shown(view, i + 1)) continue;
    Row& row = rows.back();
    row.name = fit(row.name, kMostName);
    who = std::max(who, columns(row.who));
    name = std::max(name, columns(row.name));
    day = std::max(day, columns(row.day));
    evidence = std::max(evidence, columns(row.evidence));
    why = std::max(why, columns(row.why));
  }
  size_t most = kMostPrompt;
  if (style.width) {
    size_t half = style.width / 2;
    size_t others = who + name + day + evidence + 8;
    most = std::clamp(half > others ? half - others : 0, kLeastPrompt, kMostPrompt);
  }
  why = std::min(why, most);
  size_t number_width = std::to_string(view.blame.lines.size()).size();

  std::string text;
  for (size_t i = 0; i < rows.size(); i++) {
    if (!shown(view, i + 1)) continue;
    const Row& row = rows[i];
    text += style.paint(row.look, pad(row.who, who)) + " ";
    if (name) text += pad(row.name, name) + " ";
    if (day) text += style.paint(Look::faint, pad(row.day, day)) + " ";
    if (evidence) text += pad(row.evidence, evidence) + " ";
    if (why) text += style.paint(Look::faint, pad(fit(row.why, why), why)) + " ";
    text += pad(std::to_string(i + 1), number_width, true) + ") ";
    text += i < texts.size() ? neutral(texts[i]) : "";
    while (text.ends_with(' ')) text.pop_back();
    text += "\n";
  }
  return text;
}

std::string blame_json(const Style& style, const BlameView& view) {
  std::string content;
  for (const auto& line : view.blame.lines) content += line.text + "\n";
  std::string safe = masked_lines(style, content);
  auto texts = split(safe, '\n');

  JsonAnswer answer("blame");
  json::Writer& json = answer.writer();
  json.member("path", view.path);
  optional_member(json, "revision", view.revision);
  json.member("recorded", view.blame.recorded);
  json.key("lines").begin_array();
  for (size_t i = 0; i < view.blame.lines.size(); i++) {
    if (!shown(view, i + 1)) continue;
    const attribution::BlamedLine& line = view.blame.lines[i];
    json.begin_object().member("line", i + 1);
    json.member("text", i < texts.size() ? texts[i] : std::string_view());
    json.key("owner");
    write(json, line.owner);
    if (line.turn && !line.owner.step.empty()) {
      json.member("turn", line.owner.step.session + ":" + std::to_string(line.turn));
    }
    if (!line.commit.empty()) {
      json.member("commit", line.commit).member("author", line.author);
      optional_time(json, "author_time", line.author_time * kSecond);
      json.member("original_line", static_cast<int64_t>(line.original_line));
      json.member("summary", line.summary);
    }
    json.end_object();
  }
  json.end_array();
  json.key("turns").begin_array();
  for (const auto& [address, turn] : view.turns) write(json, turn);
  json.end_array();
  return answer.finish(style);
}

}  // namespace baton::render
