#pragma once

// The judgements of a handoff as a list of findings, for an exit status and for annotations. What
// each judgement means is in docs/handoff.md.

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "handoff/handoff.h"

namespace baton::handoff {

enum class Judgement : uint8_t {
  contradicted,  // a claim that the record contradicts
  failed,        // the newest run of tests, of a build or of a check failed
  stale,         // it passed, and files changed since
  partial,       // it passed, and was a part of the tests
  never_run,     // files were changed, and no tests ran
  unknown,       // nothing tells how the run ended
  open,          // something is not finished
  scope,         // a change that nobody asked for
  risk,          // something that a reviewer should look at
};
constexpr size_t kJudgements = 9;
constexpr std::array<Judgement, kJudgements> kAllJudgements = {
    Judgement::contradicted, Judgement::failed,    Judgement::stale,
    Judgement::partial,      Judgement::never_run, Judgement::unknown,
    Judgement::open,         Judgement::scope,     Judgement::risk};
std::string_view to_string(Judgement judgement);

// Whether a risk only repeats what claims and verification say.
bool is_told_elsewhere(const RiskLine& risk);

struct Finding {
  Judgement judgement = Judgement::risk;
  bool fails = false;
  std::string text;    // in baton's words
  std::string quoted;  // recorded text that it is about, "" if there is none
  std::string path;    // "" if it is about no file
  LineRange lines;     // of the file as it is now; 0 if unknown
  std::vector<Citation> evidence;
};

// In order of the judgements; `failing` says which of them fail.
std::vector<Finding> find_findings(const Handoff& handoff, const std::vector<Judgement>& failing);

}  // namespace baton::handoff
