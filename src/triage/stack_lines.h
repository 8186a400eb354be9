#pragma once

// Single lines in the forms that runtimes, test runners, debuggers and CI give them. Bytes in,
// places out: what belongs together is the reader's (frames.cc).

#include <optional>
#include <string>
#include <string_view>

#include "triage/places.h"

namespace baton::triage {

//    ❯ Cart.total src/cart.js:12:5        vitest
std::optional<Place> vitest_frame(std::string_view text);

//    at 0x10918F: dup (leak.c:6)        by 0x1091A8: main (in /usr/bin/x)        valgrind
struct NativeFrame {
  bool first = false;          // of its stack
  std::optional<Place> place;  // none: of a binary without one
};
std::optional<NativeFrame> valgrind_frame(std::string_view text);

//    #0 0x4f2a in function PATH:12:5        #1  0x00.. in function (args) at PATH:12
//    #2 function PATH:12 (binary+0x1)       #3 PATH(12): function() of PHP
std::optional<NativeFrame> native_frame(std::string_view text);

//    at com.acme.Foo.bar(Foo.java:12)        a place without a line: of native code
std::optional<Place> java_frame(std::string_view text);

//    3: app::run::<i32, i32>        12:  0x55e974909d5a - app::run        of Rust's backtrace
std::optional<std::string> rust_function(std::string_view text);

// The function of Go's line above a place: "main.f(0x1)", "created by main.g in goroutine 1".
std::string go_function(std::string_view text);

//    tests/test_x.py:12: in test_sum        tests/test_x.py:12:        x.py:3: ZeroDivisionError
struct PytestLine {
  Place place;
  std::string_view error;  // "": the stack goes on below
};
std::optional<PytestLine> pytest_line(std::string_view text);
// Where pytest's stack ends at the latest: a title or the next exception of a chain.
bool ends_pytest_stack(std::string_view text);

//    ::error file=PATH,line=12,col=5,title=...::message        GitHub Actions
//    ##vso[task.logissue sourcepath=PATH;linenumber=12;...]    Azure Pipelines
std::optional<Place> ci_annotation(std::string_view text, std::string_view& about);

//    PATH: line 12: ...        in PATH on line 12        at PATH line 12.
std::optional<Place> worded_place(std::string_view text, std::string_view& about);

// A line of a program that says what went wrong: "TypeError: ...", "AssertionError [code]: ...".
bool is_error_line(std::string_view text);

// A line of the source that a runner quotes: "  12 | code", "> 12 | code", "     |   ^".
bool is_quoted_line(std::string_view text);

}  // namespace baton::triage
