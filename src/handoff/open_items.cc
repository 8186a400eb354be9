#include "handoff/open_items.h"

#include <algorithm>
#include <cctype>
#include <iterator>

#include "base/bytes.h"
#include "handoff/plans.h"
#include "handoff/said_open.h"

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

// `task`: what is cited where nobody's step added the line.
void add_marks(std::vector<OpenLine>& open, const std::string& rule, const Citation& task,
               const std::map<std::string, std::vector<Hunk>>& hunks,
               bool (*matches)(std::string_view)) {
  size_t found = 0;
  for (const auto& [key, of_path] : hunks) {
    std::string path = key.substr(0, key.find('\0'));
    for (const Hunk& hunk : of_path) {
      for (size_t i = 0; i < hunk.added.size() && found < kMaxMarks; ++i) {
        const std::string& line = hunk.added[i];
        // What stood elsewhere in the file was moved.
        auto was_there = [&](const Hunk& other) {
          return std::ranges::find(other.removed, line) != other.removed.end();
        };
        if (!matches(line) || std::ranges::any_of(of_path, was_there)) continue;
        ++found;
        std::string place = path + ":" + std::to_string(hunk.lines.first + static_cast<int>(i));
        std::string text(utf8_prefix(trim(line), kMaxMarkBytes));
        const model::Step* writer = hunk.writers[i];
        open.push_back({rule, place + ": " + text, writer ? writer->ref.address() : task});
      }
    }
  }
}

// Whether the user stopped a call, and the agent did nothing since: of that no end is heard.
bool waits_for_its_user(const Facts& facts, const model::Turn& turn) {
  auto last = std::ranges::find_if(facts.steps.rbegin(), facts.steps.rend(), [&](const auto& step) {
    return step.ref.session_key == turn.session_key;
  });
  return turn.ended == 0 && last != facts.steps.rend() && last->ref.turn == turn.number &&
         last->outcome == model::StepOutcome::interrupted;
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
  if (!facts.turns.empty()) {
    const model::Turn& newest = facts.turns.back();
    if (newest.state == model::TurnState::failed) {
      open.push_back({"interrupted-turn", "the turn died of an error", newest.address()});
    } else if (newest.state == model::TurnState::interrupted || waits_for_its_user(facts, newest)) {
      open.push_back({"interrupted-turn", "the turn was interrupted", newest.address()});
    }
  }
  for (const auto& item : handoff.plan) {
    if (item.status != "completed" && item.status != "deleted" && item.status != kLeftOut) {
      open.push_back({"plan-item", item.text + " (" + item.status + ")", item.step});
    }
  }
  for (const auto& note : handoff.notes) {
    if (note.kind == "open" && !note.closed) open.push_back({"note", note.text, note.source});
  }
  std::string task = handoff.sessions.empty() ? "" : handoff.sessions.front().address;
  add_marks(open, "conflict-marker", task, hunks, has_conflict);
  std::ranges::move(said_open(facts), std::back_inserter(open));
  add_marks(open, "todo-added", task, hunks, has_todo);
  return open;
}

}  // namespace baton::handoff
