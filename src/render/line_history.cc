#include "render/line_history.h"

#include <algorithm>

#include "base/bytes.h"
#include "git/history.h"
#include "render/changes.h"
#include "render/json.h"
#include "render/text.h"
#include "render/when.h"

namespace baton::render {
namespace {

constexpr size_t kPromptLines = 6;
constexpr size_t kShortId = 8;
constexpr std::string_view kIndent = "    ";

using attribution::LineChange;

// What a change made of the lines, behind ' ', '-' and '+'; masked.
struct DiffLine {
  char sign = ' ';
  std::string text;
};
std::vector<DiffLine> diff_lines(const Style& style, const LineChange& change) {
  std::string before = masked_lines(style, change.before_content);
  std::string after = masked_lines(style, change.after_content);
  auto old_lines = split(before, '\n'), new_lines = split(after, '\n');
  std::vector<DiffLine> lines;
  auto put = [&](char sign, const std::vector<std::string_view>& from, uint32_t at) {
    if (at < from.size()) lines.push_back({sign, std::string(from[at])});
  };
  uint32_t at = change.lines.new_begin;
  for (const diff::Edit& edit : change.edits) {
    for (; at < edit.new_begin && at < change.lines.new_end; at++) put(' ', new_lines, at);
    for (uint32_t i = edit.old_begin; i < edit.old_end; i++) put('-', old_lines, i);
    uint32_t from = std::max(edit.new_begin, change.lines.new_begin);
    uint32_t to = std::min(edit.new_end, change.lines.new_end);
    for (uint32_t i = from; i < to; i++) put('+', new_lines, i);
    at = std::max(at, to);
  }
  for (; at < change.lines.new_end; at++) put(' ', new_lines, at);
  return lines;
}

std::string side(uint32_t begin, uint32_t end) {
  // As git counts: a stretch of no lines stands behind the line of that number.
  return std::to_string(end > begin ? begin + 1 : begin) + "," + std::to_string(end - begin);
}

std::string hunk_header(const LineChange& change) {
  return "@@ -" + side(change.lines.old_begin, change.lines.old_end) + " +" +
         side(change.lines.new_begin, change.lines.new_end) + " @@";
}

const model::Turn* turn_of(const LineHistoryView& view, const model::Owner& owner) {
  if (owner.step.empty() || owner.step.turn == 0) return nullptr;
  auto found = view.turns.find(owner.step.session + ":" + std::to_string(owner.step.turn));
  return found == view.turns.end() ? nullptr : &found->second;
}

std::string who(const LineChange& change) {
  if (change.commit) return change.commit->id.hex().substr(0, kShortId);
  const model::Owner& owner = change.owner;
  if (!owner.step.empty()) return owner.step.address();
  if (owner.kind == model::OwnerKind::step && !owner.candidates.empty()) {
    return owner.candidates[0].address() + "?";
  }
  return std::string(to_string(owner.kind));
}

std::string_view ending(const LineHistoryView& view) {
  const std::string& beginning = view.history.beginning;
  if (beginning == "before") return "older than the record, and in no commit";
  if (beginning == "lost") return "an older content is missing: what came before is not known";
  return {};
}

}  // namespace

std::string line_history_text(const Style& style, const LineHistoryView& view) {
  std::string text;
  if (view.oneline) {
    Table table;
    for (const LineChange& change : view.history.changes) {
      const model::Turn* turn = turn_of(view, change.owner);
      const auto& commit = change.commit;
      table.row({{who(change), Look::address},
                 {when(style, change.seen), Look::faint},
                 {commit ? first_line(clean(style, commit->author.name)) : change.owner.step.agent,
                  Look::agent},
                 {hunk_header(change), Look::hunk},
                 {turn     ? first_line(clean(style, turn->prompt))
                  : commit ? first_line(clean(style, commit->summary))
                           : ""}});
    }
    for (const git::Commit& commit : view.history.commits) {
      table.row({{commit.id.hex().substr(0, kShortId), Look::address},
                 {when(style, commit.author.time * kSecond), Look::faint},
                 {first_line(clean(style, commit.author.name)), Look::agent},
                 {""},
                 {first_line(clean(style, commit.message))}});
    }
    return table.text(style);
  }
  for (const LineChange& change : view.history.changes) {
    if (!text.empty()) text += "\n";
    text += style.paint(Look::address, who(change)) + "  ";
    if (!change.owner.step.agent.empty()) {
      text += style.paint(Look::agent, change.owner.step.agent);
      const model::Turn* turn = turn_of(view, change.owner);
      if (turn && !turn->model.empty()) {
        text += " (" + first_line(clean(style, turn->model)) + ")";
      }
      text += "  ";
    }
    if (change.commit) {
      text += style.paint(Look::agent, first_line(clean(style, change.commit->author.name))) + "  ";
    }
    text += style.paint(Look::faint, when(style, change.seen));
    if (change.commit) text += "  git";
    if (change.owner.evidence != model::Evidence::none) {
      text += "  " + std::string(to_string(change.owner.evidence));
    }
    if (change.path != view.path) {
      text += "  " + style.paint(Look::path, shown_path(style, change.path));
    }
    text += "\n";
    if (const model::Turn* turn = turn_of(view, change.owner)) {
      text += block(style, trim(clean(style, turn->prompt)), kIndent, kPromptLines, Look::prompt);
    } else if (change.commit) {
      text += std::string(kIndent) + first_line(clean(style, change.commit->summary)) + "\n";
    } else if (change.owner.kind != model::OwnerKind::step) {
      text +=
          std::string(kIndent) + style.paint(Look::faint, owner_text(style, change.owner)) + "\n";
    }
    text += std::string(kIndent) + style.paint(Look::hunk, hunk_header(change)) + "\n";
    for (const DiffLine& line : diff_lines(style, change)) {
      Look look = line.sign == '+' ? Look::added : line.sign == '-' ? Look::removed : Look::plain;
      text += std::string(kIndent) + style.paint(look, line.sign + neutral(line.text)) + "\n";
    }
  }
  for (const git::Commit& commit : view.history.commits) {
    if (!text.empty()) text += "\n";
    text += style.paint(Look::address, commit.id.hex().substr(0, kShortId)) + "  " +
            style.paint(Look::agent, first_line(clean(style, commit.author.name))) + "  " +
            style.paint(Look::faint, when(style, commit.author.time * kSecond)) + "  git\n" +
            std::string(kIndent) + first_line(clean(style, commit.message)) + "\n";
  }
  if (!ending(view).empty()) {
    text += (text.empty() ? "" : "\n") + style.paint(Look::faint, ending(view)) + "\n";
  }
  return text;
}

std::string line_history_json(const Style& style, const LineHistoryView& view) {
  JsonAnswer answer("lines");
  json::Writer& json = answer.writer();
  json.member("path", view.path).member("first", view.first).member("last", view.last);
  optional_member(json, "revision", view.revision);
  optional_member(json, "after", view.moment);
  auto range = [&](std::string_view name, uint32_t begin, uint32_t end) {
    if (begin == end) return;
    json.key(name).begin_object().member("first", static_cast<int64_t>(begin + 1));
    json.member("last", static_cast<int64_t>(end)).end_object();
  };
  json.key("changes").begin_array();
  for (const LineChange& change : view.history.changes) {
    json.begin_object().key("owner");
    write(json, change.owner);
    if (change.owner.step.turn) {
      json.member("turn", change.owner.step.session + ":" + std::to_string(change.owner.step.turn));
    }
    json.member("path", change.path);
    optional_time(json, "time", change.seen);
    if (change.commit) {
      json.member("commit", change.commit->id.hex()).member("author", change.commit->author.name);
      optional_time(json, "author_time", change.commit->author.time * kSecond);
      json.member("summary", change.commit->summary);
    }
    range("before", change.lines.old_begin, change.lines.old_end);
    range("after", change.lines.new_begin, change.lines.new_end);
    std::string patch = hunk_header(change) + "\n";
    for (const DiffLine& line : diff_lines(style, change)) patch += line.sign + line.text + "\n";
    json.member("patch", patch).end_object();
  }
  json.end_array().key("commits").begin_array();
  for (const git::Commit& commit : view.history.commits) {
    json.begin_object().member("commit", commit.id.hex()).member("author", commit.author.name);
    optional_time(json, "author_time", commit.author.time * kSecond);
    json.member("summary", first_line(commit.message)).end_object();
  }
  json.end_array();
  json.member("beginning", view.history.beginning);
  json.key("turns").begin_array();
  for (const auto& [address, turn] : view.turns) write(json, turn);
  json.end_array();
  return answer.finish(style);
}

}  // namespace baton::render
