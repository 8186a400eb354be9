#include "triage/stack_lines.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/chars.h"

namespace baton::triage {
namespace {

bool is_word(char c) {
  return is_alpha(c) || is_digit(c) || c == '_' || c == '.' || c == '$';
}

// Takes "NAME" off the front.
std::string_view take_word(std::string_view& text) {
  size_t length = 0;
  while (length < text.size() && is_word(text[length])) length++;
  std::string_view word = text.substr(0, length);
  text.remove_prefix(length);
  return word;
}

}  // namespace

std::optional<Place> vitest_frame(std::string_view text) {
  constexpr std::string_view kArrow = "\xe2\x9d\xaf ";
  if (!text.starts_with(kArrow)) return std::nullopt;
  text = trim(text.substr(kArrow.size()));
  size_t blank = text.rfind(' ');
  auto place = path_line_column(blank == text.npos ? text : text.substr(blank + 1));
  if (!place || place->column == 0) return std::nullopt;
  if (blank != text.npos) place->function = trim(text.substr(0, blank));
  return place;
}

std::optional<NativeFrame> valgrind_frame(std::string_view text) {
  NativeFrame frame;
  frame.first = text.starts_with("at 0x");
  if (!frame.first && !text.starts_with("by 0x")) return std::nullopt;
  size_t colon = text.find(": ");
  if (colon == text.npos) return std::nullopt;
  text = text.substr(colon + 2);
  size_t open = text.rfind('(');
  if (open == text.npos || !text.ends_with(')')) return frame;
  frame.place = path_line_column(text.substr(open + 1, text.size() - open - 2));
  if (frame.place) frame.place->function = trim(text.substr(0, open));
  return frame;
}

std::optional<NativeFrame> native_frame(std::string_view text) {
  if (!text.starts_with('#')) return std::nullopt;
  std::string_view rest = text.substr(1);
  size_t digits = 0;
  while (digits < rest.size() && is_digit(rest[digits])) digits++;
  if (digits == 0 || digits > 5) return std::nullopt;
  NativeFrame frame;
  frame.first = rest.substr(0, digits) == "0";
  rest = trim(rest.substr(digits));
  size_t at = rest.rfind(" at "), in = rest.find(" in ");
  std::string_view behind = in == rest.npos ? rest : trim(rest.substr(in + 4));
  std::string_view place, function;
  if (at != rest.npos) {
    place = rest.substr(at + 4);
    function = behind.substr(0, behind.find('('));
  } else if (in != rest.npos) {
    // The function may have blanks in its arguments: the place is what stands last.
    size_t blank = behind.rfind(' ');
    place = blank == behind.npos ? behind : behind.substr(blank + 1);
    function = blank == behind.npos ? "" : behind.substr(0, blank);
  } else if (auto loose = loose_places(rest); !loose.empty()) {
    frame.place = std::move(loose[0]);
    size_t path = rest.find(frame.place->path);
    if (path != rest.npos) frame.place->function = trim(rest.substr(0, path));
    return frame;
  }
  frame.place = path_line_column(place);
  if (frame.place) frame.place->function = trim(function);
  return frame;
}

std::optional<Place> java_frame(std::string_view text) {
  if (!text.starts_with("at ") || !text.ends_with(')')) return std::nullopt;
  size_t open = text.rfind('(');
  if (open == text.npos) return std::nullopt;
  std::string_view inside = text.substr(open + 1, text.size() - open - 2);
  if (inside == "Native Method" || inside == "Unknown Source") return Place();
  auto place = path_line_column(inside);
  if (!place) return std::nullopt;
  std::string_view function = trim(text.substr(3, open - 3));
  if (size_t module = function.rfind('/'); module != function.npos) {
    function = function.substr(module + 1);
  }
  place->function = function;
  // The package is the folder.
  if (place->path.find('/') == std::string::npos) {
    auto parts = split(function, '.');
    std::string folder;
    for (size_t i = 0; i + 2 < parts.size(); i++) folder += std::string(parts[i]) + "/";
    place->path = folder + place->path;
  }
  return place;
}

std::optional<std::string> rust_function(std::string_view text) {
  size_t digits = 0;
  while (digits < text.size() && is_digit(text[digits])) digits++;
  if (digits == 0 || digits > 5 || !text.substr(digits).starts_with(": ")) return std::nullopt;
  text = trim(text.substr(digits + 2));
  if (text.starts_with("0x")) {
    size_t dash = text.find(" - ");
    if (dash != text.npos) text = trim(text.substr(dash + 3));
  }
  return std::string(text);
}

std::string go_function(std::string_view text) {
  constexpr std::string_view kCreated = "created by ";
  if (text.starts_with(kCreated)) {
    text.remove_prefix(kCreated.size());
    return std::string(text.substr(0, text.find(" in goroutine ")));
  }
  return std::string(text.substr(0, text.rfind('(')));
}

std::optional<PytestLine> pytest_line(std::string_view text) {
  size_t end = text.find(".py:");
  if (end == text.npos) return std::nullopt;
  PytestLine line;
  line.place.path = plain_path(text.substr(0, end + 3));
  std::string_view rest = text.substr(end + 4);
  auto number = take_number(rest);
  if (!number || !rest.starts_with(':')) return std::nullopt;
  line.place.line = *number;
  rest = trim(rest.substr(1));
  if (rest.starts_with("in ")) {
    line.place.function = trim(rest.substr(3));
    return line;
  }
  if (rest.empty()) return line;
  // The name of an exception, and no more: a linter says more.
  std::string_view behind = rest;
  std::string_view name = take_word(behind);
  if (name.empty() || name.ends_with('.')) return std::nullopt;
  char first = name[name.rfind('.') + 1];
  if (!behind.empty() || first < 'A' || first > 'Z') return std::nullopt;
  line.error = rest;
  return line;
}

bool ends_pytest_stack(std::string_view text) {
  return text.starts_with("____") || text.starts_with("====") || text.starts_with("----") ||
         text.starts_with("During handling of the above exception") ||
         text.starts_with("The above exception was the direct cause");
}

std::optional<Place> ci_annotation(std::string_view text, std::string_view& about) {
  bool azure = text.starts_with("##vso[task.logissue ");
  bool github = text.starts_with("::error ") || text.starts_with("::warning ");
  if (!azure && !github) return std::nullopt;
  size_t end = azure ? text.find(']') : text.find("::", 2);
  if (end == text.npos) return std::nullopt;
  std::string_view members = text.substr(0, end);
  members.remove_prefix(text.find(' ') + 1);
  Place place;
  for (std::string_view member : split(members, azure ? ';' : ',')) {
    size_t equal = member.find('=');
    if (equal == member.npos) continue;
    std::string_view name = trim(member.substr(0, equal));
    std::string_view value = member.substr(equal + 1);
    if (name == "file" || name == "sourcepath") place.path = plain_path(value);
    if (name == "line" || name == "linenumber") place.line = take_number(value).value_or(0);
    if (name == "col" || name == "columnnumber") place.column = take_number(value).value_or(0);
  }
  if (place.path.empty() || place.line == 0) return std::nullopt;
  about = text.substr(end + (azure ? 1 : 2));
  return place;
}

std::optional<Place> worded_place(std::string_view text, std::string_view& about) {
  size_t word = text.find("line ");
  if (word == text.npos || word < 2) return std::nullopt;
  std::string_view rest = text.substr(word + 5);
  auto number = take_number(rest);
  if (!number) return std::nullopt;
  std::string_view before = trim(text.substr(0, word));
  if (before.ends_with(" on")) before = trim(before.substr(0, before.size() - 3));
  while (before.ends_with(':') || before.ends_with(',')) before.remove_suffix(1);
  size_t blank = before.find_last_of(" \t");
  std::string_view path = blank == before.npos ? before : before.substr(blank + 1);
  while (!path.empty() && (path[0] == '"' || path[0] == '\'')) path.remove_prefix(1);
  while (path.ends_with('"') || path.ends_with('\'')) path.remove_suffix(1);
  Place place{plain_path(path), *number, 0, ""};
  if (!looks_like_path(place.path)) return std::nullopt;
  about = rest.starts_with(':') ? rest : text;
  return place;
}

bool is_error_line(std::string_view text) {
  std::string_view rest = text;
  std::string_view name = take_word(rest);
  if (name.empty() || !is_alpha(name[0])) return false;
  if (name == "expect") return rest.starts_with('(');  // jest: expect(received).toBe(expected)
  return (contains(name, "Error") || contains(name, "Exception")) &&
         (rest.starts_with(": ") || rest.starts_with(" ["));
}

bool is_quoted_line(std::string_view text) {
  if (text.starts_with('>')) text = trim(text.substr(1));
  while (!text.empty() && is_digit(text[0])) text.remove_prefix(1);
  return trim(text).starts_with('|');
}

}  // namespace baton::triage
