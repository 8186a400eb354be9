#include "handoff/open_items.h"

#include <algorithm>
#include <cctype>

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
  // A later prompt answers what the agent asked and knows what it said is missing.
  if (!facts.turns.empty() && !facts.turns.back().last_message.empty()) {
    const model::Turn& turn = facts.turns.back();
    std::string message = turn.last_message;
    if (auto masked = secrets::mask(message)) message = std::move(*masked);
    for (const auto& sentence : sentences_of(message)) {
      for (const auto& statement : statements_of(sentence)) {
        if (statement.kind == Stated::open || statement.kind == Stated::tests_not_run) {
          open.push_back({"said-open", sentence, turn.address()});
        }
        if (statement.kind == Stated::question) {
          open.push_back({"question", sentence, turn.address()});
        }
      }
    }
  }
  add_marks(open, "todo-added", hunks, has_todo);
  return open;
}

}  // namespace baton::handoff
