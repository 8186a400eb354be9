#include "store/usage.h"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "base/bytes.h"
#include "base/json.h"
#include "os/file.h"
#include "store/journal.h"
#include "store/thinned.h"

namespace baton::store {
namespace {

constexpr size_t kShortestAddress = 4;

uint64_t size_of(const std::string& path) {
  auto stat = os::stat_file(path);
  return stat && stat->type == os::FileType::regular ? stat->size : 0;
}

// All files below a directory.
uint64_t size_below(const std::string& path) {
  auto entries = os::list_dir(path);
  if (!entries) return size_of(path);
  uint64_t bytes = 0;
  for (const os::DirEntry& entry : *entries) bytes += size_below(os::join(path, entry.name));
  return bytes;
}

bool is_index(std::string_view name) {
  return name.starts_with("index.");
}

// SHA-256 of agent, NUL and id, of which addresses are beginnings; "" if the journal does not tell.
std::string session_hash(const SessionPlace& place) {
  std::string hash;
  (void)read_journal(place.directory, 0, [&](std::string_view text, uint64_t) {
    auto line = split_journal_line(text);
    auto header = line ? json::Document::parse(line->header)
                       : Result<json::Document>(std::unexpected(line.error()));
    if (!header) return true;
    std::string_view id = header->root()["session"].str();
    if (!id.empty()) hash = hex(sha256(place.agent, std::string_view("\0", 1), id));
    return false;
  });
  return hash;
}

class Measure {
 public:
  Measure(const Store& store, const BorrowedReader& borrowed)
      : store_(store), borrowed_(borrowed) {}

  Result<Usage> run() {
    objects_ = std::make_unique<Objects>(TRY(Objects::open(store_)));
    places_ = TRY(list_sessions(store_));
    for (const SessionPlace& place : places_) TRY(measure_session(place));
    address_sessions();
    TRY(measure_objects());
    count_thinned();
    measure_rest();
    std::ranges::stable_sort(usage_.sessions, std::greater<>(), &Usage::Session::bytes);
    for (auto& [path, versions] : paths_) usage_.paths.push_back({path, versions});
    std::ranges::stable_sort(usage_.paths, std::greater<>(),
                             [](const Usage::Path& path) { return path.versions.bytes; });
    return std::move(usage_);
  }

 private:
  struct Need {
    Use use = Use::other;
    size_t session = 0;  // the first that needs it
    std::string path;
  };

  Status measure_session(const SessionPlace& place) {
    if (usage_.agents.empty() || usage_.agents.back().agent != place.agent) {
      usage_.agents.push_back({place.agent, {}, {}});
    }
    Usage::Agent& agent = usage_.agents.back();
    Usage::Session session;
    session.agent = place.agent;
    session.directory = os::basename(place.directory);
    auto entries = TRY(os::list_dir(place.directory));
    for (const os::DirEntry& entry : entries) {
      bool copy = entry.name.starts_with("transcript.");
      (copy ? session.session_file : session.journal) +=
          size_below(os::join(place.directory, entry.name));
    }
    agent.journals.add(session.journal);
    if (session.session_file > 0) agent.session_files.add(session.session_file);
    size_t number = usage_.sessions.size();
    SessionPosition all;
    auto read = each_reference(place, store_.hash, *objects_, borrowed_, all,
                               [&](const Reference& reference) { need(reference, number); });
    if (!read && usage_.uncertain.empty()) usage_.uncertain = read.error().message;
    usage_.sessions.push_back(std::move(session));
    return {};
  }

  void need(const Reference& reference, size_t session) {
    auto [place, first] = needs_.try_emplace(reference.id);
    if (first) place->second.session = session;
    if (!first && place->second.use <= reference.use) return;
    place->second.use = reference.use;
    place->second.path = path_from_text(reference.path);
  }

  // As short as addresses are that name one session of this store.
  void address_sessions() {
    std::vector<std::string> hashes;
    for (const SessionPlace& place : places_) hashes.push_back(session_hash(place));
    std::vector<std::string> sorted = hashes;
    std::ranges::sort(sorted);
    auto common = [](const std::string& one, const std::string& other) {
      return static_cast<size_t>(std::ranges::mismatch(one, other).in1 - one.begin());
    };
    for (size_t i = 0; i < hashes.size(); i++) {
      if (hashes[i].empty()) continue;
      auto at = std::ranges::lower_bound(sorted, hashes[i]);
      size_t length = kShortestAddress;
      if (at != sorted.begin()) length = std::max(length, common(*at, *(at - 1)) + 1);
      if (at + 1 != sorted.end()) length = std::max(length, common(*at, *(at + 1)) + 1);
      usage_.sessions[i].address = hashes[i].substr(0, length);
    }
  }

  Status measure_objects() {
    std::vector<Objects::Record> records;
    uint64_t in_records = 0;
    TRY(objects_->each_record([&](const Objects::Record& record, const Error* problem) {
      if (!problem) {
        records.push_back(record);
        in_records += record.stored_size;
      }
      return true;
    }));
    std::unordered_map<ObjectId, ObjectId, ObjectIdHash> base_of;
    for (const auto& record : records) {
      base_of.try_emplace(record.id, record.base);
      stored_.insert(record.id);
    }
    std::unordered_set<ObjectId, ObjectIdHash> bases;
    for (const auto& [id, base] : base_of) {
      if (!needs_.contains(id)) continue;
      for (ObjectId at = base; !at.empty() && bases.insert(at).second;) {
        auto next = base_of.find(at);
        at = next == base_of.end() ? ObjectId{} : next->second;
      }
    }
    for (const auto& record : records) count(record, base_of, bases);
    for (const os::DirEntry& entry : TRY(os::list_dir(store_.objects_dir()))) {
      uint64_t size = size_below(os::join(store_.objects_dir(), entry.name));
      (entry.name.ends_with(".seg") ? usage_.no_record : usage_.lookup) += size;
    }
    usage_.no_record -= std::min(usage_.no_record, in_records);
    return {};
  }

  void count(const Objects::Record& record,
             std::unordered_map<ObjectId, ObjectId, ObjectIdHash>& base_of,
             const std::unordered_set<ObjectId, ObjectIdHash>& bases) {
    // Only the first of several of one content.
    auto first = base_of.find(record.id);
    if (first == base_of.end()) return usage_.left_behind.add(record.stored_size);
    base_of.erase(first);
    auto needed = needs_.find(record.id);
    if (needed == needs_.end()) {
      return (bases.contains(record.id) ? usage_.bases : usage_.left_behind)
          .add(record.stored_size);
    }
    const Need& need = needed->second;
    usage_.contents[static_cast<size_t>(need.use)].add(record.stored_size);
    usage_.sessions[need.session].objects += record.stored_size;
    if (need.use == Use::version) paths_[need.path].add(record.stored_size);
  }

  void count_thinned() {
    auto thinned = read_thinned(store_);
    if (!thinned) return;
    for (const auto& [id, content] : *thinned) {
      if (!stored_.contains(id)) usage_.thinned.add(content.size);
    }
  }

  void measure_rest() {
    auto entries = os::list_dir(store_.path);
    if (!entries) return;
    for (const os::DirEntry& entry : *entries) {
      if (entry.name == "sessions" || entry.name == "objects") continue;
      uint64_t bytes = size_below(os::join(store_.path, entry.name));
      if (is_index(entry.name)) {
        usage_.index += bytes;
      } else if (entry.name == "worktrees") {
        usage_.worktrees += bytes;
      }
    }
    uint64_t known = usage_.total(), all = size_below(store_.path);
    usage_.other = all - std::min(all, known);
  }

  const Store& store_;
  const BorrowedReader& borrowed_;
  std::unique_ptr<Objects> objects_;
  std::vector<SessionPlace> places_;
  std::unordered_map<ObjectId, Need, ObjectIdHash> needs_;
  std::unordered_set<ObjectId, ObjectIdHash> stored_;
  std::map<std::string, Amount> paths_;
  Usage usage_;
};

}  // namespace

uint64_t Usage::journals() const {
  uint64_t bytes = 0;
  for (const Agent& agent : agents) bytes += agent.journals.bytes;
  return bytes;
}

uint64_t Usage::session_files() const {
  uint64_t bytes = 0;
  for (const Agent& agent : agents) bytes += agent.session_files.bytes;
  return bytes;
}

uint64_t Usage::objects() const {
  uint64_t bytes = bases.bytes + left_behind.bytes + no_record + lookup;
  for (const Amount& amount : contents) bytes += amount.bytes;
  return bytes;
}

uint64_t Usage::total() const {
  return journals() + session_files() + objects() + index + worktrees + other;
}

Result<uint64_t> store_size(const Store& store) {
  uint64_t bytes = 0;
  for (const os::DirEntry& entry : TRY(os::list_dir(store.path))) {
    if (!is_index(entry.name)) bytes += size_below(os::join(store.path, entry.name));
  }
  return bytes;
}

Result<Usage> measure_usage(const Store& store, const BorrowedReader& borrowed) {
  return Measure(store, borrowed).run();
}

}  // namespace baton::store
