// Linters and type checkers.

#include "shell/test_summaries.h"

#include "base/bytes.h"
#include "shell/summary_parts.h"

namespace baton::shell {

using model::TestVerdict;

// What linters and type checkers print.
Summary problems_summary(std::string_view output) {
  Summary summary;
  auto found = [&](int problems) {
    summary.found = true;
    add_count(summary.failed, problems);
    if (problems > 0) {
      summary.verdict = TestVerdict::failed;
    } else if (summary.verdict == TestVerdict::unknown) {
      summary.verdict = TestVerdict::passed;
    }
  };
  for (std::string_view line : lines_of(output)) {
    std::string_view text = trim(line);
    if (text.starts_with("Success: no issues found") || text == "All checks passed!" ||
        text.starts_with("All matched files use Prettier") || text == "[OK] No errors" ||
        text == "0 issues.") {
      found(0);
    } else if (text.starts_with("Found ") && contains(text, " error")) {
      if (auto count = leading_number(text.substr(6))) found(*count);
    } else if (text.starts_with("[ERROR] Found ")) {
      if (auto count = leading_number(text.substr(14))) found(*count);
    } else if (text.starts_with("✖ ") && contains(text, " problem")) {
      // Warnings alone do not fail it.
      int errors = counted(text, "error").value_or(counted(text, "errors").value_or(0));
      size_t open = text.find('(');
      if (open != text.npos) {
        errors = leading_number(text.substr(open + 1)).value_or(errors);
        found(errors);
      }
    } else if (leading_number(text) && contains(text, " errors, ") && contains(text, " warning") &&
               contains(text, " information")) {
      found(*leading_number(text));
    } else if (text.starts_with("Code style issues found") ||
               contains(text, "Code style issues found in") ||
               contains(text, "Code style issues in ")) {
      found(1);
    } else if (contains(text, " inspected, no offenses detected")) {
      found(0);
    } else if (contains(text, " inspected, ") && contains(text, " offense")) {
      auto count = labelled(text, " inspected, ");
      if (count) found(*count);
    } else if (contains(text, ": error TS") || text.starts_with("error TS")) {
      summary.found = true;
      summary.verdict = TestVerdict::failed;
    }
  }
  return summary;
}

}  // namespace baton::shell
