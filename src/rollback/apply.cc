#include "rollback/apply.h"

#include <algorithm>
#include <map>

#include "base/bytes.h"
#include "base/json.h"
#include "index/acts.h"
#include "index/contents.h"
#include "os/clock.h"
#include "os/env.h"
#include "os/file.h"
#include "os/stat_below.h"
#include "record/record.h"
#include "rollback/moves.h"
#include "store/journal.h"
#include "store/manifest.h"
#include "worktree/rules.h"

namespace baton::rollback {
namespace {

constexpr std::string_view kFolder = store::kRewindDirectory;
constexpr std::string_view kLockFile = "rewind.lock";
constexpr std::string_view kLink = "120000", kProgram = "100755";
constexpr mode_t kFileMode = 0666, kProgramMode = 0777;  // less the umask
constexpr int64_t kBusyUs = 2'000'000;

// Where new contents are written: beside the tree, on the same file system.
Result<std::string> staging_folder(const std::string& root, const std::string& directory) {
  TRY(os::make_dirs(os::join(directory, kFolder)));
  auto tree = TRY(os::stat_file(root)), store = TRY(os::stat_file(directory));
  if (tree.device == store.device) return os::join(directory, kFolder);
  return os::join(root, worktree::kRewindFolder);
}

void clean_up(const std::string& directory, const std::string& folder) {
  (void)os::remove_file(store::rewind_plan_path(directory));
  (void)os::remove_tree(os::join(directory, kFolder));
  if (!folder.empty() && os::basename(folder) == worktree::kRewindFolder) {
    (void)os::remove_tree(folder);
  }
}

// Writes one new file; its permissions are those of the file that it replaces, but for the x.
Status write_file(const std::string& path, const Version& version, std::string_view content,
                  const os::FileStat& old) {
  if (version.mode == kLink) return os::make_link(std::string(content), path);
  bool program = version.mode == kProgram;
  TRY(os::create_file(path, content, program ? kProgramMode : kFileMode));
  if (old.type != os::FileType::regular) return {};
  uint32_t bits = old.permissions & 0777;
  bool was_program = (bits & 0100) != 0;
  if (program && !was_program) bits |= (bits & 0444) >> 2;
  if (!program) bits &= ~0111u;
  return os::set_permissions(path, bits);
}

Result<std::string> content_of(index::Index& index, const FileChange& change) {
  if (change.content) return *change.content;
  return index.contents().get(change.then.id);
}

class Rewind {
 public:
  Rewind(const worktree::Place& place, const worktree::Worktree& worktree)
      : place_(place), worktree_(worktree) {}

  Status lock() {
    TRY(os::make_dirs(worktree_.directory));
    lock_ =
        TRY(os::open_file(os::join(worktree_.directory, kLockFile), os::Open::read_write_create));
    auto locked = os::lock_file(lock_, os::LockMode::exclusive, kBusyUs);
    if (locked && !os::exists(store::rewind_plan_path(worktree_.directory))) return {};
    if (locked) {
      return fail(ErrorKind::io, "a rewind that was interrupted is not finished yet",
                  "run 'baton status' to see why");
    }
    return fail(ErrorKind::negative, "another rewind of this worktree is under way",
                "try again when it has ended");
  }

  Status stage(index::Index& index, std::vector<FileChange> changes) {
    changes_ = std::move(changes);
    plan_.root = worktree_.root;
    plan_.folder = TRY(staging_folder(worktree_.root, worktree_.directory));
    auto staged = write_staged(index);
    if (!staged) clean_up(worktree_.directory, plan_.folder);
    return staged;
  }

  Status run(const std::string& session, const std::string& payload) {
    plan_.session = session;
    plan_.payload = payload;
    auto written = store::write_rewind_plan(worktree_.directory, plan_);
    if (!written) {
      clean_up(worktree_.directory, plan_.folder);
      return written;
    }
    Moves moves(plan_.root, plan_.folder, plan_.moves);
    record::Act act;
    for (const FileChange& change : changes_) act.paths.push_back(change.path);
    Status back;
    act.apply = [&](const record::Act::Known& known) -> Status {
      TRY(verify(known));
      auto done = moves.forward();
      if (!done) back = moves.back();
      return done;
    };
    act.take_back = [&] { back = moves.back(); };
    auto done = record::record_act(place_, session, "Rewind", payload, act);
    // What could not be taken back is the next command's to finish.
    if (done || back) clean_up(worktree_.directory, plan_.folder);
    return done;
  }

 private:
  Status write_staged(index::Index& index) {
    TRY(os::make_dirs(plan_.folder));
    for (size_t i = 0; i < changes_.size(); ++i) {
      const FileChange& change = changes_[i];
      Move move;
      move.path = change.path;
      move.removes = !change.then.exists();
      move.creates = !change.now.exists();
      auto old = TRY(os::stat_below(worktree_.root, change.path));
      if (change.now.exists()) move.was = FileMark::of(old);
      if (!move.removes) {
        std::string path = store::rewind_staged_path(plan_.folder, i);
        TRY(write_file(path, change.then, TRY(content_of(index, change)), old));
        move.staged_inode = TRY(os::stat_file(path)).inode;
        move.then = change.then.id;
      }
      plan_.moves.push_back(std::move(move));
    }
    return {};
  }

  // Whether every file is still what was last seen of it.
  Status verify(const record::Act::Known& known) {
    for (const FileChange& change : changes_) {
      if (!is_as_seen(change, known(change.path))) {
        return fail(ErrorKind::negative,
                    "'" + change.path + "' was changed just now; nothing was done", "try again");
      }
    }
    return {};
  }

  bool is_as_seen(const FileChange& change, const std::optional<store::ManifestEntry>& entry) {
    std::string path = os::join(worktree_.root, change.path);
    auto st = os::stat_below(worktree_.root, change.path);
    if (!st) return false;
    bool nothing = !st->exists() || st->type == os::FileType::directory;
    if (!change.now.exists()) return nothing;
    if (nothing || !entry || entry->id != change.now.id || entry->mode() != change.now.mode ||
        entry->skipped != store::SkipReason::none) {
      return false;
    }
    if (!entry->unsettled && entry->same_stat(*st)) return true;
    auto content = st->type == os::FileType::link ? os::read_link(path) : os::read_regular(path);
    return content && blob_id(place_.store.hash, *content) == change.now.id &&
           FileMark::of(*st) == FileMark::of(os::stat_file(path).value_or(os::FileStat{}));
  }

  const worktree::Place& place_;
  const worktree::Worktree& worktree_;
  os::File lock_;
  std::vector<FileChange> changes_;
  store::RewindPlan plan_;
};

std::string session_name() {
  return "rewind-" + format_utc(os::now()).substr(0, 10);
}

// Whether somebody has recorded any of the moves that are done.
bool is_met(const Moves& moves, const record::Act::Known& known) {
  for (size_t i = 0; i < moves.list().size(); ++i) {
    if (!moves.is_done(i)) continue;
    const Move& move = moves.list()[i];
    auto entry = known(move.path);
    if (entry ? entry->id == move.then : move.removes) return true;
  }
  return false;
}

// REQUIRES: the worktree's rewind lock.
Status finish(const store::Store& store, const std::string& directory,
              std::vector<std::string>& told) {
  auto plan = store::read_rewind_plan(directory);
  if (!plan) {
    if (plan.error().kind == ErrorKind::not_found) {
      clean_up(directory, {});  // it died before it had changed anything
      return {};
    }
    return std::unexpected(plan.error());
  }
  auto place = worktree::find_place(plan->root);
  if (!place || place->store.path != store.path) {
    // The worktree is gone, or another's now.
    clean_up(directory, {});
    return {};
  }
  Moves moves(plan->root, plan->folder, plan->moves);
  record::Act act;
  for (const Move& move : plan->moves) act.paths.push_back(move.path);
  Status back;
  bool went_on = false, met = false;
  std::vector<std::string> others;
  act.apply = [&](const record::Act::Known& known) -> Status {
    met = is_met(moves, known);
    others = moves.changed();
    if (!others.empty()) {
      back = moves.back();
      return fail(ErrorKind::negative, "'" + others[0] + "' was changed since");
    }
    auto done = moves.forward();
    if (!done) back = moves.back();
    went_on = done.has_value();
    return done;
  };
  act.take_back = [&] {
    back = moves.back();
    went_on = false;
  };
  auto done = record::record_act(*place, plan->session, "Rewind", plan->payload, act);
  if (!done && !back) {
    return fail(ErrorKind::io,
                "a rewind that was interrupted can be neither finished nor taken "
                "back: " +
                    done.error().message,
                "make room or permission, then run baton again");
  }
  if (!went_on && met) {
    // A hook has recorded what it met: that it went again is nobody's doing either.
    std::erase_if(act.paths, [&](const std::string& path) {
      return std::ranges::find(others, path) != others.end();
    });
    act.apply = [](const record::Act::Known&) -> Status { return {}; };
    act.take_back = [] {};
    TRY(record::record_act(*place, plan->session, index::kTakenBackEvent, plan->payload, act));
  }
  clean_up(directory, plan->folder);
  told.push_back(went_on ? "a rewind that was interrupted is finished"
                         : "a rewind that was interrupted is taken back");
  return {};
}

}  // namespace

Result<std::string> carry_out(const worktree::Place& place, const worktree::Worktree& worktree,
                              index::Index& index, const Plan& plan, const Deed& deed,
                              bool with_marks) {
  std::vector<FileChange> changes = plan.changes;
  if (with_marks) {
    for (const Conflict& conflict : plan.conflicts) {
      if (conflict.with_marks) changes.push_back(*conflict.with_marks);
    }
  }
  std::string id = hex(os::random_bytes(8));
  json::Writer payload;
  payload.begin_object().member("id", id).member("name", deed.name).member("kind", deed.kind);
  payload.member("target", deed.target);
  if (!deed.of.empty()) payload.member("of", deed.of);
  if (!deed.only.empty()) payload.member("only", deed.only);
  payload.member("files", changes.size());
  if (deed.index) {
    payload.key("index").begin_array();
    for (std::string_view entry : split(*deed.index, '\0')) {
      if (!entry.empty()) payload.string(store::path_to_text(entry));
    }
    payload.end_array();
  }
  payload.end_object();
  Rewind rewind(place, worktree);
  TRY(rewind.lock());
  if (auto staged = rewind.stage(index, std::move(changes)); !staged) {
    Error error = std::move(staged.error());
    if (error.hint.empty()) error.hint = "nothing was changed";
    return std::unexpected(std::move(error));
  }
  TRY(rewind.run(session_name(), payload.text()));
  return id;
}

Status write_files(const std::string& root, index::Index& index,
                   const std::vector<FileChange>& changes) {
  for (const FileChange& change : changes) {
    if (!change.now.exists()) continue;
    if (!change.then.exists() || change.then.mode == kLink || change.now.mode == kLink) {
      TRY(os::remove_file(os::join(root, change.path)));
    }
    if (change.then.exists()) continue;
    for (std::string folder(os::dirname(change.path)); folder != ".";
         folder = os::dirname(folder)) {
      if (!os::remove_dir(os::join(root, folder))) break;
    }
  }
  for (const FileChange& change : changes) {
    if (!change.then.exists()) continue;
    std::string path = os::join(root, change.path);
    auto old = TRY(os::stat_file(path));
    TRY(os::make_dirs(std::string(os::dirname(path)), kProgramMode));
    TRY(os::remove_file(path));
    TRY(write_file(path, change.then, TRY(content_of(index, change)), old));
  }
  return {};
}

Status recover(const store::Store& store, std::vector<std::string>& told) {
  auto ids = worktree::known_worktrees(store);
  if (!ids) return {};
  Status first;
  for (const std::string& id : *ids) {
    std::string directory = os::join(store.worktrees_dir(), id);
    if (!os::exists(os::join(directory, kFolder))) continue;
    auto lock = os::open_file(os::join(directory, kLockFile), os::Open::read_write_create);
    // One that is under way holds its lock.
    if (!lock || !os::lock_file(*lock, os::LockMode::exclusive, 0)) continue;
    auto done = finish(store, directory, told);
    if (!done && first) first = std::move(done);
  }
  return first;
}

}  // namespace baton::rollback
