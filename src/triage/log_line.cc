#include "triage/log_line.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/chars.h"

namespace baton::triage {
namespace {

// Takes what looks like `shape` off the front: 0 stands for a digit, all else for itself.
bool take_shape(std::string_view& text, std::string_view shape) {
  if (text.size() < shape.size()) return false;
  for (size_t i = 0; i < shape.size(); i++) {
    if (shape[i] == '0' ? !is_digit(text[i]) : text[i] != shape[i]) return false;
  }
  text.remove_prefix(shape.size());
  return true;
}

// "2026-11-20T10:00:00.1234567Z " or "[2026-11-20T10:00:00+01:00] "
bool take_time(std::string_view& line) {
  std::string_view rest = line;
  bool bracket = rest.starts_with('[');
  if (bracket) rest.remove_prefix(1);
  if (!take_shape(rest, "0000-00-00T00:00:00")) return false;
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    while (!rest.empty() && is_digit(rest[0])) rest.remove_prefix(1);
  }
  if (!take_shape(rest, "Z") && !take_shape(rest, "+00:00") && !take_shape(rest, "-00:00")) {
    return false;
  }
  if (bracket && !take_shape(rest, "]")) return false;
  if (!rest.empty() && !take_shape(rest, " ")) return false;
  line = rest;
  return true;
}

// "JOB<tab>STEP<tab>" where a time follows.
void take_job_and_step(std::string_view& line) {
  size_t first = line.find('\t');
  if (first == std::string_view::npos) return;
  size_t second = line.find('\t', first + 1);
  if (second == std::string_view::npos) return;
  std::string_view rest = line.substr(second + 1);
  if (rest.starts_with("\xEF\xBB\xBF")) rest.remove_prefix(3);  // the step's log begins with a BOM
  if (take_time(rest)) line = line.substr(line.size() - rest.size());
}

// "web-1  | "; the numbers before a compiler's quoted line are no names.
void take_container(std::string_view& line) {
  size_t bar = line.find(" | ");
  if (bar == std::string_view::npos || !is_alpha(line[0])) return;
  std::string_view name = trim(line.substr(0, bar));
  bool named = std::ranges::all_of(
      name, [](char c) { return is_alpha(c) || is_digit(c) || c == '-' || c == '_' || c == '.'; });
  if (named) line.remove_prefix(bar + 3);
}

// "==4033== " of valgrind.
void take_process(std::string_view& line) {
  if (!line.starts_with("==")) return;
  size_t digits = 2;
  while (digits < line.size() && is_digit(line[digits])) digits++;
  std::string_view rest = line.substr(digits);
  if (digits > 2 && (rest.starts_with("== ") || rest == "==")) line = rest.substr(2);
}

}  // namespace

std::string from_utf16(std::string_view text) {
  std::string plain;
  plain.reserve(text.size() / 2);
  for (size_t i = 0; i + 1 < text.size(); i += 2) {
    plain += text[i + 1] == '\0' && text[i] >= 0 ? text[i] : '?';
  }
  return plain;
}

std::string without_escapes(std::string_view line) {
  std::string plain;
  for (size_t i = 0; i < line.size(); i++) {
    if (line[i] != '\x1b') {
      if (line[i] != '\r') plain += line[i];
      continue;
    }
    if (i + 1 < line.size() && line[i + 1] == '[') {
      i += 2;
      while (i < line.size() && !(line[i] >= '@' && line[i] <= '~')) i++;
    } else if (i + 1 < line.size() && line[i + 1] == ']') {
      while (i < line.size() && line[i] != '\x07') i++;
    }
  }
  return plain;
}

std::string_view without_log_prefix(std::string_view line) {
  if (line.empty()) return line;
  take_job_and_step(line);
  take_time(line);
  take_container(line);
  take_process(line);
  if (!line.starts_with("##[")) return line;
  size_t end = line.find(']');
  return end == std::string_view::npos ? line : line.substr(end + 1);
}

}  // namespace baton::triage
