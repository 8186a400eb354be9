// A handoff in JSON, held against the record member by member.

#include <algorithm>

#include "base/bytes.h"
#include "index/queries.h"
#include "render/handoff_citations.h"
#include "render/handoff_json.h"
#include "render/handoff_verifier.h"
#include "render/json.h"
#include "render/text.h"

namespace baton::render {
namespace {

const std::vector<ListRule>& list_rules() {
  static const std::vector<ListRule> kRules = {
      {"sessions", {"session"}, {"state", "last", "turns", "steps", "model"}, false},
      {"prompts", {"turn"}, {"interrupted"}, false},
      {"constraints", {"turn", "text"}, {}, false},
      {"context", {"kind", "name", "text"}, {"sources", "why"}, false},
      {"assumptions", {"rule", "text", "source"}, {"closed"}, false},
      {"tests", {"step"}, {"changed_until_next", "next_run"}, false},
      {"commands", {"step"}, {}, false},
      {"reads", {"path"}, {"steps", "basis"}, false},
      {"plan_texts", {"step"}, {}, false},
      {"rollback", {"name", "source"}, {}, false},
      {"attempts",
       {"rule", "failed_at", "tool", "command", "paths"},
       {"replaced_by", "replacement", "replaced_command", "times", "steps", "undone_by",
        "undone_at", "why"},
       false},
      {"changes", {"path"}, {"verification", "verified_by"}, false},
      {"plan", {"text"}, {}, true},
      {"open", {"rule", "text", "source"}, {}, true},
      {"claims", {"text", "turn"}, {}, true},
      {"risks", {"rule", "path", "text"}, {}, true},
      {"not_checked", {"rule", "name", "source"}, {}, true},
      {"others", {"path", "owner"}, {}, true},
      {"notes", {"source"}, {}, true},
      {"deviations", {"rule", "path"}, {}, true},
  };
  return kRules;
}

}  // namespace

Result<Verified> HandoffVerifier::json(std::string_view text) {
  verified_.form = "json";
  auto old = json::Document::parse(text);
  if (!old) return fail(ErrorKind::usage, "not a handoff: " + old.error().message);
  auto now = TRY(json::Document::parse(handoff_json(style_, present_)));
  json::Value was = old->root(), is = now.root();
  if (was["baton"].integer() != is["baton"].integer()) {
    return fail(ErrorKind::newer, "a handoff of another version");
  }
  moved_ = anything_since(was, is);
  for (const ListRule& rule : list_rules()) compare_list(rule, was[rule.name], is[rule.name]);
  compare_list({"scope.surprises", {"path", "kind"}, {}, true}, was["scope"]["surprises"],
               is["scope"]["surprises"]);
  compare_verification(was["verification"], is["verification"]);
  compare_message(was["last_message"], is["last_message"]);
  compare_repository(was, is);
  new_since(was, is);
  return std::move(verified_);
}

bool HandoffVerifier::anything_since(json::Value was, json::Value is) const {
  return was["timeline"].dump() != is["timeline"].dump() ||
         was["sessions"].dump() != is["sessions"].dump() ||
         (!without_repository() && was["repository"].dump() != is["repository"].dump());
}

bool HandoffVerifier::same_key(const ListRule& rule, json::Value left, json::Value right) {
  return std::ranges::all_of(
      rule.keys, [&](std::string_view key) { return left[key].dump() == right[key].dump(); });
}

void HandoffVerifier::compare_list(const ListRule& rule, json::Value was, json::Value is) {
  for (size_t i = 0; i < was.size(); ++i) {
    json::Value item = was.at(i);
    std::string where = std::string(rule.name) + "[" + std::to_string(i) + "]";
    ++verified_.statements;
    std::vector<std::string> cited;
    collect_citations(item, rule.name, cited);
    bool all_there = true;
    for (const auto& citation : cited) {
      ++verified_.citations;
      if (exists(citation)) continue;
      all_there = false;
      note(Kind::missing, where, "no such place in the record", citation);
    }
    if (!all_there) continue;
    std::string citation = cited.empty() ? "" : cited.front();
    json::Value counterpart;
    bool equal = false;
    for (size_t j = 0; j < is.size() && !equal; ++j) {
      equal = held_dump(is.at(j)) == held_dump(item);
      if (!counterpart.exists() && same_key(rule, item, is.at(j))) counterpart = is.at(j);
    }
    if (!equal) compare_item(rule, where, item, counterpart, citation);
  }
}

// A value's JSON, without what only the repository tells.
std::string HandoffVerifier::held_dump(json::Value value) const {
  std::string text = value.dump();
  if (!without_repository()) return text;
  constexpr std::string_view kLines = R"(,"head_lines":{)";
  for (size_t at = text.find(kLines); at != text.npos; at = text.find(kLines, at)) {
    size_t end = text.find('}', at);
    if (end == text.npos) break;
    text.erase(at, end + 1 - at);
  }
  return text;
}

void HandoffVerifier::compare_item(const ListRule& rule, const std::string& where, json::Value was,
                                   json::Value is, const std::string& citation) {
  if (!is.exists()) {
    // Another run is the last green one now.
    bool point = rule.name == "rollback" && moved_ && was["name"].str() != "session start" &&
                 was["command"].str() == "baton rewind " + citation + "^";
    bool stale = point || (rule.state && moved_ && said(rule, was)) ||
                 (rule.name == "changes" && path_moved(was["path"].str()));
    note(stale ? Kind::stale : Kind::altered, where,
         stale ? "it is not so any more" : "the record has no such thing", citation);
    return;
  }
  for (size_t i = 0; i < was.size(); ++i) {
    std::string_view name = was.key_at(i);
    if (held_dump(was.member_at(i)) == held_dump(is[name])) continue;
    if (without_repository() && name.starts_with("at_head")) continue;
    if (without_repository() && name == "head_path") continue;
    differ(rule, where, std::string(name), was, is, citation);
    return;
  }
  // A member that was taken out.
  for (size_t i = 0; i < is.size(); ++i) {
    if (was[is.key_at(i)].exists()) continue;
    differ(rule, where, std::string(is.key_at(i)), was, is, citation);
    return;
  }
}

void HandoffVerifier::differ(const ListRule& rule, const std::string& where,
                             const std::string& name, json::Value was, json::Value is,
                             const std::string& citation) {
  bool grows = std::ranges::find(rule.growing, name) != rule.growing.end();
  // Only time closes a note.
  bool closed = name == "closed" && !was[name].exists();
  bool stale = closed || (moved_ && (grows || (rule.state && said(rule, was)) ||
                                     (rule.name == "changes" && path_moved(was["path"].str()))));
  auto value = [&](json::Value item) {
    std::string text = item[name].exists() ? item[name].dump() : "absent";
    return std::string(utf8_prefix(text, 120));
  };
  note(stale ? Kind::stale : Kind::altered, where + "." + name,
       (stale ? "was " : "says ") + value(was) + (stale ? ", is " : "; the record says ") +
           value(is),
       citation);
}

bool HandoffVerifier::said(const ListRule& rule, json::Value item) {
  std::string text(item["text"].str());
  if (rule.name == "plan") {
    auto address = index::resolve(index_, item["step"].str());
    if (!address) return false;
    auto history = index::plan_history(index_, address->session_key);
    return history && std::ranges::any_of(*history, [&](const auto& each) {
             return each.text == text && each.status == item["status"].str() &&
                    each.step.step == address->step;
           });
  }
  bool quotes = rule.name == "claims" || item["rule"].str() == "said-open" ||
                item["rule"].str().starts_with("question");
  if (!quotes) return true;
  std::string turn(rule.name == "claims" ? item["turn"].str() : item["source"].str());
  return std::ranges::any_of(messages_of(turn),
                             [&](const std::string& message) { return contains(message, text); });
}

bool HandoffVerifier::path_moved(std::string_view path) const {
  return moved_ && !path.empty();
}

void HandoffVerifier::compare_verification(json::Value was, json::Value is) {
  ++verified_.statements;
  std::vector<std::string> cited;
  collect_citations(was, "verification", cited);
  for (const auto& citation : cited) {
    ++verified_.citations;
    if (!exists(citation)) {
      note(Kind::missing, "verification", "no such place in the record", citation);
      return;
    }
  }
  if (was.dump() == is.dump()) return;
  std::string state(was["state"].str()), now(is["state"].str());
  std::string citation(was["step"].str());
  // What the run itself said never changes.
  auto run = std::ranges::find(present_.tests, citation, &handoff::TestLine::step);
  bool true_then = state == "never run" ? citation.empty() : run != present_.tests.end();
  if (run != present_.tests.end()) {
    std::string verdict = state == "failed" || state == "unknown" ? state : "passed";
    true_then = run->verdict == verdict && (state != "partial" || run->partial);
  }
  // A run that was overtaken does not become fresh by itself.
  bool back = citation == is["step"].str() && state == "stale" && now == "fresh";
  bool stale = moved_ && true_then && !back;
  if (stale && state == now && citation != is["step"].str()) {
    note(Kind::stale, "verification", "another run tells now", citation);
    return;
  }
  note(stale ? Kind::stale : Kind::altered, "verification",
       (stale ? "was '" : "says '") + state + (stale ? "', is '" : "'; the record says '") + now +
           "'",
       citation);
}

std::vector<std::string> HandoffVerifier::messages_of(const handoff::Citation& turn) const {
  std::vector<std::string> texts;
  auto address = index::resolve(index_, turn);
  if (!address || !address->turn) return texts;
  auto view = index::show_turn(index_, address->session_key, address->turn);
  if (view) texts.push_back(masked(style_, view->turn.last_message));
  // A turn that a hook let go on has ended more than once.
  auto said = index::messages(index_, address->session_key);
  for (size_t i = 0; said && i < said->size(); ++i) {
    if ((*said)[i].turn == address->turn) texts.push_back(masked(style_, (*said)[i].text));
  }
  return texts;
}

void HandoffVerifier::compare_message(json::Value was, json::Value is) {
  if (!was.exists()) return;
  ++verified_.statements;
  ++verified_.citations;
  std::string turn(was["turn"].str());
  if (!exists(turn)) {
    note(Kind::missing, "last_message", "no such place in the record", turn);
    return;
  }
  if (was.dump() == is.dump()) return;
  auto said = messages_of(turn);
  bool same = std::ranges::find(said, was["text"].str()) != said.end();
  note(same ? Kind::stale : Kind::altered, "last_message",
       same ? "the agent said something after it" : "the record says otherwise", turn);
}

void HandoffVerifier::compare_repository(json::Value was, json::Value is) {
  json::Value old = was["repository"], now = is["repository"];
  if (without_repository()) old = now;
  if (old["head"].str() != now["head"].str()) {
    note(Kind::stale, "repository.head",
         "HEAD was " + std::string(old["head"].str().substr(0, 7)) + ", is " +
             std::string(now["head"].str().substr(0, 7)),
         "");
  }
  if (old["branch"].str() != now["branch"].str()) {
    note(Kind::stale, "repository.branch", "another branch is checked out", "");
  }
  if (old["dirty"].dump() != now["dirty"].dump()) {
    note(Kind::stale, "repository.dirty", "other files are not committed now", "");
  }
  if (old["worktrees"].dump() != now["worktrees"].dump()) {
    note(Kind::stale, "repository.worktrees", "another worktree stands otherwise now", "");
  }
  for (std::string_view name : {"branch", "head"}) {
    if (was[name].dump() == is[name].dump()) continue;
    note(moved_ ? Kind::stale : Kind::altered, std::string(name), "the newest prompt has another",
         "");
  }
}

void HandoffVerifier::new_since(json::Value was, json::Value is) {
  for (std::string_view list : {"prompts", "tests", "changes"}) {
    std::string_view key = list == "prompts" ? "turn" : list == "tests" ? "step" : "path";
    std::set<std::string> known;
    for (size_t i = 0; i < was[list].size(); ++i) known.emplace(was[list].at(i)[key].str());
    for (size_t i = 0; i < is[list].size(); ++i) {
      json::Value item = is[list].at(i);
      std::string id(item[key].str());
      if (known.contains(id)) continue;
      std::string what = list == "prompts" ? "there is a later prompt"
                         : list == "tests" ? "tests were run since"
                                           : "changed, and not in the handoff: " + id;
      std::string citation(list == "changes" ? item["steps"].at(0).str() : item[key].str());
      note(moved_ ? Kind::stale : Kind::altered, std::string(list), what, citation);
    }
  }
}

}  // namespace baton::render
