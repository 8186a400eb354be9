#include "record/borrowed.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <unordered_set>
#include <vector>

#include "base/json.h"
#include "git/head.h"
#include "git/object_reader.h"
#include "git/object_writer.h"
#include "git/repository.h"
#include "git/repository_changes.h"
#include "git/tree_listing.h"
#include "os/clock.h"
#include "record/header.h"
#include "record/record.h"
#include "secrets/credential_file.h"
#include "store/journal.h"
#include "store/references.h"
#include "store/thinned.h"
#include "worktree/head_move.h"

namespace baton::record {
namespace {

constexpr std::string_view kForGit = "{\"for\":\"git\"}";

// Takes over what only the tree `from` holds, and writes down how it differs from `to` ("": the
// empty tree).
Status leave(const worktree::Place& place, std::string_view session, const std::string& worktree,
             const std::string& from, const std::string& to) {
  auto objects = TRY(store::Objects::open(place.store));
  worktree::Observation seen;
  seen.worktree = worktree;
  seen.began = os::now();
  seen.move = TRY(worktree::leave_tree(*place.repository, objects, from, to));
  TRY(objects.sync());
  Header header;
  header.agent = kOwnAgent;
  header.session = session;
  header.event = "Pass";
  header.observations.push_back(std::move(seen));
  auto writer = TRY(store::JournalWriter::open(place.store, kOwnAgent, session, kLockBudgetUs));
  header.number = writer.next_number();
  header.time = std::max(os::now(), writer.last_time());
  std::string text = TRY(header_text(header, objects, place.store.hash));
  TRY(writer.append(text, kForGit));
  return writer.flush();
}

// What states of the record begin with, and which tree each left tree is told by.
struct Trees {
  std::map<std::string, std::string> begins;  // tree, worktree
  std::map<std::string, std::vector<std::string>> newer;
};

Result<Trees> recorded_trees(const store::Store& store) {
  Trees trees;
  auto read = [&](const json::Value& seen) {
    std::string worktree(seen["wt"].str());
    if (seen["base"]["tree"].is_string())
      trees.begins[std::string(seen["base"]["tree"].str())] = worktree;
    json::Value move = seen["move"];
    if (!move.exists()) return;
    trees.begins.try_emplace(std::string(move["from"].str()), worktree);
    trees.newer[std::string(move["from"].str())].emplace_back(move["tree"].str());
  };
  for (const store::SessionPlace& session : TRY(store::list_sessions(store))) {
    auto done = store::read_journal(session.directory, 0, [&](std::string_view text, uint64_t) {
      if (text.find("\"base\":{") == std::string_view::npos &&
          text.find("\"move\":{") == std::string_view::npos) {
        return true;
      }
      auto line = store::split_journal_line(text);
      if (!line) return true;
      auto header = json::Document::parse(line->header);
      if (!header) return true;
      json::Value all = header->root()["obs"];
      for (size_t i = 0; i < all.size(); i++) read(all.at(i));
      return true;
    });
    if (!done && done.error().kind != ErrorKind::not_found) return std::unexpected(done.error());
  }
  trees.begins.erase("");
  return trees;
}

class TakeOver {
 public:
  TakeOver(const worktree::Place& place, std::string_view session, bool look_only)
      : place_(place),
        session_(session),
        look_only_(look_only),
        git_(*place.repository),
        reader_(git_) {}

  Result<TakenOver> run() {
    TRY(find_pins());
    TRY(find_stored());
    TRY(leave_trees());
    TRY(take_contents());
    TRY(put_pins_right());
    return result_;
  }

 private:
  // The trees that living worktrees borrow from, and all that is in them.
  Status find_pins() {
    for (const worktree::PinState& state : TRY(worktree::pin_states(place_.store, git_))) {
      std::string tree = state.tree;
      if (look_only_ && state.due) tree = state.gone ? "" : tree_of_head(state.root).value_or(tree);
      if (tree.empty() || !reader_.info(tree)) continue;
      pins_[state.id] = tree;
    }
    std::set<std::string> different;
    for (const auto& [id, tree] : pins_) different.insert(tree);
    for (const std::string& tree : different) {
      for (const auto& entry : TRY(git::ls_tree(git_, *ObjectId::from_hex(tree), true))) {
        pinned_.insert(entry.id);
      }
    }
    return {};
  }

  std::optional<std::string> tree_of_head(const std::string& root) {
    if (root.empty()) return std::nullopt;
    auto repository = git::discover(root);
    auto head = repository ? git::read_head(*repository) : std::unexpected(repository.error());
    if (!head || head->commit.empty()) return std::nullopt;
    auto tree = reader_.tree(head->commit);
    return tree ? std::optional(tree->hex()) : std::nullopt;
  }

  Status find_stored() {
    auto objects = TRY(store::Objects::open(place_.store));
    return objects.each_record([&](const store::Objects::Record& record, const Error* problem) {
      if (problem) return true;
      stored_.insert(record.id);
      if (!record.base.empty()) wanted_.insert(record.base);
      return true;
    });
  }

  bool is_kept(const ObjectId& id) const { return stored_.contains(id) || pinned_.contains(id); }

  bool is_pinned(const std::string& tree) const {
    return tree.empty() ||
           std::ranges::any_of(pins_, [&](const auto& pin) { return pin.second == tree; });
  }

  // Each tree that a state begins with must be told by one that stays.
  Status leave_trees() {
    Trees trees = TRY(recorded_trees(place_.store));
    for (const auto& [tree, worktree] : trees.begins) {
      std::vector<std::string> way{tree};
      std::string last_known;  // that git has
      bool safe = false;
      for (size_t i = 0; i < way.size() && !safe; ++i) {
        safe = is_pinned(way[i]);
        if (!safe && reader_.info(way[i])) last_known = way[i];
        for (const std::string& newer : trees.newer[way[i]]) {
          if (std::ranges::find(way, newer) == way.end()) way.push_back(newer);
        }
      }
      if (safe || last_known.empty()) continue;
      auto own = pins_.find(worktree);
      std::string to = own != pins_.end() ? own->second
                       : pins_.empty()    ? ""
                                          : pins_.begin()->second;
      TRY(leave_tree(last_known, to, worktree));
      trees.newer[last_known].push_back(to);
    }
    return {};
  }

  Status leave_tree(const std::string& from, const std::string& to, const std::string& worktree) {
    auto new_tree = ObjectId::from_hex(to).value_or(ObjectId{});
    for (const auto& change : TRY(git::diff_tree(git_, *ObjectId::from_hex(from), new_tree))) {
      if (!change.old_id.empty()) TRY(count(change.old_id));
    }
    result_.trees++;
    return look_only_ ? Status() : leave(place_, session_, worktree, from, to);
  }

  // Whether git has it and it is not counted yet.
  Result<bool> count(const ObjectId& id) {
    if (is_kept(id)) return false;
    auto info = reader_.info(id.hex());
    if (!info || info->type != "blob") return false;
    stored_.insert(id);
    result_.contents++;
    result_.bytes += info->size;
    return true;
  }

  Status take_contents() {
    auto objects = TRY(store::Objects::open(place_.store));
    store::BorrowedReader borrowed = [&](const ObjectId& id) { return reader_.blob(id); };
    // What a budget took is not taken from git again, but if it came again since.
    auto thinned = TRY(store::read_thinned(place_.store));
    auto is_gone = [&](const store::Reference& reference) {
      auto found = thinned.find(reference.id);
      return found != thinned.end() && reference.time <= format_utc(found->second.time);
    };
    for (const store::SessionPlace& session : TRY(store::list_sessions(place_.store))) {
      store::SessionPosition all;
      // What cannot be read for damage cannot be taken over.
      (void)store::each_reference(session, place_.store.hash, objects, borrowed, all,
                                  [&](const auto& reference) {
                                    if (reference.use == store::Use::other || is_kept(reference.id))
                                      return;
                                    std::string path = store::path_from_text(reference.path);
                                    if (!secrets::is_credential_file(path) && !is_gone(reference))
                                      wanted_.insert(reference.id);
                                  });
    }
    for (const ObjectId& id : wanted_) {
      if (!TRY(count(id)) || look_only_) continue;
      TRY(objects.put(id, TRY(reader_.blob(id))));
    }
    return result_.contents > 0 && !look_only_ ? objects.sync() : Status();
  }

  Status put_pins_right() {
    constexpr int kAttempts = 3;
    Status done;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      std::map<std::string, std::string> now;
      git::ObjectReader fresh(git_);
      ObjectId before;
      if (auto pinned = fresh.info(worktree::kPinRef)) {
        before = pinned->id;
        for (const auto& entry : TRY(git::ls_tree(git_, before, false))) {
          now[entry.path] = entry.id.hex();
        }
      }
      // A hook may have moved its worktree's while this ran: nobody but it knows better.
      if (!look_only_) refresh_pins();
      int64_t wrong = 0;
      for (const auto& [id, tree] : pins_) wrong += !now.contains(id) || now[id] != tree;
      for (const auto& [id, tree] : now) wrong += !pins_.contains(id);
      if (attempt == 0) result_.pins = wrong;
      if (wrong == 0 || look_only_) return {};
      std::vector<git::TreeEntry> entries;
      for (const auto& [id, tree] : pins_) {
        entries.push_back({git::kModeTree, *ObjectId::from_hex(tree), id});
      }
      ObjectId after;
      if (!entries.empty()) after = TRY(git::create_tree(git_, std::move(entries)));
      done = git::update_ref(git_, worktree::kPinRef, after, before);
      if (done) return {};
    }
    return done;
  }

  void refresh_pins() {
    auto states = worktree::pin_states(place_.store, git_);
    if (!states) return;
    for (const worktree::PinState& state : *states) {
      if (!state.tree.empty() && reader_.info(state.tree)) pins_[state.id] = state.tree;
    }
  }

  const worktree::Place& place_;
  std::string_view session_;
  bool look_only_;
  const git::Repository& git_;
  git::ObjectReader reader_;
  std::map<std::string, std::string> pins_;  // as they should be: worktree, tree
  std::unordered_set<ObjectId, ObjectIdHash> pinned_, stored_;
  std::set<ObjectId> wanted_;
  TakenOver result_;
};

}  // namespace

Status follow_heads(const worktree::Place& place, std::string_view session) {
  if (!place.repository) return {};
  auto states = TRY(worktree::pin_states(place.store, *place.repository));
  bool any_gone = false;
  for (const auto& state : states) {
    if (!state.due) continue;
    any_gone |= state.gone;
    if (!state.gone && !state.root.empty()) {
      TRY(record_own(state.root, session, "Pass", kForGit));
    }
  }
  if (!any_gone) return {};
  states = TRY(worktree::pin_states(place.store, *place.repository));
  auto kept = std::ranges::find_if(
      states, [](const auto& each) { return !each.gone && !each.tree.empty(); });
  std::string to = kept == states.end() ? "" : kept->tree;
  for (const auto& state : states) {
    if (!state.due || !state.gone) continue;
    TRY(leave(place, session, state.id, state.tree, to));
    TRY(worktree::move_pin(*place.repository, state.id, ""));
    TRY(worktree::forget_tree(place.store, state.id));
  }
  return {};
}

Result<TakenOver> take_over(const worktree::Place& place, std::string_view session,
                            bool look_only) {
  if (!place.repository) return TakenOver{};
  return TakeOver(place, session, look_only).run();
}

}  // namespace baton::record
