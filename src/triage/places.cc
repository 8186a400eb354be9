#include "triage/places.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/chars.h"

namespace baton::triage {
namespace {

// ":12:5" or ":12" off the front.
bool take_line_and_column(std::string_view& text, Place& place) {
  std::string_view rest = text;
  if (!rest.starts_with(':')) return false;
  rest.remove_prefix(1);
  auto line = take_number(rest);
  if (!line) return false;
  place.line = *line;
  place.column = 0;
  if (rest.starts_with(':')) {
    std::string_view behind = rest.substr(1);
    if (auto column = take_number(behind)) {
      place.column = *column;
      rest = behind;
    }
  }
  text = rest;
  return true;
}

// "(12,5)" of tsc and MSVC, ":[12,5]" of Maven, ": (12, 5)" of Kotlin; the column need not be
// there.
bool take_bracketed(std::string_view& text, Place& place) {
  std::string_view rest = text;
  if (rest.starts_with(": (")) rest.remove_prefix(2);
  if (rest.starts_with(":[")) rest.remove_prefix(1);
  char close = rest.starts_with('(') ? ')' : rest.starts_with('[') ? ']' : '\0';
  if (close == '\0') return false;
  rest.remove_prefix(1);
  auto line = take_number(rest);
  if (!line) return false;
  place.line = *line;
  place.column = 0;
  if (rest.starts_with(',')) {
    rest = rest.substr(rest.starts_with(", ") ? 2 : 1);
    auto column = take_number(rest);
    if (!column) return false;
    place.column = *column;
  }
  if (!rest.starts_with(close)) return false;
  text = rest.substr(1);
  return true;
}

}  // namespace

std::optional<int> take_number(std::string_view& text) {
  size_t digits = 0;
  while (digits < text.size() && is_digit(text[digits])) digits++;
  if (digits == 0 || digits > 9) return std::nullopt;
  auto number = parse_int(text.substr(0, digits));
  if (!number || *number < 1 || *number > kMaxLineNumber) return std::nullopt;
  text.remove_prefix(digits);
  return static_cast<int>(*number);
}

std::string plain_path(std::string_view path) {
  path = trim(path);
  size_t scheme = path.find("://");
  if (scheme != std::string_view::npos) {
    bool http = path.starts_with("http");
    path.remove_prefix(scheme + 3);
    if (http) {
      size_t slash = path.find('/');
      path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
    }
    if (size_t query = path.find('?'); query != std::string_view::npos)
      path = path.substr(0, query);
  }
  std::string plain(path);
  std::ranges::replace(plain, '\\', '/');
  return plain;
}

bool looks_like_path(std::string_view path) {
  if (path.empty() || path.size() > 1024 || path.starts_with("node:") || path.starts_with('<')) {
    return false;
  }
  size_t slash = path.find_last_of("/\\");
  std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
  if (name.empty()) return false;
  bool letters = std::ranges::any_of(name, is_alpha);
  if (!letters && is_utf8(name) && std::ranges::all_of(name, [](char c) { return c >= 0; })) {
    return false;
  }
  if (slash != std::string_view::npos) return true;
  size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot + 1 == name.size() || name.size() - dot > 9)
    return false;
  return std::ranges::all_of(name.substr(dot + 1),
                             [](char c) { return is_alpha(c) || is_digit(c) || c == '+'; }) &&
         is_alpha(name[dot + 1]);
}

std::optional<Place> path_line_column(std::string_view text) {
  text = trim(text);
  std::vector<int> numbers;
  while (numbers.size() < 2) {
    size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) break;
    std::string_view tail = text.substr(colon + 1);
    auto number = take_number(tail);
    if (!number || !tail.empty()) break;
    numbers.insert(numbers.begin(), *number);
    text = text.substr(0, colon);
  }
  if (numbers.empty()) return std::nullopt;
  Place place{plain_path(text), numbers[0], numbers.size() > 1 ? numbers[1] : 0, ""};
  if (text.starts_with("node:") || !looks_like_path(place.path)) return std::nullopt;
  return place;
}

std::vector<Place> loose_places(std::string_view line) {
  constexpr std::string_view kEnds = " \t\"'`()[]{}<>|=,;*";
  std::vector<Place> places;
  size_t from = 0;
  for (size_t at = 0; at < line.size(); at++) {
    if (line[at] != ':' && line[at] != '(') continue;
    size_t begin = at;
    while (begin > from && kEnds.find(line[begin - 1]) == std::string_view::npos) begin--;
    // A path does not begin behind another place's colon, but for a drive's.
    std::string_view word = line.substr(begin, at - begin);
    size_t inner = word.rfind(':');
    if (inner != std::string_view::npos && !(inner == 1 && is_alpha(word[0])) &&
        word.substr(inner).substr(0, 3) != "://") {
      word = word.substr(inner + 1);
    }
    Place place;
    std::string_view rest = line.substr(at);
    bool bracket = rest.starts_with('(');
    if (!take_bracketed(rest, place) && !take_line_and_column(rest, place)) continue;
    // A call in a quoted line of the source: list.get(3)
    if (bracket && word.find_first_of("/\\") == std::string_view::npos &&
        !trim(rest).starts_with(':')) {
      continue;
    }
    if (!rest.empty() && (is_alpha(rest[0]) || is_digit(rest[0]) || rest[0] == '_')) continue;
    place.path = plain_path(word);
    if (!looks_like_path(place.path)) continue;
    places.push_back(std::move(place));
    at = line.size() - rest.size();
    from = at;
    if (at > 0) at--;
  }
  return places;
}

}  // namespace baton::triage
