#pragma once

// How a handoff's sections are written. For the handoff_sections*.cc files only; handoff_sections.h
// is the door.

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "handoff/handoff.h"
#include "render/handoff_citations.h"
#include "render/handoff_sections.h"
#include "render/style.h"

namespace baton::render {

using namespace baton::handoff;

constexpr size_t kCommandColumns = 160;
constexpr size_t kErrorColumns = 200;
constexpr size_t kShortColumns = 100;
constexpr size_t kShortPrompt = 240;
constexpr size_t kShortId = 7;
constexpr size_t kReadsOnLine = 3;
constexpr size_t kMaxCited = 6;     // steps of one statement; more are counted
constexpr size_t kMaxReasons = 2;   // words behind a change, of one file
constexpr size_t kMaxSessions = 8;  // in the heading

std::string cite(const std::vector<Citation>& steps, size_t max = kMaxCited);
std::string exit_text(const std::optional<int>& status);
std::string lines_text(const LineRange& lines);

class SectionWriter {
 public:
  SectionWriter(const Style& style, const Handoff& handoff, bool prompt)
      : style_(style), handoff_(handoff), prompt_(prompt) {}

  HandoffDocument run();

 private:
  HandoffSection& add(std::string title, std::vector<HandoffEntry> entries);
  std::string span(std::string_view text, size_t max = 0) const;
  std::string spans(const std::vector<std::string>& texts, size_t most = 8) const;
  // Every line of a short text as a code span of its own.
  std::string line_spans(std::string_view text, size_t max, size_t most = 8) const;
  std::string first_session() const;
  // What shows all of this handoff. A name that a shell or Markdown could misread is not used.
  std::string command() const;
  void heading();
  // Where the repository stands, if that is not where the newest prompt left it.
  void now();
  std::string quoted(const Citation& source, std::string_view text) const;
  std::string short_quote(const Citation& source, std::string_view text, size_t columns) const;

  // --- What was said, and what the work went on under ---

  // Of a range: each task, how it stands and the way back to before it.
  std::vector<HandoffEntry> tasks() const;
  std::vector<HandoffEntry> prompts() const;
  std::vector<HandoffEntry> constraints() const;
  std::vector<HandoffEntry> assumptions() const;
  // What no prompt says: files of instructions on one line, then what else was put before agents.
  std::vector<HandoffEntry> context() const;
  std::vector<HandoffEntry> notes() const;
  std::vector<HandoffEntry> last_message() const;

  // --- What was done: handoff_sections_work.cc ---

  std::vector<HandoffEntry> plan() const;
  std::string change_spans(const std::vector<std::string>& lines, size_t most, bool only_new) const;
  std::vector<HandoffEntry> attempts() const;
  std::string attempt_text(const AttemptLine& attempt, bool brief) const;
  std::string undone_text(const AttemptLine& attempt, bool brief) const;
  std::vector<HandoffEntry> changes() const;
  static std::string place(const ChangeLine& change);
  // The agent's words before the steps that wrote it, the newest of them.
  std::string reasons(const ChangeLine& change, std::set<std::string>& told) const;
  std::vector<HandoffEntry> commands() const;
  std::vector<HandoffEntry> reads() const;
  std::vector<HandoffEntry> rollback() const;

  // --- What was found: handoff_sections_judged.cc ---

  static std::string open_label(const std::string& rule);
  std::vector<HandoffEntry> open() const;
  std::string since(const std::vector<SinceLine>& changes, size_t most) const;
  std::string verification(size_t most) const;
  std::vector<HandoffEntry> tests() const;
  std::vector<HandoffEntry> claims() const;
  std::vector<HandoffEntry> risks() const;
  std::vector<HandoffEntry> scope() const;
  std::vector<HandoffEntry> not_checked() const;

  const Style& style_;
  const Handoff& handoff_;
  bool prompt_;
  HandoffDocument document_;
};

}  // namespace baton::render
