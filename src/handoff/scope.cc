#include "handoff/scope.h"

#include <algorithm>
#include <set>

#include "base/bytes.h"
#include "handoff/forbidden_paths.h"
#include "handoff/path_kinds.h"
#include "handoff/sentences.h"

namespace baton::handoff {
namespace {

using model::Step;

constexpr std::string_view kKinds[] = {"forbidden", "deletion",   "test",
                                       "ci",        "lock-file",  "configuration",
                                       "generated", "never-read", "area"};

size_t rank_of(std::string_view kind) {
  return static_cast<size_t>(std::ranges::find(kKinds, kind) - std::begin(kKinds));
}

// What a prompt forbade, from then on.
struct Forbidden {
  std::string pattern;
  Citation turn;
};

void ask(ScopeLine& scope, std::vector<Forbidden>& forbidden, std::string_view text,
         const std::string& source) {
  for (const auto& sentence : sentences_of(text)) {
    NamedPaths named = paths_of_sentence(sentence);
    for (auto& path : named.asked) {
      auto known = std::ranges::find(scope.asked, path, &ScopeLine::Asked::pattern);
      if (known == scope.asked.end()) scope.asked.push_back({std::move(path), source});
    }
    for (auto& path : named.forbidden) forbidden.push_back({std::move(path), source});
  }
}

// The step that changed a path after a prompt had forbidden it.
const Step* touched_though(const Facts& facts, const std::vector<Forbidden>& forbidden,
                           const Net& net) {
  for (const auto& each : forbidden) {
    if (!net.matches(each.pattern)) continue;
    auto turn = std::ranges::find(facts.turns, each.turn, &model::Turn::address);
    if (turn == facts.turns.end()) continue;
    for (const Step* step : net.steps) {
      if (step->began >= turn->began) return step;
    }
  }
  return nullptr;
}

bool is_asked(const ScopeLine& scope, const Net& net) {
  return std::ranges::any_of(scope.asked,
                             [&](const auto& asked) { return net.matches(asked.pattern); });
}

// Words of a text in lower case; "release_voucher" is two.
void take_words(std::set<std::string>& words, std::string_view text) {
  std::string word;
  for (char c : lower_ascii(text) + " ") {
    if (c >= 'a' && c <= 'z') {
      word += c;
    } else {
      if (!word.empty()) words.insert(std::move(word));
      word.clear();
    }
  }
}

// Whether the words speak of what the file is named after: "the voucher" of src/voucher.rs.
bool is_spoken_of(const std::set<std::string>& words, std::string_view path) {
  constexpr size_t kLeastLetters = 4;
  std::string_view name = path.substr(path.rfind('/') + 1);
  std::set<std::string> parts;
  take_words(parts, name.substr(0, name.find('.', 1)));
  bool telling = false;
  for (const auto& part : parts) {
    if (part == "test" || part == "tests" || part == "spec") continue;
    if (!words.contains(part) && !words.contains(part + "s")) return false;
    telling = telling || part.size() >= kLeastLetters;
  }
  return telling;
}

// The most surprising thing about a change, "" if there is none.
std::string surprise(const Facts& facts, const Net& net, bool anything_named) {
  const std::string& path = net.path;
  char status = net.status();
  if (status == 'D') return net.deleted_by().empty() ? "deletion" : "";
  // A new test is no surprise unless files were named and it is none of them.
  if (is_test_path(path) && (status != 'A' || anything_named)) return "test";
  if (is_ci_path(path)) return "ci";
  if (is_lock_path(path)) return "lock-file";
  if (is_configuration_path(path)) return "configuration";
  bool generated =
      is_generated_path(path) || (!net.withheld && says_generated(facts.content(net.last.after)));
  if (generated) return "generated";
  if (changed_unread(facts, net)) return "never-read";
  return anything_named ? "area" : "";
}

const std::string& first_name(const Net& net) {
  return net.earlier.empty() ? net.path : net.earlier.front();
}

}  // namespace

const Step* changed_unread(const Facts& facts, const Net& net) {
  if (net.first.before.empty() || net.steps.empty()) return nullptr;
  const Step* first = net.steps.front();
  // A prompt with "@src/a.c" brings the file with it.
  bool given = std::ranges::any_of(facts.turns, [&](const model::Turn& turn) {
    return turn.began <= first->began && contains(turn.prompt, "@" + first_name(net));
  });
  if (given) return nullptr;
  for (const Step& step : facts.steps) {
    if (&step == first) break;
    bool failed =
        step.outcome == model::StepOutcome::failed || step.outcome == model::StepOutcome::refused;
    if (failed) continue;
    for (const auto& read : step.reads) {
      if (net.is_called(read.path)) return nullptr;
    }
  }
  // A command may read what it changes: `cat a > b; sed -i ... b`.
  bool own =
      std::ranges::any_of(first->reads, [&](const auto& r) { return net.is_called(r.path); });
  return own ? nullptr : first;
}

ScopeLine judge_scope(const Facts& facts, const Handoff& handoff) {
  ScopeLine scope;
  for (const auto& glob : facts.options.scope) scope.asked.push_back({glob.pattern, glob.source});
  std::vector<Forbidden> forbidden, unused;
  for (const auto& prompt : handoff.prompts) ask(scope, forbidden, prompt.text, prompt.turn);
  for (const auto& item : handoff.plan) ask(scope, unused, item.text, item.step);
  for (const auto& plan : handoff.plan_texts) ask(scope, unused, plan.text, plan.step);
  bool anything_named = !scope.asked.empty();
  std::set<std::string> words;
  for (const auto& prompt : handoff.prompts) take_words(words, prompt.text);
  for (const auto& item : handoff.plan) take_words(words, item.text);
  for (const Net& net : facts.nets) {
    if (!net.changed()) continue;
    if (const Step* step = touched_though(facts, forbidden, net)) {
      scope.surprises.push_back({net.path, "forbidden", step->ref.address()});
      continue;
    }
    if (is_asked(scope, net)) continue;
    if (std::ranges::find(handoff.plan_texts, net.path, &PlanTextLine::path) !=
        handoff.plan_texts.end()) {
      continue;
    }
    std::string kind = surprise(facts, net, anything_named);
    if (kind.empty() || (kind == "area" && is_spoken_of(words, net.path))) continue;
    scope.surprises.push_back({net.path, kind, net.steps.front()->ref.address()});
  }
  std::ranges::stable_sort(scope.surprises, {},
                           [](const SurpriseLine& line) { return rank_of(line.kind); });
  return scope;
}

std::vector<DeviationLine> plan_deviations(const Facts& facts, const Handoff& handoff) {
  std::vector<DeviationLine> lines;
  std::vector<std::string> planned;
  std::string source;
  auto take = [&](std::string_view text, const std::string& step) {
    for (auto& path : named_paths(text)) {
      if (std::ranges::find(planned, path) == planned.end()) planned.push_back(std::move(path));
    }
    source = step;
  };
  for (const auto& plan : handoff.plan_texts) take(plan.text, plan.step);
  if (planned.empty()) {
    for (const auto& item : handoff.plan) take(item.text, item.step);
  }
  if (planned.empty()) return lines;
  for (const Net& net : facts.nets) {
    if (!net.changed()) continue;
    bool is_plan = std::ranges::find(handoff.plan_texts, net.path, &PlanTextLine::path) !=
                   handoff.plan_texts.end();
    bool named = std::ranges::any_of(
        planned, [&](const std::string& pattern) { return net.matches(pattern); });
    if (!named && !is_plan) {
      lines.push_back({"not-in-plan", net.path, net.steps.front()->ref.address()});
    }
  }
  for (const auto& pattern : planned) {
    bool touched =
        std::ranges::any_of(facts.nets, [&](const Net& net) { return net.matches(pattern); });
    bool read = std::ranges::any_of(
        handoff.reads, [&](const ReadLine& line) { return path_matches(pattern, line.path); });
    bool ran = std::ranges::any_of(facts.steps, [&](const Step& step) {
      return step.command.find(pattern) != std::string::npos;
    });
    if (!touched && !read && !ran) lines.push_back({"not-touched", pattern, source});
  }
  return lines;
}

}  // namespace baton::handoff
