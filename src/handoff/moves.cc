#include "handoff/moves.h"

#include <algorithm>

#include "base/bytes.h"
#include "diff/similarity.h"

namespace baton::handoff {
namespace {

using model::Change;

constexpr int kMinRename = 50;           // percent, as git's
constexpr size_t kMaxCompared = 50;      // new files of one look
constexpr size_t kMaxContent = 1 << 20;  // bytes of one that is compared
constexpr int kMaxMoves = 8;             // of one file

std::string_view name_of(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

bool same_hand(const Change& left, const Change& right) {
  return left.owner.kind == right.owner.kind && left.owner.step == right.owner.step;
}

// The only one of them, or the only one of that name; null if nothing tells them apart.
const Change* only_one(const std::vector<const Change*>& found, std::string_view name) {
  if (found.size() == 1) return found.front();
  const Change* of_name = nullptr;
  for (const Change* each : found) {
    if (name_of(each->path) != name) continue;
    if (of_name) return nullptr;
    of_name = each;
  }
  return of_name;
}

const Change* most_alike(const Facts& facts, const Change& gone,
                         const std::vector<const Change*>& came) {
  if (came.empty() || came.size() > kMaxCompared) return nullptr;
  std::string before = facts.content(gone.before);
  if (before.empty() || before.size() > kMaxContent) return nullptr;
  const Change* best = nullptr;
  int most = kMinRename - 1;
  for (const Change* each : came) {
    std::string after = facts.content(each->after);
    if (after.empty() || after.size() > kMaxContent) continue;
    int percent = diff::similarity(before, after);
    if (percent == most) best = nullptr;  // two that are as good
    if (percent <= most) continue;
    most = percent;
    best = each;
  }
  return best;
}

// `there`: what steps did to the file under its new name; null if nothing.
void go_on_as(Net& net, const Change& arrival, const Net* there, const Facts& facts) {
  net.earlier.push_back(std::move(net.path));
  net.path = arrival.path;
  net.moved = arrival;
  net.last = arrival;
  if (arrival.owner.kind == model::OwnerKind::step) net.moved_by_step = true;
  for (const Change& change : facts.timelines.at(arrival.worktree)) {
    if (change.path != net.path || change.skipped || change.q < arrival.q) continue;
    net.last = change;
    if (change.owner.kind != model::OwnerKind::step) net.add_other(change.owner.kind);
  }
  if (!there) return;
  for (const model::Step* step : there->steps) {
    if (std::ranges::find(net.steps, step) == net.steps.end()) net.steps.push_back(step);
  }
  std::ranges::stable_sort(net.steps, {}, [](const model::Step* step) { return step->began; });
  net.contested |= there->contested;
  net.withheld |= there->withheld;
}

}  // namespace

const Change* moved_to(const Facts& facts, const Change& gone) {
  auto timeline = facts.timelines.find(gone.worktree);
  if (!gone.after.empty() || gone.before.empty() || timeline == facts.timelines.end()) {
    return nullptr;
  }
  std::vector<const Change*> same, came;
  size_t twins = 0;  // others that went away with the same content
  // The changes of one look have numbers that follow each other.
  auto of_look = [&](const Change& change) { return change.seen == gone.seen; };
  auto begin = std::ranges::lower_bound(timeline->second, gone.q, {}, &Change::q), end = begin;
  while (begin != timeline->second.begin() && of_look(*std::prev(begin))) --begin;
  while (end != timeline->second.end() && of_look(*end)) ++end;
  for (auto change = begin; change != end; ++change) {
    if (change->skipped || change->path == gone.path) continue;
    if (change->after.empty()) twins += change->before == gone.before;
    if (!change->before.empty() || change->after.empty()) continue;
    if (change->after == gone.before) same.push_back(&*change);
    if (same_hand(*change, gone)) came.push_back(&*change);
  }
  if (!same.empty()) {
    const Change* found = only_one(same, name_of(gone.path));
    bool doubtful = twins > 0 && found && name_of(found->path) != name_of(gone.path);
    return doubtful ? nullptr : found;
  }
  // What is the very content of another one is that one.
  std::erase_if(came, [&](const Change* each) {
    return std::any_of(begin, end, [&](const Change& other) {
      return other.after.empty() && other.before == each->after;
    });
  });
  return most_alike(facts, gone, came);
}

void follow_moves(Facts& facts) {
  std::vector<const Net*> taken;  // that go on in another one
  auto is_taken = [&](const Net* net) { return std::ranges::find(taken, net) != taken.end(); };
  for (Net& net : facts.nets) {
    if (is_taken(&net)) continue;
    for (int moves = 0; moves < kMaxMoves && net.last.after.empty(); ++moves) {
      const Change* arrival = moved_to(facts, net.last);
      if (!arrival || net.is_called(arrival->path)) break;
      // What was there before and had gone is a history of its own.
      const Net* there = facts.net(arrival->path);
      if (there && there->last.worktree != arrival->worktree) there = nullptr;
      if (there && there->first.q < arrival->q && !is_taken(there)) break;
      if (there && !is_taken(there)) taken.push_back(there);
      go_on_as(net, *arrival, there, facts);
    }
  }
  std::vector<Net> left;
  for (Net& net : facts.nets) {
    if (!is_taken(&net)) left.push_back(std::move(net));
  }
  facts.nets = std::move(left);
}

}  // namespace baton::handoff
