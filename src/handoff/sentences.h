#pragma once

// A message as sentences, and a sentence as words.

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace baton::handoff {

using Words = std::initializer_list<std::string_view>;

inline bool one_of(std::string_view word, Words words) {
  return std::ranges::find(words, word) != words.end();
}

struct Token {
  std::string text;   // in lower case
  std::string exact;  // as it was written, without marks
  bool code = false;
  bool in_parens = false;  // it opens a parenthesis
  char after = 0;          // punctuation behind it
};

// Words, code spans as one token each; marks of emphasis are dropped.
std::vector<Token> tokens_of(std::string_view sentence);

// A message's sentences, without code blocks, tables and marks of lists and headings.
std::vector<std::string> sentences_of(std::string_view message);
// Without marks of lists, headings, boxes and emphasis at its beginning.
std::string_view without_marks(std::string_view line);

// Whether the text has the form of a file's path ("src/a.c", "README.md").
bool looks_like_path(std::string_view text);
bool is_number(std::string_view text);

}  // namespace baton::handoff
