#include "render/handoff_verify.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/bytes.h"
#include "base/json.h"
#include "index/queries.h"
#include "render/handoff_json.h"
#include "render/handoff_sections.h"
#include "render/json.h"
#include "render/text.h"

namespace baton::render {
namespace {

using handoff::Handoff;
using Kind = VerifyFinding::Kind;

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

// "c7f2", "c7f2:3", "c7f2.14", "note:3f2a11bc"
bool is_citation(std::string_view text) {
  if (text.starts_with("note:")) text.remove_prefix(5);
  size_t digits = 0;
  while (digits < text.size() && is_hex(text[digits])) ++digits;
  if (digits < 4 || digits > 64) return false;
  if (digits == text.size()) return true;
  if (text[digits] != '.' && text[digits] != ':') return false;
  std::string_view number = text.substr(digits + 1);
  return !number.empty() &&
         std::ranges::all_of(number, [](char c) { return c >= '0' && c <= '9'; });
}

std::string session_of(std::string_view citation) {
  return std::string(citation.substr(0, citation.find_first_of(".:")));
}

// The parts of a line of Markdown that are not code.
std::string without_code(std::string_view line) {
  std::string out;
  for (size_t at = 0; at < line.size();) {
    if (line[at] != '`') {
      out += line[at++];
      continue;
    }
    size_t end = std::min(line.find_first_not_of('`', at), line.size());
    size_t length = end - at, close = end;
    bool closed = false;
    while (close < line.size()) {
      size_t begin = line.find('`', close);
      if (begin == line.npos) break;
      close = std::min(line.find_first_not_of('`', begin), line.size());
      if (close - begin == length) {
        closed = true;
        break;
      }
    }
    at = closed ? close : end;
    out += ' ';
  }
  return out;
}

std::vector<std::string> citations_of_line(std::string_view line) {
  std::vector<std::string> found;
  std::string bare = without_code(line);
  for (size_t at = bare.find('['); at != bare.npos; at = bare.find('[', at + 1)) {
    size_t end = bare.find(']', at);
    if (end == bare.npos) break;
    for (std::string_view part : split(std::string_view(bare).substr(at + 1, end - at - 1), ',')) {
      part = trim(part);
      if (is_citation(part)) found.emplace_back(part);
    }
  }
  return found;
}

bool is_json(std::string_view text) {
  return trim(text).starts_with("{");
}

// Members that hold citations.
bool cites(std::string_view name) {
  for (std::string_view each :
       {"step", "turn", "source", "session", "steps", "failed_at", "replaced_by", "undone_at",
        "verified_by", "next_run", "evidence", "after", "parent", "sources"}) {
    if (name == each) return true;
  }
  return false;
}

void collect(json::Value value, std::string_view name, std::vector<std::string>& found) {
  if (value.is_string() && cites(name) && is_citation(value.str())) {
    found.emplace_back(value.str());
  } else if (value.is_array()) {
    for (size_t i = 0; i < value.size(); ++i) collect(value.at(i), name, found);
  } else if (value.is_object()) {
    for (size_t i = 0; i < value.size(); ++i) {
      collect(value.member_at(i), value.key_at(i), found);
    }
  }
}

// What a list's items are told apart by, which of their members may change without the item having
// been false, and whether the item as a whole may.
struct ListRule {
  std::string_view name;
  std::vector<std::string_view> keys, growing;
  bool state = false;
};

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

class Verifier {
 public:
  Verifier(const Style& style, index::Index& index, const Handoff& present)
      : style_(style), index_(index), present_(present) {}

  Result<Verified> json(std::string_view text) {
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

  Result<Verified> markdown(std::string_view text) {
    verified_.form = "md";
    std::set<std::string> lines = present_lines();
    std::vector<std::string> joined = present_joined();
    size_t number = 0;
    std::string fence, section;
    bool left_out = false;
    for (std::string_view line : split(text, '\n')) {
      ++number;
      std::string_view body = trim(line);
      if (!fence.empty()) {
        if (body == fence) {
          fence.clear();
        } else if (!body.empty() && !lines.contains(std::string(line))) {
          note(Kind::altered, number, "the record has no such line", {});
        }
        continue;
      }
      if (body.starts_with("```")) {
        fence = std::string(body.substr(0, body.find_first_not_of('`')));
        continue;
      }
      if (body.starts_with("## ")) section = std::string(body.substr(3));
      if (body.empty() || body.starts_with("#")) {
        if (body.starts_with("# ") && !lines.contains(std::string(line))) {
          note(Kind::stale, number, "the branch or its commit is another one now", {});
        }
        continue;
      }
      if (is_own(body)) {
        left_out = true;
        continue;
      }
      ++verified_.statements;
      bool all_there = true;
      auto cited = citations_of_line(line);
      for (const auto& citation : cited) {
        ++verified_.citations;
        if (exists(citation)) continue;
        all_there = false;
        note(Kind::missing, number, "no such place in the record", citation);
      }
      if (!all_there || lines.contains(std::string(line)) || is_joined(line, joined)) continue;
      bool may = may_change(section, body) || only_its_tests_differ(line, lines);
      note(may ? Kind::stale : Kind::altered, number, "the record says otherwise now",
           cited.empty() ? std::string() : cited.front());
    }
    (void)left_out;
    return std::move(verified_);
  }

 private:
  void note(Kind kind, const std::string& where, const std::string& what,
            const std::string& citation) {
    verified_.findings.push_back({kind, where, what, citation});
  }
  void note(Kind kind, size_t line, const std::string& what, const std::string& citation) {
    note(kind, "line " + std::to_string(line), what, citation);
  }

  bool exists(const std::string& citation) {
    auto [known, fresh] = exists_.try_emplace(citation, false);
    if (!fresh) return known->second;
    if (citation.starts_with("note:")) {
      return known->second = std::ranges::find(present_.notes, citation,
                                               &handoff::NoteLine::source) != present_.notes.end();
    }
    auto address = index::resolve(index_, citation);
    bool there = address.has_value();
    if (there && address->kind == index::Address::Kind::turn) {
      there = index::show_turn(index_, address->session_key, address->turn).has_value();
    }
    if (there && address->kind == index::Address::Kind::step) {
      there = index::step(index_, address->session_key, address->step).has_value();
    }
    return known->second = there;
  }

  // --- JSON

  // Whether the record or the repository went on since.
  bool anything_since(json::Value was, json::Value is) const {
    return was["timeline"].dump() != is["timeline"].dump() ||
           was["sessions"].dump() != is["sessions"].dump() ||
           was["repository"].dump() != is["repository"].dump();
  }

  static bool same_key(const ListRule& rule, json::Value left, json::Value right) {
    return std::ranges::all_of(
        rule.keys, [&](std::string_view key) { return left[key].dump() == right[key].dump(); });
  }

  void compare_list(const ListRule& rule, json::Value was, json::Value is) {
    for (size_t i = 0; i < was.size(); ++i) {
      json::Value item = was.at(i);
      std::string where = std::string(rule.name) + "[" + std::to_string(i) + "]";
      ++verified_.statements;
      std::vector<std::string> cited;
      collect(item, rule.name, cited);
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
        equal = is.at(j).dump() == item.dump();
        if (!counterpart.exists() && same_key(rule, item, is.at(j))) counterpart = is.at(j);
      }
      if (!equal) compare_item(rule, where, item, counterpart, citation);
    }
  }

  void compare_item(const ListRule& rule, const std::string& where, json::Value was, json::Value is,
                    const std::string& citation) {
    if (!is.exists()) {
      bool stale = (rule.state && moved_ && said(rule, was)) ||
                   (rule.name == "changes" && path_moved(was["path"].str()));
      note(stale ? Kind::stale : Kind::altered, where,
           stale ? "it is not so any more" : "the record has no such thing", citation);
      return;
    }
    for (size_t i = 0; i < was.size(); ++i) {
      std::string_view name = was.key_at(i);
      if (was.member_at(i).dump() == is[name].dump()) continue;
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

  void differ(const ListRule& rule, const std::string& where, const std::string& name,
              json::Value was, json::Value is, const std::string& citation) {
    bool grows = std::ranges::find(rule.growing, name) != rule.growing.end();
    bool stale = moved_ && (grows || (rule.state && said(rule, was)) ||
                            (rule.name == "changes" && path_moved(was["path"].str())));
    auto value = [&](json::Value item) {
      std::string text = item[name].exists() ? item[name].dump() : "absent";
      return std::string(utf8_prefix(text, 120));
    };
    note(stale ? Kind::stale : Kind::altered, where + "." + name,
         (stale ? "was " : "says ") + value(was) + (stale ? ", is " : "; the record says ") +
             value(is),
         citation);
  }

  // Whether what a statement about a changing thing quotes was ever said.
  bool said(const ListRule& rule, json::Value item) {
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
                  item["rule"].str() == "question";
    if (!quotes) return true;
    std::string turn(rule.name == "claims" ? item["turn"].str() : item["source"].str());
    auto address = index::resolve(index_, turn);
    if (!address || address->turn == 0) return false;
    auto view = index::show_turn(index_, address->session_key, address->turn);
    return view && contains(masked(style_, view->turn.last_message), text);
  }

  // Whether a path changed after the handoff was made.
  bool path_moved(std::string_view path) const { return moved_ && !path.empty(); }

  void compare_verification(json::Value was, json::Value is) {
    ++verified_.statements;
    std::vector<std::string> cited;
    collect(was, "verification", cited);
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
    note(stale ? Kind::stale : Kind::altered, "verification",
         (stale ? "was '" : "says '") + state + (stale ? "', is '" : "'; the record says '") + now +
             "'",
         citation);
  }

  void compare_message(json::Value was, json::Value is) {
    if (!was.exists()) return;
    ++verified_.statements;
    ++verified_.citations;
    std::string turn(was["turn"].str());
    if (!exists(turn)) {
      note(Kind::missing, "last_message", "no such place in the record", turn);
      return;
    }
    if (was.dump() == is.dump()) return;
    auto address = index::resolve(index_, turn);
    auto view = address && address->turn
                    ? index::show_turn(index_, address->session_key, address->turn)
                    : Result<model::TurnView>(fail(ErrorKind::not_found, ""));
    bool same = view && masked(style_, view->turn.last_message) == was["text"].str();
    note(same ? Kind::stale : Kind::altered, "last_message",
         same ? "the agent said something after it" : "the record says otherwise", turn);
  }

  void compare_repository(json::Value was, json::Value is) {
    json::Value old = was["repository"], now = is["repository"];
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
    for (std::string_view name : {"branch", "head"}) {
      if (was[name].dump() == is[name].dump()) continue;
      note(moved_ ? Kind::stale : Kind::altered, std::string(name), "the newest prompt has another",
           "");
    }
  }

  // What came since and is not in the handoff.
  void new_since(json::Value was, json::Value is) {
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

  // --- Markdown

  // All lines of all forms of the present handoff.
  std::set<std::string> present_lines() const {
    std::set<std::string> lines;
    auto take = [&](std::string_view text) {
      for (std::string_view line : split(text, '\n')) lines.emplace(line);
    };
    for (bool prompt : {false, true}) {
      HandoffDocument document = handoff_document(style_, present_, prompt);
      take(document.title);
      for (const auto& entry : document.heading) {
        for (const auto& form : entry.forms) take(form);
      }
      for (const auto& section : document.sections) {
        for (const auto& entry : section.entries) {
          for (const auto& form : entry.forms) take(form);
        }
      }
    }
    return lines;
  }

  std::vector<std::string> present_joined() const {
    std::vector<std::string> parts;
    for (const auto& section : handoff_document(style_, present_, false).sections) {
      if (!section.joined) continue;
      for (const auto& entry : section.entries) {
        for (const auto& form : entry.forms) parts.push_back(form);
      }
    }
    std::ranges::sort(parts, std::greater(), &std::string::size);
    return parts;
  }

  static bool is_joined(std::string_view line, const std::vector<std::string>& parts) {
    if (!line.starts_with("- ")) return false;
    line.remove_prefix(2);
    while (!line.empty()) {
      auto part = std::ranges::find_if(
          parts, [&](const std::string& each) { return line.starts_with(each); });
      if (part == parts.end()) return false;
      line.remove_prefix(part->size());
      if (line.empty()) return true;
      if (!line.starts_with(", ")) return false;
      line.remove_prefix(2);
    }
    return false;
  }

  // baton's own lines: what was left out, and how to read the rest.
  static bool is_own(std::string_view body) {
    if (body.starts_with("Left out: ") || body.starts_with("(")) return true;
    if (body.starts_with("Text in code marks ") || body.starts_with("Code marks: ") ||
        body.starts_with("You go on with this work.")) {
      return true;
    }
    if (!body.starts_with("- ")) return false;
    std::string_view rest = body.substr(2);
    size_t digits = rest.find_first_not_of("0123456789");
    return digits != rest.npos && digits > 0 &&
           (rest.substr(digits).starts_with(" more") ||
            rest.substr(digits).starts_with(" earlier"));
  }

  // Whether a line of a change is there but for what its tests say now.
  static bool only_its_tests_differ(std::string_view line, const std::set<std::string>& lines) {
    constexpr std::string_view kTested = "; tests of it: ";
    std::string head(line.substr(0, line.rfind(kTested)));
    for (auto at = lines.lower_bound(head); at != lines.end() && at->starts_with(head); ++at) {
      std::string_view rest = std::string_view(*at).substr(head.size());
      if (rest.empty() || (rest.starts_with(kTested) && rest.rfind(kTested) == 0)) return true;
    }
    return false;
  }

  // Statements about things that go on; others were so for ever.
  static bool may_change(std::string_view section, std::string_view body) {
    if (section.empty()) return true;  // sessions, and where the repository stands
    for (std::string_view name : {"Tasks", "Open", "Assumptions", "Plan", "Claims", "Risks",
                                  "Scope", "Notes", "Not checked"}) {
      if (section == name) return true;
    }
    if (section == "Tests") {
      for (std::string_view state : {"- fresh: ", "- stale: ", "- failed: ", "- unknown: ",
                                     "- partial: ", "- never run: ", "- tree not known: "}) {
        if (body.starts_with(state)) return true;
      }
    }
    return false;
  }

  const Style& style_;
  index::Index& index_;
  const Handoff& present_;
  bool moved_ = false;
  std::map<std::string, bool> exists_;
  Verified verified_;
};

}  // namespace

std::string_view to_string(VerifyFinding::Kind kind) {
  switch (kind) {
    case Kind::missing:
      return "missing";
    case Kind::altered:
      return "altered";
    case Kind::stale:
      return "stale";
  }
  return "";
}

Result<std::vector<std::string>> cited_sessions(std::string_view text) {
  std::vector<std::string> cited;
  if (is_json(text)) {
    auto document = json::Document::parse(text);
    if (!document) return fail(ErrorKind::usage, "not a handoff: " + document.error().message);
    if (document->root()["kind"].str() != "handoff") {
      return fail(ErrorKind::usage, "not a handoff: its kind is '" +
                                        std::string(document->root()["kind"].str()) + "'");
    }
    collect(document->root()["sessions"], "sessions", cited);
  } else {
    if (!trim(text).starts_with("# Handoff")) {
      return fail(ErrorKind::usage, "not a handoff",
                  "give what 'baton handoff' wrote, as Markdown or JSON");
    }
    bool fenced = false;
    for (std::string_view line : split(text, '\n')) {
      if (trim(line).starts_with("```")) fenced = !fenced;
      if (fenced) continue;
      for (auto& citation : citations_of_line(line)) cited.push_back(std::move(citation));
    }
  }
  std::vector<std::string> sessions;
  for (const auto& citation : cited) {
    if (citation.starts_with("note:")) continue;
    std::string session = session_of(citation);
    if (std::ranges::find(sessions, session) == sessions.end()) sessions.push_back(session);
  }
  return sessions;
}

Result<Verified> verify_handoff(const Style& style, index::Index& index, const Handoff& present,
                                std::string_view text) {
  Verifier verifier(style, index, present);
  return is_json(text) ? verifier.json(text) : verifier.markdown(text);
}

std::string verified_text(const Style& style, const Verified& verified) {
  Table table;
  size_t bad = 0;
  for (const auto& finding : verified.findings) {
    bad += finding.kind != Kind::stale;
    table.row({{std::string(to_string(finding.kind)),
                finding.kind == Kind::stale ? Look::warn : Look::bad},
               {finding.where},
               {finding.citation, Look::address},
               {clean(style, finding.what)}});
  }
  std::string text = table.text(style);
  text += count(verified.statements, "statement") + ", " + count(verified.citations, "citation");
  if (verified.findings.empty()) return text + ": all hold\n";
  return text + ": " + std::to_string(bad) + " missing or altered, " +
         std::to_string(verified.findings.size() - bad) + " out of date\n";
}

std::string verified_json(const Style& style, const Verified& verified) {
  JsonAnswer answer("verify");
  json::Writer& json = answer.writer();
  json.member("form", verified.form).member("holds", verified.findings.empty());
  json.member("statements", verified.statements).member("citations", verified.citations);
  json.key("findings").begin_array();
  for (const auto& finding : verified.findings) {
    json.begin_object().member("kind", to_string(finding.kind)).member("where", finding.where);
    optional_member(json, "citation", finding.citation);
    json.member("what", finding.what).end_object();
  }
  json.end_array();
  return answer.finish(style);
}

}  // namespace baton::render
