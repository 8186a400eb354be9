#pragma once

// A handoff as sections of entries, each in several forms: what handoff_markdown() lays out.

#include <string>
#include <vector>

#include "handoff/handoff.h"
#include "render/style.h"

namespace baton::render {

// How much of a section is shown when no budget is given.
constexpr size_t kMaxHandoffPrompts = 12;
constexpr size_t kMaxHandoffLines = 20;  // entries of any other section
constexpr size_t kMaxQuotedBlock = 30;   // lines of one prompt or message

struct HandoffEntry {
  std::vector<std::string> forms;  // the longest first; whole lines, or parts of one (`joined`)
  double need = 0;                 // what is needed most has the least
};

struct HandoffSection {
  std::string title;
  std::vector<HandoffEntry> entries;
  size_t max = kMaxHandoffLines;
  std::string where;      // the command that shows the rest
  bool newest = false;    // where not all are shown, the newest (last) are
  bool has_lead = false;  // the first entry always stands first
  size_t joined = 0;      // so many entries on one line, with commas
};

struct HandoffDocument {
  std::string title;                  // with its newline
  std::vector<HandoffEntry> heading;  // lines below it
  std::vector<HandoffSection> sections;
  std::string command;  // that shows all of it
};

HandoffDocument handoff_document(const Style& style, const handoff::Handoff& handoff, bool prompt);

}  // namespace baton::render
