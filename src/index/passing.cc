#include "index/passing.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "index/acts.h"
#include "index/queries.h"
#include "index/query_rows.h"

namespace baton::index {
namespace {

// A path's version, and from which number on it lay there.
struct Seen {
  int64_t q = 0;
  Micros seen = 0;
  ObjectId before, after;
};

class Search {
 public:
  Search(Index& index, Micros before) : index_(index), before_(before) {}

  Result<std::vector<ObjectId>> run() {
    TRY(find_moments());
    TRY(find_mended());
    for (auto& [worktree, moments] : moments_) {
      std::ranges::sort(moments);
      moments.erase(std::ranges::unique(moments).begin(), moments.end());
    }
    TRY(read_versions());
    TRY(keep_bases());
    std::vector<std::pair<Micros, ObjectId>> sorted;
    for (const auto& [id, until] : replaced_) {
      if (!kept_.contains(id)) sorted.emplace_back(until, id);
    }
    std::ranges::sort(sorted);
    std::vector<ObjectId> ids;
    ids.reserve(sorted.size());
    for (const auto& [until, id] : sorted) ids.push_back(id);
    return ids;
  }

 private:
  void add(int64_t worktree, int64_t q) {
    if (worktree != 0) moments_[worktree].push_back(q);
  }
  Status add_at(int64_t worktree, Micros time) {
    if (worktree != 0 && time != 0) add(worktree, TRY(number_at(index_, worktree, time)));
    return {};
  }

  // Rows of a worktree and two times.
  Status add_spans(const char* sql) {
    std::vector<std::array<int64_t, 3>> spans;
    Statement rows = TRY(db(index_).prepare(sql));
    while (TRY(rows.step())) spans.push_back({rows.integer(0), rows.integer(1), rows.integer(2)});
    for (const auto& [worktree, began, ended] : spans) {
      TRY(add_at(worktree, began));
      TRY(add_at(worktree, ended));
    }
    return {};
  }

  // States that people and handoffs go back to.
  Status find_moments() {
    TRY(add_spans("SELECT worktree, began, last FROM sessions WHERE worktree IS NOT NULL"));
    TRY(add_spans(
        "SELECT coalesce(nullif(t.worktree, 0), z.worktree), t.began, max(t.ended, t.last,"
        " coalesce((SELECT max(s.ended) FROM steps s WHERE s.session = t.session"
        " AND s.turn = t.number), 0)) FROM turns t JOIN sessions z ON z.key = t.session"
        " WHERE coalesce(nullif(t.worktree, 0), z.worktree) IS NOT NULL"));
    for (const Act& act : TRY(acts(index_))) {
      for (const model::Position& position : {act.before, act.after}) {
        if (!position.known()) continue;
        add(TRY(worktree_key(index_, position.worktree)), position.q);
      }
    }
    for (const model::TestRun& run : TRY(test_runs(index_))) {
      Address step;
      step.kind = Address::Kind::step;
      step.session_key = run.step.session_key;
      step.step = run.step.step;
      if (auto span = index::span(index_, step)) {
        int64_t worktree = TRY(worktree_key(index_, span->before.worktree));
        add(worktree, span->before.q);
        add(worktree, span->after.q);
      }
      if (!run.tree.known()) continue;
      int64_t worktree = TRY(worktree_key(index_, run.tree.worktree));
      add(worktree, run.tree.q);
      if (run.verdict == model::TestVerdict::failed) failed_[worktree].push_back(run.tree.q);
    }
    return {};
  }

  // Before the first change that a session made after a failed run: "before the fix".
  Status find_mended() {
    for (const auto& [worktree, runs] : failed_) {
      std::map<int64_t, std::vector<int64_t>> changes;  // by session
      Statement rows =
          TRY(db(index_).prepare("SELECT owner_session, q FROM transitions WHERE worktree = ?"
                                 " AND owner_session IS NOT NULL AND (flags & 24) = 0 ORDER BY q"));
      rows.bind(worktree);
      while (TRY(rows.step())) changes[rows.integer(0)].push_back(rows.integer(1));
      for (int64_t run : runs) {
        for (const auto& [session, numbers] : changes) {
          auto next = std::ranges::upper_bound(numbers, run);
          if (next != numbers.end()) add(worktree, *next - 1);
        }
      }
    }
    return {};
  }

  Status read_versions() {
    Statement rows =
        TRY(db(index_).prepare("SELECT path, worktree, q, seen, before, after FROM transitions"
                               " WHERE (flags & 24) = 0 ORDER BY path, worktree, q"));
    std::vector<Seen> versions;
    int64_t path = 0, worktree = 0;
    while (TRY(rows.step())) {
      if (rows.integer(0) != path || rows.integer(1) != worktree) {
        judge(worktree, versions);
        versions.clear();
        path = rows.integer(0);
        worktree = rows.integer(1);
      }
      versions.push_back({rows.integer(2), rows.integer(3), rows.object(4), rows.object(5)});
    }
    judge(worktree, versions);
    return {};
  }

  // Whether any moment lies in [from, to).
  bool is_moment(int64_t worktree, int64_t from, int64_t to) const {
    auto of_worktree = moments_.find(worktree);
    if (of_worktree == moments_.end()) return false;
    auto next = std::ranges::lower_bound(of_worktree->second, from);
    return next != of_worktree->second.end() && *next < to;
  }

  void judge(int64_t worktree, const std::vector<Seen>& versions) {
    if (versions.empty()) return;
    const Seen& last = versions.back();
    keep(versions.front().before.empty() ? versions.front().after : versions.front().before);
    // Of a file that is gone: what it was.
    keep(last.after.empty() ? last.before : last.after);
    for (size_t i = 0; i < versions.size(); ++i) {
      const Seen& version = versions[i];
      // Something that nobody saw come.
      if (i > 0 && version.before != versions[i - 1].after) keep(version.before);
      if (version.after.empty()) continue;
      bool is_last = i + 1 == versions.size();
      int64_t from = i == 0 ? INT64_MIN : versions[i - 1].q;
      int64_t to = is_last ? INT64_MAX : versions[i + 1].q;
      // From the number before on: it may have been there when it was seen only later.
      bool stays = is_last || is_moment(worktree, from, to) || versions[i + 1].seen >= before_;
      if (stays) {
        keep(version.after);
      } else {
        Micros& until = replaced_[version.after];
        until = std::max(until, versions[i + 1].seen);
      }
    }
  }

  // What was there when a timeline began, or began anew.
  Status keep_bases() {
    Statement rows =
        TRY(db(index_).prepare("SELECT DISTINCT id FROM base_entries WHERE id IS NOT NULL"));
    while (TRY(rows.step())) keep(rows.object(0));
    return {};
  }

  void keep(const ObjectId& id) {
    if (!id.empty()) kept_.insert(id);
  }

  Index& index_;
  Micros before_;
  std::map<int64_t, std::vector<int64_t>> moments_, failed_;  // numbers, by worktree
  std::unordered_map<ObjectId, Micros, ObjectIdHash> replaced_;
  std::unordered_set<ObjectId, ObjectIdHash> kept_;
};

}  // namespace

Result<std::vector<ObjectId>> passing_contents(Index& index, Micros before) {
  return answer(index, [&] { return Search(index, before).run(); });
}

}  // namespace baton::index
