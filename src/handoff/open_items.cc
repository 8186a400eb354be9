#include "handoff/open_items.h"

#include <algorithm>
#include <cctype>
#include <iterator>

#include "base/bytes.h"
#include "handoff/sentences.h"
#include "handoff/statements.h"
#include "secrets/mask.h"

namespace baton::handoff {
namespace {

constexpr size_t kMaxMarks = 20;  // of one kind
constexpr size_t kMaxMarkBytes = 160;

bool is_word_at(std::string_view line, size_t at, size_t length) {
  auto part_of_word = [&](size_t place) {
    return place < line.size() &&
           (std::isalnum(static_cast<unsigned char>(line[place])) || line[place] == '_');
  };
  return !(at > 0 && part_of_word(at - 1)) && !part_of_word(at + length);
}

bool has_todo(std::string_view line) {
  for (std::string_view mark : {"TODO", "FIXME", "XXX", "HACK"}) {
    size_t at = line.find(mark);
    if (at != line.npos && is_word_at(line, at, mark.size())) return true;
  }
  return false;
}

bool has_conflict(std::string_view line) {
  return line.starts_with("<<<<<<< ") || line.starts_with(">>>>>>> ");
}

void add_marks(std::vector<OpenLine>& open, const std::string& rule,
               const std::map<std::string, std::vector<Hunk>>& hunks,
               bool (*matches)(std::string_view)) {
  size_t found = 0;
  for (const auto& [path, of_path] : hunks) {
    for (const Hunk& hunk : of_path) {
      for (size_t i = 0; i < hunk.added.size() && found < kMaxMarks; ++i) {
        const std::string& line = hunk.added[i];
        if (!matches(line) || std::ranges::find(hunk.removed, line) != hunk.removed.end()) continue;
        ++found;
        std::string place = path + ":" + std::to_string(hunk.lines.first + static_cast<int>(i));
        std::string text(utf8_prefix(trim(line), kMaxMarkBytes));
        open.push_back({rule, place + ": " + text, hunk.step ? hunk.step->ref.address() : ""});
      }
    }
  }
}

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

// What agents said last is not done, and what they asked.
class Said {
 public:
  explicit Said(const Facts& facts) : facts_(facts) {}

  std::vector<OpenLine> run() {
    std::vector<std::vector<OpenLine>> found;  // newest turn first
    for (size_t i = facts_.turns.size(); i-- > 0;) {
      found.push_back(of_turn(i));
      // A later prompt answers what the agent asked and knows what it said is missing.
      if (!only_goes_on(facts_.turns[i])) break;
    }
    std::vector<OpenLine> open;
    for (auto& lines : found) {
      for (auto& line : lines) {
        if (std::ranges::find(open, line.text, &OpenLine::text) == open.end()) {
          open.push_back(std::move(line));
        }
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
          if (newest || !is_done_since(place, sentence, untested)) {
            lines.push_back({"said-open", sentence, turn.address()});
          }
        }
        if (statement.kind == Stated::question && newest) {
          lines.push_back({"question", sentence, turn.address()});
        }
      }
    }
    all_done_ |= done && !missing;
    return lines;
  }

  // Since a turn of which only "go on" came after.
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

  const Facts& facts_;
  bool all_done_ = false;  // a message of a later turn says so
};

}  // namespace

std::vector<OpenLine> open_items(const Facts& facts, const Handoff& handoff,
                                 const std::map<std::string, std::vector<Hunk>>& hunks) {
  std::vector<OpenLine> open;
  const VerificationLine& whole = handoff.verification;
  if (whole.state == Verification::failed) {
    open.push_back({"failing-run", "the newest run of these tests failed", whole.step});
  }
  if (whole.state == Verification::unknown) {
    open.push_back({"unknown-run", "nothing tells how the newest run of tests ended", whole.step});
  }
  // A later prompt takes up what was cut off.
  if (!facts.turns.empty() && facts.turns.back().state == model::TurnState::interrupted) {
    open.push_back({"interrupted-turn", "the turn was interrupted", facts.turns.back().address()});
  }
  for (const auto& item : handoff.plan) {
    if (item.status != "completed" && item.status != "deleted") {
      open.push_back({"plan-item", item.text + " (" + item.status + ")", item.step});
    }
  }
  for (const auto& note : handoff.notes) {
    if (note.kind == "open" && !note.closed) open.push_back({"note", note.text, note.source});
  }
  add_marks(open, "conflict-marker", hunks, has_conflict);
  std::ranges::move(Said(facts).run(), std::back_inserter(open));
  add_marks(open, "todo-added", hunks, has_todo);
  return open;
}

}  // namespace baton::handoff
