#pragma once

// Names of tests that a runner's output gives without a line: `tests/test_x.py::Class::test_name`,
// `[  FAILED  ] Suite.Name`, `● describe › name` below `FAIL src/x.test.js`. And where in a file
// such a test is defined. Bytes in, places out.

#include <string>
#include <string_view>

#include "triage/frames.h"

namespace baton::triage {

// Reads a runner's output line by line.
class TestIds {
 public:
  // Whether the line names a failed test: `place` has its path ("" if the runner does not tell
  // it) and the id as its function, and no line; `about` what is said of it.
  bool read(std::string_view text, Place& place, std::string& about);

 private:
  std::string jest_file_;
};

// The line (from 1) where the test of that id is defined; 0: it is not to be found.
int definition_line(std::string_view content, std::string_view id);
// Whether a file of that path may define a test whose id has no path.
bool may_define_tests(std::string_view path);

}  // namespace baton::triage
