#pragma once

// What stands before a line of `blame`.

#include <optional>
#include <string>
#include <unordered_map>

#include "attribution/blame.h"
#include "render/blame.h"
#include "render/date_form.h"
#include "render/style.h"

namespace baton::render {

// What stands before a line, but for its number in its commit.
struct Row {
  std::string who, file, name, model, day, evidence, note, why;
  Look look = Look::plain;
  std::optional<Look> aged;  // of the whole row, where that was asked for
};

// Many prompts are those of several steps: what they say is cleaned once.
struct Said {
  std::string model, prompt;
};
using SaidOf = std::unordered_map<const model::Turn*, Said>;

// `git`: null if git was not asked.
Row row_of(const Style& style, const BlameView& view, const attribution::Authorship& line,
           const GitLine* git, SaidOf& said_of);

// Whether a line is older than what was asked for.
bool is_boundary(const BlameView& view, const attribution::Authorship& line, const GitLine* git);

// git's way to tell by colours how old a line is (git-config(1), color.blame.highlightRecent).
Look look_of_age(const Style& style, const BlameView& view, const attribution::Authorship& line);

// A day, or the whole time where a form was asked for; "" for 0.
std::string day_of(const Style& style, const BlameForm& form, Micros time, Zone zone = {});

// "c7f2.14", a commit's id, "outside".
std::string hand_name(const model::Owner& owner);

}  // namespace baton::render
