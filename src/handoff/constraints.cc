#include "handoff/constraints.h"

#include <algorithm>
#include <cctype>
#include <initializer_list>

#include "base/bytes.h"
#include "handoff/sentences.h"

namespace baton::handoff {
namespace {

constexpr size_t kShortPrompt = 400;  // bytes: such a prompt is quoted whole
constexpr size_t kMaxConstraints = 40;

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (char c : text) {
    bool inside = std::isalnum(static_cast<unsigned char>(c)) || c == '\'' || c == '-' || c == '_';
    if (inside) {
      word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

bool has_one(const std::vector<std::string>& words, std::initializer_list<std::string_view> any) {
  return std::ranges::any_of(
      words, [&](const std::string& word) { return std::ranges::find(any, word) != any.end(); });
}

bool follows(const std::vector<std::string>& words, std::string_view first,
             std::initializer_list<std::string_view> next) {
  for (size_t i = 0; i + 1 < words.size(); ++i) {
    if (words[i] == first && std::ranges::find(next, words[i + 1]) != next.end()) return true;
  }
  return false;
}

bool constrains(std::string_view sentence) {
  if (sentence.ends_with('?')) return false;
  auto words = words_of(sentence);
  return has_one(words, {"must", "mustn't", "never", "don't", "only", "keep", "always", "avoid",
                         "without", "shouldn't", "unchanged", "instead", "leave"}) ||
         follows(words, "do", {"not"}) || follows(words, "should", {"not", "stay"}) ||
         follows(words, "must", {"not"}) || follows(words, "make", {"sure"});
}

bool steers(std::string_view prompt) {
  auto words = words_of(prompt);
  if (words.empty()) return false;
  constexpr std::string_view kFirst[] = {"no",     "stop",   "wait", "not",   "actually",
                                         "rather", "please", "undo", "revert"};
  return std::ranges::find(kFirst, words[0]) != std::end(kFirst) || constrains(prompt);
}

}  // namespace

std::vector<ConstraintLine> find_constraints(const std::vector<PromptLine>& prompts) {
  std::vector<ConstraintLine> lines;
  for (size_t i = 0; i < prompts.size(); ++i) {
    const PromptLine& prompt = prompts[i];
    std::string text(trim(prompt.text));
    if (i > 0 && text.size() <= kShortPrompt && steers(text)) {
      lines.push_back({prompt.turn, text, "steering"});
      continue;
    }
    for (auto& sentence : sentences_of(text)) {
      if (constrains(sentence)) lines.push_back({prompt.turn, std::move(sentence), "constraint"});
    }
  }
  if (lines.size() > kMaxConstraints) lines.resize(kMaxConstraints);
  return lines;
}

}  // namespace baton::handoff
