#include "render/notes.h"

#include "base/bytes.h"
#include "render/json.h"
#include "render/text.h"
#include "render/when.h"

namespace baton::render {
namespace {

constexpr std::string_view kIndent = "    ";

std::string closing(const Style& style, const model::Note& note) {
  if (!note.closed) return {};
  std::string text = "closed";
  if (!note.closed_by.empty()) text += " by " + first_line(clean(style, note.closed_by));
  if (note.closed_at != 0) text += " " + when(style, note.closed_at);
  if (!note.closed_why.empty()) text += ": " + first_line(clean(style, note.closed_why));
  return text;
}

}  // namespace

std::string note_author(const Style& style, const model::Note& note) {
  if (note.author.empty()) return "unknown author";
  return first_line(clean(style, note.author));
}

std::string notes_text(const Style& style, const std::vector<model::Note>& notes) {
  std::string text;
  for (const model::Note& note : notes) {
    if (!text.empty()) text += "\n";
    text += style.paint(Look::address, "note " + note.id) + "  " +
            style.paint(note.closed ? Look::faint : Look::title, note.kind) + "  " +
            style.paint(Look::agent, note_author(style, note)) + "  " + when(style, note.time);
    std::string at = note.step.address();
    if (at.empty() && note.turn != 0) at = note.session + ":" + std::to_string(note.turn);
    if (!at.empty()) text += "  " + at;
    if (!note.branch.empty()) text += "  " + first_line(clean(style, note.branch));
    text += "\n" + block(style, trim(clean(style, note.text)), kIndent);
    std::string cites;
    for (const std::string& cite : note.cites) cites += (cites.empty() ? "" : ", ") + cite;
    if (!cites.empty()) {
      text +=
          std::string(kIndent) + style.paint(Look::faint, "about " + clean(style, cites)) + "\n";
    }
    if (note.from_command) {
      text += std::string(kIndent) +
              style.paint(Look::faint, "(taken from the command, which could not write it)") + "\n";
    }
    if (note.closed) text += std::string(kIndent) + closing(style, note) + "\n";
  }
  return text;
}

std::string notes_json(const Style& style, const std::vector<model::Note>& notes) {
  JsonAnswer answer("notes");
  write_list(answer.writer(), "notes", notes);
  return answer.finish(style);
}

std::string note_lines(const Style& style, const std::vector<model::Note>& notes,
                       std::string_view indent) {
  std::string text;
  for (const model::Note& note : notes) {
    std::string head = note.kind == "note" ? "note" : "note (" + note.kind + ")";
    if (note.closed) head += ", closed";
    std::string line =
        head + " by " + note_author(style, note) + ": " + first_line(clean(style, note.text));
    size_t room = style.width > indent.size() ? style.width - indent.size() : 0;
    text += std::string(indent) + style.paint(Look::warn, fit(line, room)) + "\n";
  }
  return text;
}

}  // namespace baton::render
