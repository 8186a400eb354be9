#include "handoff/bundle.h"

#include <algorithm>
#include <set>

#include "base/bytes.h"
#include "base/json.h"
#include "handoff/bundle_files.h"
#include "handoff/not_checked.h"
#include "index/contents.h"
#include "index/notes.h"
#include "index/queries.h"
#include "index/state.h"
#include "os/env.h"
#include "os/file.h"
#include "store/journal.h"
#include "store/objects.h"
#include "store/transcript.h"

namespace baton::handoff {
namespace {

using store::BundleFile;

constexpr std::string_view kOwnAgent = "baton";
constexpr std::string_view kTranscriptName = "transcript.jsonl.zst";
constexpr size_t kFrameBytes = 8u << 20;  // text of a frame of a session file's copy

// A folder that goes when this does.
class Scratch {
 public:
  static Result<Scratch> make() {
    Scratch scratch;
    scratch.path_ =
        os::join(os::env("TMPDIR").value_or("/tmp"), "baton-bundle-" + hex(os::random_bytes(8)));
    TRY(os::make_dirs(scratch.path_));
    return scratch;
  }
  Scratch(Scratch&& other) noexcept : path_(std::move(other.path_)) { other.path_.clear(); }
  Scratch& operator=(Scratch&&) = delete;
  ~Scratch() {
    if (!path_.empty()) (void)os::remove_tree(path_);
  }
  const std::string& path() const { return path_; }

 private:
  Scratch() = default;
  std::string path_;
};

class Maker {
 public:
  Maker(index::Index& index, const BundleOptions& options, std::string folder)
      : index_(index), options_(options), folder_(std::move(folder)) {}

  Result<MadeBundle> run(const std::string& path) {
    std::string format = TRY(os::read_file(os::join(index_.store().path, "format"), kMaxFile));
    for (const char* name : {"sessions", "worktrees", "objects", "log", "trees"}) {
      TRY(os::make_dirs(os::join(folder_, name)));
    }
    TRY(os::replace_file(os::join(folder_, "format"), format));
    copy_ = TRY(store::open_store(folder_));
    if (options_.task) {
      for (const model::Session& session : options_.task->sessions) whole_.insert(session.id);
    }
    TRY(add_subagents());
    TRY(find_others_notes());
    for (const auto& place : TRY(store::list_sessions(index_.store()))) TRY(add_session(place));
    TRY(want_checks());
    TRY(add_objects());
    TRY(add_trees());
    std::vector<BundleFile> files = TRY(read_folder(""));
    std::vector<BundleFile> derived = TRY(derive());
    made_.digest = TRY(store::write_bundle(path, std::move(files), std::move(derived)));
    return made_;
  }

 private:
  bool is_whole(std::string_view agent, std::string_view id) const {
    return agent == kOwnAgent || !options_.task || whole_.contains(std::string(id));
  }

  Status add_subagents() {
    if (whole_.empty()) return {};
    index::SessionFilter filter;
    filter.subagents = true;
    auto all = TRY(index::sessions(index_, filter));
    std::map<std::string, std::string> ids;  // by address
    for (const auto& each : all) ids[each.address] = each.id;
    for (bool more = true; more;) {
      more = false;
      for (const auto& each : all) {
        if (each.parent.empty() || !whole_.contains(ids[each.parent])) continue;
        more |= whole_.insert(each.id).second;
      }
    }
    return {};
  }

  // Notes that belong to sessions which are left out.
  Status find_others_notes() {
    if (whole_.empty()) return {};
    for (const model::Note& note : TRY(index::notes(index_))) {
      if (note.session_key == 0) continue;
      std::string id = TRY(index::session(index_, note.session_key)).id;
      if (!whole_.contains(id)) others_notes_.insert(note.id);
    }
    return {};
  }

  // A line of baton's own that tells of sessions which are left out: a note of theirs, what an
  // agent was told of them.
  bool tells_of_others(std::string_view payload) const {
    if (whole_.empty()) return false;
    auto document = json::Document::parse(payload);
    if (!document) return false;
    json::Value root = document->root();
    json::Value about = root["about"];
    for (size_t i = 0; i < about.size(); ++i) {
      if (!whole_.contains(std::string(about.at(i).str()))) return true;
    }
    if (about.is_array()) return !whole_.contains(std::string(root["session"].str()));
    return others_notes_.contains(std::string(root["id"].str())) ||
           others_notes_.contains(std::string(root["closes"].str()));
  }

  Status add_session(const store::SessionPlace& place) {
    std::string name(os::basename(place.directory));
    store::JournalCopy copy;
    bool whole = true;
    Status problem;
    auto done = store::read_journal(place.directory, 0, [&](std::string_view line, uint64_t) {
      auto parts = store::split_journal_line(line);
      if (!parts) return true;  // damaged there, left out here
      auto header = json::Document::parse(parts->header);
      if (!header) return true;
      whole = is_whole(place.agent, header->root()["session"].str());
      note_trees(header->root());
      std::string payload;
      bool others = place.agent == kOwnAgent && tells_of_others(parts->payload);
      bool told = header->root()["injected"].exists();
      if (!others || !told) want_ids(parts->header);
      if (!parts->forgotten && whole && !others) {
        payload = masked_json(parts->payload);
        want_ids(payload);
      }
      problem = copy.add(line, payload);
      ++made_.events;
      return problem.has_value();
    });
    if (!problem) return problem;
    if (!done) return std::unexpected(done.error());
    ++(whole ? made_.sessions : made_.left_out);
    std::string directory = os::join(os::join(copy_.sessions_dir(), place.agent), name);
    TRY(os::make_dirs(directory));
    TRY(os::replace_file(os::join(directory, store::kJournalName), copy.text()));
    return whole ? add_session_file(place.directory, directory) : Status();
  }

  Status add_session_file(const std::string& from, const std::string& to) {
    if (!os::exists(os::join(from, kTranscriptName))) return {};
    auto writer = TRY(store::TranscriptWriter::open(to));
    std::string lines;
    Status problem;
    TRY(store::read_transcript(from, 0, [&](std::string_view line, uint64_t) {
      std::string text = masked_json(line);
      want_ids(text);
      lines += text + "\n";
      if (lines.size() < kFrameBytes || !problem) return;
      problem = writer.append(lines, {});
      lines.clear();
    }));
    if (!problem) return problem;
    if (!lines.empty()) TRY(writer.append(lines, {}));
    return os::remove_file(os::join(to, "transcript.pos"));
  }

  std::string masked_json(std::string_view text) const {
    auto mask = [&](const json::StringSite& site) -> std::optional<json::Replacement> {
      if (site.is_key) return std::nullopt;
      auto changed = options_.masker->mask_member(site.key, site.value);
      if (!changed) return std::nullopt;
      return json::Replacement{std::move(*changed), false};
    };
    auto rewritten = json::rewrite_strings(text, mask);
    return rewritten ? std::move(*rewritten) : std::string(text);
  }

  // Every string that may be the id of a content.
  void want_ids(std::string_view text) {
    size_t digits = copy_.hash == HashKind::sha1 ? 40 : 64;
    for (size_t at = text.find('"'); at != text.npos; at = text.find('"', at + 1)) {
      if (at + digits + 1 >= text.size() || text[at + digits + 1] != '"') continue;
      if (auto id = ObjectId::from_hex(text.substr(at + 1, digits))) {
        wanted_.insert(std::string(text.substr(at + 1, digits)));
      }
    }
  }

  void note_trees(const json::Value& header) {
    json::Value looks = header["obs"];
    for (size_t i = 0; i < looks.size(); ++i) {
      json::Value look = looks.at(i);
      json::Value base = look["base"], move = look["move"];
      if (base.is_object() && !base["tree"].str().empty()) {
        trees_[std::string(base["tree"].str())] = base["commit"].str();
      }
      // Older ones can be told from the newest.
      if (move.is_object() && !move["tree"].str().empty()) {
        newest_moves_[std::string(look["wt"].str())] = {std::string(move["tree"].str()),
                                                        std::string(move["commit"].str())};
      }
    }
  }

  // The files that tell which checks the project has, changed or not.
  Status want_checks() {
    auto position = TRY(index::newest(index_, options_.worktree));
    auto state = index::state_at(index_, position);
    if (!state) return {};
    for (const auto& entry : state->entries) {
      if (names_checks(entry.path)) wanted_.insert(entry.id.hex());
    }
    return {};
  }

  Status add_objects() {
    auto objects = TRY(store::Objects::open(copy_));
    std::set<std::string> done;
    std::vector<std::string> open(wanted_.begin(), wanted_.end());
    while (!open.empty()) {
      std::string name = std::move(open.back());
      open.pop_back();
      if (!done.insert(name).second) continue;
      ObjectId id = *ObjectId::from_hex(name);
      auto content = index_.contents().get(id);
      if (!content) continue;  // a commit, a tree, or a content that is gone
      if (content->starts_with('[')) {
        // A list of transitions or files that was too long for its line.
        wanted_.clear();
        want_ids(*content);
        open.insert(open.end(), wanted_.begin(), wanted_.end());
      } else if (!looks_binary(*content)) {
        if (auto masked = options_.masker->mask(*content)) content = std::move(*masked);
      }
      TRY(objects.put(id, *content));
      ++made_.objects;
    }
    return {};
  }

  Status add_trees() {
    if (!index_.git()) return {};
    for (const auto& [worktree, move] : newest_moves_) trees_[move.first] = move.second;
    std::string commits;
    for (const auto& [tree, commit] : trees_) {
      auto entries = index_.git()->tree(tree);
      if (!entries) continue;  // git threw it away
      std::string text;
      for (const auto& entry : *entries) {
        text += entry.mode + " " + entry.id.hex() + " " + entry.path;
        text += '\0';
      }
      TRY(os::replace_file(os::join(folder_, std::string(kTreesFolder) + "/" + tree), text));
      if (!commit.empty()) commits += commit + " " + tree + "\n";
    }
    return os::replace_file(os::join(folder_, kCommitsFile), commits);
  }

  // All files below the folder, but for locks and what is derived.
  Result<std::vector<BundleFile>> read_folder(const std::string& below) {
    std::vector<BundleFile> files;
    for (const auto& entry : TRY(os::list_dir(os::join(folder_, below)))) {
      std::string path = below.empty() ? entry.name : below + "/" + entry.name;
      if (os::is_directory(os::join(folder_, path))) {
        for (BundleFile& file : TRY(read_folder(path))) files.push_back(std::move(file));
      } else if (entry.name != "lock" && entry.name != "lookup" && entry.name != "index.lock") {
        files.push_back({path, TRY(os::read_file(os::join(folder_, path), kMaxFile))});
      }
    }
    return files;
  }

  // The index, since it knows what only this machine's git could tell, and what only this machine
  // knows of processes.
  Result<std::vector<BundleFile>> derive() {
    std::vector<BundleFile> derived;
    {
      index::IndexOptions options;
      options.git = index_.git();
      options.test_commands = index_.test_commands();
      auto index = TRY(index::Index::open(copy_, options));
    }
    derived.push_back({"index.db", TRY(os::read_file(copy_.index_path(), kMaxFile))});
    index::SessionFilter filter;
    filter.subagents = true;
    std::string states;
    for (const auto& session : TRY(index::sessions(index_, filter))) {
      states += session.agent + "/" + store::session_directory_name(session.id) + " " +
                std::string(model::to_string(session.state)) + "\n";
    }
    derived.push_back({std::string(kStatesFile), std::move(states)});
    derived.push_back({std::string(kWorktreeFile), options_.worktree + "\n"});
    derived.push_back({std::string(kTasksFile), task_list_text(TRY(task_list())) + "\n"});
    return derived;
  }

  Result<TaskList> task_list() {
    Standing standing{options_.repository, options_.worktree, nullptr};
    TaskList list{TRY(tasks(index_, standing)), TRY(tasks(index_, standing, true)), options_.task};
    if (!list.current) {
      if (auto current = current_task(index_, standing)) list.current = std::move(*current);
    }
    for (auto* part : {&list.open, &list.all}) {
      for (Task& task : *part) {
        std::erase_if(task.sessions, [&](const auto& s) { return !is_whole(s.agent, s.id); });
      }
    }
    return list;
  }

  index::Index& index_;
  const BundleOptions& options_;
  std::string folder_;
  store::Store copy_;
  MadeBundle made_;
  std::set<std::string> whole_, wanted_, others_notes_;
  std::map<std::string, std::string> trees_;  // tree, commit
  std::map<std::string, std::pair<std::string, std::string>> newest_moves_;
};

}  // namespace

Result<MadeBundle> make_bundle(index::Index& index, const std::string& path,
                               const BundleOptions& options) {
  Scratch scratch = TRY(Scratch::make());
  return Maker(index, options, scratch.path()).run(path);
}

}  // namespace baton::handoff
