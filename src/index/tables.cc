#include "index/tables.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/hash.h"

namespace baton::index {
namespace {

// Texts that are held back to be put in by time, which is what the full-text index likes best.
constexpr size_t kDocBatch = 16u << 20;
constexpr size_t kMaxKnownWords = 200'000;

}  // namespace

Status Tables::load() {
  Statement* rows =
      TRY(database_.cached("SELECT key, id, root, branch, head, time, git_missing FROM worktrees"));
  while (TRY(rows->step())) {
    WorktreeRow row;
    row.key = rows->integer(0);
    row.id = rows->str(1);
    row.root = rows->str(2);
    row.branch = rows->str(3);
    row.head = rows->integer(4);
    row.time = rows->integer(5);
    row.git_missing = rows->integer(6);
    worktree_keys_[row.id] = row.key;
    worktrees_[row.key] = std::move(row);
  }
  return {};
}

Result<int64_t> Tables::word_key(std::unordered_map<std::string, int64_t>& known,
                                 const char* select, const char* insert, std::string_view word) {
  std::string text(word);
  auto found = known.find(text);
  if (found != known.end()) return found->second;
  if (!fresh_ || known.size() >= kMaxKnownWords) {
    Statement* find = TRY(database_.cached(select));
    find->bind(word);
    if (TRY(find->step())) {
      int64_t key = find->integer(0);
      find->reset();
      if (known.size() < kMaxKnownWords) known.emplace(std::move(text), key);
      return key;
    }
  }
  Statement* add = TRY(database_.cached(insert));
  TRY(add->run(word));
  int64_t key = database_.last_row_id();
  if (known.size() < kMaxKnownWords) known.emplace(std::move(text), key);
  return key;
}

Result<int64_t> Tables::path_key(std::string_view path) {
  return word_key(paths_, "SELECT key FROM paths WHERE path = ?",
                  "INSERT INTO paths(path) VALUES(?)", path);
}

Result<int64_t> Tables::commit_key(std::string_view id) {
  if (id.empty()) return 0;
  return word_key(commits_, "SELECT key FROM commits WHERE id = ?",
                  "INSERT INTO commits(id) VALUES(?)", id);
}

Result<WorktreeRow*> Tables::worktree(std::string_view id) {
  auto found = worktree_keys_.find(id);
  if (found != worktree_keys_.end()) return &worktrees_[found->second];
  Statement* add =
      TRY(database_.cached("INSERT INTO worktrees(id, time, git_missing) VALUES(?, 0, 0)"));
  TRY(add->run(id));
  WorktreeRow row;
  row.key = database_.last_row_id();
  row.id = id;
  worktree_keys_[row.id] = row.key;
  return &(worktrees_[row.key] = std::move(row));
}

Result<Tables::EventName*> Tables::event_name(const std::string& agent, const std::string& name) {
  auto [found, added] = event_names_.try_emplace({agent, name});
  EventName& row = found->second;
  if (!added) return &row;
  Statement* find = TRY(database_.cached(
      "SELECT key, count, last, known FROM event_names WHERE agent = ? AND name = ?"));
  find->bind(agent, name);
  if (TRY(find->step())) {
    row = {find->integer(0), find->integer(1), find->integer(2), find->integer(3) != 0, false};
    find->reset();
    return &row;
  }
  Statement* add = TRY(database_.cached(
      "INSERT INTO event_names(agent, name, count, last, known) VALUES(?, ?, 0, 0, 0)"));
  TRY(add->run(agent, name));
  row.key = database_.last_row_id();
  return &row;
}

Status Tables::add_doc(Doc doc) {
  if (doc.text.empty() || !searched_) return {};
  if (doc.text.size() > kMaxDocText) doc.text = utf8_prefix(doc.text, kMaxDocText);
  doc_bytes_ += doc.text.size() + sizeof(Doc);
  docs_.push_back(std::move(doc));
  if (doc_bytes_ < kDocBatch) return {};
  return flush_docs();
}

Status Tables::flush_docs() {
  if (docs_.empty()) return {};
  // The key is the time, so that newest first needs no sorting; the bits below keep texts of the
  // same microsecond apart.
  std::ranges::stable_sort(docs_, {}, [](const Doc& doc) { return doc.time; });
  Statement* place = TRY(database_.cached(
      "INSERT OR IGNORE INTO docs(key, session, turn, step, kind, source) VALUES(?,?,?,?,?,?)"));
  Statement* add[] = {
      TRY(database_.cached("INSERT INTO fulltext(rowid, prompt) VALUES(?, ?)")),
      TRY(database_.cached("INSERT INTO fulltext(rowid, message) VALUES(?, ?)")),
      TRY(database_.cached("INSERT INTO fulltext(rowid, command) VALUES(?, ?)")),
      TRY(database_.cached("INSERT INTO fulltext(rowid, output) VALUES(?, ?)")),
      TRY(database_.cached("INSERT INTO fulltext(rowid, path) VALUES(?, ?)")),
      TRY(database_.cached("INSERT INTO fulltext(rowid, note) VALUES(?, ?)")),
  };
  for (const Doc& doc : docs_) {
    int64_t key = std::max<int64_t>(doc.time, 0) << 6;
    for (;; ++key) {
      TRY(place->run(key, doc.session, doc.turn, doc.step, static_cast<int>(doc.kind), doc.source));
      if (database_.changes() == 1) break;
    }
    TRY(add[static_cast<int>(doc.kind)]->run(key, doc.text));
  }
  docs_.clear();
  doc_bytes_ = 0;
  return {};
}

void Tables::touch(int64_t worktree, Micros since) {
  auto [found, added] = touched_.try_emplace(worktree, since);
  if (!added) found->second = std::min(found->second, since);
}

Status Tables::flush() {
  TRY(flush_docs());
  Statement* update =
      TRY(database_.cached("UPDATE worktrees SET root = ?, branch = ?, head = ?, time = ?, "
                           "git_missing = ? WHERE key = ?"));
  for (auto& [key, row] : worktrees_) {
    if (!row.changed) continue;
    TRY(update->run(row.root, row.branch, row.head, row.time, row.git_missing, key));
    row.changed = false;
  }
  Statement* count =
      TRY(database_.cached("UPDATE event_names SET count = ?, last = ?, known = ? WHERE key = ?"));
  for (auto& [name, row] : event_names_) {
    if (!row.changed) continue;
    TRY(count->run(row.count, row.last, row.known, row.key));
    row.changed = false;
  }
  return {};
}

}  // namespace baton::index
