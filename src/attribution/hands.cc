#include "attribution/hands.h"

#include "index/lines.h"

namespace baton::attribution {

using model::OwnerKind;

Status Hands::look_up(const std::vector<Origin>& origins) {
  bool asks = false;
  for (const Origin& origin : origins) {
    Slot& slot = hands_[origin];
    if (slot.hand) continue;
    slot.hand = std::make_shared<Hand>();
    slot.asked = origin.kind != index::VersionKind::change;
    asks |= !slot.asked;
    Hand& hand = *slot.hand;
    hand.at = {TRY(worktree(origin.key.worktree)), origin.q};
    if (!slot.asked) continue;
    hand.path = TRY(index::path_name(index_, origin.key.path));
    if (origin.kind == index::VersionKind::interim) {
      hand.owner = TRY(index::interim_owner(index_, {origin.key, origin.q}));
      continue;
    }
    hand.owner.kind = OwnerKind::before;
    if (origin.q > 0) {
      hand.owner.kind = OwnerKind::unknown;
      hand.owner.rule = "after a gap";
    }
  }
  if (!asks) return {};
  std::vector<Hand*> wanted;
  std::vector<index::ChangePlace> places;
  for (auto& [origin, slot] : hands_) {
    if (slot.asked) continue;
    slot.asked = true;
    wanted.push_back(slot.hand.get());
    places.push_back({origin.key, origin.q});
  }
  auto changes = TRY(index::changes_at(index_, places));
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (!changes[i]) continue;
    wanted[i]->owner = std::move(changes[i]->owner);
    wanted[i]->path = std::move(changes[i]->path);
    wanted[i]->seen = changes[i]->seen;
  }
  return {};
}

Result<std::shared_ptr<const Hand>> Hands::of(const Origin& origin) {
  auto known = hands_.find(origin);
  if (known != hands_.end()) return known->second.hand;
  TRY(look_up({origin}));
  return hands_[origin].hand;
}

Result<std::string> Hands::worktree(int64_t key) {
  auto [found, added] = worktrees_.try_emplace(key);
  if (added) found->second = TRY(index::worktree_name(index_, key));
  return found->second;
}

bool same_hands(const model::Owner& a, const model::Owner& b) {
  if (a.kind != b.kind) return false;
  if (a.kind == OwnerKind::step) {
    if (a.step.empty() || b.step.empty()) return a.candidates == b.candidates;
    return a.step.session_key == b.step.session_key && a.step.turn == b.step.turn;
  }
  return a.kind != OwnerKind::git || a.commit == b.commit;
}

bool same_maker(const model::Owner& a, const model::Owner& b) {
  return same_hands(a, b) && a.step.step == b.step.step;
}

}  // namespace baton::attribution
