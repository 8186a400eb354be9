#include "render/handoff_markdown.h"

#include <algorithm>

#include "base/bytes.h"
#include "render/handoff_sections.h"
#include "render/text.h"

namespace baton::render {
namespace {

std::string lower(std::string_view text) {
  return lower_ascii(text);
}

// --- without a budget

std::string left_out(const HandoffSection& section, size_t number, bool earlier) {
  return "- " + std::to_string(number) + (earlier ? " earlier" : " more") + ": `" + section.where +
         "`\n";
}

std::string whole_section(const HandoffSection& section) {
  std::string text = "## " + section.title + "\n";
  size_t lead = section.has_lead ? 1 : 0;
  if (lead) text += section.entries[0].forms[0];
  size_t count = section.entries.size() - lead;
  size_t shown = std::min(count, section.max);
  size_t first = lead + (section.newest ? count - shown : 0);
  if (section.newest && shown < count) text += left_out(section, count - shown, true);
  for (size_t i = 0; i < shown; ++i) {
    const std::string& entry = section.entries[first + i].forms[0];
    if (!section.joined) {
      text += entry;
      continue;
    }
    bool begins = i % section.joined == 0;
    text += (begins ? "- " : ", ") + entry;
    if (i + 1 == shown || (i + 1) % section.joined == 0) text += "\n";
  }
  if (!section.newest && shown < count) text += left_out(section, count - shown, false);
  return text;
}

std::string whole(const HandoffDocument& document) {
  std::string text = document.title;
  for (const auto& line : document.heading) text += line.forms[0];
  for (const auto& section : document.sections) text += whole_section(section);
  return text;
}

// --- with one

constexpr int kLeftOut = -1;
constexpr size_t kHeading = SIZE_MAX;  // "section" of the heading's lines

struct Choice {
  size_t section = 0, entry = 0;
  double need = 0;
  int form = kLeftOut;
};

class Fitting {
 public:
  Fitting(const HandoffDocument& document, size_t bytes) : document_(document), bytes_(bytes) {
    for (size_t i = 0; i < document.heading.size(); ++i) {
      choices_.push_back({kHeading, i, document.heading[i].need, kLeftOut});
    }
    for (size_t s = 0; s < document.sections.size(); ++s) {
      for (size_t e = 0; e < document.sections[s].entries.size(); ++e) {
        choices_.push_back({s, e, document.sections[s].entries[e].need, kLeftOut});
      }
    }
    std::ranges::stable_sort(choices_, {}, &Choice::need);
  }

  std::string run() {
    if (document_.title.size() > bytes_) {
      std::string_view begin = utf8_prefix(document_.title, bytes_);
      size_t end = begin.rfind('\n');
      return std::string(end == begin.npos ? begin : begin.substr(0, end + 1));
    }
    room_ = bytes_ - document_.title.size();
    // The closing line needs room as long as something may be left out.
    room_ -= std::min(room_, kClosing + document_.command.size());
    opened_.assign(document_.sections.size(), false);
    for (Choice& choice : choices_) take_shortest(choice);
    for (Choice& choice : choices_) take_longer(choice);
    for (std::string text = layout();; text = layout()) {
      if (text.size() <= bytes_) return text;
      auto last = std::ranges::find_if(choices_.rbegin(), choices_.rend(),
                                       [](const Choice& c) { return c.form != kLeftOut; });
      if (last == choices_.rend()) return document_.title;
      last->form = kLeftOut;
    }
  }

 private:
  static constexpr size_t kClosing = 150;

  const HandoffEntry& entry_of(const Choice& choice) const {
    return choice.section == kHeading ? document_.heading[choice.entry]
                                      : document_.sections[choice.section].entries[choice.entry];
  }
  bool is_joined(const Choice& choice) const {
    return choice.section != kHeading && document_.sections[choice.section].joined;
  }

  void take_shortest(Choice& choice) {
    const auto& forms = entry_of(choice).forms;
    size_t cost = forms.back().size() + (is_joined(choice) ? 2 : 0);
    bool opens = choice.section != kHeading && !opened_[choice.section];
    if (opens) {
      cost += document_.sections[choice.section].title.size() + 4 + (is_joined(choice) ? 3 : 0);
    }
    if (cost > room_) return;
    room_ -= cost;
    if (opens) opened_[choice.section] = true;
    choice.form = static_cast<int>(forms.size()) - 1;
  }

  void take_longer(Choice& choice) {
    if (choice.form == kLeftOut) return;
    const auto& forms = entry_of(choice).forms;
    size_t now = forms[static_cast<size_t>(choice.form)].size();
    for (size_t form = 0; form < static_cast<size_t>(choice.form); ++form) {
      if (forms[form].size() > now + room_) continue;
      room_ -= std::min(room_, forms[form].size() - std::min(now, forms[form].size()));
      choice.form = static_cast<int>(form);
      return;
    }
  }

  std::string layout() const {
    std::vector<int> heading(document_.heading.size(), kLeftOut);
    std::vector<std::vector<int>> sections;
    for (const auto& section : document_.sections) {
      sections.emplace_back(section.entries.size(), kLeftOut);
    }
    for (const Choice& choice : choices_) {
      auto& forms = choice.section == kHeading ? heading : sections[choice.section];
      forms[choice.entry] = choice.form;
    }
    std::string text = document_.title;
    for (size_t i = 0; i < document_.heading.size(); ++i) {
      int form = heading[i];
      if (form != kLeftOut) text += document_.heading[i].forms[static_cast<size_t>(form)];
    }
    std::string missing;
    for (size_t s = 0; s < document_.sections.size(); ++s) {
      const HandoffSection& section = document_.sections[s];
      std::string body;
      size_t out = 0;
      for (size_t e = 0; e < section.entries.size(); ++e) {
        int form = sections[s][e];
        if (form == kLeftOut) {
          ++out;
          continue;
        }
        const std::string& entry = section.entries[e].forms[static_cast<size_t>(form)];
        body += section.joined ? (body.empty() ? "- " : ", ") + entry : entry;
      }
      if (section.joined && !body.empty()) body += "\n";
      if (!body.empty()) text += "## " + section.title + "\n" + body;
      if (out)
        missing += (missing.empty() ? "" : ", ") + lower(section.title) + " " + std::to_string(out);
    }
    if (missing.empty() && is_all_long()) return text;
    text += "Left out" + (missing.empty() ? std::string(": details") : ": " + missing);
    return text + ". All: `" + document_.command + "`\n";
  }

  bool is_all_long() const {
    return std::ranges::all_of(choices_, [](const Choice& choice) { return choice.form == 0; });
  }

  const HandoffDocument& document_;
  size_t bytes_;
  size_t room_ = 0;
  std::vector<Choice> choices_;
  std::vector<bool> opened_;
};

}  // namespace

std::string handoff_markdown(const Style& style, const handoff::Handoff& handoff,
                             const HandoffForm& form) {
  HandoffDocument document = handoff_document(style, handoff, form.prompt);
  if (!form.budget) return whole(document);
  return fitted(document, form.budget * kBytesOfToken);
}

std::string fitted(const HandoffDocument& document, size_t bytes) {
  return Fitting(document, bytes).run();
}

}  // namespace baton::render
