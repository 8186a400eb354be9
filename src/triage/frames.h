#pragma once

// Places in source files that the text of a failure names: stack traces of Python, JavaScript, C
// and C++ (sanitizers, gdb), Go, Rust and Java, errors of compilers and linters, output of test
// runners, and any path:line[:column]. Bytes in, places out: nothing is looked up.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "triage/places.h"

namespace baton::triage {

constexpr size_t kMaxPlaces = 5000;      // the last ones count: a failure stands at the end
constexpr size_t kMaxLineBytes = 16384;  // of a line of the text; the rest is not looked at

// Places that belong together: one stack, or one message of a compiler.
struct Trace {
  std::string form;           // python, javascript, native, go, rust, java, message
  std::string message;        // what went wrong, "" if it is not told
  std::vector<Place> places;  // the one nearest to the failure first
};

// In the order of the text. `left_out`: how many places before these it names. Text in UTF-16 with
// a mark at its beginning is read, too.
std::vector<Trace> find_traces(std::string_view text, size_t* left_out = nullptr);

}  // namespace baton::triage
