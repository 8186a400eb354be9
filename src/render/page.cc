#include "render/page.h"

#include <algorithm>
#include <set>

#include "base/bytes.h"
#include "base/hash.h"
#include "render/html.h"
#include "render/json.h"
#include "render/log.h"
#include "render/pull_request.h"
#include "render/text.h"
#include "render/when.h"
#include "secrets/mask.h"
#include "secrets/masker.h"

namespace baton::render {
namespace {

constexpr std::string_view kCss = R"(
:root{color-scheme:light dark;--ink:#1f2328;--soft:#59636e;--line:#d1d9e0;--back:#fff;--panel:#f6f8fa;
--link:#0550ae;--good:#1a7f37;--bad:#b3261e;--warn:#8a5a00;--add:#dafbe1;--del:#ffebe9}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9198a1;--line:#3d444d;--back:#0d1117;
--panel:#151b23;--link:#6cb6ff;--good:#4cc266;--bad:#ff7b72;--warn:#e0a53a;--add:#12361f;--del:#46191c}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main,header{max-width:70rem;margin:0 auto;padding:1rem}
h1{font-size:1.5rem;margin:.3rem 0}h2{font-size:1.25rem;margin:2rem 0 .5rem;border-bottom:1px solid var(--line)}
h3{font-size:1.05rem;margin:1.3rem 0 .4rem}
a{color:var(--link)}nav a{margin-right:1rem}
code,pre{font:13px/1.45 ui-monospace,monospace;background:var(--panel);border-radius:4px}
code{padding:.1em .3em;overflow-wrap:anywhere}
pre.said{white-space:pre-wrap;overflow-wrap:anywhere}
pre{padding:.6rem .8rem;overflow-x:auto;max-height:40rem;border:1px solid var(--line);margin:.4rem 0}
ul{padding-left:1.3rem;margin:.3rem 0}li,p,td,summary,h1,h2,h3{overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%;table-layout:fixed}td{padding:.15rem .5rem;vertical-align:top;
border-bottom:1px solid var(--line)}td:first-child{width:5.5rem}td:nth-child(2){width:8rem}td:last-child{width:7rem}
@media (max-width:30rem){td:first-child,td:nth-child(2),td:last-child{width:22%}td{padding:.15rem .2rem}}
details{border:1px solid var(--line);border-radius:6px;margin:.4rem 0;padding:.3rem .7rem}
summary{cursor:pointer}.soft{color:var(--soft)}.good{color:var(--good)}.bad{color:var(--bad)}
.warn{color:var(--warn)}.add{background:var(--add);display:block}.del{background:var(--del);display:block}
.hunk{color:var(--soft);display:block}.file{font-weight:600;display:block}
tr.turn td{background:var(--panel);font-weight:600}
)";

// "c7f2.14" as the name of a place in the page.
std::string anchor(std::string_view address) {
  std::string id = "at-";
  for (char c : address) id += c == '.' ? '-' : c == ':' ? '_' : c;
  return id;
}

class Writer {
 public:
  Writer(const Style& style, const Page& page, const Outward& outward)
      : style_(style), page_(page), outward_(outward) {
    for (const PageTurn& turn : page_.turns) {
      places_.insert(turn.view.turn.address());
      for (const auto& step : turn.steps) places_.insert(step.step.ref.address());
    }
  }

  std::string text() {
    head();
    summary();
    timeline();
    plan();
    differences();
    trace();
    out_ += "</main>\n</body>\n</html>\n";
    return std::move(out_);
  }

 private:
  // Recorded text, ready to stand between tags.
  std::string shown(std::string_view text) const {
    return html_text(clean(style_, outward_.text(text)));
  }
  std::string link(std::string_view address) const {
    if (!places_.contains(std::string(address))) return html_text(address);
    return "<a href=\"#" + anchor(address) + "\">" + html_text(address) + "</a>";
  }

  // A long text in a box, cut at `max`.
  std::string box(std::string_view text, std::string_view source, size_t max, bool prose = false) {
    if (trim(text).empty()) return {};
    std::string whole = clean(style_, outward_.text(text));
    size_t room = out_.size() < kMaxPageBytes ? max : 0;
    std::string_view part = utf8_prefix(whole, room);
    std::string html;
    if (!part.empty())
      html = (prose ? "<pre class=\"said\">" : "<pre>") + html_text(part) + "</pre>\n";
    if (part.size() < whole.size()) {
      html += "<p class=\"soft\">" + std::to_string(whole.size() - part.size()) +
              " bytes more: <code>baton show --full " + html_text(source) + "</code></p>\n";
    }
    return html;
  }

  std::string title() const {
    const auto& task = page_.request.handoff.task;
    std::string name = task.name.empty() ? page_.request.handoff.branch : task.name;
    return name.empty() ? "Recorded work" : "Recorded work: " + shown(name);
  }

  void head() {
    std::string hash = base64(sha256(kCss));
    out_ +=
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
        "'sha256-" +
        hash +
        "'; base-uri 'none'; form-action 'none'\">\n"
        "<meta name=\"referrer\" content=\"no-referrer\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
        title() + "</title>\n<style>" + std::string(kCss) +
        "</style>\n</head>\n<body>\n<header>\n<h1>" + title() +
        "</h1>\n<nav><a href=\"#summary\">Summary</a><a href=\"#timeline\">Timeline</a>"
        "<a href=\"#plan\">Plan</a><a href=\"#differences\">Changes by prompt</a>"
        "<a href=\"#trace\">Trace</a></nav>\n</header>\n<main>\n";
  }

  void heading(std::string_view id, std::string_view name) {
    out_ += "<h2 id=\"" + std::string(id) + "\">" + std::string(name) + "</h2>\n";
  }

  void summary() {
    heading("summary", "Summary");
    Body body = pull_request_body(style_, page_.request, outward_, SIZE_MAX);
    out_ += html_of_markdown(body.text, [&](std::string_view address) {
      return places_.contains(std::string(address)) ? anchor(address) : std::string();
    });
  }

  std::string_view look(const model::Step& step) const {
    switch (step.outcome) {
      case model::StepOutcome::failed:
        return "bad";
      case model::StepOutcome::refused:
      case model::StepOutcome::interrupted:
        return "warn";
      case model::StepOutcome::ok:
        return "good";
      default:
        return "soft";
    }
  }

  std::string outcome(const model::Step& step) const {
    std::string word = std::string(model::to_string(step.outcome));
    if (step.exit_status) word = "exit " + std::to_string(*step.exit_status);
    return "<span class=\"" + std::string(look(step)) + "\">" + word + "</span>";
  }

  std::string subject(const model::Step& step) const {
    std::string text = step_subject(style_, step);
    if (step.command.empty() && text != step.tool) text = clean(style_, step.tool) + " " + text;
    return html_text(fit(first_line(outward_.text(text)), 200));
  }

  void timeline() {
    heading("timeline", "Timeline");
    out_ += "<table>\n";
    for (const PageTurn& turn : page_.turns) {
      const model::Turn& t = turn.view.turn;
      out_ += "<tr class=\"turn\"><td>" + link(t.address()) + "</td><td>" + full_time(t.began) +
              "</td><td>" + html_text(t.agent) + ": " +
              html_text(fit(first_line(clean(style_, outward_.text(t.prompt))), 200)) +
              "</td><td class=\"soft\">" + std::string(model::to_string(t.state)) + "</td></tr>\n";
      for (const auto& view : turn.steps) {
        const model::Step& step = view.step;
        out_ += "<tr><td>" + link(step.ref.address()) + "</td><td class=\"soft\">" +
                full_time(step.began).substr(11, 8) + "</td><td>" + subject(step);
        if (!step.changes.empty()) out_ += " <span class=\"soft\">" + changed(step) + "</span>";
        out_ += "</td><td>" + outcome(step) + "</td></tr>\n";
      }
    }
    out_ += "</table>\n";
  }

  std::string changed(const model::Step& step) const {
    std::set<std::string> paths;
    for (const auto& change : step.changes) paths.insert(change.path);
    if (paths.size() == 1) return "changed " + shown(*paths.begin());
    return "changed " + count(static_cast<int64_t>(paths.size()), "file");
  }

  void plan() {
    const auto& items = page_.request.handoff.plan;
    heading("plan", "Plan");
    if (items.empty()) {
      out_ += "<p class=\"soft\">None was recorded.</p>\n";
      return;
    }
    out_ += "<ul>\n";
    for (const auto& item : items) {
      bool done = item.status == "completed";
      out_ += "<li><span class=\"" + std::string(done ? "good" : "warn") + "\">" +
              shown(item.status) + "</span> " + shown(item.text) + " [" + link(item.step) +
              "]</li>\n";
    }
    out_ += "</ul>\n";
  }

  // A difference with its lines in colours.
  std::string coloured(std::string_view diff) const {
    std::string html;
    for (std::string_view line : split(diff, '\n')) {
      std::string_view kind =
          line.starts_with("diff --git")                                                   ? "file"
          : line.starts_with("--- ") || line.starts_with("+++ ") || line.starts_with("@@") ? "hunk"
          : line.starts_with("+")                                                          ? "add"
          : line.starts_with("-")                                                          ? "del"
                                                                                           : "";
      std::string text = html_text(line);
      html += kind.empty() ? text + "\n"
                           : "<span class=\"" + std::string(kind) + "\">" + text + "</span>";
    }
    return html;
  }

  void differences() {
    heading("differences", "Changes by prompt");
    bool any = false;
    for (const PageTurn& turn : page_.turns) {
      if (turn.files.empty()) continue;
      any = true;
      const model::Turn& t = turn.view.turn;
      out_ += "<h3>" + link(t.address()) + " " +
              html_text(fit(first_line(clean(style_, outward_.text(t.prompt))), 200)) + "</h3>\n";
      std::string diff = diff_text(style_, turn.files);
      size_t room = out_.size() < kMaxPageBytes ? kMaxPageDiff : 0;
      std::string_view part = utf8_prefix(diff, room);
      out_ += "<details open><summary>" + count(static_cast<int64_t>(turn.files.size()), "file") +
              "</summary>\n<pre>" + coloured(part) + "</pre>\n";
      if (part.size() < diff.size()) {
        out_ += "<p class=\"soft\">" + std::to_string(diff.size() - part.size()) +
                " bytes more: <code>baton show " + html_text(t.address()) + "</code></p>\n";
      }
      out_ += "</details>\n";
    }
    if (!any) out_ += "<p class=\"soft\">Nothing was changed.</p>\n";
  }

  void trace() {
    heading("trace", "Trace");
    for (const PageTurn& turn : page_.turns) {
      const model::Turn& t = turn.view.turn;
      out_ += "<h3 id=\"" + anchor(t.address()) + "\">" + html_text(t.address()) + " " +
              html_text(t.agent) + "</h3>\n" + box(t.prompt, t.address(), kMaxPageOutput, true);
      for (const auto& step : turn.steps) trace_step(step);
      if (!t.last_message.empty()) {
        out_ += "<p class=\"soft\">The agent's last words:</p>\n" +
                box(t.last_message, t.address(), kMaxPageOutput, true);
      }
    }
  }

  // What the tool was given, a member a line.
  std::string given(const model::StepView& view) const {
    auto document = json::Document::parse(view.input);
    json::Value input = document ? tool_input(document->root()) : json::Value();
    if (!input.is_object()) return input.is_string() ? std::string(input.str()) : view.input;
    std::string text;
    for (size_t i = 0; i < input.size(); i++) {
      json::Value member = input.member_at(i);
      std::string value(member.is_string() ? std::string(member.str()) : member.dump());
      auto masked = style_.masker ? style_.masker->mask_member(input.key_at(i), value)
                                  : secrets::mask_member(input.key_at(i), value);
      if (masked) value = std::move(*masked);
      bool several = value.find('\n') != std::string::npos;
      text += std::string(input.key_at(i)) + ":" + (several ? "\n" : " ") + value + "\n";
    }
    return text;
  }

  void trace_step(const model::StepView& view) {
    const model::Step& step = view.step;
    std::string address = step.ref.address();
    out_ += "<details>\n<summary>" + html_text(address) + " " + subject(step) + " " +
            outcome(step) + "</summary>\n<div id=\"" + anchor(address) + "\">\n";
    if (!trim(view.words).empty()) {
      out_ += "<p class=\"soft\">The agent's words before it:</p>\n" +
              box(view.words, address, kMaxPageOutput, true);
    }
    out_ += box(step.command.empty() ? given(view) : step.command, address, kMaxPageOutput);
    if (step.test) {
      out_ += "<p>" + html_text(verdict_text(style_, *step.test)) + "</p>\n";
    }
    // An error often repeats the output, or its beginning.
    bool both = !contains(view.output, trim(view.error));
    if (both || !trim(view.output).empty()) out_ += "<p class=\"soft\">Answer:</p>\n";
    if (both) out_ += box(view.error, address, kMaxPageOutput);
    out_ += box(view.output, address, kMaxPageOutput);
    for (const auto& change : step.changes) {
      if (change.skipped) continue;
      out_ += "<p>" +
              std::string(change.before.empty()  ? "made "
                          : change.after.empty() ? "removed "
                                                 : "changed ") +
              "<code>" + shown(change.path) + "</code></p>\n";
    }
    out_ += "</div>\n</details>\n";
  }

  const Style& style_;
  const Page& page_;
  const Outward& outward_;
  std::set<std::string> places_;
  std::string out_;
};

}  // namespace

std::string page_html(const Style& style, const Page& page, const Outward& outward) {
  Style plain = style;
  plain.color = false;
  plain.width = 0;
  return Writer(plain, page, outward).text();
}

}  // namespace baton::render
