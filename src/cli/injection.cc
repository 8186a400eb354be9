#include "cli/injection.h"

#include <algorithm>
#include <memory>
#include <set>

#include "base/json.h"
#include "cli/collect.h"
#include "git/branches.h"
#include "git/config.h"
#include "git/head.h"
#include "git/settings.h"
#include "handoff/handoff.h"
#include "index/git_objects.h"
#include "index/notes.h"
#include "index/queries.h"
#include "os/clock.h"
#include "os/env.h"
#include "os/file.h"
#include "os/guard.h"
#include "record/record.h"
#include "render/injection.h"
#include "rollback/notices.h"
#include "secrets/masker.h"
#include "worktree/worktree.h"

namespace baton::cli {
namespace {

constexpr size_t kWholeBytes = 6'000;  // 1,500 tokens
constexpr size_t kShortBytes = 1'600;  // 400 tokens
// Shares of the budget: copying session files, and reading what is new in the journals.
constexpr int64_t kCollectShare = 4, kReadShare = 2;

// What one agent is told, and of whom.
struct Context {
  std::string text;
  std::vector<std::string> sessions;  // their agents' own ids
};

class Injection {
 public:
  Injection(const agents::Agent& agent, const agents::Heard& heard, worktree::Place place,
            const git::Config& config)
      : agent_(agent), heard_(heard), place_(std::move(place)) {
    git::Settings settings(config);
    for (const auto& [name, expression] : settings.patterns()) {
      (void)masker_.add_pattern(name, expression);
    }
    test_commands_ = settings.texts(Setting::test_command);
    style_.now = os::now();
    style_.masker = &masker_;
  }

  Result<Context> make(int64_t budget_us) {
    int64_t began = os::monotonic_us();
    (void)collect_sessions(place_.store, began + budget_us / kCollectShare);
    if (place_.repository) git_ = std::make_unique<index::GitObjects>(*place_.repository);
    index::IndexOptions options;
    options.git = git_.get();
    options.deadline = began + budget_us / kReadShare;
    options.test_commands = test_commands_;
    auto index = TRY(index::Index::open(place_.store, options));
    if (!index.last_update().complete) return Context();
    index_ = &index;
    session_ = TRY(index::session_of(index, agent_.id(), heard_.session));
    if (heard_.source == "compact") return of_this_session();
    if (heard_.source == "resume") return meanwhile();
    // The conversation was copied with it.
    if (heard_.source == "fork") return Context();
    return of_the_task();
  }

 private:
  size_t limit(size_t bytes) const { return std::min(bytes, agent_.injection_limit()); }

  handoff::Options handoff_options() const {
    handoff::Options options;
    options.repository = place_.repository ? &*place_.repository : nullptr;
    options.files = handoff::files_on_disk(place_.root);
    return options;
  }

  Result<handoff::Task> task() {
    auto here = worktree::open_worktree(place_);
    handoff::Standing standing{place_.repository ? &*place_.repository : nullptr,
                               here ? here->id : ""};
    handoff::Task task = TRY(handoff::current_task(*index_, standing));
    std::erase_if(task.sessions, [&](const model::Session& each) {
      return each.key == session_ || (each.turns == 0 && each.steps == 0);
    });
    return task;
  }

  // The branch that others start from: what is committed there is done.
  Result<bool> is_base_branch(const std::string& branch) {
    auto base = TRY(git::base_branch(*place_.repository));
    return !base || base->name == branch;
  }

  // Something to go on with: open items, changes that no commit holds, or a branch that has its own
  // commits.
  Result<bool> is_open(const handoff::Task& task, const handoff::Handoff& handoff) {
    if (!handoff.open.empty()) return true;
    if (!git_) return !handoff.changes.empty();
    auto head = git_->resolve("HEAD");
    if (!head) return !handoff.changes.empty();
    if (!task.base.empty() && task.base != *head && !TRY(is_base_branch(task.branch))) return true;
    std::vector<std::string> paths;
    for (const auto& change : handoff.changes) paths.push_back(change.path);
    auto committed = TRY(git_->entries("HEAD", paths));
    for (size_t i = 0; i < paths.size() && i < committed.size(); ++i) {
      auto versions = TRY(index::versions(*index_, paths[i]));
      if (versions.empty()) continue;
      const model::Change& newest = versions.back().change;
      const ObjectId& now = newest.git_id.empty() ? newest.after : newest.git_id;
      if (now != (committed[i] ? committed[i]->id : ObjectId())) return true;
    }
    return false;
  }

  Result<Context> of_the_task() {
    handoff::Task task = TRY(this->task());
    if (task.sessions.empty()) return Context();
    auto handoff = TRY(handoff::make_handoff(*index_, task, handoff_options()));
    Context context;
    if (!task.forked_at.empty()) {
      context.text = render::fork_context(style_, handoff, task.forked_at, limit(kWholeBytes));
    } else if (!TRY(is_open(task, handoff))) {
      return Context();
    } else {
      context.text = heard_.source == "clear"
                         ? render::clear_context(style_, handoff, limit(kShortBytes))
                         : render::startup_context(style_, handoff, limit(kWholeBytes));
    }
    for (const auto& session : task.sessions) context.sessions.push_back(session.id);
    return context;
  }

  Result<Context> of_this_session() {
    if (session_ == 0) return Context();
    handoff::Task task = TRY(handoff::session_task(*index_, session_));
    auto handoff = TRY(handoff::make_handoff(*index_, task, handoff_options()));
    if (handoff.prompts.empty()) return Context();
    return Context{render::compact_context(style_, handoff, limit(kWholeBytes)), {heard_.session}};
  }

  // What others did since the session was last heard.
  Result<Context> meanwhile() {
    if (session_ == 0) return Context();
    auto rest = TRY(index::rest_before(*index_, session_));
    if (rest.since == 0) return Context();
    render::Meanwhile meanwhile;
    meanwhile.since = rest.since;
    meanwhile.head_before = rest.head_before;
    meanwhile.head_now = rest.head_now;
    Context context;
    index::SessionFilter filter;
    filter.since = rest.since;
    for (const auto& other : TRY(index::sessions(*index_, filter))) {
      if (other.key == session_ || other.turns == 0) continue;
      meanwhile.sessions.push_back({other.address, other.agent, other.last_prompt});
      context.sessions.push_back(other.id);
    }
    auto here = worktree::open_worktree(place_);
    if (here) {
      auto from = TRY(index::position_at(*index_, here->id, rest.since));
      auto to = TRY(index::newest(*index_, here->id));
      std::set<std::pair<std::string, std::string>> told;
      for (const auto& change : TRY(index::changes(*index_, from, to))) {
        if (change.skipped || change.owner.step.session_key == session_) continue;
        std::string owner(model::to_string(change.owner.kind));
        std::string step = change.owner.step.address();
        if (!told.insert({change.path, owner + step}).second) continue;
        meanwhile.changes.push_back({change.path, owner, step});
      }
    }
    if (meanwhile.empty()) return Context();
    context.text = render::resume_context(style_, meanwhile, limit(kShortBytes));
    return context;
  }

  const agents::Agent& agent_;
  const agents::Heard& heard_;
  worktree::Place place_;
  secrets::Masker masker_;
  std::vector<std::string> test_commands_;  // of the user's
  render::Style style_;
  std::unique_ptr<index::GitObjects> git_;
  index::Index* index_ = nullptr;
  int64_t session_ = 0;
};

// Behind the printing, so that nothing is recorded as told that was not.
void note(const store::Store& store, const agents::Agent& agent, const agents::Heard& heard,
          const Context& context) {
  json::Writer json;
  json.begin_object().member("agent", agent.id()).member("session", heard.session);
  json.member("source", heard.source);
  json.key("about").begin_array();
  for (const std::string& session : context.sessions) json.string(session);
  json.end_array().member("bytes", static_cast<int64_t>(context.text.size()));
  json.end_object();
  (void)record::note_injection(store, json.text(), context.text);
}

}  // namespace

void inject(const agents::Agent& agent, const agents::Heard& heard) {
  if (heard.moment != agents::Moment::session_start || !heard.parent.empty()) return;
  std::string cwd = os::working_directory().value_or("/");
  if (!heard.cwd.empty()) cwd = os::normalize(cwd, heard.cwd);
  auto place = worktree::find_place(cwd);
  if (!place) return;
  git::Config config =
      place->repository ? git::Config::load(*place->repository) : git::Config::load_user();
  git::Settings settings(config);
  if (!settings.flag(Setting::inject) || settings.flag(Setting::off)) return;
  int64_t budget_us = settings.number(Setting::inject_budget) * 1000;
  if (budget_us <= 0) return;
  os::end_quietly_after(budget_us);
  store::Store store = place->store;
  Injection injection(agent, heard, std::move(*place), config);
  auto context = injection.make(budget_us);
  if (!context || context->text.empty()) return;
  std::string output = agent.injection(heard.moment, context->text);
  if (output.empty()) return;
  os::end_quietly_after(record::kHardStopUs);
  if (os::write_fd(1, output + "\n")) note(store, agent, heard, *context);
}

void inject_notice(const agents::Agent& agent, const agents::Heard& heard,
                   const std::string& store_path) {
  std::string text = rollback::read_notice(store_path, agent.id(), heard.session);
  if (text.empty()) return;
  auto place = worktree::find_place(heard.cwd.empty() ? "." : heard.cwd);
  if (!place) return;
  git::Config config =
      place->repository ? git::Config::load(*place->repository) : git::Config::load_user();
  git::Settings settings(config);
  if (!settings.flag(Setting::inject) || settings.flag(Setting::off)) return;
  std::string output = agent.injection(heard.moment, render::without_tags(text));
  if (output.empty() || !os::write_fd(1, output + "\n")) return;
  rollback::drop_notice(store_path, agent.id(), heard.session);
  note(place->store, agent, heard, {text, {heard.session}});
}

}  // namespace baton::cli
