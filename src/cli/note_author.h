#pragma once

// Who runs this command: an agent, where its environment or its process says so for certain, or a
// person, whom git knows.

#include <string>

#include "git/config.h"
#include "index/index.h"
#include "model/note.h"

namespace baton::cli {

struct NoteAuthor {
  model::NoteAuthor kind = model::NoteAuthor::unknown;
  std::string agent, session, call;  // agent: ids as it has them
  std::string name, email;           // person
  // An agent's shell runs it, whether or not the session is known: its hooks hear the command.
  bool in_agent = false;
};
// `index`: null where nothing can be read.
NoteAuthor note_author(index::Index* index, const git::Config& config);

}  // namespace baton::cli
