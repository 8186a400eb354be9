// A pull request's body out of any recorded text: it is one block between its marks, nothing of the
// text is Markdown or HTML in it, no character acts on a terminal, and it fits.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "render/body_marks.h"
#include "render/pull_request.h"
#include "render/text.h"

using namespace baton;

namespace {

void check(bool holds) {
  if (!holds) abort();
}

// The line without its code spans.
std::string outside_of_spans(std::string_view line) {
  std::string out;
  for (size_t at = 0; at < line.size();) {
    if (line[at] != '`') {
      out += line[at++];
      continue;
    }
    size_t run = std::min(line.find_first_not_of('`', at), line.size()) - at;
    size_t end = at + run;
    while (end < line.size()) {
      size_t tick = line.find('`', end);
      check(tick != std::string_view::npos);  // every span is closed
      size_t length = std::min(line.find_first_not_of('`', tick), line.size()) - tick;
      end = tick + length;
      if (length == run) break;
    }
    at = end;
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string text(reinterpret_cast<const char*>(data), size);
  std::string half = text.substr(0, size / 2), rest = text.substr(size / 2);
  handoff::PullRequest request;
  handoff::Handoff& made = request.handoff;
  made.sessions.push_back(
      {.address = "c7f2", .agent = "claude-code", .model = half, .state = "ended"});
  made.prompts = {{"c7f2:1", text, false}, {"c7f2:2", rest, true}};
  made.constraints = {{"c7f2:2", rest, "steering"}};
  made.plan = {{half, "completed", "c7f2.1"}, {rest, half, "c7f2.2"}};
  made.reads = {{text, {"c7f2.1"}, true}};
  made.changes.resize(1);
  made.changes[0].path = text;
  made.changes[0].turn = "c7f2:1";
  made.commands = {{"c7f2.3", text, 1, "failed"}};
  made.tests.resize(1);
  made.tests[0].step = "c7f2.4";
  made.tests[0].command = half;
  made.tests[0].kind = "test";
  made.tests[0].verdict = "failed";
  made.tests[0].failing = {rest};
  made.verification = {handoff::Verification::stale, "c7f2.4", {{text, "outside", ""}}};
  made.attempts.resize(1);
  made.attempts[0].rule = "edit-then-failing-run";
  made.attempts[0].paths = {half};
  made.attempts[0].command = rest;
  made.attempts[0].tried = {"-" + half, "+" + rest};
  made.attempts[0].error = text;
  made.open = {{"plan-item", rest, "c7f2.2"}};
  made.claims = {{text, "tests", "contradicted", "the newest run failed", "c7f2:2", {"c7f2.4"}}};
  made.scope.surprises = {{half, "ci", "c7f2.5"}};
  request.since = half;
  request.intents = {{"c7f2:1", text, {{rest, 'A', 1, 2, true, false, {"c7f2.1"}}}}};
  request.commits = {{std::string(40, 'a'), half, rest, {}, 0}};
  request.diff = {{text, 'M', 1, 1, true, false}};

  render::Style style;
  render::Outward outward({"/srv/repo"}, "/home/robin");
  size_t limit = size % 3 == 0 ? render::kMaxBodyBytes : 3000 + size;
  render::Body body = render::pull_request_body(style, request, outward, limit);
  if (size < 10'000 && limit == render::kMaxBodyBytes) check(body.text.size() <= limit);
  check(is_utf8(body.text));

  auto around = render::around_body(body.text);
  check(around && around->before.empty() && around->after.empty());

  std::string fence;
  for (std::string_view line : split(body.text, '\n')) {
    for (char c : line) check(static_cast<unsigned char>(c) >= 0x20 || c == '\t');
    std::string_view bare = line.substr(std::min(line.find_first_not_of(' '), line.size()));
    size_t ticks = std::min(bare.find_first_not_of('`'), bare.size());
    if (!fence.empty()) {
      if (bare == fence) fence.clear();
      continue;
    }
    if (ticks >= 3 && bare.substr(ticks) == "text") {
      fence = bare.substr(0, ticks);
      continue;
    }
    std::string plain = outside_of_spans(line);
    bool own = line == render::kBodyBegins || line == render::kBodyEnds || line == "<details>" ||
               line == "</details>" || line.starts_with("<summary>");
    check(own || plain.find_first_of("<>!@") == std::string::npos);
    check(!contains(plain, "](") && !contains(plain, "]["));
  }
  check(fence.empty());
  return 0;
}
