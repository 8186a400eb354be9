#pragma once

// The history of some lines: each change with the prompt behind it and what it made of them.

#include <map>
#include <string>
#include <vector>

#include "attribution/line_history.h"
#include "render/style.h"

namespace baton::render {

struct LineHistoryView {
  std::string path;
  size_t first = 0, last = 0;
  std::string revision, moment;  // as in BlameView
  attribution::LineHistory history;
  std::map<std::string, model::Turn> turns;  // by address
  bool oneline = false;
};

std::string line_history_text(const Style& style, const LineHistoryView& view);
std::string line_history_json(const Style& style, const LineHistoryView& view);

}  // namespace baton::render
