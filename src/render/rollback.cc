#include "render/rollback.h"

#include "render/log.h"
#include "render/text.h"
#include "render/when.h"

namespace baton::render {
namespace {

constexpr size_t kMaxListed = 20;
constexpr size_t kMaxLinesOfHunk = 12;

std::string painted_path(const Style& style, const std::string& path) {
  return style.paint(Look::path, shown_path(style, path));
}

std::string more(size_t count) {
  if (count <= kMaxListed) return {};
  return "  … " + std::to_string(count - kMaxListed) + " more (--json lists all)\n";
}

std::string left_list(const Style& style, const std::vector<rollback::LeftAlone>& list) {
  std::string text;
  for (size_t i = 0; i < list.size() && i < kMaxListed; ++i) {
    text += "  " + painted_path(style, list[i].path) + "  " +
            style.paint(Look::faint, clean(style, list[i].reason)) + "\n";
  }
  return text + more(list.size());
}

std::string hunk_side(const Style& style, Look look, char sign,
                      const std::vector<std::string>& lines) {
  std::string text;
  for (size_t i = 0; i < lines.size() && i < kMaxLinesOfHunk; ++i) {
    std::string line(1, sign);
    line += fit(clean(style, lines[i]), style.width > 6 ? style.width - 6 : 0);
    text += "    " + style.paint(look, line) + "\n";
  }
  if (lines.size() > kMaxLinesOfHunk) {
    text +=
        "    … " + count(static_cast<int64_t>(lines.size() - kMaxLinesOfHunk), "more line") + "\n";
  }
  return text;
}

std::string conflict_text(const Style& style, const rollback::Conflict& conflict) {
  std::string text = "  " + painted_path(style, conflict.path) + "  " + conflict.reason;
  std::string by;
  for (const model::Change& change : conflict.since) {
    std::string who = owner_text(style, change.owner);
    if (by.find(who) == std::string::npos) by += (by.empty() ? "" : "; ") + who;
  }
  if (!by.empty()) text += " (" + by + ")";
  text += "\n";
  for (const auto& hunk : conflict.hunks) {
    text += "    " + style.paint(Look::hunk, "line " + std::to_string(hunk.line)) + "\n";
    text += hunk_side(style, Look::plain, ' ', hunk.now);
    text += hunk_side(style, Look::removed, '-', hunk.taken);
    text += hunk_side(style, Look::added, '+', hunk.before);
  }
  return text;
}

}  // namespace

std::string rollback_subject(const RollbackView& view) {
  if (view.kind == "undo" || view.kind == "redo") {
    return (view.kind == "undo" ? "undo " : "redo ") + view.of;
  }
  std::string text = view.kind == "restore" ? "restore" : "rewind";
  if (!view.only.empty()) text += ", taking back " + view.only;
  if (!view.what.empty()) text += (view.only.empty() ? " to the files " : ", since ") + view.what;
  return text;
}

std::string rollback_left_text(const Style& style, const RollbackView& view) {
  if (view.plan->left.empty()) return {};
  return "left as they are:\n" + left_list(style, view.plan->left);
}

std::string rollback_trouble_text(const Style& style, const RollbackView& view) {
  std::string text;
  const rollback::Plan& plan = *view.plan;
  if (!plan.obstacles.empty()) text += "in the way:\n" + left_list(style, plan.obstacles);
  if (!plan.thinned.empty()) text += "not there any more:\n" + left_list(style, plan.thinned);
  if (!plan.unowned.empty()) {
    text += "work that no step owns would go:\n";
    size_t shown = 0;
    for (const auto& each : plan.unowned) {
      if (shown++ == kMaxListed) break;
      std::string by;
      for (const model::Owner& owner : each.owners) {
        by += (by.empty() ? "" : "; ") + owner_text(style, owner);
      }
      text += "  " + painted_path(style, each.path) + "  " + by + "\n";
    }
    text += more(plan.unowned.size());
  }
  if (!plan.conflicts.empty()) {
    text += "changed since, too:\n";
    for (const auto& conflict : plan.conflicts) text += conflict_text(style, conflict);
  }
  for (const model::Step& step : view.running) {
    text += "still running: " + style.paint(Look::address, step.ref.address()) + "  " +
            step_subject(style, step) + "\n";
  }
  return text;
}

std::string rollback_hunks_text(const Style& style, const RollbackView& view) {
  if (view.hunks.empty()) return {};
  std::string text = "hunks (--hunk takes only some):\n";
  for (size_t i = 0; i < view.hunks.size() && i < kMaxListed; ++i) {
    const rollback::Hunk& hunk = view.hunks[i];
    text += "  " + style.paint(Look::hunk, std::to_string(hunk.number)) + "  " +
            painted_path(style, hunk.path) +
            (hunk.line == 0 ? " as a whole" : ":" + std::to_string(hunk.line)) + "\n";
    text += hunk_side(style, Look::removed, '-', hunk.removed);
    text += hunk_side(style, Look::added, '+', hunk.added);
  }
  return text + more(view.hunks.size());
}

std::string rollback_done_text(const Style& style, const RollbackView& view) {
  std::string text = clean(style, rollback_subject(view)) + ": " +
                     count(static_cast<int64_t>(view.files.size()), "file") +
                     (view.dry_run ? " would change" : "") + "\n" + stat_text(style, view.files);
  if (!view.dry_run && !view.name.empty()) text += "to take it back: baton undo\n";
  return text;
}

std::string rollback_json(const Style& style, const RollbackView& view) {
  JsonAnswer answer(view.kind);
  json::Writer& json = answer.writer();
  const rollback::Plan& plan = *view.plan;
  json.member("done", !view.name.empty()).member("dry_run", view.dry_run);
  optional_member(json, "name", view.name);
  optional_member(json, "target", view.target);
  optional_member(json, "what", view.what);
  optional_member(json, "only", view.only);
  optional_member(json, "of", view.of);
  optional_member(json, "refused", view.refusal);
  write_files(json, style, view.files);
  auto list = [&](const char* name, const std::vector<rollback::LeftAlone>& items) {
    json.key(name).begin_array();
    for (const auto& each : items) {
      json.begin_object().member("path", each.path).member("reason", each.reason).end_object();
    }
    json.end_array();
  };
  list("left", plan.left);
  list("obstacles", plan.obstacles);
  if (!plan.thinned.empty()) list("thinned", plan.thinned);
  json.key("unowned").begin_array();
  for (const auto& each : plan.unowned) {
    json.begin_object().member("path", each.path);
    optional_time(json, "last", each.last);
    write_list(json, "owners", each.owners);
    json.end_object();
  }
  json.end_array();
  json.key("conflicts").begin_array();
  for (const auto& each : plan.conflicts) {
    json.begin_object().member("path", each.path).member("reason", each.reason);
    json.key("hunks").begin_array();
    for (const auto& hunk : each.hunks) {
      json.begin_object().member("line", static_cast<int64_t>(hunk.line));
      write_strings(json, "now", hunk.now);
      write_strings(json, "taken_back", hunk.taken);
      write_strings(json, "before", hunk.before);
      json.end_object();
    }
    json.end_array();
    write_list(json, "since", each.since);
    json.end_object();
  }
  json.end_array();
  if (!view.hunks.empty()) {
    json.key("hunks").begin_array();
    for (const rollback::Hunk& hunk : view.hunks) {
      json.begin_object().member("number", static_cast<int64_t>(hunk.number));
      json.member("path", hunk.path);
      if (hunk.line != 0) json.member("line", static_cast<int64_t>(hunk.line));
      write_strings(json, "removed", hunk.removed);
      write_strings(json, "added", hunk.added);
      json.end_object();
    }
    json.end_array();
  }
  json.key("running").begin_array();
  for (const model::Step& step : view.running) {
    json.begin_object().member("step", step.ref.address()).member("command", step.command);
    json.end_object();
  }
  json.end_array();
  return answer.finish(style);
}

std::string act_text(const index::Act& act) {
  std::string text;
  if (act.event_name == index::kCheckpointEvent) {
    text = "checkpoint " + act.name + (act.note.empty() ? "" : ": " + act.note);
    return text;
  }
  if (act.event_name == index::kForkEvent) return "forked at " + act.target + " as " + act.name;
  if (act.kind == "undo" || act.kind == "redo") {
    text = act.kind == "undo" ? "undid " + act.of : "did " + act.of + " again";
  } else if (act.kind == "restore") {
    text = "restored " + act.target;
  } else {
    text = "rewound";
    if (!act.target.empty()) text += " to " + act.target;
    if (!act.only.empty()) text += ", taking back " + act.only;
  }
  return text + ", " + count(act.files, "file");
}

void write(json::Writer& json, const index::Act& act) {
  json.begin_object();
  json.member("event", act.event_name == index::kCheckpointEvent ? "checkpoint"
                       : act.event_name == index::kForkEvent     ? "fork"
                                                                 : "rewind");
  optional_member(json, "name", act.name);
  optional_member(json, "kind", act.kind);
  optional_member(json, "target", act.target);
  optional_member(json, "of", act.of);
  optional_member(json, "only", act.only);
  optional_member(json, "note", act.note);
  optional_time(json, "time", act.time);
  if (act.event_name == index::kRewindEvent) json.member("files", act.files);
  json.key("before");
  write(json, act.before);
  json.key("after");
  write(json, act.after);
  json.end_object();
}

}  // namespace baton::render
