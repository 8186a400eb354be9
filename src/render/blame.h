#pragma once

// Lines of a file with who wrote them and why: as rows, as one line told in full, as git's
// porcelain and as JSON.

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "attribution/blame.h"
#include "attribution/why.h"
#include "base/json.h"
#include "model/session.h"
#include "render/changes.h"
#include "render/style.h"

namespace baton::render {

// What only git's own answer says of lines.
struct GitLine {
  std::string mail;       // of the author
  std::string file;       // the path in that commit
  bool boundary = false;  // older than what was asked for
};

// How rows look: git's flags.
struct BlameForm {
  bool bare = false;          // -s: neither author nor time
  bool mail = false;          // -e
  bool whole_id = false;      // -l
  bool raw_time = false;      // -t
  bool file = false;          // -f
  bool number = false;        // -n: the number that the line had
  bool dated = false;         // --date: whole times in the style's form, not days
  size_t id_digits = 8;       // --abbrev
  bool annotate = false;      // -c: as git annotate
  bool blank_border = false;  // -b: no id for what is older than was asked for
  bool color_lines = false;   // rows that say the same as the one before
  bool color_by_age = false;
};

struct BlameView {
  std::string path;
  std::string revision;  // commit id, "" for anything else
  std::string moment;    // "c7f2.14" for the file after a step, else ""
  bool binary = false;   // one line without a text stands for the file
  size_t bytes = 0;
  attribution::Blame blame;
  // Those of the lines, where git was asked; `git_line_of` has a number for each line.
  std::vector<GitLine> git_lines;
  std::vector<uint32_t> git_line_of;
  std::vector<std::pair<size_t, size_t>> shown;  // ranges of line numbers; empty: all
  Micros since = 0;                              // what is older is marked
  // The prompts behind the lines, by the address of the turn.
  std::map<std::string, model::Turn> turns;
  // Why, by the address of the step, in the order of the lines; only what was asked for.
  std::vector<attribution::Why> whys;
  BlameForm form;

  bool shows(size_t number) const;
  // Null if git was not asked. `at` counts from 0.
  const GitLine* git_of(size_t at) const {
    return at < git_line_of.size() ? &git_lines[git_line_of[at]] : nullptr;
  }
};

// The texts of lines, each ended by a newline: masked as a whole, so that a secret of several lines
// is found.
template <class Lines>
std::string masked_texts(const Style& style, const Lines& lines) {
  std::string content;
  size_t size = 0;
  for (const auto& line : lines) size += line.text.size() + 1;
  content.reserve(size);
  for (const auto& line : lines) {
    content += line.text;
    content += '\n';
  }
  return masked_lines(style, std::move(content));
}

std::string blame_text(const Style& style, const BlameView& view);
// Everything about one line, or about a binary file.
std::string blame_line_text(const Style& style, const BlameView& view, size_t number);
// The lines that stand no more, with who took them away.
std::string blame_deleted_text(const Style& style, const BlameView& view);
std::string blame_json(const Style& style, const BlameView& view, bool deleted);

// git's porcelain with headers of ours, `baton-...`, in front of the lines that were recorded.
// `from_git` is what git printed, "" if it does not know the file. `each` repeats a commit's
// headers for each line (--line-porcelain).
std::string blame_porcelain(const Style& style, const BlameView& view, std::string_view from_git,
                            size_t id_digits, bool each);
// git's --incremental of what --line-porcelain says: a head and its headers for each run of lines
// that have them in common, without the lines' text.
std::string blame_incremental(std::string_view line_porcelain);

// The prompt, the agent's words, the plan and the next run of tests behind `indent`.
std::string why_text(const Style& style, const attribution::Why& why, std::string_view indent);
void write_why(json::Writer& json, const attribution::Why& why);

}  // namespace baton::render
