#include "triage/frames.h"

#include <algorithm>
#include <optional>

#include "base/bytes.h"
#include "triage/test_ids.h"

namespace baton::triage {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_alpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// What a terminal would obey is no part of the text: ESC [ ... letter, and ESC ] ... BEL.
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

// Takes a number off the front; nothing if there is none that can be a line's.
std::optional<int> take_number(std::string_view& text) {
  size_t digits = 0;
  while (digits < text.size() && is_digit(text[digits])) digits++;
  if (digits == 0 || digits > 9) return std::nullopt;
  auto number = parse_int(text.substr(0, digits));
  if (!number || *number < 1 || *number > kMaxLineNumber) return std::nullopt;
  text.remove_prefix(digits);
  return static_cast<int>(*number);
}

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

// The path of a URL; webpack and others put a scheme of their own before it.
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

// Whether something before ":12" looks like a file's path and not like a time, a host or a module.
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

// Splits "PATH:12:5" from its end.
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

// Any path:line[:column] in a line, the paths without blanks.
std::vector<Place> loose_places(std::string_view line) {
  constexpr std::string_view kEnds = " \t\"'`()[]{}<>|=,;*";
  std::vector<Place> places;
  size_t from = 0;
  for (size_t at = 0; at < line.size(); at++) {
    bool paren = line[at] == '(';  // "PATH(12,5):" of tsc and MSVC
    if (line[at] != ':' && !paren) continue;
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
    if (paren) {
      rest.remove_prefix(1);
      auto number = take_number(rest);
      if (!number || word.empty()) continue;
      place.line = *number;
      if (rest.starts_with(',')) {
        rest.remove_prefix(1);
        auto column = take_number(rest);
        if (!column) continue;
        place.column = *column;
      }
      if (!rest.starts_with(')')) continue;
    } else if (!take_line_and_column(rest, place)) {
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

class Reader {
 public:
  void line(std::string_view raw) {
    std::string plain = without_escapes(raw.substr(0, kMaxLineBytes));
    std::string_view text = trim(plain);
    bool known = python_error(plain, text) || python(text) || javascript(text) || java(text) ||
                 native(text) || rust(text) || go(plain, text) || test_id(text) || worded(text) ||
                 loose(text);
    if (!known) other(plain, text);
    if (!text.empty()) last_text_ = text;
  }

  std::vector<Trace> finish() {
    end_stack();
    return std::move(traces_);
  }

  bool full() const { return count_ >= kMaxPlaces; }

 private:
  Trace& stack(std::string_view form, std::string message) {
    if (!open_ || traces_.back().form != form) {
      end_stack();
      traces_.push_back({std::string(form), std::move(message), {}});
      open_ = true;
    }
    return traces_.back();
  }

  void end_stack() {
    if (open_ && traces_.back().form == "python") std::ranges::reverse(traces_.back().places);
    if (open_ && traces_.back().places.empty()) traces_.pop_back();
    open_ = false;
  }

  void add(Trace& trace, Place place) {
    if (full()) return;
    count_++;
    trace.places.push_back(std::move(place));
  }

  // A place of its own, with what is said of it.
  void message(Place place, std::string_view about) {
    end_stack();
    about = trim(about);
    while (about.starts_with(':') || about.starts_with('-')) about = trim(about.substr(1));
    Trace trace{"message", std::string(about), {}};
    add(trace, std::move(place));
    if (!trace.places.empty()) traces_.push_back(std::move(trace));
  }

  // What stands behind a stack at the margin is the error, whatever it says.
  bool python_error(std::string_view raw, std::string_view text) {
    if (!open_ || traces_.back().form != "python" || traces_.back().places.empty()) return false;
    if (text.empty()) return false;
    // A quoted line of the source, and the marks below it.
    if (raw.starts_with(' ') || raw.starts_with('\t')) return !text.starts_with("File \"");
    traces_.back().message = text;
    end_stack();
    return true;
  }

  //   File "PATH", line 12, in function
  bool python(std::string_view text) {
    if (text.starts_with("Traceback (most recent call last)")) {
      end_stack();
      stack("python", "");
      return true;
    }
    if (!text.starts_with("File \"")) return false;
    size_t quote = text.find("\", line ");
    if (quote == std::string_view::npos) return false;
    Place place;
    place.path = plain_path(text.substr(6, quote - 6));
    std::string_view rest = text.substr(quote + 8);
    auto number = take_number(rest);
    if (!number) return false;
    place.line = *number;
    if (rest.starts_with(", in ")) place.function = trim(rest.substr(5));
    // <frozen importlib>, <string>
    if (place.path.empty() || place.path.starts_with("<")) return true;
    add(stack("python", ""), std::move(place));
    return true;
  }

  //     at function (PATH:12:5)     at PATH:12:5     at async function (file:///PATH:12:5)
  bool javascript(std::string_view text) {
    if (!text.starts_with("at ")) return false;
    std::string_view rest = trim(text.substr(3));
    Place place;
    std::string function;
    size_t open = rest.rfind('(');
    if (open != std::string_view::npos && rest.ends_with(')')) {
      function = trim(rest.substr(0, open));
      rest = rest.substr(open + 1, rest.size() - open - 2);
    } else if (rest.starts_with("async ")) {
      rest = trim(rest.substr(6));
    }
    // eval at x (PATH:1:2), <anonymous>:3:4
    auto found = path_line_column(rest);
    if (!found) {
      bool internal = rest.starts_with("node:") || rest.starts_with("<anonymous>") ||
                      rest == "native" || rest.starts_with("internal/");
      return internal;
    }
    if (found->column == 0) return false;  // Java's and Rust's have none or another form
    found->function = std::move(function);
    if (rust_function_.empty()) {
      add(stack("javascript", last_text_), std::move(*found));
    } else {
      found->function = std::move(rust_function_);
      rust_function_.clear();
      add(stack("rust", ""), std::move(*found));
    }
    return true;
  }

  //   at com.acme.Foo.bar(Foo.java:12)
  bool java(std::string_view text) {
    if (!text.starts_with("at ") || !text.ends_with(')')) return false;
    size_t open = text.rfind('(');
    if (open == std::string_view::npos) return false;
    std::string_view inside = text.substr(open + 1, text.size() - open - 2);
    if (inside == "Native Method" || inside == "Unknown Source") return true;
    auto place = path_line_column(inside);
    if (!place) return false;
    std::string_view function = trim(text.substr(3, open - 3));
    if (size_t module = function.rfind('/'); module != std::string_view::npos) {
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
    add(stack("java", last_text_), std::move(*place));
    return true;
  }

  //   #0 0x4f2a in function PATH:12:5     #1  0x00.. in function (args) at PATH:12
  bool native(std::string_view text) {
    if (!text.starts_with('#')) {
      if (contains(text, "Sanitizer: ") || contains(text, "runtime error: ")) {
        if (contains(text, "ERROR: ") || contains(text, "WARNING: ")) {
          end_stack();
          fault_ = text;
          return true;
        }
      }
      return false;
    }
    std::string_view rest = text.substr(1);
    size_t digits = 0;
    while (digits < rest.size() && is_digit(rest[digits])) digits++;
    if (digits == 0 || digits > 5) return false;
    bool first = rest.substr(0, digits) == "0";
    rest = trim(rest.substr(digits));
    size_t at = rest.rfind(" at ");
    std::string_view place_text;
    std::string function;
    size_t in = rest.find(" in ");
    std::string_view behind = in == std::string_view::npos ? rest : trim(rest.substr(in + 4));
    if (at != std::string_view::npos) {
      place_text = rest.substr(at + 4);
      function = behind.substr(0, behind.find('('));
    } else if (in != std::string_view::npos) {
      // The function may have blanks in its arguments: the place is what stands last.
      size_t blank = behind.rfind(' ');
      place_text = blank == std::string_view::npos ? behind : behind.substr(blank + 1);
      function = blank == std::string_view::npos ? "" : behind.substr(0, blank);
    } else if (auto php = loose_places(rest); !php.empty()) {
      if (first) end_stack();
      add(stack("native", last_text_), std::move(php[0]));
      return true;
    }
    if (first) end_stack();
    auto place = path_line_column(place_text);
    if (!place) return true;  // a frame without a place
    place->function = trim(function);
    add(stack("native", fault_.empty() ? last_text_ : fault_), std::move(*place));
    return true;
  }

  //   --> PATH:12:5        thread 'main' panicked at src/main.rs:4:5:        3: crate::function
  bool rust(std::string_view text) {
    if (text.starts_with("--> ") || text.starts_with("::: ")) {
      auto place = path_line_column(text.substr(4));
      if (!place) return false;
      std::string about = last_text_;
      message(std::move(*place), about);
      return true;
    }
    std::string_view rest = text;
    if (auto number = take_number(rest); number || rest.starts_with("0:")) {
      if (rest.starts_with("0:")) rest.remove_prefix(1);
      if (rest.starts_with(": ") && rest.find(' ', 2) == std::string_view::npos) {
        rust_function_ = trim(rest.substr(2));
        return true;
      }
    }
    return false;
  }

  //   main.f(0x1)          behind it, indented:  /PATH/main.go:12 +0x1d
  bool go(std::string_view raw, std::string_view text) {
    size_t plus = text.rfind(" +0x");
    if (!raw.starts_with('\t') || plus == std::string_view::npos) return false;
    auto place = path_line_column(text.substr(0, plus));
    if (!place) return false;
    place->function = last_text_.substr(0, last_text_.rfind('('));
    add(stack("go", fault_), std::move(*place));
    return true;
  }

  bool test_id(std::string_view text) {
    Place place;
    std::string about;
    if (!test_ids_.read(text, place, about)) return false;
    message(std::move(place), about);
    return true;
  }

  //   PATH: line 12: ...     in PATH on line 12     at PATH line 12.
  bool worded(std::string_view text) {
    size_t word = text.find("line ");
    if (word == std::string_view::npos || word < 2) return false;
    std::string_view rest = text.substr(word + 5);
    auto number = take_number(rest);
    if (!number) return false;
    std::string_view before = trim(text.substr(0, word));
    if (before.ends_with(" on")) before = trim(before.substr(0, before.size() - 3));
    while (before.ends_with(':') || before.ends_with(',')) before.remove_suffix(1);
    size_t blank = before.find_last_of(" \t");
    std::string_view path = blank == std::string_view::npos ? before : before.substr(blank + 1);
    while (!path.empty() && (path[0] == '"' || path[0] == '\'')) path.remove_prefix(1);
    while (path.ends_with('"') || path.ends_with('\'')) path.remove_suffix(1);
    Place place{plain_path(path), *number, 0, ""};
    if (!looks_like_path(place.path)) return false;
    message(std::move(place), rest.starts_with(':') ? rest : text);
    return true;
  }

  bool loose(std::string_view text) {
    auto places = loose_places(text);
    if (places.empty()) {
      // eslint: the path on a line of its own, then "12:5  error  ..."
      std::string_view rest = text;
      auto line = take_number(rest);
      if (line && rest.starts_with(':') && !lint_path_.empty()) {
        rest.remove_prefix(1);
        if (auto column = take_number(rest); column && rest.starts_with(' ')) {
          message({lint_path_, *line, *column, ""}, rest);
          return true;
        }
      }
      return false;
    }
    // "PATH:12: in function" and "PATH:12:in `function'" are stacks of pytest and Ruby.
    size_t behind = text.rfind(":" + std::to_string(places.back().line));
    std::string_view about = text;
    if (places.size() == 1 && behind != std::string_view::npos) {
      about = text.substr(behind + 1);
      while (!about.empty() && (is_digit(about[0]) || about[0] == ':')) about.remove_prefix(1);
    }
    if (std::ranges::count_if(about, is_alpha) < 3) about = text;
    for (Place& place : places) message(std::move(place), about);
    return true;
  }

  // A line without a place: an error's words, a quoted source line, or the end of a stack.
  void other(std::string_view raw, std::string_view text) {
    if (text.empty()) {
      if (open_ && traces_.back().form != "python" && traces_.back().form != "go") end_stack();
      lint_path_.clear();
      return;
    }
    if (text.starts_with("panic: ") || text.starts_with("fatal error: ")) {
      end_stack();
      fault_ = text;
      return;
    }
    if (looks_like_path(text) && text.find(' ') == std::string_view::npos &&
        !raw.starts_with(' ')) {
      lint_path_ = plain_path(text);
    }
    if (!open_) return;
    const std::string& form = traces_.back().form;
    bool indented = raw.starts_with(' ') || raw.starts_with('\t');
    if (form == "javascript" && !indented) {
      end_stack();
    }
  }

  std::vector<Trace> traces_;
  TestIds test_ids_;
  bool open_ = false;
  size_t count_ = 0;
  std::string last_text_, fault_, rust_function_, lint_path_;
};

}  // namespace

std::vector<Trace> find_traces(std::string_view text) {
  Reader reader;
  while (!text.empty() && !reader.full()) {
    size_t end = text.find('\n');
    reader.line(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return reader.finish();
}

}  // namespace baton::triage
