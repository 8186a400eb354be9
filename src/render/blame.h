#pragma once

// Lines of a file with who wrote them and why.

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "attribution/blame.h"
#include "model/session.h"
#include "render/style.h"

namespace baton::render {

struct BlameView {
  std::string path;
  std::string revision;  // commit id, "" for the working tree
  attribution::Blame blame;
  size_t first_line = 1;                         // number of blame.lines[0]
  std::vector<std::pair<size_t, size_t>> shown;  // ranges of line numbers; empty: all
  // The prompts behind the lines, by the address of the turn.
  std::map<std::string, model::Turn> turns;
};

std::string blame_text(const Style& style, const BlameView& view);
std::string blame_json(const Style& style, const BlameView& view);

}  // namespace baton::render
