#include "record/record.h"

#include <algorithm>
#include <map>
#include <memory>

#include "base/bytes.h"
#include "base/json.h"
#include "git/config.h"
#include "git/head.h"
#include "git/settings.h"
#include "os/clock.h"
#include "os/env.h"
#include "os/guard.h"
#include "record/collect.h"
#include "record/header.h"
#include "record/payload.h"
#include "record/targets.h"
#include "store/journal.h"
#include "worktree/half_rewind.h"

namespace baton::record {
namespace {

using agents::FileEdit;
using agents::Moment;
using worktree::Deadline;
using worktree::ToolResult;

constexpr size_t kMaxLog = 1 << 20;
constexpr size_t kLargePayload = 4 << 20;
constexpr Micros kRepeatWindow = 2 * kSecond;
constexpr int kMaxAncestors = 8;
constexpr int64_t kActLockUs = 5'000'000;

// What could not even be noted in a journal. Never holds a payload.
void log_error(const store::Store& store, std::string_view what, const Error& error) {
  auto file = os::open_file(store.path + "/log/errors", os::Open::append_create);
  if (!file || os::file_size(*file).value_or(0) > kMaxLog) return;
  (void)os::append(*file,
                   format_utc(os::now()) + " " + std::string(what) + ": " + error.message + "\n");
}

struct AgentProcess {
  int pid = 0;
  uint64_t started = 0;
};

// The agent's own process: what it says it is, or the nearest ancestor that is no shell.
AgentProcess agent_process() {
  int pid = os::parent_process_id();
  if (auto told = os::env("CLAUDE_PID")) {
    pid = static_cast<int>(parse_int(*told).value_or(pid));
  }
  for (int i = 0; i < kMaxAncestors && pid > 1; ++i) {
    auto info = os::process_info(pid);
    if (!info) break;
    constexpr std::string_view kShells[] = {"sh", "bash", "dash", "zsh", "env", "timeout"};
    if (std::ranges::find(kShells, info->name) == std::end(kShells)) {
      return {pid, info->start_ticks};
    }
    pid = info->parent;
  }
  return {};
}

// What the file tool's answer means for one named path.
std::optional<ToolResult> tool_result(const NamedPath& named, const std::string& root) {
  if (!named.edit) return std::nullopt;
  const FileEdit& edit = *named.edit;
  if (edit.user_modified) return std::nullopt;
  ToolResult result;
  result.path = named.path;
  result.call = named.call;
  result.created = edit.created;
  auto on_disk = [&] { return os::read_regular(os::join(root, named.path)); };
  // The answer does not say what the content was: take the edit back from what is on disk now, and
  // see that it leads there again.
  auto taken_back = [&]() -> std::optional<ToolResult> {
    auto content = on_disk();
    if (!content) return std::nullopt;
    auto before = agents::guess_before(edit, *content);
    if (!before) return std::nullopt;
    result.before = std::move(*before);
    result.after = std::move(*content);
    return result;
  };
  bool is_target = !edit.move_to.empty() &&
                   (named.path == edit.move_to || edit.move_to.ends_with("/" + named.path) ||
                    named.path.ends_with("/" + edit.move_to));
  switch (edit.kind) {
    case FileEdit::Kind::write:
      result.after = edit.content;
      if (!edit.created) result.before = edit.original;
      return result;
    case FileEdit::Kind::edit: {
      if (edit.edits.empty()) return std::nullopt;
      if (!edit.original) return taken_back();
      auto after = agents::apply_edit(edit, *edit.original);
      if (!after) return std::nullopt;
      result.before = edit.original;
      result.after = std::move(*after);
      return result;
    }
    case FileEdit::Kind::patch:
      if (!edit.move_to.empty()) {
        if (!is_target) return result;  // the old name is gone
        auto content = on_disk();
        if (!content) return std::nullopt;
        result.after = std::move(*content);
        result.created = true;
        return result;
      }
      return taken_back();
    case FileEdit::Kind::remove:
      return result;
    case FileEdit::Kind::move: {
      if (!is_target) return result;
      auto content = on_disk();
      if (!content) return std::nullopt;
      result.after = std::move(*content);
      result.created = true;
      return result;
    }
  }
  return std::nullopt;
}

git::Config config_of(const worktree::Place& place) {
  return place.repository ? git::Config::load(*place.repository) : git::Config::load_user();
}

// Takes what is set for the target's place; false if recording is paused there.
bool apply_settings(Target& target) {
  git::Config config = config_of(target.place);
  git::Settings settings(config);
  if (settings.flag(Setting::off)) return false;
  auto bytes = [&](Setting setting) { return static_cast<uint64_t>(settings.number(setting)); };
  target.limits.untracked_file_bytes = bytes(Setting::untracked_file);
  target.limits.tracked_file_bytes = bytes(Setting::tracked_file);
  target.limits.untracked_pass_bytes = bytes(Setting::untracked_pass);
  target.limits.untracked_folder_files = static_cast<uint32_t>(bytes(Setting::untracked_folder));
  return true;
}

// One store's part of an event: its worktrees, looked at and settled, and the line.
class StoreEvent {
 public:
  StoreEvent(std::string_view agent, std::string_view payload, const agents::Heard& heard,
             std::string cwd, Deadline deadline)
      : agent_(agent),
        payload_(payload),
        heard_(heard),
        cwd_(std::move(cwd)),
        deadline_(deadline) {}

  void add(Target target) { targets_.push_back(std::move(target)); }
  void perform(const Act& act) { act_ = &act; }
  const store::Store& store() const { return targets_.front().place.store; }
  Header& header() { return header_; }
  // The payload, parsed, by who has it already; it must live as long as this.
  void set_parsed(const json::Value* parsed) { parsed_ = parsed; }
  void note_gap(std::string what, const Error& error) {
    header_.gaps.push_back({std::move(what), error.message});
  }

  // REQUIRES: at least one target. What fails is counted, so that a later event can tell of it.
  Status run(bool is_json) {
    os::count_early_end_in(store().missed_path());
    auto done = open_objects();
    if (done) {
      look();
      done = write_event(is_json);
    }
    os::count_early_end_in("");
    if (!done && !act_) os::count_up(store().missed_path().c_str(), done.error().message.c_str());
    remember(done.has_value());
    if (done && (act_ || is_turn_border())) flush();
    return done;
  }

  // Of an event that is nothing but a look at whole worktrees: false, and no trace, if there is
  // nothing new.
  Result<bool> run_if_news() {
    TRY(open_objects());
    look();
    bool news = looks_.size() != targets_.size() || !header_.gaps.empty() ||
                std::ranges::any_of(looks_, [](auto& each) { return each->observer.has_news(); });
    if (!news) {
      for (auto& each : looks_) each->observer.remember_index();
      return false;
    }
    TRY(write_event(true));
    remember(true);
    return true;
  }

  bool is_turn_border() const {
    switch (heard_.moment) {
      case Moment::turn_end:
      case Moment::turn_failed:
      case Moment::session_end:
      case Moment::interrupt:
      case Moment::subagent_end:
      case Moment::compact_before:
        return true;
      default:
        return false;
    }
  }

 private:
  struct Look {
    const Target* target;
    const worktree::Worktree* worktree;
    worktree::Observer observer;
    std::optional<worktree::Lock> lock;
  };

  Status open_objects() {
    objects_.emplace(TRY(store::Objects::open(store())));
    return {};
  }

  Status write_event(bool is_json) {
    PayloadWriter payload(store().hash);
    std::string payload_text;
    if (is_json) {
      payload_text =
          TRY(parsed_ != nullptr ? payload.rewrite(payload_, *parsed_) : payload.rewrite(payload_));
    } else {
      payload_text = payload.wrap_text(payload_);
    }
    TRY(settle());
    auto written = store_and_write(payload, payload_text);
    if (!written && act_ && acted_) act_->take_back();
    return written;
  }

  Status store_and_write(PayloadWriter& payload, const std::string& payload_text) {
    if (auto stored = payload.store(*objects_, [&](const ObjectId& id) { return is_kept(id); });
        !stored) {
      note_gap("object", stored.error());
    }
    return write_line(payload_text);
  }

  // After the line: what was seen is known from now on. If the line was not written, it is all to
  // be seen again.
  void remember(bool written) {
    for (auto& each : looks_) {
      if (!each->lock || !written) continue;
      auto done = each->observer.remember();
      if (!done) log_error(store(), "manifest", done.error());
      each->lock.reset();
      if (done) done = each->observer.move_pin();
      if (!done) log_error(store(), "pin", done.error());
    }
    looks_.clear();
  }

  // Contents before the line that refers to them.
  void flush() {
    auto flushed = objects_->sync();
    if (flushed) flushed = writer_->flush();
    if (!flushed) log_error(store(), "flush", flushed.error());
  }

  // The part without locks: whole-tree scans, and reading what the tool's answer needs.
  void look() {
    for (Target& target : targets_) {
      auto worktree = worktree::open_worktree(target.place);
      if (!worktree) {
        note_gap("pass", worktree.error());
        continue;
      }
      worktrees_.push_back(std::make_unique<worktree::Worktree>(std::move(*worktree)));
      worktree::Limits limits = target.limits;
      if (act_) {  // what the record gives back is not new to it
        limits.untracked_file_bytes = limits.tracked_file_bytes;
        limits.untracked_pass_bytes = UINT64_MAX;
      }
      auto observer = worktree::Observer::open(store(), *worktrees_.back(), *objects_, limits);
      if (!observer) {
        note_gap("manifest", observer.error());
        continue;
      }
      if (target.full || observer->needs_base()) {
        if (auto done = observer->scan_all(deadline_); !done) {
          note_gap("pass", done.error());
          if (observer->needs_base())
            continue;  // there is nothing yet that a path could differ from
        }
      }
      for (const NamedPath& named : target.paths) {
        if (auto result = tool_result(named, target.place.root)) {
          observer->name_result(std::move(*result));
        } else {
          observer->name_path(named.path, named.call);
        }
      }
      looks_.push_back(std::make_unique<Look>(
          Look{&target, worktrees_.back().get(), std::move(*observer), std::nullopt}));
    }
    // Always the same order, so that two events never wait for each other.
    std::ranges::sort(looks_, {},
                      [](const auto& each) -> const std::string& { return each->worktree->id; });
  }

  // Fails only for an act of baton's own.
  Status settle() {
    for (auto& each : looks_) {
      if (!each->observer.has_work()) continue;
      auto lock = worktree::Lock::take(*each->worktree, act_ ? kActLockUs : kLockBudgetUs);
      if (!lock) {
        if (act_) return std::unexpected(lock.error());
        note_gap("lock", lock.error());
        continue;
      }
      each->lock = std::move(*lock);
      if (act_) {
        TRY(act_->apply([&](const std::string& path) { return each->observer.before(path); }));
        acted_ = true;
      }
      auto observation = each->observer.settle(*each->lock, deadline_);
      if (!observation) {
        if (act_) {
          act_->take_back();
          return std::unexpected(observation.error());
        }
        note_gap("object", observation.error());
        each->lock.reset();
        continue;
      }
      if (act_) {  // nobody else was writing
        for (auto& transition : observation->transitions) transition.unsettled = false;
      } else {
        worktree::find_half_rewind(*each->worktree, observation->transitions);
      }
      for (const auto& line : each->observer.reflog()) header_.reflog.push_back(line);
      if (observation->full || !observation->empty()) {
        header_.observations.push_back(std::move(*observation));
      }
    }
    if (act_ && !acted_) return fail(ErrorKind::io, "the worktree cannot be looked at");
    return {};
  }

  // Whether a content is that of a named file, which git keeps for us.
  bool is_kept(const ObjectId& id) const {
    return std::ranges::any_of(looks_, [&](const auto& each) {
      return std::ranges::any_of(each->target->paths, [&](const NamedPath& named) {
        auto entry = each->observer.before(named.path);
        return entry && entry->id == id && entry->borrowed;
      });
    });
  }

  Status write_line(const std::string& payload) {
    auto writer = TRY(store::JournalWriter::open(store(), agent_, heard_.session, kLockBudgetUs));
    Micros now = os::now();
    header_.number = writer.next_number();
    header_.time = std::max(now, writer.last_time());
    if (header_.time != now) header_.clock = now;
    header_.agent = agent_;
    header_.session = heard_.session;
    header_.event = heard_.event;
    header_.cwd = cwd_;
    header_.parent = heard_.parent;
    if (!worktrees_.empty()) {
      const worktree::Worktree& first = *worktrees_.front();
      header_.worktree = first.id;
      header_.root = first.root;
      if (first.repository) {
        if (auto head = git::read_head(*first.repository)) header_.head = std::move(*head);
      }
    }
    if (heard_.moment == Moment::session_start || heard_.moment == Moment::prompt) {
      AgentProcess process = agent_process();
      header_.pid = process.pid;
      header_.started = process.started;
    }
    header_.repaired = writer.repaired();
    header_.repeated = now - writer.last_time() < kRepeatWindow && writer.repeats_last(payload);
    if (int64_t lost = writer.lost_lines()) {
      header_.gaps.push_back({"journal", std::to_string(lost) + " lines at its end are gone"});
    }
    store::Missed missed = store::read_missed(store());
    if (missed.count > 0) {
      header_.gaps.push_back({"event", missed.text()});
    }
    std::string text = TRY(header_text(header_, *objects_, store().hash));
    TRY(writer.append(text, payload));
    if (missed.count > 0) store::forget_missed(store(), missed);
    writer_ = std::move(writer);
    return {};
  }

  std::string agent_;
  std::string_view payload_;
  const json::Value* parsed_ = nullptr;
  const agents::Heard& heard_;
  std::string cwd_;
  Deadline deadline_;
  std::vector<Target> targets_;
  std::vector<std::unique_ptr<worktree::Worktree>> worktrees_;
  std::vector<std::unique_ptr<Look>> looks_;
  std::optional<store::Objects> objects_;
  std::optional<store::JournalWriter> writer_;
  Header header_;
  const Act* act_ = nullptr;
  bool acted_ = false;
};

// Where the store around the working directory counts what it missed; nothing if none records here.
std::optional<std::string> missed_path_here() {
  auto directory = os::working_directory();
  if (!directory) return std::nullopt;
  auto place = worktree::find_place(*directory);
  if (!place) return std::nullopt;
  Target target{std::move(*place), false, {}};
  if (!apply_settings(target)) return std::nullopt;
  return target.place.store.missed_path();
}

// What the agent's own file holds of this session, at the moments when it may go or change soon.
void collect_session_file(StoreEvent& event, const Event& from, const agents::Heard& heard,
                          int64_t began_us) {
  if (!event.is_turn_border() || heard.session_file.empty()) return;
  auto objects = store::Objects::open(event.store());
  if (!objects) return;
  auto collected = collect(event.store(), *objects, *from.agent, heard.session, heard.session_file,
                           began_us + kPassBudgetUs);
  if (collected) {
    event.header().files.push_back({collected->path, collected->offset});
    if (!collected->complete) {
      event.header().gaps.push_back({"transcript", "the budget ended before the file did"});
    }
  } else if (collected.error().kind != ErrorKind::limit) {
    event.note_gap("transcript", collected.error());
  }
}

}  // namespace

void count_unrecorded(const char* why) {
  if (auto path = missed_path_here()) os::count_up(path->c_str(), why);
}

Recorded record(Event event, int64_t began_us) {
  Recorded recorded;
  // To read what is that large may take all the time there is, before it is known whose it is.
  if (event.payload.size() > kLargePayload) {
    if (auto path = missed_path_here()) os::count_early_end_in(*path);
  }
  json::tidy(event.payload);
  auto document = json::Document::parse(event.payload);
  bool is_json = document && document->root().is_object();
  if (is_json) {
    recorded.heard = event.agent->hear(event.name, document->root());
  } else {
    recorded.heard.event = event.name;
  }
  agents::Heard& heard = recorded.heard;
  if (heard.session.empty()) heard.session = "unknown";
  std::string cwd = os::working_directory().value_or("/");
  if (!heard.cwd.empty()) cwd = os::normalize(cwd, heard.cwd);

  Targets targets = find_targets(heard, cwd);
  std::map<std::string, StoreEvent> events;
  for (Target& target : targets.list) {
    if (!apply_settings(target)) continue;
    std::string path = target.place.store.path;
    auto found = events
                     .try_emplace(path, event.agent->id(), event.payload, heard, cwd,
                                  began_us + kPassBudgetUs)
                     .first;
    found->second.add(std::move(target));
  }
  json::Value parsed = is_json ? document->root() : json::Value();
  for (auto& [path, store_event] : events) {
    if (is_json) store_event.set_parsed(&parsed);
    for (const auto& edited : targets.edited) {
      if (edited.store != path) store_event.header().outside.push_back(edited.path);
    }
    if (!is_json) {
      store_event.note_gap("payload", event.problem ? *event.problem
                                      : document    ? Error{ErrorKind::damage, "not an object", {}}
                                                    : document.error());
    }
    collect_session_file(store_event, event, heard, began_us);
    auto done = store_event.run(is_json);
    if (!done) log_error(store_event.store(), "event", done.error());
    recorded.recorded = recorded.recorded || done.has_value();
    if (recorded.store_path.empty()) recorded.store_path = path;
  }
  return recorded;
}

Status record_own(const std::string& directory, std::string_view session, std::string_view event,
                  std::string_view payload) {
  agents::Heard heard;
  heard.session = session;
  heard.event = event;
  Target target{TRY(worktree::find_place(directory)), true, {}};
  if (!apply_settings(target)) return fail(ErrorKind::negative, "recording is paused");
  StoreEvent own(kOwnAgent, payload, heard, directory, worktree::kNoDeadline);
  own.add(std::move(target));
  return own.run(true);
}

ReaderLook look_for_reader(const std::string& directory, std::string_view session,
                           std::string_view payload) {
  agents::Heard heard;
  heard.session = session;
  heard.event = "Pass";
  auto place = worktree::find_place(directory);
  if (!place) return {false, place.error()};
  Target target{std::move(*place), true, {}};
  if (!apply_settings(target)) {
    return {false, Error{ErrorKind::negative, "recording is paused", {}}};
  }
  StoreEvent own(kOwnAgent, payload, heard, directory, worktree::kNoDeadline);
  own.add(std::move(target));
  auto recorded = own.run_if_news();
  if (!recorded) return {false, recorded.error()};
  return {*recorded, std::nullopt};
}

Status note_thinned(const store::Store& store, uint64_t budget,
                    const std::vector<store::ThinnedContent>& contents, Micros not_before) {
  constexpr size_t kMostOfLine = 10'000;
  auto objects = TRY(store::Objects::open(store));
  auto journal =
      TRY(store::JournalWriter::open(store, kOwnAgent, store::kThinnedSession, kLockBudgetUs));
  Header header;
  header.agent = kOwnAgent;
  header.session = store::kThinnedSession;
  header.event = store::kThinnedEvent;
  for (size_t at = 0; at < contents.size(); at += kMostOfLine) {
    size_t end = std::min(contents.size(), at + kMostOfLine);
    header.number = journal.next_number();
    header.time = std::max({os::now(), journal.last_time(), not_before});
    std::vector<store::ThinnedContent> some(contents.begin() + static_cast<ptrdiff_t>(at),
                                            contents.begin() + static_cast<ptrdiff_t>(end));
    TRY(journal.append(TRY(header_text(header, objects, store.hash)),
                       store::thinned_payload(budget, some)));
  }
  return journal.flush();
}

Status note_injection(const store::Store& store, std::string_view payload, std::string_view text) {
  auto objects = TRY(store::Objects::open(store));
  Header header;
  header.injected = blob_id(store.hash, text);
  TRY(objects.put(header.injected, text));
  PayloadWriter writer(store.hash);
  std::string payload_text = TRY(writer.rewrite(payload));
  TRY(writer.store(objects, [](const ObjectId&) { return false; }));
  constexpr std::string_view kSession = "injections";
  auto journal = TRY(store::JournalWriter::open(store, kOwnAgent, kSession, kLockBudgetUs));
  header.agent = kOwnAgent;
  header.session = kSession;
  header.event = "Injection";
  header.number = journal.next_number();
  header.time = std::max(os::now(), journal.last_time());
  return journal.append(TRY(header_text(header, objects, store.hash)), payload_text);
}

Status record_act(const worktree::Place& place, std::string_view session, std::string_view event,
                  std::string_view payload, const Act& act) {
  agents::Heard heard;
  heard.session = session;
  heard.event = event;
  Target target{place, false, {}};
  for (const std::string& path : act.paths) target.paths.push_back({path, {}, nullptr});
  if (!apply_settings(target)) return fail(ErrorKind::negative, "recording is paused");
  StoreEvent own(kOwnAgent, payload, heard, place.root, worktree::kNoDeadline);
  own.add(std::move(target));
  own.perform(act);
  return own.run(true);
}

}  // namespace baton::record
