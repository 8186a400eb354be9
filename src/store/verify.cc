#include "store/verify.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_set>

#include "base/bytes.h"
#include "base/json.h"
#include "os/file.h"
#include "store/journal.h"
#include "store/thinned.h"
#include "store/transcript.h"

namespace baton::store {
namespace {

constexpr size_t kMaxHead = 128;

// One transition as fsck needs it.
struct Seen {
  int64_t number = 0;
  std::string path, before, before_mode, after, after_mode;
  std::string where, time;  // of the event that saw it
};

// What is known of a worktree's timeline.
struct Timeline {
  std::vector<Seen> seen;
  std::vector<std::string> bases;  // times of events that began it, or began it anew
};

class Verifier {
 public:
  Verifier(const Store& store, const VerifyOptions& options) : store_(store), options_(options) {}

  Result<VerifyReport> run() {
    objects_ = std::make_unique<Objects>(TRY(Objects::open(store_)));
    auto sessions = TRY(list_sessions(store_));
    TRY(measure(sessions));
    TRY(check_objects());
    for (const SessionPlace& session : sessions) TRY(check_session(session));
    check_timelines();
    check_references();
    std::ranges::stable_sort(report_.findings, {}, &Finding::kind);
    return std::move(report_);
  }

 private:
  void find(Finding::Kind kind, std::string where, std::string what) {
    (kind == Finding::Kind::damage ? report_.damaged : report_.noted)++;
    if (report_.findings.size() < kMaxFindings) {
      report_.findings.push_back({kind, std::move(where), std::move(what)});
    }
  }
  void damage(std::string where, std::string what) {
    find(Finding::Kind::damage, std::move(where), std::move(what));
  }
  void note(std::string where, std::string what) {
    find(Finding::Kind::note, std::move(where), std::move(what));
  }

  void advance(uint64_t bytes) {
    report_.bytes += bytes;
    if (options_.progress) options_.progress(report_.bytes, total_);
  }

  Status measure(const std::vector<SessionPlace>& sessions) {
    for (const SessionPlace& session : sessions) {
      auto stat = os::stat_file(os::join(session.directory, kJournalName));
      if (stat) total_ += stat->size;
    }
    for (const auto& entry : TRY(os::list_dir(store_.objects_dir()))) {
      auto stat = os::stat_file(os::join(store_.objects_dir(), entry.name));
      if (stat) total_ += stat->size;
    }
    return {};
  }

  // ---- objects

  Status check_objects() {
    return objects_->each_record([&](const Objects::Record& record, const Error* problem) {
      advance(record.stored_size);
      if (problem) {
        damage("objects", problem->message);
        return true;
      }
      report_.objects++;
      stored_.insert(record.id.hex());
      auto content = objects_->get(record.id, options_.borrowed);
      std::string where = "object " + record.id.hex();
      if (!content) {
        bool unasked = content.error().kind == ErrorKind::not_found && !options_.borrowed;
        if (!unasked) damage(where, content.error().message);
      } else if (blob_id(store_.hash, *content) != record.id) {
        damage(where, "its content has another id: " + blob_id(store_.hash, *content).hex());
      }
      return true;
    });
  }

  // ---- journals

  Status check_session(const SessionPlace& session) {
    std::string name = session.agent + "/" + std::string(os::basename(session.directory));
    std::string journal = os::join(session.directory, kJournalName);
    auto stat = TRY(os::stat_file(journal));
    if (!stat.exists()) {
      // A directory of a session whose first event never came to be written.
      if (os::exists(os::join(session.directory, kJournalHeadName))) {
        damage(name, "the journal is gone");
      }
      return {};
    }
    report_.journals++;
    std::string chain;
    int64_t expected = 0, row = 0;
    uint64_t at = 0;
    std::map<int64_t, std::string> chains;  // by number
    auto end = read_journal(session.directory, 0, [&](std::string_view text, uint64_t next) {
      advance(next - at);
      at = next;
      report_.lines++;
      row++;
      check_line(name, row, text, chain, expected, chains);
      return true;
    });
    if (!end) {
      damage(name, end.error().message);
      return {};
    }
    if (*end < stat.size) {
      note(name, std::to_string(stat.size - *end) +
                     " bytes of an unfinished line at the end; the next writer cuts them off");
    }
    check_head(session.directory, name, expected, chains);
    return check_transcript(session.directory, name);
  }

  void check_line(const std::string& name, int64_t row, std::string_view text, std::string& chain,
                  int64_t& expected, std::map<int64_t, std::string>& chains) {
    std::string where = name + " line " + std::to_string(row);
    auto line = split_journal_line(text);
    if (!line) {
      damage(where, line.error().message);
      expected = -1;  // whatever the next one says
      chain.clear();
      broken_ = true;
      return;
    }
    bool first_after_break = broken_;
    broken_ = false;
    if (!first_after_break && !verify_journal_line(*line, chain)) {
      damage(where, "does not follow from the line before it: changed, removed or put in");
    }
    chain = line->chain;
    auto header = json::Document::parse(line->header);
    if (!header || !header->root().is_object()) {
      damage(where, "its header is no JSON object");
      expected = -1;
      return;
    }
    json::Value root = header->root();
    if (!is_directory_of(name, root["agent"].str(), root["session"].str())) {
      damage(where, "is a line of another session: " + to_utf8(root["agent"].str()) + " " +
                        to_utf8(root["session"].str()));
    }
    int64_t number = root["n"].integer(-1);
    bool noted_loss = false, object_gap = false;
    for (size_t i = 0; i < root["gap"].size(); i++) {
      std::string_view what = root["gap"].at(i)["what"].str();
      noted_loss = noted_loss || what == "journal";
      object_gap = object_gap || what == "object";
      if (what == "journal" || what == "event" || what == "manifest") losses_ = true;
    }
    if (expected >= 0 && number != expected) {
      std::string lost = number - 1 == expected
                             ? "number " + std::to_string(expected) + " before it is missing"
                             : "numbers " + std::to_string(expected) + " to " +
                                   std::to_string(number - 1) + " before it are missing";
      // Noted or not: what was acknowledged once is not there any more.
      damage(where, number > expected ? lost + (noted_loss ? " (noted when it was missed)" : "")
                                      : "has number " + std::to_string(number) + ", not " +
                                            std::to_string(expected));
    }
    expected = number + 1;
    chains[number] = std::string(line->chain);
    if (root["repaired"].integer() > 0) {
      note(where, std::to_string(root["repaired"].integer()) +
                      " bytes of an unfinished line before it were cut off");
    }
    if (!line->forgotten) {
      auto payload = json::Document::parse(line->payload);
      if (!payload) {
        damage(where, "its payload is no JSON: " + payload.error().message);
      } else if (!object_gap) {
        find_references(payload->root(), where, 0);
      }
    }
    check_observations(root["obs"], where, root["t"].str(), object_gap);
  }

  void check_head(const std::string& directory, const std::string& name, int64_t expected,
                  const std::map<int64_t, std::string>& chains) {
    auto text = os::read_file(os::join(directory, kJournalHeadName), kMaxHead);
    // Empty: its writer died when it had made it.
    if (!text || text->empty()) return;
    std::string_view head = trim(*text);
    size_t blank = head.find(' ');
    auto number = parse_int(head.substr(0, blank));
    if (!number || blank == std::string_view::npos) {
      damage(name, "its head file cannot be read");
      return;
    }
    auto there = chains.find(*number);
    if (there != chains.end()) {
      if (there->second != head.substr(blank + 1)) {
        damage(name, "line " + std::to_string(*number) + " is not the one that its head names");
      }
      return;
    }
    if (expected >= 0 && *number >= expected) {
      damage(name, "its last lines are missing: " + std::to_string(*number - expected + 1) +
                       " after number " + std::to_string(expected - 1));
    }
  }

  Status check_transcript(const std::string& directory, const std::string& name) {
    TranscriptPosition position = transcript_position(directory);
    if (position.path.empty()) return {};
    report_.transcripts++;
    auto end = read_transcript(directory, 0, [&](std::string_view line, uint64_t) {
      auto document = json::Document::parse(line);
      if (!document) {
        damage(name + " transcript", "a line is no JSON");
      } else {
        find_references(document->root(), name + " transcript", 0);
      }
    });
    if (!end) {
      damage(name + " transcript", end.error().message);
    } else if (*end < position.kept) {
      damage(name + " transcript",
             "its end is missing: " + std::to_string(position.kept - *end) + " bytes");
    }
    return {};
  }

  // ---- what lines refer to

  // `time`: of the line, if it names the content as a file's.
  void refer(std::string_view id, const std::string& where, std::string_view time = {}) {
    if (id.empty() || stored_.contains(std::string(id))) return;
    auto [place, first] = referred_.try_emplace(std::string(id));
    if (first) place->second.where = where;  // the first place is named
    place->second.newest = std::max(place->second.newest, std::string(time));
    place->second.other |= time.empty();
  }

  void find_references(const json::Value& value, const std::string& where, int depth) {
    constexpr int kDeepest = 200;
    if (depth > kDeepest) return;
    if (value.is_object() && value["$obj"].is_string() && value["len"].is_number()) {
      refer(value["$obj"].str(), where);
      return;
    }
    if (value.is_object()) {
      for (size_t i = 0; i < value.size(); i++)
        find_references(value.member_at(i), where, depth + 1);
    } else if (value.is_array()) {
      for (size_t i = 0; i < value.size(); i++) find_references(value.at(i), where, depth + 1);
    }
  }

  // A list that may lie in an object of its own.
  json::Document list_of(const json::Value& value, const std::string& where) {
    if (!value.is_object()) return {};
    std::string_view id = value["$obj"].str();
    auto object = ObjectId::from_hex(id);
    auto text = object ? objects_->get(*object, options_.borrowed)
                       : Result<std::string>(fail(ErrorKind::damage, "not an object's id"));
    if (!text) {
      damage(where, "a list that it refers to is not there: " + text.error().message);
      return {};
    }
    auto document = json::Document::parse(*text);
    if (!document) {
      damage(where, "a list that it refers to is no JSON");
      return {};
    }
    return std::move(*document);
  }

  void check_observations(const json::Value& list, const std::string& where, std::string_view time,
                          bool object_gap) {
    for (size_t i = 0; i < list.size(); i++) {
      json::Value seen = list.at(i);
      Timeline& timeline = timelines_[std::string(seen["wt"].str())];
      if (seen["base"].exists()) {
        timeline.bases.emplace_back(time);
        check_base(seen, where, object_gap);
      }
      if (seen["move"].exists()) {
        newer_[std::string(seen["move"]["from"].str())].emplace_back(seen["move"]["tree"].str());
      }
      json::Document lent = list_of(seen["tr"], where);
      json::Value transitions = seen["tr"].is_array() ? seen["tr"] : lent.root();
      for (size_t j = 0; j < transitions.size(); j++) {
        check_transition(timeline, transitions.at(j), where, time, object_gap);
      }
    }
  }

  void check_base(const json::Value& seen, const std::string& where, bool object_gap) {
    json::Value base = seen["base"];
    if (base["tree"].is_string()) trees_.emplace(base["tree"].str(), where);
    // Contents of credential files are not kept.
    std::set<std::string_view> withheld;
    for (size_t i = 0; i < seen["skipped"].size(); i++) {
      json::Value skipped = seen["skipped"].at(i);
      if (skipped.at(1).str() == "withheld") withheld.insert(skipped.at(0).str());
    }
    json::Document lent = list_of(base["except"], where);
    json::Value except = base["except"].is_array() ? base["except"] : lent.root();
    for (size_t i = 0; i < except.size(); i++) {
      json::Value entry = except.at(i);
      if (!object_gap && !withheld.contains(entry.at(0).str())) refer(entry.at(1).str(), where);
    }
  }

  void check_transition(Timeline& timeline, const json::Value& t, const std::string& where,
                        std::string_view time, bool object_gap) {
    report_.transitions++;
    Seen transition;
    transition.number = t["q"].integer(-1);
    transition.path = path_from_text(t["p"].str());
    transition.before = t["b"].str();
    transition.before_mode = t["bm"].str();
    transition.after = t["a"].str();
    transition.after_mode = t["am"].str();
    transition.where = where;
    transition.time = time;
    if (transition.number < 0 || transition.path.empty()) {
      damage(where, "a transition has no number or path");
      return;
    }
    if (!object_gap && !t["w"].boolean()) refer(transition.after, where, time);
    timeline.seen.push_back(std::move(transition));
  }

  // ---- timelines

  void check_timelines() {
    for (auto& [worktree, timeline] : timelines_) check_timeline("worktree " + worktree, timeline);
  }

  // Numbers are given once, and each transition of a path begins where the one before it ended: a
  // journal that is gone as a whole shows here.
  void check_timeline(const std::string& name, Timeline& timeline) {
    std::ranges::stable_sort(timeline.seen, {}, &Seen::number);
    std::ranges::sort(timeline.bases);
    std::map<std::string_view, const Seen*> last;
    size_t base = 0;
    const Seen* before = nullptr;
    for (const Seen& seen : timeline.seen) {
      if (before && before->number == seen.number) {
        damage(name, "number " + std::to_string(seen.number) +
                         " was given twice: " + before->where + ", " + seen.where);
      }
      before = &seen;
      while (base < timeline.bases.size() && timeline.bases[base] <= seen.time) {
        last.clear();
        base++;
      }
      const Seen*& known = last[seen.path];
      bool follows =
          !known || (known->after == seen.before && known->after_mode == seen.before_mode);
      // Seen twice: a hook died before its manifest was written.
      bool repeats = known && known->after == seen.after && known->after_mode == seen.after_mode;
      if (!follows && !repeats) {
        std::string what = "'" + seen.path + "' changes in " + seen.where +
                           " from a content that it did not have since " + known->where;
        if (losses_) {
          note(name, what);
        } else {
          damage(name, what);
        }
      }
      known = &seen;
    }
  }

  // git may have dropped a tree that HEAD left: then a newer one tells of it.
  bool is_told(const std::string& tree, std::set<std::string>& seen) {
    if (tree.empty() || options_.in_git(tree)) return true;
    if (!seen.insert(tree).second) return false;
    return std::ranges::any_of(newer_[tree],
                               [&](const std::string& newer) { return is_told(newer, seen); });
  }

  void check_references() {
    if (!options_.in_git) return;
    for (const auto& [tree, where] : trees_) {
      std::set<std::string> seen;
      if (!is_told(tree, seen)) damage(where, "the tree that it starts from is gone: " + tree);
    }
    ThinnedContents thinned;
    if (auto read = read_thinned(store_)) thinned = std::move(*read);
    for (const auto& [id, place] : referred_) {
      if (options_.in_git(id)) continue;
      auto gone = thinned.find(ObjectId::from_hex(id).value_or(ObjectId{}));
      // What came again afterwards had been stored again.
      if (gone != thinned.end() && !place.other && place.newest <= format_utc(gone->second.time)) {
        report_.thinned++;
        continue;
      }
      damage(place.where, "refers to content that is gone: " + id);
    }
  }

  const Store& store_;
  const VerifyOptions& options_;
  std::unique_ptr<Objects> objects_;
  VerifyReport report_;
  uint64_t total_ = 0;
  bool broken_ = false;
  std::unordered_set<std::string> stored_;
  struct Referred {
    std::string where;   // first
    std::string newest;  // time of the newest line that names it as a file's
    bool other = false;  // something else names it, too
  };
  std::map<std::string, Referred> referred_;               // by id
  std::map<std::string, std::string> trees_;               // that timelines start from, first place
  std::map<std::string, std::vector<std::string>> newer_;  // by tree: those that tell of it
  std::map<std::string, Timeline> timelines_;
  bool losses_ = false;  // an event noted that others were lost
};

}  // namespace

Result<VerifyReport> verify(const Store& store, const VerifyOptions& options) {
  return Verifier(store, options).run();
}

}  // namespace baton::store
