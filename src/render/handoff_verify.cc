#include "render/handoff_verify.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/json.h"
#include "index/queries.h"
#include "render/handoff_citations.h"
#include "render/handoff_verifier.h"
#include "render/json.h"
#include "render/text.h"

namespace baton::render {
namespace {

using Kind = VerifyFinding::Kind;

bool is_json(std::string_view text) {
  return trim(text).starts_with("{");
}

}  // namespace

void HandoffVerifier::note(Kind kind, const std::string& where, const std::string& what,
                           const std::string& citation) {
  verified_.findings.push_back({kind, where, what, citation});
}

void HandoffVerifier::note(Kind kind, size_t line, const std::string& what,
                           const std::string& citation) {
  note(kind, "line " + std::to_string(line), what, citation);
}

bool HandoffVerifier::exists(const std::string& citation) {
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
    collect_citations(document->root()["sessions"], "sessions", cited);
  } else {
    if (!trim(text).starts_with("# Handoff")) {
      return fail(ErrorKind::usage, "not a handoff",
                  "give what 'baton handoff' wrote, as Markdown or JSON");
    }
    cited = citations_of_markdown(text);
  }
  std::vector<std::string> sessions;
  for (const auto& citation : cited) {
    if (citation.starts_with("note:")) continue;
    std::string session = session_of(citation);
    if (std::ranges::find(sessions, session) == sessions.end()) sessions.push_back(session);
  }
  return sessions;
}

Result<Verified> verify_handoff(const Style& style, index::Index& index,
                                const handoff::Handoff& present, std::string_view text) {
  HandoffVerifier verifier(style, index, present);
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
