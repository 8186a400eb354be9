#pragma once

// Notes for people and programs.

#include <string>
#include <vector>

#include "model/note.h"
#include "render/style.h"

namespace baton::render {

// `baton note --list`: one paragraph a note.
std::string notes_text(const Style& style, const std::vector<model::Note>& notes);
std::string notes_json(const Style& style, const std::vector<model::Note>& notes);
// Under a turn: one line a note.
std::string note_lines(const Style& style, const std::vector<model::Note>& notes,
                       std::string_view indent);
// "claude-code", "Ann <ann@example.org>", "unknown author".
std::string note_author(const Style& style, const model::Note& note);

}  // namespace baton::render
