// Whatever was recorded, a handoff is Markdown in which it stands in code marks only, and a context
// for an agent keeps its size and holds no tag.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "render/handoff_markdown.h"
#include "render/injection.h"

namespace {

using namespace baton;

constexpr std::string_view kSign = "zqz";  // in every recorded text, and nowhere else

// Recorded texts, cut out of the input.
class Texts {
 public:
  explicit Texts(std::string_view input) : input_(input) {}
  std::string next() {
    size_t asked = input_.empty() ? 0 : 1 + static_cast<unsigned char>(input_[0]) % 64;
    size_t length = std::min(input_.size(), asked);
    std::string text = std::string(kSign) + std::string(input_.substr(0, length));
    input_.remove_prefix(length);
    if (length % 2) text += kSign;
    return text;
  }
  bool empty() const { return input_.empty(); }

 private:
  std::string_view input_;
};

void check(bool holds) {
  if (!holds) abort();
}

size_t run_at(std::string_view text, size_t at) {
  size_t end = at;
  while (end < text.size() && text[end] == '`') ++end;
  return end - at;
}

// Reads fenced blocks and code spans as CommonMark has them, and looks at the rest.
void check_markdown(const std::string& markdown) {
  std::string_view fence;
  for (std::string_view line : split(markdown, '\n')) {
    std::string_view body = trim(line);
    if (!fence.empty()) {
      if (body == fence) fence = {};
      continue;
    }
    if (body.starts_with("```")) {
      fence = body.substr(0, run_at(body, 0));
      continue;
    }
    std::string outside;
    for (size_t at = 0; at < line.size();) {
      size_t run = run_at(line, at);
      if (run == 0) {
        outside += line[at++];
        continue;
      }
      size_t end = at + run;
      for (;;) {
        while (end < line.size() && line[end] != '`') ++end;
        check(end < line.size());  // a span that is never closed
        size_t closing = run_at(line, end);
        end += closing;
        if (closing == run) break;
      }
      at = end;
    }
    check(!contains(outside, kSign));
  }
  check(fence.empty());
}

handoff::Handoff recorded(Texts& texts) {
  handoff::Handoff handoff;
  handoff.branch = texts.next();
  handoff.sessions.push_back(
      {.address = "c7f2", .agent = "codex", .model = texts.next(), .state = "ended"});
  while (!texts.empty()) {
    handoff.prompts.push_back({"c7f2:1", texts.next(), false});
    handoff.constraints.push_back({"c7f2:1", texts.next(), "steering"});
    handoff.plan.push_back({texts.next(), "pending", "c7f2.1"});
    handoff.reads.push_back({texts.next(), {"c7f2.2"}, false});
    handoff::ChangeLine change;
    change.path = texts.next();
    change.steps = {"c7f2.3"};
    change.turn = "c7f2:1";
    handoff.changes.push_back(change);
    handoff.commands.push_back({"c7f2.4", texts.next(), 1, "failed"});
    handoff::AttemptLine attempt;
    attempt.rule = "failed-command";
    attempt.command = texts.next();
    attempt.error = texts.next();
    attempt.steps = {"c7f2.4"};
    attempt.failed_at = "c7f2.4";
    handoff.attempts.push_back(attempt);
    handoff.open.push_back({"plan-item", texts.next(), "c7f2.1"});
    handoff.notes.push_back({"risk", texts.next(), texts.next(), "c7f2.5", 0});
  }
  handoff.last_message = texts.next();
  handoff.last_message_turn = "c7f2:1";
  return handoff;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > 8192) return 0;
  Texts texts({reinterpret_cast<const char*>(data), size});
  handoff::Handoff handoff = recorded(texts);
  render::Style style;
  check_markdown(render::handoff_markdown(style, handoff));
  for (size_t limit : {300u, 700u, 1'600u, 6'000u, 100'000u}) {
    for (const std::string& context : {render::startup_context(style, handoff, limit),
                                       render::compact_context(style, handoff, limit)}) {
      check(context.size() <= limit);
      check(!contains(context, "</") && !contains(context, "<!"));
      check_markdown(context);
    }
  }
  return 0;
}
