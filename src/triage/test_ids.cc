#include "triage/test_ids.h"

#include <vector>

#include "base/bytes.h"
#include "diff/lines.h"

namespace baton::triage {
namespace {

constexpr std::string_view kArrow = " \xe2\x80\xba ";  // between jest's describe and name
constexpr std::string_view kDot = "\xe2\x97\x8f ";

bool is_word(char c) {
  return diff::is_alnum(c) || c == '_';
}

// Whether `word` stands in the text as a word of its own.
bool has_word(std::string_view text, std::string_view word) {
  for (size_t at = text.find(word); at != text.npos; at = text.find(word, at + 1)) {
    size_t end = at + word.size();
    if ((at == 0 || !is_word(text[at - 1])) && (end == text.size() || !is_word(text[end]))) {
      return true;
    }
  }
  return false;
}

// def NAME( and class NAME
bool defines_python(std::string_view line, std::string_view name) {
  line = trim(line);
  if (line.starts_with("async ")) line = trim(line.substr(6));
  for (std::string_view keyword : {"def ", "class "}) {
    if (!line.starts_with(keyword)) continue;
    std::string_view rest = trim(line.substr(keyword.size()));
    return rest.starts_with(name) && (rest.size() == name.size() || !is_word(rest[name.size()]));
  }
  return false;
}

// TEST(Suite, Name), TEST_F, TEST_P, TYPED_TEST
bool defines_gtest(std::string_view line, std::string_view suite, std::string_view name) {
  line = trim(line);
  size_t open = line.find('(');
  if (open == line.npos || !contains(line.substr(0, open), "TEST")) return false;
  auto words = split(line.substr(open + 1, line.find(')', open) - open - 1), ',');
  return words.size() == 2 && trim(words[0]) == suite && trim(words[1]) == name;
}

// it('NAME', test("NAME", describe(`NAME`
bool defines_jest(std::string_view line, std::string_view name) {
  size_t at = line.find(name);
  if (at == line.npos || at < 2) return false;
  char quote = line[at - 1];
  if (quote != '\'' && quote != '"' && quote != '`') return false;
  if (line.substr(at + name.size(), 1) != std::string_view(&quote, 1)) return false;
  std::string_view before = line.substr(0, at - 1);
  return before.ends_with('(') &&
         (has_word(before, "it") || has_word(before, "test") || has_word(before, "describe"));
}

}  // namespace

bool TestIds::read(std::string_view text, Place& place, std::string& about) {
  // FAILED tests/test_x.py::TestC::test_name[1] - AssertionError: ...
  for (std::string_view word : {"FAILED ", "ERROR "}) {
    if (!text.starts_with(word)) continue;
    std::string_view rest = text.substr(word.size());
    size_t colons = rest.find("::");
    if (colons == rest.npos || rest.substr(0, colons).find(' ') != rest.npos) return false;
    size_t dash = rest.find(" - ", colons);
    place = {std::string(rest.substr(0, colons)), 0, 0,
             std::string(trim(rest.substr(colons + 2, dash - colons - 2)))};
    about = dash == rest.npos ? text : rest.substr(dash + 3);
    return !place.path.empty() && !place.function.empty();
  }
  // [  FAILED  ] Suite.Name (3 ms)
  if (text.starts_with("[  FAILED  ] ")) {
    std::string_view rest = trim(text.substr(13));
    rest = rest.substr(0, rest.find_first_of(" ,("));
    size_t dot = rest.find('.');
    if (dot == rest.npos || dot == 0 || dot + 1 == rest.size()) return false;
    place = {"", 0, 0, std::string(rest)};
    about = text;
    return true;
  }
  // FAIL src/x.test.js (5.1 s)
  if (text.starts_with("FAIL ")) {
    std::string_view rest = trim(text.substr(5));
    jest_file_ = rest.substr(0, rest.find(' '));
    return false;
  }
  if (!jest_file_.empty() && text.starts_with(kDot) &&
      !text.ends_with("Test suite failed to run")) {
    place = {jest_file_, 0, 0, std::string(trim(text.substr(kDot.size())))};
    about = text;
    return true;
  }
  return false;
}

int definition_line(std::string_view content, std::string_view id) {
  std::vector<std::string_view> parts;
  std::string_view rest = id;
  bool jest = contains(id, kArrow);
  bool python = !jest && contains(id, "::");
  std::string_view between = jest ? kArrow : python ? "::" : "\n";
  for (size_t at; (at = rest.find(between)) != rest.npos; rest = rest.substr(at + between.size())) {
    parts.push_back(rest.substr(0, at));
  }
  parts.push_back(rest);
  std::string_view name = parts.back();
  if (!jest) name = name.substr(0, name.find('['));  // a test's parameters
  // "Made/Suite.Name/0" is the third of some parameters.
  std::string_view suite, test;
  size_t dot = id.find('.');
  if (!jest && !python && dot != id.npos) {
    suite = id.substr(0, dot);
    test = id.substr(dot + 1);
    if (size_t slash = suite.find('/'); slash != suite.npos) {
      bool typed = slash + 1 < suite.size() && suite[slash + 1] >= '0' && suite[slash + 1] <= '9';
      suite = typed ? suite.substr(0, slash) : suite.substr(slash + 1);
    }
    test = test.substr(0, test.find('/'));
  }
  // Below the class or the describe that the id names.
  size_t next = 0;
  int number = 0;
  for (std::string_view line : diff::split_lines(content)) {
    ++number;
    if (next + 1 < parts.size()) {
      if (defines_python(line, parts[next]) || defines_jest(line, parts[next])) ++next;
      continue;
    }
    if (defines_python(line, name) || defines_jest(line, name) ||
        (!suite.empty() && defines_gtest(line, suite, test))) {
      return number;
    }
  }
  return 0;
}

bool may_define_tests(std::string_view path) {
  bool is_cpp = path.ends_with(".cc") || path.ends_with(".cpp") || path.ends_with(".cxx") ||
                path.ends_with(".C");
  return is_cpp && (contains(path, "test") || contains(path, "Test"));
}

}  // namespace baton::triage
