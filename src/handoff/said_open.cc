#include "handoff/said_open.h"

#include <algorithm>
#include <cctype>
#include <iterator>

#include "base/bytes.h"
#include "handoff/sentences.h"
#include "handoff/statements.h"
#include "secrets/mask.h"

namespace baton::handoff {
namespace {

constexpr size_t kMaxTurns = 20;    // whose messages are looked at
constexpr size_t kMaxEarlier = 6;   // sentences of earlier messages
constexpr size_t kShortAnswer = 3;  // words
constexpr size_t kLeastLetters = 4;

// Whether a prompt says no more than to go on: whoever wrote it need not have read what the agent
// said last.
bool only_goes_on(const model::Turn& turn) {
  if (turn.synthetic) return true;  // no person wrote it
  constexpr std::string_view kWords[] = {
      "continue",   "go",       "on",        "ahead",     "proceed",   "carry", "keep",  "going",
      "next",       "please",   "ok",        "okay",      "yes",       "yep",   "sure",  "resume",
      "now",        "and",      "then",      "just",      "weiter",    "mach",  "bitte", "ja",
      "fortfahren", "oui",      "continuez", "continuer", "poursuis",  "si",    "sí",    "sigue",
      "continúa",   "adelante", "继续",      "続けて",    "продолжай", "дальше"};
  size_t words = 0;
  for (const Token& token : tokens_of(turn.prompt)) {
    if (std::ranges::find(kWords, token.text) == std::end(kWords)) return false;
    ++words;
  }
  return words > 0;
}

// Whether a sentence names the path, or the file's name.
bool names(std::string_view sentence, std::string_view path) {
  for (const Token& token : tokens_of(sentence)) {
    std::string_view word = token.exact;
    while (word.ends_with('.') || word.ends_with(',')) word.remove_suffix(1);
    if (!looks_like_path(word)) continue;
    if (word == path || path.ends_with("/" + std::string(word))) return true;
  }
  return false;
}

// An offer ("Should I also ...?") lapses with the next prompt; a choice between two does not.
bool is_offer(std::string_view sentence) {
  std::string words;
  for (const Token& token : tokens_of(sentence)) words += " " + token.text;
  words += " ";
  if (contains(words, " or ") || contains(words, " which ") || contains(words, " what "))
    return false;
  for (std::string_view each :
       {" should i ", " shall i ", " want me to ", " like me to ", " let me know ", " tell me ",
        " should we ", " shall we ", " can i ", " may i "}) {
    if (contains(words, each)) return true;
  }
  return false;
}

// Words that tell what a sentence is about.
std::vector<std::string> telling_words(std::string_view sentence) {
  std::vector<std::string> words;
  for (const Token& token : tokens_of(sentence)) {
    bool number = is_number(token.text);
    bool common = one_of(
        token.text,
        {"should", "would", "could",     "which",      "what",  "want",   "also",    "that",
         "this",   "with",  "have",      "does",       "there", "your",   "from",    "when",
         "where",  "make",  "need",      "used",       "using", "still",  "done",    "then",
         "these",  "those", "they",      "them",       "been",  "into",   "only",    "please",
         "like",   "will",  "here",      "were",       "some",  "more",   "than",    "just",
         "added",  "tests", "test",      "file",       "files", "update", "updated", "haven't",
         "didn't", "not",   "implement", "implemented"});
    if (number || (!common && token.text.size() >= kLeastLetters)) words.push_back(token.text);
  }
  return words;
}

// Whether a prompt has one of the words, or a form of it ("parser", "parsers").
bool takes_up(const model::Turn& turn, const std::vector<std::string>& words) {
  for (const Token& token : tokens_of(turn.prompt)) {
    for (const std::string& word : words) {
      bool form = token.text.size() >= kLeastLetters &&
                  (token.text.starts_with(word) || word.starts_with(token.text));
      if (token.text == word || form) return true;
    }
  }
  return false;
}

// Whether a prompt that comes next answers by its form.
bool answers(const model::Turn& turn) {
  auto tokens = tokens_of(turn.prompt);
  if (tokens.empty()) return false;
  return tokens.size() <= kShortAnswer ||
         one_of(tokens[0].text,
                {"yes",     "no",     "yep", "nope", "yeah", "ok",    "okay",    "sure",   "both",
                 "neither", "either", "ja",  "nein", "oui",  "non",   "sí",      "да",     "нет",
                 "option",  "a",      "b",   "c",    "none", "right", "correct", "exactly"});
}

class Said {
 public:
  explicit Said(const Facts& facts) : facts_(facts) {}

  std::vector<OpenLine> run() {
    size_t first = facts_.turns.size() > kMaxTurns ? facts_.turns.size() - kMaxTurns : 0;
    std::vector<OpenLine> open;
    size_t earlier = 0;
    for (size_t i = facts_.turns.size(); i-- > first;) {
      for (auto& line : of_turn(i)) {
        bool newest = i + 1 == facts_.turns.size();
        bool known = std::ranges::find(open, line.text, &OpenLine::text) != open.end();
        if (known || (!newest && ++earlier > kMaxEarlier)) continue;
        open.push_back(std::move(line));
      }
    }
    return open;
  }

 private:
  std::vector<OpenLine> of_turn(size_t place) {
    const model::Turn& turn = facts_.turns[place];
    bool newest = place + 1 == facts_.turns.size();
    bool done = false, missing = false;
    std::vector<OpenLine> lines;
    std::string message = turn.last_message;
    if (auto masked = secrets::mask(message)) message = std::move(*masked);
    for (const auto& sentence : sentences_of(message)) {
      for (const auto& statement : statements_of(sentence)) {
        done |= statement.kind == Stated::complete;
        bool untested = statement.kind == Stated::tests_not_run;
        if (statement.kind == Stated::open || untested) {
          missing = true;
          if (newest || (!is_done_since(place, sentence, untested) && !taken_up(place, sentence))) {
            lines.push_back({"said-open", sentence, turn.address()});
          }
        }
        if (statement.kind != Stated::question) continue;
        if (newest) lines.push_back({"question", sentence, turn.address()});
        if (!newest && !is_answered(place, sentence)) {
          lines.push_back({"question-passed-over", sentence, turn.address()});
        }
      }
    }
    all_done_ |= done && !missing;
    return lines;
  }

  // Since a turn that is not the newest.
  bool is_done_since(size_t turn, std::string_view sentence, bool untested) const {
    if (all_done_) return true;
    Micros since = facts_.turns[turn + 1].began;
    return std::ranges::any_of(facts_.steps, [&](const model::Step& step) {
      if (step.began < since) return false;
      if (untested) return step.test && step.test->kind == model::TestKind::test;
      return std::ranges::any_of(step.changes, [&](const model::Change& change) {
        return !change.skipped && names(sentence, change.path);
      });
    });
  }

  // Whether a later prompt of a person has a word of it.
  bool taken_up(size_t turn, std::string_view sentence) const {
    auto words = telling_words(sentence);
    return std::any_of(
        facts_.turns.begin() + static_cast<std::ptrdiff_t>(turn) + 1, facts_.turns.end(),
        [&](const model::Turn& later) { return !later.synthetic && takes_up(later, words); });
  }

  bool is_answered(size_t turn, std::string_view sentence) const {
    auto next =
        std::find_if(facts_.turns.begin() + static_cast<std::ptrdiff_t>(turn) + 1,
                     facts_.turns.end(), [](const model::Turn& later) { return !later.synthetic; });
    if (next == facts_.turns.end()) return false;
    if (is_offer(sentence)) return true;
    return (answers(*next) && !only_goes_on(*next)) || taken_up(turn, sentence);
  }

  const Facts& facts_;
  bool all_done_ = false;  // a message of a later turn says so
};

}  // namespace

std::vector<OpenLine> said_open(const Facts& facts) {
  return Said(facts).run();
}

}  // namespace baton::handoff
