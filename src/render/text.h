#pragma once

// Recorded text on its way to a person. What agents said and saw may hold anything: secrets that an
// older version did not know, escape sequences that a terminal would obey, bytes that are no text.
//
//   clean()      once on each whole recorded text, before it is cut, wrapped or split
//   fit(), wrap(), pad(), first_line()   after that
//
// Columns are those of a terminal: wide characters count two, combining ones none.

#include <string>
#include <string_view>
#include <vector>

#include "render/style.h"

namespace baton::render {

// Secrets masked, ill-formed UTF-8 replaced, control characters and the characters that turn the
// direction of text made visible (^[, <U+202E>). Newlines and tabs stay; CR before LF goes.
std::string clean(const Style& style, std::string_view text);
// Secrets masked, nothing else: for JSON.
std::string masked(const Style& style, std::string_view text);
// The same as clean() without masking: for text that was masked as a whole before it was cut.
std::string neutral(std::string_view text);
void append_neutral(std::string& out, std::string_view text);

// Whether a terminal would obey the character instead of showing it.
bool acts(char32_t point);
size_t columns(std::string_view text);
// The text cut to `max` columns, ended by "…" if something was cut. 0 cuts nothing.
std::string fit(std::string_view text, size_t max);
// The text with blanks up to `width` columns; `right` puts them before it.
std::string pad(std::string_view text, size_t width, bool right = false);
// The first line that is not blank, with runs of blanks as one.
std::string first_line(std::string_view text);
// A file's name, whole and on one line: newlines and tabs are made visible, too (^J).
std::string shown_path(const Style& style, std::string_view path);
// Lines of at most `max` columns (0: as they are), broken at blanks; tabs as blanks.
std::vector<std::string> wrap(std::string_view text, size_t max);
// All lines behind `indent`, wrapped to the style's width, each ended by a newline. With
// `max_lines`, what follows is counted: "… 12 more lines".
std::string block(const Style& style, std::string_view text, std::string_view indent,
                  size_t max_lines = 0, Look look = Look::plain);

// "1 step", "2 steps"; "0 steps".
std::string count(int64_t number, std::string_view noun, std::string_view plural = {});
// "1.2 KiB".
std::string size_text(uint64_t bytes);

// Rows in columns, as wide as their widest cell; the last column takes what is left of the width.
// Cells may be painted after they were measured.
class Table {
 public:
  struct Cell {
    std::string text;
    Look look = Look::plain;
    bool right = false;
  };
  void row(std::vector<Cell> cells) { rows_.push_back(std::move(cells)); }
  std::string text(const Style& style, std::string_view indent = {}) const;

 private:
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace baton::render
