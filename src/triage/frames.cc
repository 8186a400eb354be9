#include "triage/frames.h"

#include <algorithm>
#include <optional>

#include "base/bytes.h"
#include "base/chars.h"
#include "triage/log_line.h"
#include "triage/places.h"
#include "triage/test_ids.h"

namespace baton::triage {
namespace {

// How many blanks and tabs a line begins with.
size_t margin(std::string_view line) {
  return std::min(line.find_first_not_of(" \t"), line.size());
}

class Reader {
 public:
  void line(std::string_view raw) {
    std::string shown = without_escapes(raw.substr(0, kMaxLineBytes));
    std::string_view plain = without_log_prefix(shown);
    std::string_view text = trim(plain);
    bool known = python_error(plain, text) || annotation(text) || python(plain, text) ||
                 javascript(text) || java(text) || native(text) || rust(text) || go(plain, text) ||
                 test_id(text) || worded(text) || loose(text);
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

  // What stands behind a stack at its margin is the error, whatever it says.
  bool python_error(std::string_view raw, std::string_view text) {
    if (!open_ || traces_.back().form != "python" || traces_.back().places.empty()) return false;
    if (text.empty()) return false;
    // A quoted line of the source, and the marks below it.
    if (margin(raw) > python_margin_) return !text.starts_with("File \"");
    traces_.back().message = text;
    end_stack();
    return true;
  }

  //   File "PATH", line 12, in function
  bool python(std::string_view raw, std::string_view text) {
    if (text.starts_with("Traceback (most recent call last)")) {
      end_stack();
      stack("python", "");
      python_margin_ = margin(raw);
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
    bool indented = raw.substr(0, margin(raw)).ends_with('\t');
    if (!indented || plus == std::string_view::npos) return false;
    auto place = path_line_column(text.substr(0, plus));
    if (!place) return false;
    place->function = last_text_.substr(0, last_text_.rfind('('));
    add(stack("go", fault_), std::move(*place));
    return true;
  }

  //   ::error file=PATH,line=12,col=5,title=...::message        GitHub Actions
  //   ##vso[task.logissue sourcepath=PATH;linenumber=12;...]     Azure Pipelines
  bool annotation(std::string_view text) {
    bool azure = text.starts_with("##vso[task.logissue ");
    bool github = text.starts_with("::error ") || text.starts_with("::warning ");
    if (!azure && !github) return false;
    size_t end = azure ? text.find(']') : text.find("::", 2);
    if (end == std::string_view::npos) return false;
    std::string_view members = text.substr(0, end);
    members.remove_prefix(text.find(' ') + 1);
    Place place;
    for (std::string_view member : split(members, azure ? ';' : ',')) {
      size_t equal = member.find('=');
      if (equal == std::string_view::npos) continue;
      std::string_view name = trim(member.substr(0, equal));
      std::string_view value = member.substr(equal + 1);
      if (name == "file" || name == "sourcepath") place.path = plain_path(value);
      if (name == "line" || name == "linenumber") place.line = take_number(value).value_or(0);
      if (name == "col" || name == "columnnumber") place.column = take_number(value).value_or(0);
    }
    if (place.path.empty() || place.line == 0) return false;
    message(std::move(place), text.substr(end + (azure ? 1 : 2)));
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
  size_t python_margin_ = 0;  // blanks before "Traceback"
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
