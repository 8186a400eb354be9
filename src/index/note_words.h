#pragma once

// What the words behind `baton note` say. The command itself and the index, which reads them out of
// an agent's command line, must understand the same.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace baton::index {

struct NoteWords {
  std::string kind;                // one of model::kNoteKinds
  std::string text;                // "" only with `closes`
  std::vector<std::string> cites;  // addresses, unchecked
  std::string closes;              // id of another note, or its beginning
};

// `words`: without options. A first word that is a kind is one if more follows; else the kind is
// "note". ErrorKind::usage if there is no text, or what should be a kind is misspelt.
Result<NoteWords> read_note_words(std::span<const std::string> words);

// The notes that a shell command says, in order. `certain`: the command cannot have ended well
// without having come to it.
struct SaidNote {
  NoteWords words;
  bool certain = false;
};
std::vector<SaidNote> notes_said(std::string_view command);

// What `baton note` answers where an agent's sandbox keeps it from writing: proof that it ran.
constexpr std::string_view kTakenFromCommand = "the note is taken from this command";

}  // namespace baton::index
