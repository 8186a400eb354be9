// `baton check`: the judgements of a handoff as an exit status, for CI.

#include <algorithm>

#include "base/bytes.h"
#include "cli/asked_task.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "handoff/findings.h"
#include "render/findings.h"

namespace baton::cli {
namespace {

using handoff::Judgement;

// The judgements of --fail-on: names with commas between them, `all` or `none`.
Result<std::vector<Judgement>> asked_failing(const Invocation& asked) {
  if (!asked.has(OptionId::fail_on)) {
    return std::vector{Judgement::contradicted, Judgement::failed};
  }
  std::vector<Judgement> failing;
  for (const std::string& list : asked.values(OptionId::fail_on)) {
    for (std::string_view word : split(list, ',')) {
      word = trim(word);
      if (word.empty() || word == "none") continue;
      bool known = word == "all";
      std::vector<std::string_view> names = {"all", "none"};
      for (Judgement judgement : handoff::kAllJudgements) {
        names.push_back(to_string(judgement));
        if (word != "all" && word != to_string(judgement)) continue;
        known = true;
        failing.push_back(judgement);
      }
      if (known) continue;
      std::string all;
      for (std::string_view name : names) all += (all.empty() ? "" : ", ") + std::string(name);
      std::string_view near = nearest(word, names);
      return fail(ErrorKind::usage, "unknown judgement '" + std::string(word) + "'",
                  (near.empty() ? "" : "did you mean '" + std::string(near) + "'?  ") +
                      std::string("known: ") + all);
    }
  }
  return failing;
}

// Whether a range was asked for and git knows it: commits that no agent had a part in are nothing
// to judge, and no error.
bool names_commits(Front& front, index::Index& index) {
  const auto& words = front.asked().words;
  if (words.empty() || !handoff::is_range(words[0]) || !index.git()) return false;
  return index.git()->commits(words[0]).has_value();
}

}  // namespace

Result<int> run_check(Front& front) {
  std::vector<Judgement> failing = TRY(asked_failing(front.asked()));
  index::Index& index = *TRY(front.index());
  auto handoff = asked_handoff(front, index, "check");
  std::vector<handoff::Finding> findings;
  if (handoff) {
    findings = handoff::find_findings(*handoff, failing);
  } else {
    if (!names_commits(front, index)) return std::unexpected(handoff.error());
    print_warning(handoff.error().message);
  }
  std::string_view format = front.asked().value(OptionId::check_format);
  const render::Style& style = front.style();
  front.out().write(front.json() || format == "json" ? render::findings_json(style, findings)
                    : format == "github"             ? render::findings_github(style, findings)
                                                     : render::findings_text(style, findings));
  bool fails = std::ranges::any_of(findings, &handoff::Finding::fails);
  return fails ? kNegative : kFine;
}

}  // namespace baton::cli
