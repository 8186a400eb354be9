#include "render/findings.h"

#include <algorithm>

#include "base/bytes.h"
#include "render/json.h"
#include "render/text.h"

namespace baton::render {
namespace {

using handoff::Finding;

constexpr size_t kQuotedColumns = 160;

size_t failing(const std::vector<Finding>& findings) {
  return static_cast<size_t>(std::ranges::count_if(findings, &Finding::fails));
}

std::string one_line(const Style& style, std::string_view text) {
  return fit(first_line(clean(style, text)), kQuotedColumns);
}

std::string cited(const Finding& finding) {
  std::string text;
  for (const auto& each : finding.evidence) text += (text.empty() ? "" : ", ") + each;
  return text;
}

// "the newest run of these tests failed: make test".
std::string message(const Style& style, const Finding& finding) {
  std::string text = clean(style, finding.text);
  if (!finding.quoted.empty()) text += ": " + one_line(style, finding.quoted);
  return text;
}

std::string place(const Style& style, const Finding& finding) {
  if (finding.path.empty()) return {};
  std::string text;
  for (char c : clean(style, finding.path)) {
    if (c == '\n')
      text += "⏎";
    else
      text += c;
  }
  if (finding.lines.first > 0) text += ":" + std::to_string(finding.lines.first);
  return text;
}

// What a workflow command may hold as it is; `property` values are stricter.
std::string escaped(std::string_view text, bool property) {
  std::string out;
  for (char c : text) {
    switch (c) {
      case '%':
        out += "%25";
        break;
      case '\r':
        out += "%0D";
        break;
      case '\n':
        out += "%0A";
        break;
      case ':':
        out += property ? "%3A" : ":";
        break;
      case ',':
        out += property ? "%2C" : ",";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace

std::string findings_text(const Style& style, const std::vector<Finding>& findings) {
  Table table;
  for (const Finding& finding : findings) {
    std::string text = place(style, finding);
    if (!text.empty()) text += "  ";
    text += message(style, finding);
    if (!finding.evidence.empty()) text += " [" + cited(finding) + "]";
    table.row({{finding.fails ? "fail" : "warn", finding.fails ? Look::bad : Look::warn},
               {std::string(to_string(finding.judgement)), Look::title},
               {text}});
  }
  std::string text = table.text(style);
  if (findings.empty()) return "nothing found\n";
  size_t fails = failing(findings);
  text += count(static_cast<int64_t>(findings.size()), "finding") + ", " +
          (fails == 0 ? "none fails" : std::to_string(fails) + (fails == 1 ? " fails" : " fail")) +
          "\n";
  return text;
}

std::string findings_json(const Style& style, const std::vector<Finding>& findings) {
  JsonAnswer answer("check");
  json::Writer& json = answer.writer();
  json.member("passed", failing(findings) == 0);
  json.key("findings").begin_array();
  for (const Finding& finding : findings) {
    json.begin_object();
    json.member("judgement", to_string(finding.judgement));
    json.member("level", finding.fails ? "fail" : "warn");
    json.member("text", finding.text);
    optional_member(json, "quoted", finding.quoted);
    optional_member(json, "path", finding.path);
    if (finding.lines.first > 0) {
      json.member("first_line", finding.lines.first).member("last_line", finding.lines.last);
    }
    write_strings(json, "evidence", finding.evidence);
    json.end_object();
  }
  json.end_array();
  return answer.finish(style);
}

std::string findings_github(const Style& style, const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    text += finding.fails ? "::error " : "::warning ";
    if (!finding.path.empty()) {
      text += "file=" + escaped(clean(style, finding.path), true) + ",";
      if (finding.lines.first > 0) {
        text += "line=" + std::to_string(finding.lines.first) +
                ",endLine=" + std::to_string(std::max(finding.lines.first, finding.lines.last)) +
                ",";
      }
    }
    text += "title=baton%3A " + std::string(to_string(finding.judgement)) + "::";
    std::string body = message(style, finding);
    if (!finding.evidence.empty()) body += " [" + cited(finding) + "]";
    text += escaped(body, false) + "\n";
  }
  return text;
}

}  // namespace baton::render
