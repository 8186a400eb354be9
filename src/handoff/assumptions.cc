#include "handoff/assumptions.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <string>

#include "base/bytes.h"
#include "handoff/sentences.h"
#include "secrets/mask.h"

namespace baton::handoff {
namespace {

constexpr size_t kMaxAssumptions = 40;

// In lower case; an apostrophe belongs to its word.
std::vector<std::string> words_of(std::string_view sentence) {
  std::string text = lower_ascii(sentence);
  for (size_t at; (at = text.find("\u2019")) != std::string::npos;) text.replace(at, 3, "'");
  std::vector<std::string> words;
  std::string word;
  for (char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) || c == '\'') {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

// "I assume", "we've assumed", "I am simply assuming"
bool speaker_assumes(const std::vector<std::string>& words) {
  for (size_t at = 0; at < words.size(); ++at) {
    if (!one_of(words[at], {"assume", "assumed", "assuming", "presume", "presumed", "presuming"})) {
      continue;
    }
    size_t subject = at;
    while (subject > 0 && one_of(words[subject - 1],
                                 {"will", "shall", "am", "are", "have", "just", "simply", "also",
                                  "therefore", "thus", "here", "now", "only", "still"})) {
      --subject;
    }
    if (subject == 0) continue;
    bool speaker =
        one_of(words[subject - 1], {"i", "i'm", "i'll", "i've", "we", "we're", "we'll", "we've"});
    bool condition = subject > 1 && one_of(words[subject - 2],
                                           {"if", "unless", "when", "should", "do", "did", "can",
                                            "could", "may", "until", "had", "that", "what"});
    if (speaker && !condition) return true;
  }
  return false;
}

bool has_run(const std::vector<std::string>& words, Words run) {
  return std::search(words.begin(), words.end(), run.begin(), run.end()) != words.end();
}

// "Assuming the port is free, ..." takes it for granted; "assuming it works" waits for it.
bool begins_assuming(const std::vector<std::string>& words) {
  if (words.size() < 4 || words[0] != "assuming") return false;
  size_t next = words[1] == "that" ? 2 : 1;
  return !one_of(words[next], {"this", "it", "everything", "all", "no", "nothing", "they", "these",
                               "those", "tests"});
}

}  // namespace

bool is_assumption(std::string_view sentence) {
  sentence = trim(sentence);
  if (sentence.ends_with('?')) return false;
  auto words = words_of(sentence);
  for (std::string_view word : {"wrong", "wrongly", "incorrectly", "mistakenly", "initially",
                                "originally", "previously", "earlier"}) {
    if (std::ranges::find(words, word) != words.end()) return false;
  }
  if (has_run(words, {"turned", "out"}) || has_run(words, {"turns", "out"})) return false;
  if (speaker_assumes(words) || begins_assuming(words)) return true;
  if (words.size() > 2 && one_of(words[0], {"assumption", "assumptions"})) {
    return contains(sentence, ":");
  }
  if (words.size() > 3 && words[0] == "my" && one_of(words[1], {"assumption", "assumptions"})) {
    return one_of(words[2], {"is", "are"});
  }
  return has_run(words, {"on", "the", "assumption", "that"}) ||
         has_run(words, {"under", "the", "assumption", "that"});
}

std::vector<AssumptionLine> find_assumptions(const Facts& facts, const Handoff& handoff) {
  std::vector<AssumptionLine> lines;
  std::set<std::string> said;
  auto take = [&](std::string_view message, const Citation& source) {
    std::string text(message);
    if (auto masked = secrets::mask(text)) text = std::move(*masked);
    for (auto& sentence : sentences_of(text)) {
      if (lines.size() == kMaxAssumptions || !is_assumption(sentence)) continue;
      if (said.insert(sentence).second) {
        lines.push_back({"said", std::move(sentence), {}, source, false});
      }
    }
  };
  for (const auto& session : facts.sessions) {
    auto messages = facts.messages.find(session.key);
    if (messages == facts.messages.end()) continue;
    for (const auto& message : messages->second) {
      if (message.kind != model::MessageKind::message) continue;
      bool known = std::ranges::any_of(facts.turns, [&](const model::Turn& turn) {
        return turn.session_key == session.key && turn.number == message.turn;
      });
      if (!known) continue;  // before the moment that was asked for
      take(message.text, session.address + ":" + std::to_string(message.turn));
    }
  }
  for (const auto& turn : facts.turns) take(turn.last_message, turn.address());
  for (const auto& note : handoff.notes) {
    if (note.kind != "assumption") continue;
    lines.push_back({"note", note.text, note.author, note.source, note.closed});
  }
  return lines;
}

}  // namespace baton::handoff
