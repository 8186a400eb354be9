#include "store/thinning.h"

#include "base/bytes.h"

namespace baton::store {
namespace {

constexpr size_t kMaxRebased = 64;  // differences from one content

}  // namespace

void Thinning::add(const RecordHead& head, bool fixed) {
  Node& node = nodes_[head.id];
  node.base = head.base;
  node.depth = head.depth;
  node.size = head.size();
  node.fixed = fixed;
  if (!head.base.empty()) nodes_[head.base].children.push_back(head.id);
}

bool Thinning::is_gone(const ObjectId& id) const {
  auto found = nodes_.find(id);
  return found != nodes_.end() && found->second.gone;
}

ObjectId Thinning::base_of(const RecordHead& head) const {
  auto rebased = rebased_.find(head.id);
  return rebased == rebased_.end() ? head.base : rebased->second.base;
}

Result<std::string> Thinning::content(const ObjectId& id) {
  auto stored = objects_.get(id, borrowed_);
  if (stored || stored.error().kind != ErrorKind::not_found || !borrowed_) return stored;
  return borrowed_(id);
}

Result<std::string> Thinning::encode(const ObjectId& id, const Rebased& on) {
  std::string bytes = TRY(content(id));
  std::string data;
  if (!on.base.empty()) data = compress_content(bytes, TRY(content(on.base)));
  // As a writer of it would choose.
  if (data.empty() || data.size() * 2 > bytes.size()) {
    std::string whole = compress_content(bytes, {});
    if (data.empty() || whole.size() <= data.size() * 5 / 4) {
      return encode_record(0, id, {}, bytes.size(), whole);
    }
  }
  return encode_record(on.depth, id, on.base, bytes.size(), data);
}

Result<std::string> Thinning::rebased_record(const ObjectId& id) {
  return encode(id, rebased_.at(id));
}

bool Thinning::take(const ObjectId& id) {
  auto found = nodes_.find(id);
  if (found == nodes_.end()) return false;
  Node& node = found->second;
  // Size 0: only a base, which git holds.
  if (node.fixed || node.gone || node.size == 0) return false;
  auto bytes = content(id);
  if (!bytes || !looks_binary(*bytes)) return false;
  std::vector<std::pair<ObjectId, RecordHead>> anew;
  int64_t growth = 0;
  for (const ObjectId& child : node.children) {
    const Node& there = nodes_.at(child);
    if (there.gone) continue;
    if (there.fixed || anew.size() == kMaxRebased) return false;
    // As deep as it was, at most: whoever counts from it counts right.
    auto record = encode(child, {node.base, node.base.empty() ? 0 : node.depth});
    if (!record) return false;
    auto head = decode_head(*record);
    anew.emplace_back(child, *head);
    growth += static_cast<int64_t>(head->size()) - static_cast<int64_t>(there.size);
  }
  if (growth >= static_cast<int64_t>(node.size)) return false;
  for (const auto& [child, head] : anew) {
    Node& there = nodes_.at(child);
    there.base = head.base;
    there.depth = head.depth;
    there.size = head.size();
    rebased_[child] = {head.base, head.depth};
    if (!head.base.empty()) nodes_.at(head.base).children.push_back(child);
  }
  node.gone = true;
  rebased_.erase(id);
  gone_.push_back({id, bytes->size()});
  freed_ += static_cast<uint64_t>(static_cast<int64_t>(node.size) - growth);
  return true;
}

}  // namespace baton::store
