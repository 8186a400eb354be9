// `baton export`: recorded files back on disk (--to), or a worktree's history as commits (--git).

#include <algorithm>
#include <map>

#include "agents/agent.h"
#include "base/bytes.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/reading.h"
#include "git/head.h"
#include "git/import.h"
#include "git/repository.h"
#include "index/contents.h"
#include "index/state.h"
#include "os/env.h"
#include "os/file.h"
#include "os/terminal.h"
#include "render/json.h"
#include "render/text.h"

namespace baton::cli {
namespace {

constexpr mode_t kFileMode = 0666, kProgramMode = 0777, kFolderMode = 0777;  // less the umask
constexpr size_t kSubject = 72;

// Whether a path of the record may be written below a folder: the record is a file that others
// could have written.
bool is_safe(std::string_view path) {
  if (path.empty() || path.starts_with('/') || path.find('\0') != std::string_view::npos) {
    return false;
  }
  for (std::string_view part : split(path, '/')) {
    if (part.empty() || part == "." || part == ".." || lower_ascii(part) == ".git") return false;
  }
  return true;
}

struct Tally {
  int64_t files = 0, masked = 0, withheld = 0, thinned = 0, missing = 0;
};

// Contents on their way out.
class Source {
 public:
  Source(Front& front, index::Index& index)
      : front_(front), index_(index), masks_(!front.asked().has(OptionId::unmasked)) {}

  // Nothing if it was withheld or cannot be had; the tally says which.
  Result<std::optional<std::string>> content(const ObjectId& id, bool withheld, Tally& tally) {
    if (withheld) {
      tally.withheld++;
      return std::nullopt;
    }
    auto content = index_.contents().get(id);
    if (!content) {
      if (content.error().kind != ErrorKind::not_found) return std::unexpected(content.error());
      (index_.contents().thinned(id) ? tally.thinned : tally.missing)++;
      return std::nullopt;
    }
    if (!masks_) return std::move(*content);
    std::string shown = render::masked(front_.style(), *content);
    if (shown != *content) tally.masked++;
    return shown;
  }

 private:
  Front& front_;
  index::Index& index_;
  bool masks_;
};

void warn_of(const Tally& tally) {
  if (tally.masked) {
    print_warning("secrets in " + render::count(tally.masked, "file") +
                  " are masked; --unmasked writes them");
  }
  if (tally.withheld) {
    print_warning(render::count(tally.withheld, "file") +
                  " left out: withheld, they may hold credentials");
  }
  if (tally.thinned) {
    print_warning(render::count(tally.thinned, "file") +
                  " left out: content was thinned for the budget");
  }
  if (tally.missing) {
    print_warning(render::count(tally.missing, "file") + " left out: content is not recorded");
  }
}

// ---- a folder

// A folder that is written beside its place and moved there when it is whole.
class Staging {
 public:
  explicit Staging(std::string target) : target_(std::move(target)) {}
  ~Staging() { drop(); }
  Staging(const Staging&) = delete;

  void drop() {
    if (!path_.empty()) (void)os::remove_tree(path_);
    path_.clear();
  }

  Status open() {
    auto stat = TRY(os::stat_file(target_, true));
    if (stat.exists() && stat.type != os::FileType::directory) {
      return fail(ErrorKind::usage, "'" + target_ + "' is no folder");
    }
    if (stat.exists() && !TRY(os::list_dir(target_)).empty()) {
      return fail(ErrorKind::usage, "'" + target_ + "' is not empty",
                  "give a folder that is empty or not there yet");
    }
    std::string parent(os::dirname(target_));
    TRY(os::make_dirs(parent, kFolderMode));
    std::string path =
        os::join(parent, "." + std::string(os::basename(target_)) + "." + hex(os::random_bytes(4)));
    TRY(os::make_dirs(path, kFolderMode));
    path_ = path;
    return {};
  }
  const std::string& path() const { return path_; }

  Status close() {
    TRY(os::rename_path(path_, target_));
    path_.clear();
    return {};
  }

 private:
  std::string target_, path_;
};

Result<int> export_folder(Front& front, index::Index& index, const model::Position& position,
                          const std::string& name, const index::Pathspec& paths) {
  std::string target = os::normalize(front.cwd(), front.asked().value(OptionId::to));
  auto state = TRY(index::state_at(index, position));
  Source source(front, index);
  Tally tally;
  os::note_interrupts();
  Staging staging(target);
  TRY(staging.open());
  Progress progress("writing files");
  // Links last, so that no file is written through one.
  std::vector<std::pair<std::string, std::string>> links;
  uint64_t done = 0;
  for (const model::StateEntry& entry : state.entries) {
    progress(done++, state.entries.size());
    if (int signal = os::interrupted()) {
      staging.drop();
      os::die_of(signal);
    }
    if (!paths.matches(entry.path)) continue;
    if (!is_safe(entry.path)) {
      return fail(ErrorKind::damage, "the record names an impossible path: '" + entry.path + "'");
    }
    auto content = TRY(source.content(entry.id, entry.withheld, tally));
    if (!content) continue;
    std::string path = os::join(staging.path(), entry.path);
    TRY(os::make_dirs(std::string(os::dirname(path)), kFolderMode));
    if (entry.mode == "120000") {
      links.emplace_back(path, *content);
    } else {
      TRY(os::create_file(path, *content, entry.mode == "100755" ? kProgramMode : kFileMode));
    }
    tally.files++;
  }
  for (const auto& [path, to] : links) TRY(os::make_link(to, path));
  TRY(staging.close());
  warn_of(tally);
  if (!state.complete) {
    print_warning("part of the worktree had not been looked at by then: files may be missing");
  }
  if (front.json()) {
    render::JsonAnswer answer("export");
    answer.writer().member("address", name).member("to", target).member("files", tally.files);
    answer.writer().member("masked", tally.masked).member("withheld", tally.withheld);
    answer.writer()
        .member("missing", tally.missing + tally.thinned)
        .member("complete", state.complete);
    front.out().write(answer.finish(front.style()));
  } else {
    bool before = name.ends_with('^');
    std::string of = before ? "before " + name.substr(0, name.size() - 1) : "after " + name;
    front.out().write(render::count(tally.files, "file") + " as " + of + " in '" + target + "'\n");
  }
  return kFine;
}

// ---- commits

uint32_t git_mode(const std::string& mode) {
  return mode == "120000" ? 0120000u : mode == "100755" ? 0100755u : 0100644u;
}

struct Planned {
  model::Position from, to;
  const model::Turn* turn = nullptr;  // null: nobody's prompt
};

class Commits {
 public:
  Commits(Front& front, index::Index& index, const git::Repository& repository,
          const index::Pathspec& paths)
      : front_(front),
        index_(index),
        repository_(repository),
        paths_(paths),
        source_(front, index) {}

  Result<int> run(const std::string& branch, const std::string& worktree,
                  const model::Position& end) {
    ref_ = "refs/heads/" + branch;
    if (git::resolve_ref(repository_, ref_).value_or("") != "") {
      return fail(ErrorKind::usage, "branch '" + branch + "' exists already",
                  "give the name of a new branch");
    }
    model::Position start{worktree, 0};
    auto base = TRY(index::state_at(index_, start));
    index::LogFilter filter;
    auto views = TRY(index::log(index_, filter));
    std::vector<Planned> plan = planned(views, start, end);
    auto import = TRY(git::Import::start(repository_));
    TRY(begin(import, base));
    for (const Planned& part : plan) TRY(commit(import, part));
    if (commits_ == 0 && base.base_commit.empty()) {
      return fail(ErrorKind::negative, "there is nothing to write: no file was recorded");
    }
    TRY(import.finish());
    if (commits_ == 0) {
      return fail(ErrorKind::negative, "there is nothing to write: no recorded change");
    }
    warn_of(tally_);
    if (front_.json()) {
      render::JsonAnswer answer("export");
      answer.writer().member("branch", branch).member("commits", commits_);
      answer.writer().member("head", last_.hex()).member("masked", tally_.masked);
      answer.writer()
          .member("withheld", tally_.withheld)
          .member("missing", tally_.missing + tally_.thinned);
      front_.out().write(answer.finish(front_.style()));
    } else {
      front_.out().write(render::count(commits_, "commit") + " on branch '" + branch + "' (" +
                         last_.hex().substr(0, 7) + ")\n");
    }
    return kFine;
  }

 private:
  // What becomes a commit, in the order of the worktree's timeline: what a turn saw change, and
  // what changed between two.
  std::vector<Planned> planned(const std::vector<model::TurnView>& views,
                               const model::Position& start, const model::Position& end) {
    struct Place {
      index::Span span;
      const model::Turn* turn;
    };
    std::vector<Place> places;
    for (const model::TurnView& view : views) {
      index::Address address;
      address.kind = index::Address::Kind::turn;
      address.session_key = view.turn.session_key;
      address.session = view.turn.session;
      address.turn = view.turn.number;
      auto span = index::span(index_, address);
      if (span && span->after.worktree == start.worktree) places.push_back({*span, &view.turn});
    }
    std::ranges::stable_sort(places, [](const Place& a, const Place& b) {
      return a.span.after.q != b.span.after.q ? a.span.after.q < b.span.after.q
                                              : a.turn->began < b.turn->began;
    });
    std::vector<Planned> plan;
    model::Position at = start;
    for (const Place& place : places) {
      if (place.span.after.q <= at.q || at.q >= end.q) continue;
      model::Position before{at.worktree, std::clamp(place.span.before.q, at.q, end.q)};
      model::Position after{at.worktree, std::min(place.span.after.q, end.q)};
      if (before.q > at.q) plan.push_back({at, before, nullptr});
      if (after.q > before.q) plan.push_back({before, after, place.turn});
      at = after;
    }
    if (end.q > at.q) plan.push_back({at, end, nullptr});
    return plan;
  }

  // The commit that the history starts from: the base's own with what differed from it.
  Status begin(git::Import& import, const model::State& base) {
    if (auto id = ObjectId::from_hex(base.base_commit)) last_ = *id;
    git::Import::Draft draft =
        draft_of("Files as they were when recording began\n", kNobody, "nobody", 0);
    std::map<std::string, index::GitEntry> held;
    if (!last_.empty() && index_.git()) {
      for (auto& entry : TRY(index_.git()->tree(base.base_commit))) held[entry.path] = entry;
    }
    for (const model::StateEntry& entry : base.entries) {
      auto there = held.find(entry.path);
      bool same =
          there != held.end() && there->second.id == entry.id && there->second.mode == entry.mode;
      if (there != held.end()) held.erase(there);
      if (!same) {
        TRY(add(import, draft, entry.path, entry.mode, entry.id, entry.withheld));
      }
    }
    for (const auto& [path, entry] : held) {
      if (paths_.matches(path) && entry.mode != "160000") draft.changes.push_back({0, {}, path});
    }
    if (draft.changes.empty()) return {};
    return write(import, std::move(draft));
  }

  Status commit(git::Import& import, const Planned& part) {
    git::Import::Draft draft;
    Micros time = 0;
    auto changes = TRY(index::state_diff(index_, part.from, part.to));
    for (const model::Change& change : changes) time = std::max(time, change.seen);
    if (part.turn) {
      const model::Turn& turn = *part.turn;
      std::string prompt(trim(render::clean(front_.style(), turn.prompt)));
      if (prompt.empty()) prompt = "(prompt not heard)";
      std::string subject = render::fit(render::first_line(prompt), kSubject);
      std::string message = subject + "\n\n";
      if (prompt != subject) message += prompt + "\n\n";
      message += "Baton-Turn: " + turn.address() + "\nBaton-Agent: " + turn.agent +
                 "\nBaton-Session: " + render::first_line(render::clean({}, turn.session_id)) +
                 "\n";
      const agents::Agent* agent = agents::find_agent(turn.agent);
      draft = draft_of(std::move(message), agent ? agent->name() : turn.agent, turn.agent,
                       turn.ended ? turn.ended : std::max(turn.began, time));
    } else {
      draft = draft_of("Changes outside of any prompt\n", kNobody, "nobody", time);
    }
    for (const model::Change& change : changes) {
      if (change.skipped || !paths_.matches(change.path)) continue;
      if (change.after.empty()) {
        draft.changes.push_back({0, {}, change.path});
      } else {
        TRY(add(import, draft, change.path, change.after_mode, change.after, change.withheld));
      }
    }
    if (draft.changes.empty()) return {};
    return write(import, std::move(draft));
  }

  Status add(git::Import& import, git::Import::Draft& draft, const std::string& path,
             const std::string& mode, const ObjectId& id, bool withheld) {
    if (!paths_.matches(path) || mode == "160000") return {};
    auto content = TRY(source_.content(id, withheld, tally_));
    if (!content) return {};
    ObjectId stored = TRY(import.blob(*content));
    draft.changes.push_back({git_mode(mode), stored, path});
    return {};
  }

  Status write(git::Import& import, git::Import::Draft draft) {
    draft.parent = last_;
    last_ = TRY(import.commit(draft));
    commits_++;
    return {};
  }

  git::Import::Draft draft_of(std::string message, std::string_view name, std::string_view user,
                              Micros time) const {
    git::Import::Draft draft;
    draft.ref = ref_;
    draft.message = std::move(message);
    draft.author = {std::string(name), std::string(user) + "@baton.invalid", time / kSecond, 0};
    draft.committer = draft.author;
    return draft;
  }

  static constexpr std::string_view kNobody = "Outside of any session";

  Front& front_;
  index::Index& index_;
  const git::Repository& repository_;
  const index::Pathspec& paths_;
  Source source_;
  Tally tally_;
  std::string ref_;
  ObjectId last_;
  int64_t commits_ = 0;
};

}  // namespace

Result<int> run_export(Front& front) {
  const Invocation& asked = front.asked();
  bool folder = asked.has(OptionId::to), commits = asked.has(OptionId::git);
  if (folder == commits) {
    return fail(ErrorKind::usage, folder ? "--to and --git exclude each other"
                                         : "where to? give --to DIR or --git BRANCH");
  }
  TRY(front.place());
  auto paths = TRY(asked_paths(front));
  index::Index& index = *TRY(front.index());
  model::Position position;
  std::string name = asked.words.empty() ? "@" : asked.words[0];
  if (commits && asked.words.empty()) {
    position = TRY(index::newest(index, front.worktree()));
    name = "now";
  } else {
    bool before = name.ends_with('^');
    std::string_view words = std::string_view(name).substr(0, name.size() - (before ? 1 : 0));
    index::Address address = TRY(index::resolve(index, words, false));
    if (address.kind == index::Address::Kind::path) {
      return fail(ErrorKind::usage, "'" + name + "' is a file", "'baton cat' prints it");
    }
    index::Span span = TRY(index::span(index, address));
    position = before ? span.before : span.after;
  }
  if (!position.known()) {
    return fail(ErrorKind::not_found, "the files at '" + name + "' are not known");
  }
  if (folder) return export_folder(front, index, position, name, paths);
  if (!front.repository()) return fail(ErrorKind::not_found, "no git repository here");
  Commits writer(front, index, *front.repository(), paths);
  return writer.run(std::string(asked.value(OptionId::git)), position.worktree, position);
}

}  // namespace baton::cli
