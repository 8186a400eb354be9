#pragma once

// What somebody wanted the next actor to know, said with `baton note`.

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "model/session.h"

namespace baton::model {

constexpr std::array<std::string_view, 6> kNoteKinds = {"note", "decision",   "assumption",
                                                        "risk", "constraint", "open"};

enum class NoteAuthor : uint8_t { unknown, person, agent };
std::string_view to_string(NoteAuthor author);

struct Note {
  std::string id;    // 8 hex digits
  std::string kind;  // one of kNoteKinds
  std::string text;
  Micros time = 0;
  NoteAuthor author_kind = NoteAuthor::unknown;
  std::string author;  // person: "Ann <ann@example.org>"; agent: its id
  StepRef step;        // agent: the command that said it, if it is known
  // Where it belongs: the turn of that command, or of the step that it cites, or the newest turn of
  // its worktree when it was written. 0 and "": none.
  int64_t session_key = 0;
  std::string session;  // address
  int turn = 0;
  std::string worktree, branch;
  std::vector<std::string> cites;  // addresses, as they were given
  bool from_command = false;  // it could not be written, and is taken from the command's own text
  bool closed = false;
  std::string closed_by;  // author of the note that closed it
  std::string closed_why;
  Micros closed_at = 0;

  // What a statement that rests on it cites: "c7f2.14", or "note:3f2a11bc".
  std::string address() const;
};

}  // namespace baton::model
