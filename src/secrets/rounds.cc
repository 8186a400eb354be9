#include "secrets/rounds.h"

#include <algorithm>

#include "base/bytes.h"
#include "secrets/judge.h"
#include "secrets/key_name.h"

namespace baton::secrets {
namespace {

constexpr std::string_view kOutcomes =
    "passed failed skipped ok error pass fail success failure pending running true false null none";

// A mark may make a neighbour visible (a token that began in the middle of a word begins after a
// mark then); masking goes on until nothing is found, in this many rounds at most.
constexpr int kMaxRounds = 8;

std::string replace(std::string_view text, const std::vector<Finding>& findings) {
  std::string out;
  out.reserve(text.size() + findings.size() * 16);
  size_t done = 0;
  for (const Finding& finding : findings) {
    out += text.substr(done, finding.offset - done);
    out += kMarkBegin;
    out += finding.rule;
    out += ']';
    done = finding.offset + finding.length;
  }
  out += text.substr(done);
  return out;
}

}  // namespace

std::string mark(std::string_view rule) {
  std::string out(kMarkBegin);
  out += rule;
  out += ']';
  return out;
}

bool holds_mark(std::string_view text, size_t begin, size_t end) {
  constexpr size_t kMaxMark = 80;
  size_t from = begin > kMaxMark ? begin - kMaxMark : 0;
  text = text.substr(0, std::min(text.size(), end + kMaxMark));
  for (size_t i = text.find(kMarkBegin, from); i < end; i = text.find(kMarkBegin, i + 1)) {
    if (text.find(']', i) >= begin) return true;
  }
  return false;
}

std::optional<std::string> mask_by(std::string_view text, const Finder& find_in) {
  std::vector<Finding> findings = find_in(text);
  if (findings.empty()) return std::nullopt;
  std::string out = replace(text, findings);
  for (int round = 1; round < kMaxRounds; round++) {
    findings = find_in(out);
    if (findings.empty()) break;
    out = replace(out, findings);
  }
  return out;
}

std::optional<std::string> mask_member_by(std::string_view key, std::string_view value,
                                          const Finder& find_in) {
  if (value.empty()) return std::nullopt;
  // A path, a test's name or a sentence is no setting's name, and how a test ended no secret.
  bool names_setting = key.find_first_of("/[( \n") == key.npos && !contains(key, "::");
  if (!names_setting || is_among(kOutcomes, value)) return mask_by(value, find_in);
  KeyName name = key_name(key, false);
  bool whole = name.strength == Strength::strong ||
               (name.strength == Strength::medium &&
                is_secret_value(value, {Strength::medium, Place::quoted, name.family}));
  if (!whole || is_reference(value)) return mask_by(value, find_in);
  return mark(rule_name(name));
}

}  // namespace baton::secrets
