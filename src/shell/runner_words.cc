#include "shell/runner_words.h"

#include "base/bytes.h"
#include "shell/word_list.h"
#include "shell/words.h"

namespace baton::shell {

std::string_view option_name(std::string_view word) {
  return word.substr(0, word.find('='));
}

bool looks_like_file(std::string_view word) {
  std::string_view name = program_name(word);
  if (word.ends_with('/')) return false;
  size_t dot = name.rfind('.');
  return dot != name.npos && dot > 0 && dot + 1 < name.size() && !name.ends_with(".sln") &&
         !contains(name, "*");
}

bool has_option(const Words& words, std::string_view list) {
  for (size_t i = 1; i < words.size(); ++i) {
    if (has_word(list, option_name(words[i]))) return true;
  }
  return false;
}

size_t first_operand(const Words& words, size_t from, std::string_view value_options) {
  for (size_t i = from; i < words.size(); ++i) {
    if (words[i].starts_with('-')) {
      if (has_word(value_options, words[i])) ++i;
    } else if (!words[i].starts_with('+')) {
      return i;
    }
  }
  return words.size();
}

}  // namespace baton::shell
