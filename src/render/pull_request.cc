#include "render/pull_request.h"

#include <algorithm>

#include "base/bytes.h"
#include "render/body_marks.h"
#include "render/review_lines.h"
#include "render/text.h"

namespace baton::render {
namespace {

using namespace baton::handoff;

// What a level of shortening shows.
struct Level {
  bool intents = true, context = true, reads = true, commands = true, diff = true;
  size_t block_bytes = 1u << 20;  // of one quoted text
  size_t entries = 10'000;        // of one list
};

// Of a body that is much too long the texts and lists are shortened, too.
constexpr Level bare(size_t block_bytes = 1u << 20, size_t entries = 10'000) {
  return {false, false, false, false, false, block_bytes, entries};
}

constexpr Level kLevels[] = {
    {},
    {.intents = false},
    {.intents = false, .context = false},
    {.intents = false, .context = false, .reads = false},
    {.intents = false, .context = false, .reads = false, .commands = false},
    bare(),
    bare(8000, 200),
    bare(2000, 80),
    bare(600, 30),
    bare(200, 10),
    bare(80, 4),
};

std::vector<std::string> left_out_by(const Level& level, const PullRequest& request) {
  std::vector<std::string> names;
  if (!level.intents) names.emplace_back("the prompt behind each file");
  if (!level.context && !request.handoff.context.empty()) {
    names.emplace_back("what the agents worked under");
  }
  if (!level.reads) names.emplace_back("files read");
  if (!level.commands) names.emplace_back("commands");
  if (!level.diff) names.emplace_back("the list of the diff");
  if (level.entries < kLevels[0].entries) names.emplace_back("parts of long texts and lists");
  return names;
}

class Writer {
 public:
  Writer(const Style& style, const PullRequest& request, const Outward& outward, const Level& level)
      : request_(request),
        handoff_(request.handoff),
        level_(level),
        lines_(style, request, outward, level.block_bytes) {}

  std::string text() {
    out_ = std::string(kBodyBegins) + "\n";
    head();
    prompts();
    list("Kept to", lines_.constraints());
    plan();
    changes();
    tests();
    list("Tried and dropped", lines_.attempts());
    list("Open", lines_.open());
    list("Assumptions", lines_.assumptions());
    list("Notes", lines_.notes());
    list("Risks", lines_.risks());
    heading("Going back");
    add_entries(lines_.rollback());
    folded("Commits", lines_.commits(), true);
    folded("Worked under", lines_.context(), level_.context);
    folded("Files read", lines_.reads(), level_.reads);
    folded("Commands", lines_.commands(), level_.commands);
    folded(lines_.diff_title(), lines_.diff(), level_.diff);
    left_out();
    out_ += std::string(kBodyEnds) + "\n";
    return std::move(out_);
  }

 private:
  void heading(std::string_view title) { out_ += "\n## " + std::string(title) + "\n\n"; }

  void list(std::string_view title, const std::vector<std::string>& entries) {
    if (entries.empty()) return;
    heading(title);
    add_entries(entries);
  }
  void add_entries(const std::vector<std::string>& entries) {
    size_t shown = std::min(entries.size(), level_.entries);
    for (size_t i = 0; i < shown; i++) out_ += "- " + entries[i] + "\n";
    if (shown < entries.size()) {
      out_ += "- " + std::to_string(entries.size() - shown) + " more: `" + lines_.all() + "`\n";
    }
  }
  void folded(const std::string& title, const std::vector<std::string>& entries, bool show) {
    if (entries.empty() || !show) return;
    out_ += "\n<details>\n<summary>" + title + " (" + std::to_string(entries.size()) +
            ")</summary>\n\n";
    add_entries(entries);
    out_ += "\n</details>\n";
  }

  void head() {
    out_ +=
        "Made by `baton pr` from what was recorded while the work was done. Text in code marks is "
        "quoted from the record; what stands in brackets can be looked up with `baton show";
    if (request_.bundle.empty()) {
      out_ += "`.\n\n";
    } else {
      out_ += " ADDRESS --bundle FILE`, FILE being the bundle with the digest `" + request_.bundle +
              "` (its first line names it).\n\n";
    }
    if (!request_.since.empty()) out_ += "What came after " + lines_.span(request_.since) + ":\n\n";
    std::vector<std::string> sessions;
    for (const auto& session : handoff_.sessions) sessions.push_back(lines_.session(session));
    add_entries(sessions);
  }

  void prompts() {
    if (handoff_.prompts.empty()) return;
    heading(request_.since.empty() ? "Prompt" : "Prompts");
    // The first and the newest are kept where not all are shown.
    size_t count = handoff_.prompts.size();
    size_t passed_over = count - std::min(count, level_.entries);
    for (size_t i = 0; i < count; i++) {
      if (i == 1 && passed_over > 0) {
        out_ += "\nThen " + std::to_string(passed_over) + " prompts: `" + lines_.all() + "`\n";
        i += passed_over;
      }
      const PromptLine& prompt = handoff_.prompts[i];
      bool first = i == 0;
      out_ += (first ? "" : "\nThen ") + cite(prompt.turn) +
              (prompt.interrupted ? ", interrupted" : "") + ":\n\n" +
              lines_.quoted(prompt.text, prompt.turn);
    }
  }

  void plan() {
    auto items = lines_.plan();
    list("Plan", items);
    size_t shown = std::min(handoff_.plan_texts.size(), level_.entries);
    if (items.empty() && shown > 0) heading("Plan");
    for (size_t i = 0; i < shown; i++) {
      const auto& text = handoff_.plan_texts[i];
      out_ += "\nAs written" + (text.path.empty() ? "" : " in " + lines_.span(text.path)) + " " +
              cite(text.step) + ":\n\n" + lines_.quoted(text.text, text.step);
    }
  }

  void changes() {
    heading("Changed");
    if (handoff_.changes.empty()) {
      out_ += "Nothing.\n";
      return;
    }
    if (level_.intents) {
      for (const IntentLine& intent : request_.intents) changes_for(intent);
      while (out_.ends_with("\n\n")) out_.pop_back();
    } else {
      std::vector<std::string> entries;
      for (const auto& change : handoff_.changes) entries.push_back(lines_.change(change));
      add_entries(entries);
    }
    if (handoff_.others.empty()) return;
    out_ += "\nBy nobody's step meanwhile:\n\n";
    add_entries(lines_.others());
  }

  void changes_for(const IntentLine& intent) {
    out_ += "For " +
            (intent.prompt.empty() ? "a prompt that was not heard"
                                   : lines_.short_span(first_line(intent.prompt))) +
            " " + cite(intent.turn) + ":\n\n";
    std::vector<std::string> entries;
    for (const IntentFile& file : intent.files) entries.push_back(lines_.change(file));
    add_entries(entries);
    out_ += "\n";
  }

  void tests() {
    heading("How it was verified");
    out_ += "- " + lines_.verification() + "\n";
    auto runs = lines_.runs();
    // The newest runs are kept where not all are shown.
    if (runs.size() > level_.entries) {
      out_ += "- " + std::to_string(runs.size() - level_.entries) + " earlier runs: `" +
              lines_.all() + "`\n";
      runs.erase(runs.begin(), runs.end() - static_cast<long>(level_.entries));
    }
    add_entries(runs);
    auto missing = lines_.not_checked();
    if (missing.empty()) return;
    out_ += "\nNot checked:\n\n";
    add_entries(missing);
  }

  void left_out() {
    if (!level_.diff)
      out_ += "\n" + lines_.diff_title() + ", " +
              count(static_cast<int64_t>(request_.diff.size()), "file") + ".\n";
    auto names = left_out_by(level_, request_);
    if (names.empty()) return;
    out_ += "\nLeft out so that this fits: ";
    for (size_t i = 0; i < names.size(); i++) out_ += (i ? ", " : "") + names[i];
    out_ += ". `" + lines_.all() + "` has all.\n";
  }

  const PullRequest& request_;
  const Handoff& handoff_;
  const Level& level_;
  ReviewLines lines_;
  std::string out_;
};

}  // namespace

Body pull_request_body(const Style& style, const PullRequest& request, const Outward& outward,
                       size_t max_bytes) {
  Body body;
  for (const Level& level : kLevels) {
    body.text = Writer(style, request, outward, level).text();
    body.left_out = left_out_by(level, request);
    if (body.text.size() <= max_bytes) break;
  }
  return body;
}

}  // namespace baton::render
