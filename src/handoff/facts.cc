#include "handoff/facts.h"

#include <algorithm>

#include "base/bytes.h"
#include "handoff/moves.h"
#include "handoff/path_kinds.h"
#include "index/contents.h"
#include "index/queries.h"
#include "index/session_turns.h"

namespace baton::handoff {
namespace {

using model::OwnerKind;
using model::Step;

constexpr size_t kMaxWords = 300;  // bytes of the agent's words

Status load_session(Facts& facts, const model::Session& session) {
  facts.sessions.push_back(TRY(index::session(facts.index, session.key)));
  index::SessionFilter children;
  children.parent = session.key;
  auto subagents = TRY(index::sessions(facts.index, children));
  std::ranges::reverse(subagents);  // newest first as they come
  std::ranges::move(subagents, std::back_inserter(facts.sessions));
  for (auto& turn : TRY(index::session_turns(facts.index, session.key))) {
    if (turn.began > facts.options.since) facts.turns.push_back(std::move(turn));
  }
  facts.messages[session.key] = TRY(index::messages(facts.index, session.key));
  for (auto& step : TRY(index::steps(facts.index, session.key, true))) {
    if (step.began > facts.options.since) facts.steps.push_back(std::move(step));
  }
  return {};
}

Status load_timelines(Facts& facts) {
  std::map<std::string, int64_t> from;
  // Since a moment: the first of the steps begins the timeline.
  for (const auto& session : facts.task.sessions) {
    if (facts.options.since) break;
    index::Address address;
    address.session_key = session.key;
    auto span = index::span(facts.index, address);
    if (!span || !span->before.known()) continue;
    auto [at, fresh] = from.try_emplace(span->before.worktree, span->before.q);
    if (!fresh) at->second = std::min(at->second, span->before.q);
  }
  // A step may have changed another worktree than its session began in.
  for (const Step& step : facts.steps) {
    for (const auto& change : step.changes) {
      auto [at, fresh] = from.try_emplace(change.worktree, change.q - 1);
      if (!fresh) at->second = std::min(at->second, change.q - 1);
    }
  }
  for (const auto& [worktree, q] : from) {
    auto to = TRY(index::newest(facts.index, worktree));
    facts.timelines[worktree] = TRY(index::changes(facts.index, {worktree, q}, to));
  }
  return {};
}

// The nets by path and worktree.
using Places = std::map<std::pair<std::string, std::string>, size_t>;

// Where a change belongs: to the net of its path in its worktree, else to that of another worktree
// which it goes on from, else to a new one.
size_t place_of(Facts& facts, Places& places, const model::Change& change) {
  auto [found, fresh] = places.try_emplace({change.path, change.worktree}, facts.nets.size());
  if (!fresh) return found->second;
  bool apart = false;
  auto other = places.lower_bound({change.path, {}});
  for (; other != places.end() && other->first.first == change.path; ++other) {
    if (other == found) continue;
    apart = true;
    if (facts.nets[other->second].last.after == change.before) return found->second = other->second;
  }
  facts.nets.push_back({change.path, {}, change, change, {}, {}, false, false, {}, false, apart});
  return found->second;
}

void make_nets(Facts& facts) {
  Places places;
  for (const Step& step : facts.steps) {
    for (const auto& change : step.changes) {
      if (change.skipped) continue;
      size_t place = place_of(facts, places, change);
      Net& net = facts.nets[place];
      if (change.worktree == net.first.worktree && change.q < net.first.q) net.first = change;
      if (change.worktree != net.last.worktree || change.q > net.last.q) net.last = change;
      if (net.steps.empty() || net.steps.back() != &step) net.steps.push_back(&step);
      net.contested |= change.owner.evidence == model::Evidence::contested;
      net.withheld |= change.withheld;
    }
  }
  // Who else changed them meanwhile: their last content is the present one.
  for (const auto& [worktree, changes] : facts.timelines) {
    for (const auto& change : changes) {
      auto found = places.find({change.path, worktree});
      if (found == places.end() || change.skipped) continue;
      Net& net = facts.nets[found->second];
      if (net.first.worktree != worktree || change.q < net.first.q) continue;
      if (net.last.worktree == worktree && change.q > net.last.q) net.last = change;
      if (change.owner.kind != OwnerKind::step) {
        net.add_other(change.owner.kind);
      }
    }
  }
}

}  // namespace

std::string Net::key() const {
  return apart ? path + '\0' + first.worktree : path;
}

bool Net::is_called(std::string_view name) const {
  return path == name || std::ranges::find(earlier, name) != earlier.end();
}

bool Net::matches(std::string_view pattern) const {
  return path_matches(pattern, path) || std::ranges::any_of(earlier, [&](const auto& name) {
           return path_matches(pattern, name);
         });
}

std::string Net::deleted_by() const {
  bool by_step = last.owner.kind == OwnerKind::step;
  return last.after.empty() && !by_step ? std::string(model::to_string(last.owner.kind)) : "";
}

void Net::add_other(OwnerKind owner) {
  std::string name(model::to_string(owner));
  if (std::ranges::find(others, name) == others.end()) others.push_back(std::move(name));
}

const Net* Facts::net(std::string_view path) const {
  auto found = std::ranges::find(nets, path, &Net::path);
  if (found == nets.end()) {
    found = std::ranges::find_if(nets, [&](const Net& net) { return net.is_called(path); });
  }
  return found == nets.end() ? nullptr : &*found;
}

std::string Facts::words_before(const Step& step) const {
  auto of_session = messages.find(step.ref.session_key);
  if (of_session == messages.end()) return {};
  const model::Message* found = nullptr;
  for (const auto& message : of_session->second) {
    if (message.kind != model::MessageKind::message || message.turn != step.ref.turn) continue;
    if (message.before_step == step.ref.step) {
      found = &message;
      break;
    }
    if (message.time > 0 && message.time <= step.began) found = &message;
  }
  return found ? std::string(utf8_prefix(trim(found->text), kMaxWords)) : std::string();
}

std::string Facts::content(const ObjectId& id) const {
  auto got = index.contents().text(id);
  return got ? std::move(*got) : std::string();
}

Result<Facts> load_facts(index::Index& index, const Task& task, const Options& options) {
  Facts facts{index, task, options, {}, {}, {}, {}, {}, {}};
  for (const auto& session : task.sessions) TRY(load_session(facts, session));
  std::ranges::stable_sort(facts.turns, {}, [](const auto& turn) { return turn.began; });
  auto began = [](const Step& step) { return step.began; };
  // A step is heavy to move, and of one session they mostly come in order.
  if (!std::ranges::is_sorted(facts.steps, {}, began)) {
    std::ranges::stable_sort(facts.steps, {}, began);
  }
  TRY(load_timelines(facts));
  make_nets(facts);
  follow_moves(facts);
  return facts;
}

std::string turn_address(const Step& step) {
  return step.ref.session + ":" + std::to_string(step.ref.turn);
}

bool run_failed(const Step& step) {
  return step.test && (step.test->verdict == model::TestVerdict::failed ||
                       (step.test->verdict == model::TestVerdict::unknown &&
                        step.outcome == model::StepOutcome::failed));
}

bool made_by(const model::Change& change, const Step& step) {
  return change.owner.kind == OwnerKind::step && change.owner.step == step.ref;
}

}  // namespace baton::handoff
