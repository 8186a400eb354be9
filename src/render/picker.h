#pragma once

// A screen to choose a prompt from, and what to do about it: lines of text from what is to be
// shown. Each line fits the columns that it is given, whatever was recorded.

#include <optional>
#include <string>
#include <vector>

#include "model/session.h"
#include "render/changes.h"
#include "render/style.h"

namespace baton::render {

// A prompt of the list. What takes its time is there only once the row was seen.
struct PickerRow {
  model::Turn turn;
  bool loaded = false;           // what its steps did is in `turn`, the prompt's line in `line`
  std::string line;              // clean
  std::optional<ChangeSum> sum;  // of the lines that its steps changed
};

struct PickerView {
  std::vector<PickerRow> rows;
  std::vector<size_t> passing;  // numbers of the rows that pass the filter
  std::string filter;
  size_t cursor = 0, top = 0;     // of `passing`: chosen, and first on the screen
  std::vector<TextLine> preview;  // of the row under the cursor
  size_t preview_top = 0;

  const PickerRow* chosen() const {
    return cursor < passing.size() ? &rows[passing[cursor]] : nullptr;
  }
};

// How many lines of a screen the list takes, and the preview below it: none on a small one.
struct PickerParts {
  size_t list = 0, preview = 0;
};
PickerParts picker_parts(const PickerView& view, size_t lines);
std::vector<std::string> picker_lines(const Style& style, const PickerView& view, size_t columns,
                                      size_t lines);
// The whole prompt, what came of it, the difference.
std::vector<TextLine> prompt_preview(const Style& style, const model::Turn& turn,
                                     const std::vector<FileChange>& files, size_t columns);

// What may be done about a prompt.
struct PickerChoice {
  std::string name;     // "all files, as before this prompt"
  std::string command;  // that does the same
};
struct ChoiceView {
  std::string about;  // the prompt, clean
  std::vector<PickerChoice> choices;
  size_t cursor = 0;
  std::vector<TextLine> preview;  // what the one under the cursor would do
  size_t preview_top = 0;
};
PickerParts choice_parts(const ChoiceView& view, size_t lines);
std::vector<std::string> choice_lines(const Style& style, const ChoiceView& view, size_t columns,
                                      size_t lines);

}  // namespace baton::render
