#include "store/compact.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "os/file.h"
#include "store/object_files.h"
#include "store/thinning.h"

namespace baton::store {
namespace {

constexpr std::string_view kCleaningLockName = "gc.lock";
constexpr std::string_view kOutputName = "gc-";
constexpr size_t kWriteChunk = 1 << 20;

// Whoever counts how deep a chain is stops here.
constexpr int kMaxChain = 255;

class Compaction {
 public:
  Compaction(const Store& store, const CompactOptions& options)
      : store_(store), options_(options), files_(store.objects_dir()) {}

  Result<Compacted> run() {
    TRY(survey());
    TRY(look_for_temporary());
    TRY(choose());
    count();
    if (options_.dry_run) return result_;
    for (const std::string& path : temporary_outputs_) TRY(os::remove_file(path));
    if (dirty_.empty()) {
      TRY(tidy());
      return result_;
    }
    auto done = rewrite();
    if (!done) {
      for (const Output& output : outputs_) {
        if (output.number == 0) (void)os::remove_file(output.path);
      }
      return std::unexpected(done.error());
    }
    return result_;
  }

 private:
  struct Known {
    Place place;
    RecordHead head;
    bool keep = false;
    bool repeated = false;
  };
  struct Segment {
    uint64_t size = 0;     // when it was looked at
    uint64_t end = 0;      // of its last whole record
    bool damaged = false;  // bytes in it are no record: it stays as it is
  };
  struct Output {
    std::string path;
    os::File file;
    uint64_t size = 0;
    uint32_t number = 0;  // 0: not published yet
  };

  // ---- what is there

  Status survey() {
    auto numbers = TRY(files_.segments.open_all());
    for (uint32_t number : numbers) {
      Segment& segment = segments_[number];
      segment.size = TRY(os::file_size(*TRY(files_.segments.file(number))));
      result_.before += segment.size;
      bool last = number == numbers.back();
      segment.end = TRY(files_.segments.scan(
          {number, 0},
          [&](Place place, const RecordHead& head) { records_.push_back({place, head}); },
          [&](Place place, uint64_t length) {
            bool tail = last && place.offset + length >= segment.size;
            if (!tail) segment.damaged = true;
          }));
      if (last) result_.torn = segment.size - std::min(segment.end, segment.size);
    }
    auto objects = TRY(Objects::open(store_));
    objects_ = std::make_unique<Objects>(std::move(objects));
    thinning_ = std::make_unique<Thinning>(*objects_, options_.borrowed);
    return read_references([&](const Reference& reference) {
      needed_.insert(reference.id);
      if (reference.time > newest_) newest_ = reference.time;
      if (reference.use != Use::version && !reference.again) named_.insert(reference.id);
    });
  }

  // From where the last call stopped.
  template <class Each>
  Status read_references(Each each) {
    for (const SessionPlace& session : TRY(list_sessions(store_))) {
      auto read = each_reference(session, store_.hash, *objects_, options_.borrowed,
                                 positions_[session.directory], each);
      if (!read && result_.uncertain.empty()) result_.uncertain = read.error().message;
    }
    return {};
  }

  Status look_for_temporary() {
    for (const os::DirEntry& entry : TRY(os::list_dir(store_.objects_dir()))) {
      std::string path = os::join(store_.objects_dir(), entry.name);
      bool output = entry.name.starts_with(kOutputName);
      bool table = entry.name.starts_with("lookup.tmp");
      if (!output && !table) continue;
      (output ? temporary_outputs_ : temporary_tables_).push_back(path);
      result_.temporary += TRY(os::stat_file(path)).size;
    }
    return {};
  }

  // ---- what stays

  Status choose() {
    for (size_t i = 0; i < records_.size(); ++i) all_[records_[i].head.id].push_back(i);
    for (auto& [id, places] : all_) {
      // The newest that is whole: what a killed run wrote anew.
      size_t chosen = places.back();
      if (places.size() > 1) {
        auto whole = std::find_if(places.rbegin(), places.rend(),
                                  [&](size_t i) { return is_whole(records_[i]); });
        if (whole != places.rend()) chosen = *whole;
        for (size_t i : places) records_[i].repeated = i != chosen;
      }
      chosen_[id] = chosen;
    }
    for (const ObjectId& id : needed_) keep(id);
    if (result_.uncertain.empty() && !chains_end()) {
      result_.uncertain = "a chain of contents never ends";
    }
    if (!result_.uncertain.empty()) {
      for (Known& record : records_) record.keep = true;
    } else if (options_.budget > 0) {
      TRY(thin());
    }
    for (const auto& [number, segment] : segments_) {
      if (segment.damaged) continue;
      bool last = number == segments_.rbegin()->first;
      bool any = false, all = true;
      for (const Known& record : records_) {
        if (record.place.segment != number) continue;
        any = true;
        all = all && record.keep && !thinning_->is_rebased(record.head.id);
      }
      if (!all || (!any && !last)) dirty_.insert(number);
    }
    return {};
  }

  // What may go for the budget goes, as far as is needed.
  Status thin() {
    uint64_t garbage = result_.torn + result_.temporary;
    for (const Known& record : records_) {
      if (record.keep) {
        thinning_->add(record.head, segments_[record.place.segment].damaged);
      } else {
        garbage += record.head.size();
      }
    }
    auto may_go = TRY(options_.may_go());
    uint64_t size = TRY(store_size(store_));
    auto over = [&] {
      uint64_t allowed = options_.budget + garbage + thinning_->freed();
      return size > allowed ? size - allowed : 0;
    };
    for (const ObjectId& id : may_go) {
      if (over() == 0) break;
      if (!named_.contains(id)) thinning_->take(id);
    }
    result_.over = over();
    if (thinning_->gone().empty()) return {};
    for (Known& record : records_) record.keep = false;
    for (const ObjectId& id : needed_) {
      if (!thinning_->is_gone(id)) keep(id);
    }
    return {};
  }

  bool is_whole(const Known& record) {
    auto bytes = files_.segments.record(record.place, record.head);
    return bytes && is_record(*bytes, record.head);
  }

  // The content and all that it rests on.
  void keep(ObjectId id) {
    while (!id.empty()) {
      auto found = chosen_.find(id);
      if (found == chosen_.end() || records_[found->second].keep) return;
      records_[found->second].keep = true;
      id = thinning_->base_of(records_[found->second].head);
    }
  }

  bool chains_end() const {
    if (chosen_.size() == records_.size()) return true;
    return std::ranges::all_of(chosen_, [&](const auto& each) {
      ObjectId at = each.first;
      for (int i = 0; i <= kMaxChain; ++i) {
        auto found = chosen_.find(at);
        if (found == chosen_.end()) return true;
        at = records_[found->second].head.base;
        if (at.empty()) return true;
      }
      return false;
    });
  }

  void count() {
    for (const Known& record : records_) {
      if (record.keep || !dirty_.contains(record.place.segment)) continue;
      if (!record.repeated && thinning_->is_gone(record.head.id)) {
        result_.thinned.count++;
        continue;
      }
      (record.repeated ? result_.repeated : result_.left_behind).add(record.head.size());
    }
    result_.thinned.bytes = thinning_->freed();
  }

  // ---- changing

  Result<os::File> lock_objects() {
    auto lock = TRY(os::open_file(os::join(store_.objects_dir(), kObjectsLockName),
                                  os::Open::read_write_create));
    TRY(os::lock_file(lock, os::LockMode::exclusive, options_.wait_us));
    return lock;
  }

  // Nothing is left behind between records: only the end, the table and what lies around.
  Status tidy() {
    if (segments_.empty()) return {};
    auto lock = TRY(lock_objects());
    TRY(files_.prepare_append(0));
    for (const std::string& path : temporary_tables_) TRY(os::remove_file(path));
    return {};
  }

  Status rewrite() {
    TRY(copy());
    for (Output& output : outputs_) TRY(os::sync(output.file));
    TRY(publish());
    for (Output& output : outputs_) TRY(os::sync(output.file));
    TRY(os::sync_dir(store_.objects_dir()));
    if (!thinning_->gone().empty()) {
      TRY(options_.note(thinning_->gone(), parse_utc(newest_).value_or(0)));
    }
    TRY(look_for_wanted());
    TRY(withdraw());
    return os::sync_dir(store_.objects_dir());
  }

  Status add_output() {
    Output output;
    output.path = os::join(store_.objects_dir(),
                           std::string(kOutputName) + std::to_string(outputs_.size() + 1));
    output.file = TRY(os::open_file(output.path, os::Open::append_create));
    outputs_.push_back(std::move(output));
    return {};
  }

  // What stays of the segments that go.
  Status copy() {
    std::string pending;
    auto flush = [&]() -> Status {
      if (!pending.empty()) TRY(os::append(outputs_.back().file, pending));
      pending.clear();
      return {};
    };
    for (size_t i = 0; i < records_.size(); ++i) {
      const Known& record = records_[i];
      if (!record.keep || !dirty_.contains(record.place.segment)) continue;
      std::string bytes = thinning_->is_rebased(record.head.id)
                              ? TRY(thinning_->rebased_record(record.head.id))
                              : TRY(files_.segments.record(record.place, record.head));
      if (outputs_.empty() || outputs_.back().size + bytes.size() > kMaxSegment) {
        TRY(flush());
        TRY(add_output());
      }
      Output& output = outputs_.back();
      moved_.push_back({i, outputs_.size() - 1, output.size});
      output.size += bytes.size();
      pending += bytes;
      if (pending.size() >= kWriteChunk) TRY(flush());
    }
    return flush();
  }

  // Makes segments of the outputs, behind all others, so that the next writer goes on there.
  Status publish() {
    uint32_t last = segments_.rbegin()->first;
    bool last_goes = dirty_.contains(last);
    // There must be a segment behind those that go: no number is used again.
    if (outputs_.empty() && last_goes) TRY(add_output());
    if (outputs_.empty()) return {};
    auto lock = TRY(lock_objects());
    Place end = TRY(files_.prepare_append(0));
    if (last_goes) TRY(copy_tail(last));
    // Its writers may have brought it to the disk already.
    if (!late_.empty()) TRY(os::sync(outputs_.back().file));
    uint32_t number = end.segment;
    for (Output& output : outputs_) {
      TRY(os::rename_new(output.path, files_.segments.path(++number)));
      output.number = number;
    }
    // All of it is in the table already, by its old places.
    return files_.lookup.cover({number, outputs_.back().size});
  }

  // What was appended since the segment was looked at.
  Status copy_tail(uint32_t number) {
    Status copied;
    TRY(files_.segments.scan(
        {number, segments_[number].end}, [&](Place place, const RecordHead& head) {
          if (!copied) return;
          auto bytes = files_.segments.record(place, head);
          copied = bytes ? os::append(outputs_.back().file, *bytes)
                         : Status(std::unexpected(bytes.error()));
          if (!copied) return;
          late_.push_back({head.id, outputs_.size() - 1, outputs_.back().size});
          outputs_.back().size += head.size();
          wanted_.push_back(head.base);
        }));
    return copied;
  }

  // Nobody relies on anything that is not in a line: the table follows, and the old segments go.
  Status withdraw() {
    auto users = TRY(os::open_file(os::join(store_.objects_dir(), kObjectsUsersName),
                                   os::Open::read_write_create));
    auto alone = os::lock_file(users, os::LockMode::exclusive, options_.wait_us);
    if (!alone) {
      return fail(ErrorKind::limit, "somebody is recording all the time: nothing was taken away",
                  "run it again; the next run goes on");
    }
    auto lock = TRY(lock_objects());
    TRY(rescue());
    std::vector<Lookup::Entry> entries;
    for (const auto& [id, i] : chosen_) {
      if (records_[i].keep && !dirty_.contains(records_[i].place.segment)) {
        entries.push_back({id, records_[i].place});
      }
    }
    for (const auto& [i, output, offset] : moved_) {
      entries.push_back({records_[i].head.id, {outputs_[output].number, offset}});
    }
    for (const auto& [id, output, offset] : late_) {
      entries.push_back({id, {outputs_[output].number, offset}});
    }
    Place covered;
    for (uint32_t number : TRY(files_.segments.numbers())) {
      if (dirty_.contains(number)) continue;
      covered = {number, known_end(number)};
      covered.offset = TRY(files_.segments.scan(covered, [&](Place place, const RecordHead& head) {
        entries.push_back({head.id, place});
      }));
    }
    // As long as the old segments are there, all that is in them is found.
    std::vector<Lookup::Entry> with_old = entries;
    for (const auto& [id, i] : chosen_) {
      if (!records_[i].keep && dirty_.contains(records_[i].place.segment)) {
        with_old.push_back({id, records_[i].place});
      }
    }
    TRY(files_.lookup.replace(with_old, covered));
    for (uint32_t number : dirty_) TRY(os::remove_file(files_.segments.path(number)));
    for (const std::string& path : temporary_tables_) TRY(os::remove_file(path));
    // A place where nothing is any more does no harm.
    (void)files_.lookup.replace(entries, covered);
    return {};
  }

  // Up to where all records of a segment are known.
  uint64_t known_end(uint32_t number) const {
    for (const Output& output : outputs_) {
      if (output.number == number) return output.size;
    }
    auto segment = segments_.find(number);
    return segment == segments_.end() ? 0 : segment->second.end;
  }

  Status look_for_wanted() {
    return read_references([&](const Reference& reference) { wanted_.push_back(reference.id); });
  }

  // Contents that seemed to be left behind when they were looked for, and that are needed by what
  // was recorded since.
  Status rescue() {
    TRY(look_for_wanted());
    if (!result_.uncertain.empty()) {
      return fail(ErrorKind::damage, "not all of the record can be read: " + result_.uncertain,
                  "baton fsck");
    }
    for (uint32_t number : TRY(files_.segments.numbers())) {
      if (dirty_.contains(number)) continue;
      TRY(files_.segments.scan({number, known_end(number)}, [&](Place, const RecordHead& head) {
        wanted_.push_back(head.base);
      }));
    }
    bool any = false;
    for (ObjectId id : wanted_) {
      while (!id.empty()) {
        auto found = chosen_.find(id);
        if (found == chosen_.end() || records_[found->second].keep) break;
        Known& record = records_[found->second];
        record.keep = true;
        id = record.head.base;
        if (!dirty_.contains(record.place.segment)) continue;
        std::string bytes = TRY(files_.segments.record(record.place, record.head));
        TRY(files_.append(record.head.id, bytes));
        bool thinned = !record.repeated && thinning_->is_gone(record.head.id);
        auto& reason = record.repeated ? result_.repeated
                       : thinned       ? result_.thinned
                                       : result_.left_behind;
        reason.count--;
        reason.bytes -= std::min(reason.bytes, record.head.size());
        any = true;
      }
    }
    return any ? files_.flush_segment(files_.lookup.covered().segment) : Status();
  }

  const Store& store_;
  const CompactOptions& options_;
  ObjectFiles files_;
  std::unique_ptr<Objects> objects_;
  Compacted result_;

  std::map<uint32_t, Segment> segments_;
  std::vector<Known> records_;
  std::map<std::string, SessionPosition> positions_;  // by directory
  std::unordered_set<ObjectId, ObjectIdHash> needed_;
  std::unordered_set<ObjectId, ObjectIdHash> named_;  // otherwise than as a version
  std::string newest_;                                // time of a line
  std::unique_ptr<Thinning> thinning_;
  std::unordered_map<ObjectId, std::vector<size_t>, ObjectIdHash> all_;
  std::unordered_map<ObjectId, size_t, ObjectIdHash> chosen_;
  std::set<uint32_t> dirty_;  // segments that go

  struct Moved {
    size_t record, output;
    uint64_t offset;
  };
  struct Late {
    ObjectId id;
    size_t output;
    uint64_t offset;
  };
  std::vector<Output> outputs_;
  std::vector<Moved> moved_;
  std::vector<Late> late_;        // appended while this ran
  std::vector<ObjectId> wanted_;  // by what was recorded while this ran
  std::vector<std::string> temporary_outputs_, temporary_tables_;
};

}  // namespace

Result<os::File> lock_cleaning(const Store& store) {
  auto file =
      TRY(os::open_file(os::join(store.path, kCleaningLockName), os::Open::read_write_create));
  auto locked = os::lock_file(file, os::LockMode::exclusive, 0);
  if (!locked && locked.error().kind == ErrorKind::limit) {
    return fail(ErrorKind::limit, "another 'baton gc' is at work");
  }
  if (!locked) return std::unexpected(locked.error());
  return file;
}

Result<Compacted> compact(const Store& store, const CompactOptions& options) {
  return Compaction(store, options).run();
}

}  // namespace baton::store
