#include "triage/frames.h"

#include <algorithm>
#include <optional>

#include "base/bytes.h"
#include "base/chars.h"
#include "triage/log_line.h"
#include "triage/places.h"
#include "triage/stack_lines.h"
#include "triage/test_ids.h"

namespace baton::triage {
namespace {

constexpr std::string_view kPytest = "pytest";  // while it is read

// How many blanks and tabs a line begins with.
size_t margin(std::string_view line) {
  return std::min(line.find_first_not_of(" \t"), line.size());
}

class Reader {
 public:
  void line(std::string_view raw) {
    std::string shown = without_escapes(raw.substr(0, kMaxLineBytes));
    std::string_view plain = in_group(without_log_prefix(shown));
    std::string_view text = trim(plain);
    if (text.empty() && !plain.empty() && in_group_) return;
    bool known = python_error(plain, text) || annotation(text) || python(plain, text) ||
                 pytest(text) || yaml_stack(text) || valgrind(text) || javascript(text) ||
                 java(text) || native(text) || rust(text) || go(plain, text) || test_id(text) ||
                 included(text) || worded(text) || loose(text);
    if (!known) other(plain, text);
    if (text.empty() || is_quoted_line(text)) return;
    last_text_ = text;
    if (is_error_line(text)) error_text_ = text;
  }

  std::vector<Trace> finish() {
    end_stack();
    std::vector<Place> cut_off = std::move(included_);
    for (Place& place : cut_off) message(std::move(place), "In file included from here");
    leave_out_oldest(kMaxPlaces);
    return std::move(traces_);
  }

  size_t left_out() const { return left_out_; }

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
    if (open_) {
      Trace& trace = traces_.back();
      if (trace.form == kPytest) trace.form = "python";
      if (trace.form == "python") std::ranges::reverse(trace.places);
      if (trace.form == "javascript") error_text_.clear();
      if (trace.places.empty()) traces_.pop_back();
    }
    open_ = false;
    if (count_ >= 2 * kMaxPlaces) leave_out_oldest(kMaxPlaces);
  }

  void leave_out_oldest(size_t limit) {
    size_t traces = 0;
    for (; count_ > limit && traces < traces_.size(); traces++) {
      count_ -= traces_[traces].places.size();
      left_out_ += traces_[traces].places.size();
    }
    traces_.erase(traces_.begin(), traces_.begin() + static_cast<ptrdiff_t>(traces));
  }

  void add(Trace& trace, Place place) {
    if (trace.places.size() == kMaxPlaces) {
      left_out_++;
      return;
    }
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
    for (Place& from : included_) add(trace, std::move(from));
    included_.clear();
    if (!trace.places.empty()) traces_.push_back(std::move(trace));
  }

  // An exception group draws a line at its left, and one around each exception:
  //   | Traceback (most recent call last):
  std::string_view in_group(std::string_view plain) {
    constexpr std::string_view kBegin = "+ Exception Group Traceback";
    std::string_view text = trim(plain);
    if (text.starts_with(kBegin)) {
      in_group_ = true;
      return text.substr(std::string_view("+ Exception Group ").size());
    }
    if (!in_group_) return plain;
    if (text.starts_with("+-")) {
      end_stack();
      return plain.substr(0, 1);
    }
    in_group_ = text.starts_with('|');
    if (!in_group_) return plain;
    text.remove_prefix(text.starts_with("| ") ? 2 : 1);
    return text;
  }

  // The stack of a failed test: the outermost first.
  bool pytest(std::string_view text) {
    bool open = open_ && traces_.back().form == kPytest;
    if (text.starts_with("E   ")) {
      if (pytest_error_.empty()) pytest_error_ = trim(text.substr(4));
      if (open && traces_.back().message.empty()) traces_.back().message = pytest_error_;
      return true;
    }
    if (ends_pytest_stack(text)) {
      if (open) end_stack();
      pytest_error_.clear();
      return false;
    }
    auto line = pytest_line(text);
    if (!line) return false;
    Trace& trace = stack(kPytest, "");
    add(trace, std::move(line->place));
    if (!line->error.empty()) {
      trace.message = line->error;
      if (pytest_error_.starts_with(line->error))
        trace.message = pytest_error_;
      else if (!pytest_error_.empty())
        trace.message += ": " + pytest_error_;
      end_stack();
    } else {
      trace.message.clear();
    }
    pytest_error_.clear();
    return true;
  }

  // The stack in TAP's block of YAML, where node leaves out the "at ":
  //   stack: |-
  //     Cart.sum (/PATH/cart.js:7:12)
  bool yaml_stack(std::string_view text) {
    constexpr std::string_view kError = "error: ";
    if (text.starts_with(kError)) {
      yaml_error_ = trim(text.substr(kError.size()));
      if (yaml_error_.size() > 1 && (yaml_error_[0] == '"' || yaml_error_[0] == '\'')) {
        yaml_error_ = yaml_error_.substr(1, yaml_error_.size() - 2);
      }
      return false;
    }
    if (text == "stack: |-") {
      end_stack();
      in_yaml_ = true;
      return true;
    }
    if (!in_yaml_) return false;
    std::string at = "at " + std::string(text);
    in_yaml_ = contains(text, "(") || text.starts_with("node:") || path_line_column(text);
    if (!in_yaml_) return false;
    error_text_ = yaml_error_;
    javascript(at);
    return true;
  }

  bool valgrind(std::string_view text) {
    auto frame = valgrind_frame(text);
    if (!frame) return false;
    if (frame->first) end_stack();
    Trace& trace = stack("native", last_text_);
    if (frame->place) add(trace, std::move(*frame->place));
    return true;
  }

  //   In file included from PATH:12:5,
  //                    from PATH:3:
  bool included(std::string_view text) {
    constexpr std::string_view kFirst = "In file included from ";
    if (text.starts_with(kFirst)) {
      included_.clear();
      text.remove_prefix(kFirst.size());
    } else if (included_.empty() || !text.starts_with("from ")) {
      return false;
    } else {
      text.remove_prefix(5);
    }
    if (!text.ends_with(':') && !text.ends_with(',')) return false;
    auto place = path_line_column(text.substr(0, text.size() - 1));
    if (!place) return false;
    included_.push_back(std::move(*place));
    return true;
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
      pytest_error_.clear();
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
  //     ❯ function PATH:12:5
  bool javascript(std::string_view text) {
    if (auto frame = vitest_frame(text)) {
      add(stack("javascript", what_went_wrong()), std::move(*frame));
      return true;
    }
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
    if (rust_function_.empty() && !in_rust_) {
      add(stack("javascript", what_went_wrong()), std::move(*found));
    } else {
      found->function = std::move(rust_function_);
      rust_function_.clear();
      add(stack("rust", panic_), std::move(*found));
    }
    return true;
  }

  // The line before the stack, if it is no quoted value or source.
  const std::string& what_went_wrong() const {
    return error_text_.empty() || is_error_line(last_text_) ? last_text_ : error_text_;
  }

  bool java(std::string_view text) {
    auto frame = java_frame(text);
    if (frame && frame->line > 0) add(stack("java", last_text_), std::move(*frame));
    return frame.has_value();
  }

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
    auto frame = native_frame(text);
    if (!frame) return false;
    if (frame->first) end_stack();
    if (frame->place) {
      add(stack("native", fault_.empty() ? last_text_ : fault_), std::move(*frame->place));
    }
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
    // thread 'main' panicked at PATH:4:5:        and below it, why
    constexpr std::string_view kPanicked = " panicked at ";
    size_t panicked = text.find(kPanicked);
    if (text.starts_with("thread '") && text.ends_with(':') && panicked != text.npos) {
      std::string_view where = text.substr(panicked + kPanicked.size());
      auto place = path_line_column(where.substr(0, where.size() - 1));
      if (!place) return false;
      message(std::move(*place), text);
      panic_ = text;
      panicking_ = true;
      return true;
    }
    if (panicking_ && !text.empty()) {
      panicking_ = false;
      panic_ = text;
      traces_.back().message = text;
      return true;
    }
    if (text == "stack backtrace:") {
      in_rust_ = true;
      return true;
    }
    auto function = rust_function(text);
    if (!function || (!in_rust_ && function->find(' ') != function->npos)) return false;
    rust_function_ = std::move(*function);
    return true;
  }

  //   main.f(0x1)          behind it, indented:  /PATH/main.go:12 +0x1d
  bool go(std::string_view raw, std::string_view text) {
    size_t plus = text.rfind(" +0x");
    bool indented = raw.substr(0, margin(raw)).ends_with('\t');
    if (!indented) return false;
    // A call that was built into its caller has no offset.
    if (plus == std::string_view::npos && !last_text_.ends_with(')')) return false;
    auto place = path_line_column(text.substr(0, plus));
    if (!place) return false;
    place->function = go_function(last_text_);
    add(stack("go", fault_), std::move(*place));
    return true;
  }

  bool annotation(std::string_view text) {
    std::string_view about;
    auto place = ci_annotation(text, about);
    if (place) message(std::move(*place), about);
    return place.has_value();
  }

  bool test_id(std::string_view text) {
    Place place;
    std::string about;
    if (!test_ids_.read(text, place, about)) return false;
    message(std::move(place), about);
    return true;
  }

  bool worded(std::string_view text) {
    std::string_view about;
    auto place = worded_place(text, about);
    if (place) message(std::move(*place), about);
    return place.has_value();
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
      const std::string_view form = open_ ? std::string_view(traces_.back().form) : "";
      if (form != "python" && form != "go" && form != kPytest) end_stack();
      in_rust_ = false;
      lint_path_.clear();
      return;
    }
    if (text.starts_with("panic: ") || text.starts_with("fatal error: ")) {
      end_stack();
      fault_ = text;
      return;
    }
    std::string_view path = text.substr(0, text.size() - (text.ends_with(':') ? 1 : 0));
    if (looks_like_path(path) && path.find(' ') == std::string_view::npos &&
        !raw.starts_with(' ')) {
      lint_path_ = plain_path(path);
    }
    if (!open_) return;
    const std::string& form = traces_.back().form;
    bool indented = raw.starts_with(' ') || raw.starts_with('\t');
    // Java's cause has a stack of its own, and the failure is there.
    bool cause = form == "java" && text.starts_with("Caused by: ");
    if (cause || (form == "javascript" && !indented)) end_stack();
  }

  std::vector<Trace> traces_;
  TestIds test_ids_;
  bool open_ = false;
  size_t count_ = 0, left_out_ = 0;
  size_t python_margin_ = 0;  // blanks before "Traceback"
  bool in_group_ = false, in_yaml_ = false, in_rust_ = false, panicking_ = false;
  std::string last_text_, error_text_, fault_, lint_path_;
  std::string pytest_error_, yaml_error_, panic_, rust_function_;
  std::vector<Place> included_;
};

}  // namespace

std::vector<Trace> find_traces(std::string_view text, size_t* left_out) {
  std::string plain;
  if (text.starts_with("\xFF\xFE")) {
    plain = from_utf16(text.substr(2));
    text = plain;
  }
  Reader reader;
  while (!text.empty()) {
    size_t end = text.find('\n');
    reader.line(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  auto traces = reader.finish();
  if (left_out) *left_out = reader.left_out();
  return traces;
}

}  // namespace baton::triage
