#pragma once

// One place in a source file, and the forms in which texts write it.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baton::triage {

constexpr int kMaxLineNumber = 100'000'000;

struct Place {
  std::string path;      // as the text has it, without file://
  int line = 0;          // from 1; 0: only the test's name is told, as the function
  int column = 0;        // 0: not told
  std::string function;  // "" if it is not told
  bool operator==(const Place&) const = default;
};

// Takes a number off the front; nothing if there is none that can be a line's.
std::optional<int> take_number(std::string_view& text);

// The path of a URL, with / for \; webpack and others put a scheme of their own before it.
std::string plain_path(std::string_view path);

// Whether something before ":12" looks like a file's path and not like a time, a host or a module.
bool looks_like_path(std::string_view path);

// Splits "PATH:12:5" or "PATH:12" from its end; the path may hold blanks.
std::optional<Place> path_line_column(std::string_view text);

// Any PATH:12, PATH:12:5, PATH(12,5) and PATH:[12,5] in a line, the paths without blanks.
std::vector<Place> loose_places(std::string_view line);

}  // namespace baton::triage
