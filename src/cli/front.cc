#include "cli/front.h"

#include <cstdlib>

#include "base/bytes.h"
#include "cli/collect.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "git/refusal.h"
#include "os/clock.h"
#include "os/env.h"
#include "os/file.h"
#include "os/memory.h"
#include "os/process.h"
#include "record/borrowed.h"
#include "record/record.h"
#include "rollback/apply.h"

namespace baton::cli {
namespace {

constexpr int64_t kCollectBudgetUs = 2'000'000;
constexpr int kWidthOtherwise = 80;
constexpr size_t kWidest = 120;  // lines that are longer are hard to read

Result<int> run_command(Front& front) {
  const Invocation& asked = front.asked();
  if (asked.has(OptionId::help)) return run_help(front);
  if (asked.has(OptionId::version)) return run_version(front);
  switch (asked.command) {
    case CommandId::none:
      return run_summary(front);
    case CommandId::init:
      return run_init(front);
    case CommandId::uninstall:
      return run_uninstall(front);
    case CommandId::doctor:
      return run_doctor(front);
    case CommandId::status:
      return run_status(front);
    case CommandId::sessions:
      return run_sessions(front);
    case CommandId::log:
      return run_log(front);
    case CommandId::show:
      return run_show(front);
    case CommandId::diff:
      return run_diff(front);
    case CommandId::search:
      return run_search(front);
    case CommandId::blame:
      return run_blame(front);
    case CommandId::stats:
      return run_stats(front);
    case CommandId::triage:
      return run_triage(front);
    case CommandId::handoff:
      return run_handoff(front);
    case CommandId::pr:
      return run_pr(front);
    case CommandId::check:
      return run_check(front);
    case CommandId::task:
      return run_task(front);
    case CommandId::note:
      return run_note(front);
    case CommandId::bundle:
      return run_bundle(front);
    case CommandId::cat:
      return run_cat(front);
    case CommandId::export_tree:
      return run_export(front);
    case CommandId::rewind:
      return run_rewind(front);
    case CommandId::undo:
      return run_undo(front);
    case CommandId::redo:
      return run_redo(front);
    case CommandId::restore:
      return run_restore(front);
    case CommandId::checkpoint:
      return run_checkpoint(front);
    case CommandId::fork:
      return run_fork(front);
    case CommandId::du:
      return run_du(front);
    case CommandId::gc:
      return run_gc(front);
    case CommandId::reindex:
      return run_reindex(front);
    case CommandId::fsck:
      return run_fsck(front);
    case CommandId::completion:
      return run_completion(front);
    case CommandId::help:
      return run_help(front);
    case CommandId::version:
      return run_version(front);
    case CommandId::collect:
      return run_collect(front);
    case CommandId::hook:
      break;  // main() takes it, but for `hook --help`
  }
  return fail(ErrorKind::usage, "'hook' needs AGENT", "agents call it; 'baton init' sees to that");
}

// Where git refuses, answers have holes that are nobody's damage: whoever only reads is told so,
// and what would take holes for facts, or change something, does not begin.
Status check_git(const Front& front) {
  if (!front.repository() || front.asked().has(OptionId::help)) return {};
  CommandId command = front.asked().command;
  if (command == CommandId::none) command = CommandId::status;
  Group group = command_row(command).group;
  bool without_git = command == CommandId::version || command == CommandId::help ||
                     command == CommandId::completion || command == CommandId::uninstall ||
                     command == CommandId::collect;
  if (without_git) return {};
  auto refused = git::refusal(*front.repository());
  if (!refused) return {};
  bool needs_git = group == Group::back || command == CommandId::diff ||
                   command == CommandId::bundle || command == CommandId::export_tree ||
                   command == CommandId::fsck || command == CommandId::gc ||
                   command == CommandId::reindex;
  if (needs_git) return std::unexpected(std::move(*refused));
  print_warning(refused->message);
  print_warning("what git alone knows is missing below; " + refused->hint);
  return {};
}

}  // namespace

Status Front::prepare() {
  for (const std::string& directory : invocation_.values(OptionId::directory)) {
    if (directory.empty()) continue;  // as git does
    auto changed = os::change_directory(directory);
    if (!changed) {
      Error error = changed.error();
      error.kind = ErrorKind::not_found;
      return std::unexpected(std::move(error));
    }
  }
  cwd_ = TRY(os::working_directory());
  if (auto found = git::discover(cwd_)) repository_ = std::move(*found);
  config_ = repository_ ? git::Config::load(*repository_) : git::Config::load_user();
  return open_style();
}

Status Front::open_style() {
  git::Settings set = settings();
  bool terminal = os::is_terminal(1);
  style_.now = os::now();
  style_.full = invocation_.has(OptionId::full);

  std::string color(invocation_.value(OptionId::color));
  if (color.empty()) color = set.text(Setting::color);
  bool dumb = os::env("TERM").value_or("dumb") == "dumb";
  style_.color =
      color == "always" || (color == "auto" && terminal && !dumb && !os::env("NO_COLOR"));

  std::string date(invocation_.value(OptionId::date));
  if (date.empty()) date = set.text(Setting::date);
  if (date == "auto") date = terminal ? "relative" : "iso";
  auto form = render::parse_date_form(date);
  if (!form) {
    return fail(
        ErrorKind::usage, "'" + date + "' is no form of a date",
        "it is one of relative, human, iso, iso-strict, rfc, short, unix, raw, default and local, "
        "or format:%Y-%m-%d");
  }
  style_.date = std::move(*form);

  if (terminal) {
    style_.width = std::min(kWidest, static_cast<size_t>(os::terminal_width(1, kWidthOtherwise)));
  }
  for (const auto& [name, expression] : set.patterns()) {
    auto added = masker_.add_pattern(name, expression);
    if (!added) print_warning("setting baton.mask." + name + ": " + added.error().message);
  }
  style_.masker = &masker_;

  bool pages = invocation_.command != CommandId::none &&
               (command_row(invocation_.command).needs & kPages) != 0;
  if (pages || invocation_.has(OptionId::help)) use_pager();
  return {};
}

void Front::use_pager() {
  if (!os::is_terminal(1) || json() || invocation_.has(OptionId::no_pager)) return;
  out_.use_pager(pager_command());
}

std::string Front::pager_command() const {
  std::string command = settings().text(Setting::pager);
  if (command.empty()) {
    // GIT_PAGER and PAGER may be set to nothing, which means: none.
    const char* ours = ::getenv("GIT_PAGER");
    if (ours) {
      command = ours;
      if (command.empty()) return {};
    } else if (auto core = config_->get("core.pager")) {
      command = *core;
      if (command.empty()) return {};
    } else if (const char* any = ::getenv("PAGER")) {
      command = any;
      if (command.empty()) return {};
    } else if (!os::find_program("less").empty()) {
      command = "less";
    }
  }
  return command == "cat" ? std::string() : command;
}

Front::~Front() {
  index_.reset();
  if (bundle_ && bundle_->temporary) (void)os::remove_tree(bundle_->store.path);
}

Status Front::open_bundle() {
  std::string path(invocation_.value(OptionId::bundle));
  auto opened = store::open_bundle(os::normalize(cwd_, path));
  if (!opened) {
    Error error = opened.error();
    if (error.kind == ErrorKind::not_found) error.message = "there is no bundle '" + path + "'";
    return std::unexpected(std::move(error));
  }
  bundle_ = std::move(*opened);
  bundle_facts_ = TRY(handoff::bundle_facts(bundle_->store));
  place_.emplace();
  place_->store = bundle_->store;
  place_->root = repository_ ? repository_->worktree_root : cwd_;
  place_->repository = repository_;
  return {};
}

Result<const worktree::Place*> Front::place() {
  if (!place_ && invocation_.has(OptionId::bundle)) TRY(open_bundle());
  if (!place_) {
    auto found = worktree::find_place(cwd_);
    if (!found) {
      Error error = found.error();
      if (error.kind == ErrorKind::no_store) {
        error.message = repository_ ? "nothing is recorded in this repository yet"
                                    : "neither a git repository nor a store of baton's here";
        error.hint = repository_ ? "run 'baton init' to start recording"
                                 : "go into your project and run 'baton init' there";
      }
      return std::unexpected(std::move(error));
    }
    place_ = std::move(*found);
    // What git threw away must not stay pinned. `doctor` tells of it; a store that cannot be
    // written is read as it is.
    CommandId command = invocation_.command;
    bool looks_only = command == CommandId::doctor || command == CommandId::uninstall ||
                      (command == CommandId::gc && invocation_.has(OptionId::dry_run));
    if (!looks_only) {
      std::vector<std::string> told;
      auto recovered = rollback::recover(place_->store, told);
      for (const std::string& line : told) print_warning(line);
      if (!recovered) print_error(recovered.error());
      (void)record::follow_heads(*place_, reader_session());
    }
  }
  return &*place_;
}

std::string Front::reader_session() const {
  return "reader-" + format_utc(os::now()).substr(0, 10);
}

Result<index::Index*> Front::index(Opening opening) {
  if (index_) return &*index_;
  const worktree::Place& here = *TRY(place());
  if (!bundle_) {
    Progress progress("copying session files");
    // A store that cannot be written is read as it is.
    (void)collect_sessions(here.store, os::monotonic_us() + kCollectBudgetUs, std::ref(progress));
  }
  if (here.repository) git_source_ = std::make_unique<index::GitObjects>(*here.repository);
  // The index asks it again whenever it is brought up to date, long after this.
  auto progress = std::make_shared<std::optional<Progress>>();
  index::IndexOptions options;
  options.git = git_source_.get();
  options.progress = [progress](uint64_t done, uint64_t total) {
    if (!*progress) progress->emplace("reading the record");
    (**progress)(done, total);
    if (done >= total) progress->reset();
  };
  if (bundle_) {
    bundle_git_ = TRY(handoff::bundle_git(here.store, git_source_.get()));
    options.git = bundle_git_.get();
    options.states = &bundle_facts_.states;
  }
  if (!bundle_) options.test_commands = settings().texts(Setting::test_command);
  options.update = opening == Opening::update;
  index_ = TRY(index::Index::open(here.store, options));
  if (opening == Opening::rebuild) TRY(index_->rebuild());
  progress->reset();
  return &*index_;
}

std::string Front::worktree() {
  auto here = place();
  if (!here) return {};
  if (bundle_) return bundle_facts_.worktree;
  auto opened = worktree::open_worktree(**here);
  return opened ? opened->id : std::string();
}

const std::string& Front::root() const {
  return place_ ? place_->root : repository_ ? repository_->worktree_root : cwd_;
}

std::string Front::prefix() const {
  const std::string& root = this->root();
  if (cwd_.size() <= root.size() || !cwd_.starts_with(root) || cwd_[root.size()] != '/') return {};
  return cwd_.substr(root.size() + 1);
}

int run_front(const std::vector<std::string_view>& arguments) {
  os::guard_standard_descriptors();
  os::ignore_broken_pipes();
  os::keep_freed_memory();
  auto invocation = parse_invocation(arguments);
  if (!invocation) {
    print_error(invocation.error());
    return exit_status(invocation.error().kind);
  }
  Front front(std::move(*invocation));
  if (auto prepared = front.prepare(); !prepared) {
    print_error(prepared.error());
    return exit_status(prepared.error().kind);
  }
  auto allowed = check_git(front);
  auto status = allowed ? run_command(front) : Result<int>(std::unexpected(allowed.error()));
  front.out().flush();
  if (!front.out().problem().empty()) {
    print_error({ErrorKind::io, front.out().problem(), ""});
    return kDamage;
  }
  if (!status) print_error(status.error());
  front.out().finish();
  return status ? *status : exit_status(status.error().kind);
}

}  // namespace baton::cli
