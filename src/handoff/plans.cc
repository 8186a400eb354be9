#include "handoff/plans.h"

#include <algorithm>

#include "base/bytes.h"
#include "handoff/path_kinds.h"
#include "index/queries.h"

namespace baton::handoff {
namespace {

// The same item is written with a capital here and without a full stop there.
std::string plain(std::string_view text) {
  std::string lower = lower_ascii(trim(text));
  while (lower.ends_with('.') || lower.ends_with('!')) lower.pop_back();
  return lower;
}

void add_item(Handoff& handoff, const std::string& text, const std::string& status,
              const Citation& step) {
  auto known = std::ranges::find(handoff.plan, plain(text),
                                 [](const PlanLine& line) { return plain(line.text); });
  if (known == handoff.plan.end()) {
    handoff.plan.push_back({text, status, step});
  } else {
    known->status = status;
    known->step = step;
  }
}

void add_boxes(Handoff& handoff, const PlanTextLine& plan) {
  for (std::string_view line : split(plan.text, '\n')) {
    line = trim(line);
    if (line.size() < 7 || (line[0] != '-' && line[0] != '*') ||
        !line.substr(1).starts_with(" [") || line[4] != ']') {
      continue;
    }
    bool done = line[3] == 'x' || line[3] == 'X';
    if (!done && line[3] != ' ') continue;
    add_item(handoff, std::string(trim(line.substr(5))), done ? "completed" : "pending", plan.step);
  }
}

}  // namespace

Result<std::vector<model::PlanItem>> left_out(index::Index& index, int64_t session,
                                              const std::vector<model::PlanItem>& present) {
  std::vector<model::PlanItem> gone;
  if (present.empty()) return gone;
  auto same = [](const model::PlanItem& left, const model::PlanItem& right) {
    return plain(left.text) == plain(right.text) || (!left.id.empty() && left.id == right.id);
  };
  for (auto& item : TRY(index::plan_history(index, session))) {
    auto is_it = [&](const model::PlanItem& other) { return same(item, other); };
    if (std::ranges::any_of(present, is_it)) continue;
    std::erase_if(gone, is_it);
    gone.push_back(std::move(item));
  }
  std::erase_if(gone, [](const model::PlanItem& item) {
    return item.status == "completed" || item.status == "deleted";
  });
  return gone;
}

Status add_plans(const Facts& facts, Handoff& handoff) {
  for (const auto& session : facts.task.sessions) {
    model::Plan plan = TRY(index::plan(facts.index, session.key));
    for (const auto& item : plan.items) {
      add_item(handoff, item.text, item.status, item.step.address());
    }
    for (const auto& item : TRY(left_out(facts.index, session.key, plan.items))) {
      add_item(handoff, item.text, std::string(kLeftOut), item.step.address());
    }
    if (!trim(plan.text).empty()) {
      handoff.plan_texts.push_back({plan.text, "", plan.step.address()});
    }
  }
  for (const Net& net : facts.nets) {
    if (!is_plan_path(net.path) || net.last.after.empty() || net.withheld) continue;
    std::string text = facts.content(net.last.after);
    if (trim(text).empty() || looks_binary(text)) continue;
    handoff.plan_texts.push_back({text, net.path, net.steps.back()->ref.address()});
  }
  if (handoff.plan.empty()) {
    for (const auto& plan : handoff.plan_texts) add_boxes(handoff, plan);
  }
  return {};
}

}  // namespace baton::handoff
