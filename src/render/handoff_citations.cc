#include "render/handoff_citations.h"

#include <algorithm>

#include "base/bytes.h"

namespace baton::render {
namespace {

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

// The parts of a line of Markdown that are not code.
std::string without_code(std::string_view line) {
  std::string out;
  for (size_t at = 0; at < line.size();) {
    if (line[at] != '`') {
      out += line[at++];
      continue;
    }
    size_t end = std::min(line.find_first_not_of('`', at), line.size());
    size_t length = end - at, close = end;
    bool closed = false;
    while (close < line.size()) {
      size_t begin = line.find('`', close);
      if (begin == line.npos) break;
      close = std::min(line.find_first_not_of('`', begin), line.size());
      if (close - begin == length) {
        closed = true;
        break;
      }
    }
    at = closed ? close : end;
    out += ' ';
  }
  return out;
}

// Members that hold citations.
bool cites(std::string_view name) {
  for (std::string_view each :
       {"step", "turn", "source", "session", "steps", "failed_at", "replaced_by", "undone_at",
        "verified_by", "next_run", "evidence", "after", "parent", "sources"}) {
    if (name == each) return true;
  }
  return false;
}

}  // namespace

std::string cite(const handoff::Citation& step) {
  return step.empty() ? std::string() : "[" + step + "]";
}

bool is_citation(std::string_view text) {
  if (text.starts_with("note:")) text.remove_prefix(5);
  size_t digits = 0;
  while (digits < text.size() && is_hex(text[digits])) ++digits;
  if (digits < 4 || digits > 64) return false;
  if (digits == text.size()) return true;
  if (text[digits] != '.' && text[digits] != ':') return false;
  std::string_view number = text.substr(digits + 1);
  return !number.empty() &&
         std::ranges::all_of(number, [](char c) { return c >= '0' && c <= '9'; });
}

std::string session_of(std::string_view citation) {
  return std::string(citation.substr(0, citation.find_first_of(".:")));
}

std::vector<std::string> citations_of_line(std::string_view line) {
  std::vector<std::string> found;
  std::string bare = without_code(line);
  for (size_t at = bare.find('['); at != bare.npos; at = bare.find('[', at + 1)) {
    size_t end = bare.find(']', at);
    if (end == bare.npos) break;
    for (std::string_view part : split(std::string_view(bare).substr(at + 1, end - at - 1), ',')) {
      part = trim(part);
      if (is_citation(part)) found.emplace_back(part);
    }
  }
  return found;
}

std::vector<std::string> citations_of_markdown(std::string_view text) {
  std::vector<std::string> found;
  size_t fence = 0;  // length of the one that is open
  for (std::string_view line : split(text, '\n')) {
    std::string_view body = trim(line);
    size_t marks = std::min(body.find_first_not_of('`'), body.size());
    if (fence != 0) {
      if (marks >= fence && marks == body.size()) fence = 0;
    } else if (marks >= 3) {
      fence = marks;
    } else {
      for (auto& citation : citations_of_line(line)) found.push_back(std::move(citation));
    }
  }
  return found;
}

void collect_citations(json::Value value, std::string_view name, std::vector<std::string>& found) {
  if (value.is_string() && cites(name) && is_citation(value.str())) {
    found.emplace_back(value.str());
  } else if (value.is_array()) {
    for (size_t i = 0; i < value.size(); ++i) collect_citations(value.at(i), name, found);
  } else if (value.is_object()) {
    for (size_t i = 0; i < value.size(); ++i) {
      collect_citations(value.member_at(i), value.key_at(i), found);
    }
  }
}

}  // namespace baton::render
