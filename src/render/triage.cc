#include "render/triage.h"

#include "base/bytes.h"
#include "render/changes.h"
#include "render/json.h"
#include "render/log.h"
#include "render/text.h"
#include "render/when.h"

namespace baton::render {
namespace {

using triage::Cause;
using triage::Dropped;

constexpr size_t kPromptLines = 3;
constexpr size_t kNameWidth = 10;
constexpr size_t kUnmapped = 40;
constexpr std::string_view kIndent = "    ";

std::string fact(const Style& style, std::string_view name, const std::string& value) {
  return std::string(kIndent) + style.paint(Look::faint, pad(name, kNameWidth)) + value + "\n";
}

std::string one_line(const Style& style, std::string_view text) {
  return first_line(clean(style, text));
}

const model::Turn* turn_of(const TriageView& view, const model::Owner& owner) {
  if (owner.step.empty() || owner.step.turn == 0) return nullptr;
  auto found = view.triage.turns.find(owner.step.session + ":" + std::to_string(owner.step.turn));
  return found == view.triage.turns.end() ? nullptr : &found->second;
}

std::string hand(const model::Owner& owner) {
  if (!owner.step.empty()) return owner.step.address();
  return std::string(to_string(owner.kind));
}

std::string owner_line(const Style& style, const TriageView& view, const Cause& cause) {
  const attribution::Authorship& line = cause.blamed;
  std::string text = owner_text(style, line.owner);
  if (text.starts_with("by ")) text.erase(0, 3);
  if (!line.owner.step.agent.empty()) text += ", " + line.owner.step.agent;
  const model::Turn* turn = turn_of(view, line.owner);
  if (turn && !turn->model.empty()) text += " (" + one_line(style, turn->model) + ")";
  if (line.seen) text += ", " + when(style, line.seen);
  if (!line.commit.empty() && line.owner.kind != model::OwnerKind::step) {
    text += ": " + line.commit.substr(0, 8) + " " + one_line(style, line.author) + ", " +
            one_line(style, line.summary);
  }
  return text;
}

std::string run_text(const Style& style, const Cause& cause) {
  if (!cause.run) return {};
  return cause.run->step.address() + " " + run_name(style, *cause.run) + ": " +
         verdict_text(style, *cause.run);
}

std::string place_text(const triage::Place& place) {
  if (place.line == 0) return place.path + (place.path.empty() ? "" : "::") + place.function;
  std::string text = place.path + ":" + std::to_string(place.line);
  if (place.column) text += ":" + std::to_string(place.column);
  return text;
}

}  // namespace

std::string triage_text(const Style& style, const TriageView& view) {
  const triage::Triage& found = view.triage;
  std::string text;
  size_t number = 0;
  for (const Cause& cause : found.causes) {
    if (!text.empty()) text += "\n";
    text +=
        std::to_string(++number) + ". " +
        style.paint(Look::path, one_line(style, cause.path) + ":" + std::to_string(cause.line)) +
        "  " + one_line(style, cause.text) + "\n";
    text += fact(style, "order", cause.reason);
    text += fact(style, "owner", owner_line(style, view, cause));
    if (const model::Turn* turn = turn_of(view, cause.blamed.owner)) {
      std::string deep = std::string(kIndent) + std::string(kNameWidth, ' ');
      std::string prompt =
          block(style, trim(clean(style, turn->prompt)), deep, kPromptLines, Look::prompt);
      if (prompt.size() > deep.size()) {
        text += std::string(kIndent) + style.paint(Look::faint, pad("prompt", kNameWidth)) +
                prompt.substr(deep.size());
      }
    }
    if (cause.blamed.was) text += fact(style, "was", owner_text(style, cause.blamed.was->owner));
    if (cause.blamed.reformatter) {
      text += fact(style, "reformat", owner_text(style, cause.blamed.reformatter->owner));
    }
    for (const Dropped& dropped : cause.dropped) {
      std::string value = hand(dropped.writer.owner) + " had: " + one_line(style, dropped.text) +
                          "  (dropped by " + hand(dropped.remover.owner);
      if (!dropped.rule.empty()) value += "; " + dropped.rule;
      value += ")";
      text += fact(style, "tried", value);
      if (!dropped.error.empty()) text += fact(style, "", one_line(style, dropped.error));
    }
    if (cause.run) text += fact(style, "tests", run_text(style, cause));
    const triage::Trace& trace = found.traces[cause.trace];
    std::string in = trace.message.empty() ? trace.form : one_line(style, trace.message);
    if (!cause.function.empty()) in = one_line(style, cause.function) + ": " + in;
    if (cause.times > 1) in += "  (" + count(cause.times, "time") + ")";
    text += fact(style, "named in", in);
    if (cause.matched_by != "path") {
      text += fact(style, "found by",
                   cause.matched_by == "name"   ? "its name only"
                   : cause.matched_by == "test" ? "the test's name"
                                                : "the end of its path");
    }
  }
  if (!found.unmapped.empty()) {
    text += (text.empty() ? "" : "\n") + style.paint(Look::title, "not told") + "\n";
    size_t shown = 0;
    for (const triage::Unmapped& unmapped : found.unmapped) {
      if (shown++ == kUnmapped) {
        text += std::string(kIndent) + "and " + std::to_string(found.unmapped.size() - kUnmapped) +
                " more; --json lists them\n";
        break;
      }
      text += std::string(kIndent) + one_line(style, place_text(unmapped.place)) + "  " +
              style.paint(Look::faint, unmapped.reason);
      for (size_t i = 0; i < unmapped.candidates.size(); i++) {
        text += (i ? ", " : ": ") + one_line(style, unmapped.candidates[i]);
      }
      text += "\n";
    }
  }
  if (found.left_out) {
    text += "\n" + count(static_cast<int64_t>(found.left_out), "place") +
            " that the text names before these: too many, left out\n";
  }
  return text;
}

std::string triage_json(const Style& style, const TriageView& view) {
  JsonAnswer answer("triage");
  json::Writer& json = answer.writer();
  optional_member(json, "revision", view.revision);
  auto write_hand = [&](std::string_view name, const attribution::Hand& who) {
    json.key(name).begin_object().key("owner");
    write(json, who.owner);
    optional_time(json, "time", who.seen);
    json.end_object();
  };
  json.key("causes").begin_array();
  for (const Cause& cause : view.triage.causes) {
    const attribution::Authorship& line = cause.blamed;
    json.begin_object().member("path", cause.path).member("line", cause.line);
    json.member("text", cause.text).member("reason", cause.reason);
    json.member("matched_by", cause.matched_by);
    json.key("owner");
    write(json, line.owner);
    if (line.turn) {
      json.member("turn", line.owner.step.session + ":" + std::to_string(line.turn));
    }
    optional_time(json, "time", line.seen);
    if (line.was) write_hand("was", *line.was);
    if (line.reformatter) write_hand("reformatter", *line.reformatter);
    if (!line.commit.empty()) {
      json.member("commit", line.commit).member("author", line.author);
      optional_time(json, "author_time", line.author_time * kSecond);
      json.member("summary", line.summary);
    }
    bool recorded =
        line.owner.kind == model::OwnerKind::step || line.owner.kind == model::OwnerKind::outside;
    if (recorded) json.member("verified", to_string(cause.verified));
    if (cause.run) {
      json.key("run");
      write(json, *cause.run);
    }
    json.key("dropped").begin_array();
    for (const Dropped& dropped : cause.dropped) {
      json.begin_object().member("text", dropped.text);
      write_hand("writer", dropped.writer);
      write_hand("remover", dropped.remover);
      optional_member(json, "rule", dropped.rule);
      optional_member(json, "error", dropped.error);
      json.end_object();
    }
    json.end_array();
    json.member("trace", cause.trace).member("depth", cause.depth).member("times", cause.times);
    optional_member(json, "function", cause.function);
    json.end_object();
  }
  json.end_array().key("unmapped").begin_array();
  for (const triage::Unmapped& unmapped : view.triage.unmapped) {
    json.begin_object().member("path", unmapped.place.path);
    if (unmapped.place.line) json.member("line", unmapped.place.line);
    optional_member(json, "function", unmapped.place.function);
    json.member("reason", unmapped.reason);
    write_strings(json, "candidates", unmapped.candidates);
    json.end_object();
  }
  json.end_array();
  if (view.triage.left_out) json.member("left_out", view.triage.left_out);
  json.key("traces").begin_array();
  for (const triage::Trace& trace : view.triage.traces) {
    json.begin_object().member("form", trace.form);
    optional_member(json, "message", trace.message);
    json.member("places", trace.places.size()).end_object();
  }
  json.end_array().key("turns").begin_array();
  for (const auto& [address, turn] : view.triage.turns) write(json, turn);
  json.end_array();
  return answer.finish(style);
}

}  // namespace baton::render
