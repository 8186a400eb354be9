#include "index/note_words.h"

#include <algorithm>
#include <optional>

#include "base/bytes.h"
#include "model/note.h"
#include "shell/words.h"

namespace baton::index {
namespace {

constexpr size_t kMaxSaid = 100;  // notes of one command

bool is_kind(std::string_view word) {
  return std::ranges::find(model::kNoteKinds, word) != model::kNoteKinds.end();
}

std::string kinds() {
  std::string list;
  for (std::string_view kind : model::kNoteKinds) {
    list += (list.empty() ? "" : ", ") + std::string(kind);
  }
  return list;
}

// What follows `baton` in one simple command; nothing if that says no note.
std::optional<NoteWords> read_command(const std::vector<std::string>& words) {
  std::vector<std::string> plain;
  NoteWords said;
  bool options = true, found = false;
  for (size_t i = 1; i < words.size(); ++i) {
    std::string_view word = words[i];
    auto value = [&](std::string_view option) -> std::optional<std::string> {
      if (word == option) return ++i < words.size() ? words[i] : std::string();
      if (word.starts_with(option) && word.size() > option.size() && word[option.size()] == '=') {
        return std::string(word.substr(option.size() + 1));
      }
      return std::nullopt;
    };
    if (!options || !word.starts_with('-') || word == "-") {
      if (!found) {
        if (word != "note") return std::nullopt;
        found = true;
        continue;
      }
      plain.emplace_back(word);
    } else if (word == "--") {
      options = false;
    } else if (auto cited = value("--cite")) {
      said.cites.push_back(*cited);
    } else if (auto closed = value("--close")) {
      said.closes = *closed;
    } else if (word == "-C" || word == "--color") {
      ++i;
    } else if (word == "--list" || word == "--help" || word == "-h" || word == "--bundle") {
      return std::nullopt;
    }
  }
  if (!found || (plain.empty() && said.closes.empty())) return std::nullopt;
  if (plain.empty()) {
    said.kind = "note";
    return said;
  }
  auto read = read_note_words(plain);
  if (!read) return std::nullopt;
  said.kind = read->kind;
  said.text = read->text;
  return said;
}

// Whether the line's good end proves that this command was come to: nothing before it is joined by
// ||, and where && stands before it, nothing but && follows.
bool is_reached(const shell::ShellLine& line, size_t at) {
  using Next = shell::ShellCommand::Next;
  if (line.commands[at].compound || !line.whole) return false;
  bool chained = false;
  for (size_t i = 0; i < at; ++i) {
    Next next = line.commands[i].next;
    if (next == Next::either) return false;
    chained = next == Next::both || (chained && next == Next::pipe);
  }
  for (size_t i = at; chained && i + 1 < line.commands.size(); ++i) {
    if (line.commands[i].next != Next::both) return false;
  }
  return true;
}

}  // namespace

Result<NoteWords> read_note_words(std::span<const std::string> words) {
  NoteWords note;
  note.kind = "note";
  if (!words.empty() && is_kind(words[0])) {
    note.kind = words[0];
    words = words.subspan(1);
  } else if (words.size() == 2 && contains(words[1], " ") && !contains(words[0], " ")) {
    // `note decison "use a queue"`: a text of one word and a text is a kind that nobody knows.
    return fail(ErrorKind::usage, "unknown kind of note '" + words[0] + "'", "kinds: " + kinds());
  }
  for (const std::string& word : words) {
    if (!note.text.empty()) note.text += ' ';
    note.text += word;
  }
  note.text = trim(note.text);
  if (note.text.empty()) {
    return fail(ErrorKind::usage, "the note has no text",
                "write: baton note [KIND] TEXT, where KIND is one of " + kinds());
  }
  return note;
}

std::vector<SaidNote> notes_said(std::string_view command) {
  std::vector<SaidNote> notes;
  if (!contains(command, "baton") || !contains(command, "note")) return notes;
  shell::ShellLine line = shell::parse_shell(command);
  for (size_t i = 0; i < line.commands.size(); ++i) {
    const shell::ShellCommand& each = line.commands[i];
    if (!each.program.empty() && shell::program_name(each.program[0]) == "baton" &&
        notes.size() < kMaxSaid) {
      if (auto words = read_command(each.program)) {
        notes.push_back({std::move(*words), is_reached(line, i)});
      }
    }
  }
  return notes;
}

}  // namespace baton::index
