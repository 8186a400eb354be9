// `baton doctor`: what keeps things from being recorded, and what to do about each.

#include <algorithm>

#include "agents/agent.h"
#include "agents/install.h"
#include "agents/install_agents.h"
#include "agents/skill.h"
#include "base/bytes.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/reading.h"
#include "git/head.h"
#include "git/object_reader.h"
#include "git/repository.h"
#include "git/tree_listing.h"
#include "os/env.h"
#include "os/file.h"
#include "render/json.h"
#include "render/text.h"
#include "render/when.h"
#include "worktree/head_move.h"

namespace baton::cli {
namespace {

using agents::HookState;
using agents::HookTrust;
using render::Look;

constexpr size_t kFewLogLines = 5;
constexpr uint64_t kMaxLog = 1u << 20;
constexpr int64_t kEventsToJudgeBy = 20;
constexpr int kSessionsToJudgeBy = 2;

struct Problem {
  std::string about;  // "store", an agent's id, "settings", ...
  std::string what, todo;
  bool amiss = true;  // false: only worth knowing
};

struct AgentState {
  const agents::Agent* agent = nullptr;
  bool found = false;
  std::vector<HookState> hooks;  // user, local
  const model::AgentHeard* heard = nullptr;
  std::vector<std::string> missing;  // events that should have come and did not
  std::string skill, skill_path;     // installed, stale, missing or foreign; "" if it was not found
};

class Doctor {
 public:
  explicit Doctor(Front& front) : front_(front), style_(front.style()) {}

  Result<int> run() {
    std::vector<std::string> wanted;
    std::string only = TRY(asked_agent(front_.asked()));
    look_at_store();
    look_at_settings();
    for (const agents::Agent* agent : agents::all_agents()) {
      if (only.empty() || agent->id() == only) look_at_agent(*agent);
    }
    look_at_record();
    look_at_pin();
    front_.out().write(front_.json() ? json() : text());
    if (!place_ && !store_error_.message.empty()) return exit_status(store_error_.kind);
    return amiss_ == 0 ? kFine : kNegative;
  }

 private:
  void problem(std::string_view about, std::string what, std::string todo = {}) {
    problems_.push_back({std::string(about), std::move(what), std::move(todo)});
    amiss_++;
  }
  void note(std::string_view about, std::string what, std::string todo) {
    problems_.push_back({std::string(about), std::move(what), std::move(todo), false});
  }

  // ---- looking

  void look_at_store() {
    auto place = front_.place();
    if (!place) {
      store_error_ = place.error();
      problem("store", store_error_.message, store_error_.hint);
      return;
    }
    place_ = *place;
    if (!os::is_writable(place_->store.path) || !os::is_writable(place_->store.sessions_dir())) {
      problem("store", "'" + place_->store.path + "' cannot be written: nothing can be recorded",
              "give it back to your user: chown -R \"$(id -un)\" '" + place_->store.path + "'");
    }
    auto index = front_.index();
    if (!index) {
      problem("index", index.error().message, "baton reindex");
      return;
    }
    index_ = *index;
    auto view = index::status(*index_);
    if (!view) {
      problem("index", view.error().message, "baton reindex");
      return;
    }
    view_ = std::move(*view);
  }

  void look_at_settings() {
    if (front_.settings().flag(Setting::off)) {
      problem("settings", "recording is paused: BATON_OFF or baton.off is set",
              "unset BATON_OFF; git config --unset baton.off");
    }
    for (std::string& what : front_.settings().problems()) {
      problem("settings", std::move(what), "baton help settings");
    }
  }

  void look_at_agent(const agents::Agent& agent) {
    AgentState state;
    state.agent = &agent;
    std::string id(agent.id());
    state.found = agents::agent_found(id, places_);
    for (const model::AgentHeard& heard : view_.agents) {
      if (heard.agent == id) state.heard = &heard;
    }
    agents::InspectOptions options;
    options.binary = agents::hook_binary(places_);
    options.repo_root = place_                ? place_->root
                        : front_.repository() ? front_.repository()->worktree_root
                                              : "";
    for (agents::Scope scope : {agents::Scope::user, agents::Scope::local}) {
      options.scope = scope;
      if (scope == agents::Scope::local && options.repo_root.empty()) continue;
      auto inspected = agents::inspect(id, options, places_);
      if (!inspected) {
        problem(id, inspected.error().message, inspected.error().hint);
        continue;
      }
      if (scope == agents::Scope::user || inspected->installed() || !inspected->problem.empty()) {
        state.hooks.push_back(std::move(*inspected));
      }
    }
    if (state.found) {
      judge_hooks(state, id);
      look_at_skill(state, id);
    }
    judge_events(state, id);
    agents_.push_back(std::move(state));
  }

  void judge_hooks(const AgentState& state, const std::string& id) {
    bool installed = std::ranges::any_of(state.hooks, &HookState::installed);
    if (!installed && place_) {
      problem(id, "no hooks of baton are installed", "baton init --agent " + id);
    }
    for (const HookState& hooks : state.hooks) {
      if (!hooks.problem.empty()) problem(id, hooks.problem, "mend the file, then: baton init");
      if (!hooks.installed()) continue;
      bool dead = false;
      for (const agents::HookBinary& binary : hooks.binaries) {
        if (binary.runs) continue;
        dead = true;
        problem(id, "its hooks call '" + binary.path + "', which is not there or does not run",
                "baton init --agent " + id);
      }
      if (!dead && !hooks.complete()) {
        std::string missing;
        for (const agents::EventHook& event : hooks.events) {
          if (event.expected && !(event.registered && event.current)) {
            missing += (missing.empty() ? "" : ", ") + event.event;
          }
        }
        problem(id, "hooks in '" + hooks.path + "' are missing or out of date: " + missing,
                "baton init --agent " + id);
      }
      judge_trust(hooks, id);
      for (const std::string& blocker : hooks.blockers) problem(id, blocker);
      for (const std::string& command : hooks.other_commands) {
        problem(id, "a hook in '" + hooks.path + "' calls baton in a way of its own: " + command,
                "remove it, or events are recorded twice");
      }
      judge_running(hooks, state, id);
    }
  }

  // The skill is offered, not owed: only one that an older baton wrote is amiss.
  void look_at_skill(AgentState& state, const std::string& id) {
    auto plan = agents::plan_skill(id, places_);
    if (!plan) {
      problem(id, plan.error().message, plan.error().hint);
      return;
    }
    using Action = agents::SkillPlan::Action;
    state.skill_path = plan->path;
    state.skill = plan->action == Action::create   ? "missing"
                  : plan->action == Action::change ? "stale"
                  : plan->note.empty()             ? "installed"
                                                   : "foreign";
    if (state.skill == "stale") {
      problem(id, "its skill '" + plan->path + "' is of another baton than this",
              "baton init --skills --agent " + id);
    }
  }

  void judge_trust(const HookState& hooks, const std::string& id) {
    int64_t untrusted = 0, disabled = 0;
    for (const agents::EventHook& event : hooks.events) {
      if (!event.registered) continue;
      untrusted += event.trust == HookTrust::untrusted || event.trust == HookTrust::modified;
      disabled += event.trust == HookTrust::disabled;
    }
    if (untrusted) {
      problem(id, render::count(untrusted, "hook") + " not run before you have reviewed them",
              "start codex, enter /hooks, trust baton's");
    }
    if (disabled) {
      problem(id, render::count(disabled, "hook") + " switched off in the agent",
              "start codex, enter /hooks, switch baton's on");
    }
  }

  // An agent reads its hooks when it starts.
  void judge_running(const HookState& hooks, const AgentState& state, const std::string& id) {
    if (!place_) return;
    auto config = os::stat_file(hooks.path, true);
    if (!config || !config->exists()) return;
    const agents::HookedAgent* known = agents::find_hooked_agent(id);
    if (!known) return;
    for (const os::RunningProcess& process : os::running_processes({std::string(known->program)})) {
      bool here =
          process.directory == place_->root || process.directory.starts_with(place_->root + "/");
      bool older = process.began_s < config->mtime_ns / 1'000'000'000;
      bool silent = !state.heard || state.heard->last < process.began_s * kSecond;
      if (here && older && silent) {
        problem(id,
                "process " + std::to_string(process.pid) +
                    " was started before its hooks were installed, so it is not heard",
                "end it and start it again");
      }
    }
  }

  void judge_events(AgentState& state, const std::string& id) {
    if (!state.heard) {
      bool ready = std::ranges::any_of(state.hooks, &HookState::complete);
      if (state.found && ready && place_) {
        note(id, "its hooks are installed, but it was never heard here",
             "start it in this repository and give it a prompt");
      }
      return;
    }
    for (const auto& event : state.heard->events_heard) {
      if (!event.known) {
        note(id, "event '" + event.name + "' is not known to this baton: it is kept as it came",
             "nothing; a newer baton may understand it");
      }
    }
    if (!index_) return;
    index::SessionFilter filter;
    filter.agent = id;
    auto sessions = index::sessions(*index_, filter);
    for (std::string_view name : state.agent->events()) {
      if (!is_expected(name)) continue;
      auto heard =
          std::ranges::find(state.heard->events_heard, name, &model::AgentHeard::Event::name);
      if (heard == state.heard->events_heard.end()) {
        if (!is_core(name) || state.heard->events < kEventsToJudgeBy) continue;
        state.missing.emplace_back(name);
        problem(id, "event " + std::string(name) + " was never heard, others were",
                "baton init --agent " + id +
                    "; if it stays so, this version of the agent does not "
                    "send it");
        continue;
      }
      int since = 0;
      for (const model::Session& session : sessions ? *sessions : std::vector<model::Session>()) {
        bool over = name != "SessionEnd" || session.state != model::SessionState::running;
        since += session.began > heard->last && session.steps > 0 && over;
      }
      if (since >= kSessionsToJudgeBy) {
        state.missing.emplace_back(name);
        problem(id,
                "event " + std::string(name) + " was last heard " +
                    render::when(style_, heard->last) + ", with " +
                    render::count(since, "session") + " since",
                "was the agent updated? baton init --agent " + id);
      }
    }
  }

  // Events without which a turn is not understood.
  static bool is_core(std::string_view name) {
    return name == "UserPromptSubmit" || name == "PreToolUse" || name == "PostToolUse" ||
           name == "Stop";
  }
  // Events that every session with a step sends.
  static bool is_expected(std::string_view name) {
    return is_core(name) || name == "SessionStart" || name == "SessionEnd";
  }

  void look_at_record() {
    for (const std::string& what : view_.damaged) problem("record", what, "baton fsck");
    int64_t partial = std::ranges::count(view_.worktrees, false, &model::WorktreeView::complete);
    if (partial) {
      problem("worktree",
              "the last look at " + render::count(partial, "worktree") +
                  " was cut by its time budget; owners of changes may be unknown",
              "on a slow or network disk this is so; exclude bulk by .batonignore");
    }
    if (!place_) return;
    auto entries = os::list_dir(os::join(place_->store.path, "log"));
    if (!entries) return;
    for (const os::DirEntry& entry : *entries) {
      if (entry.name != "errors") continue;
      auto log = os::read_file(os::join(os::join(place_->store.path, "log"), entry.name), kMaxLog);
      if (!log) continue;
      for (std::string_view line : split(trim(*log), '\n')) {
        if (!line.empty()) log_.emplace_back(line);
      }
    }
    if (log_.size() > kFewLogLines) log_.erase(log_.begin(), log_.end() - kFewLogLines);
  }

  // The pin keeps a tree; `push --mirror` sends it along, whatever was purged from history since.
  void look_at_pin() {
    if (!place_ || !place_->repository) return;
    const git::Repository& repository = *place_->repository;
    auto pin = git::resolve_ref(repository, worktree::kPinRef);
    if (!pin || pin->empty()) return;
    auto config = front_.config().with_prefix("remote.");
    for (const git::ConfigEntry& entry : config) {
      if (entry.key.ends_with(".mirror") && git::config_bool(entry.value).value_or(false)) {
        problem("pin",
                std::string(worktree::kPinRef) + " travels with pushes to the mirror '" +
                    entry.key.substr(7, entry.key.size() - 14) + "'",
                "git config remote." + entry.key.substr(7, entry.key.size() - 14) +
                    ".push '+refs/heads/*:refs/heads/*', without mirror");
      }
    }
    auto head = git::read_head(repository);
    if (!head || head->commit.empty()) return;
    git::ObjectReader reader(repository);
    auto tree = reader.tree(head->commit);
    if (!tree) return;
    auto pinned = git::ls_tree(repository, *ObjectId::from_hex(*pin), false);
    if (!pinned) return;
    bool present = pinned->empty() || std::ranges::any_of(*pinned, [&](const git::TreeEntry& e) {
                     return e.id == *tree;
                   });
    if (!present) {
      problem("pin",
              std::string(worktree::kPinRef) +
                  " does not hold the files of HEAD yet: what "
                  "was purged from history since would travel with 'git push --mirror'",
              "baton diff --stat");
    }
  }

  // ---- saying

  static std::string hooks_word(const HookState& hooks) {
    if (!hooks.problem.empty()) return "cannot be read";
    if (!hooks.installed()) return "no hooks";
    if (!hooks.complete()) return "hooks are incomplete";
    for (const agents::EventHook& event : hooks.events) {
      if (event.registered &&
          (event.trust == HookTrust::untrusted || event.trust == HookTrust::modified)) {
        return "hooks wait for your trust";
      }
    }
    return "hooks installed";
  }

  static std::string_view skill_word(std::string_view state) {
    if (state == "missing") return "no skill (baton init --skills)";
    if (state == "stale") return "skill is out of date";
    return state == "foreign" ? "skill not as baton writes it" : "skill installed";
  }

  std::string text() {
    render::Table table;
    table.row({{"store", Look::title},
               {place_ ? render::neutral(place_->store.path) : "-"},
               {place_ ? "format " + std::to_string(place_->store.version) : "none here"}});
    for (const AgentState& state : agents_) {
      std::string name(state.agent->id());
      for (const HookState& hooks : state.hooks) {
        table.row({{name, Look::agent},
                   {render::neutral(hooks.path)},
                   {state.found ? hooks_word(hooks) : "agent not found"}});
        name.clear();
      }
      if (!state.skill.empty()) {
        table.row({{name, Look::agent},
                   {render::neutral(state.skill_path)},
                   {std::string(skill_word(state.skill))}});
        name.clear();
      }
      if (state.heard) {
        table.row({{name, Look::agent},
                   {"heard " + render::when(style_, state.heard->last)},
                   {render::count(state.heard->events, "event") + " of " +
                    render::count(state.heard->sessions, "session") + ", last " +
                    render::first_line(render::clean(style_, state.heard->last_event))}});
      } else {
        table.row({{name, Look::agent}, {"never heard here"}, {""}});
      }
    }
    std::string text = table.text(style_);
    for (const AgentState& state : agents_) text += events_text(state);
    text += gaps_text();
    if (!log_.empty()) {
      text += "\n" + style_.paint(Look::title, "what went wrong (log)") + "\n";
      for (const std::string& line : log_) {
        text += "    " + render::first_line(render::clean(style_, line)) + "\n";
      }
    }
    text += "\n" +
            (amiss_ ? style_.paint(Look::bad, render::count(amiss_, "problem"))
                    : style_.paint(Look::good, "nothing is amiss")) +
            "\n";
    for (const Problem& each : problems_) {
      text += render::block(
          style_,
          (each.amiss ? "" : "note, ") + each.about + ": " + render::clean(style_, each.what), "  ",
          0, each.amiss ? Look::warn : Look::plain);
      if (!each.todo.empty()) text += render::block(style_, each.todo, "      ");
    }
    return text;
  }

  // As the agent's adapter lists them, those that it does not know last.
  static std::vector<model::AgentHeard::Event> in_order(const AgentState& state) {
    auto events = state.heard->events_heard;
    auto known = state.agent->events();
    std::ranges::stable_sort(events, {}, [&](const auto& event) {
      return std::ranges::find(known, event.name) - known.begin();
    });
    return events;
  }

  // Registered, and not heard yet.
  static std::vector<std::string> never_heard(const AgentState& state) {
    std::vector<std::string> names;
    for (const HookState& hooks : state.hooks) {
      for (const agents::EventHook& event : hooks.events) {
        bool heard = state.heard && std::ranges::any_of(
                                        state.heard->events_heard,
                                        [&](const auto& each) { return each.name == event.event; });
        if (event.registered && !heard && std::ranges::find(names, event.event) == names.end()) {
          names.push_back(event.event);
        }
      }
    }
    return names;
  }

  std::string events_text(const AgentState& state) {
    if (!state.heard) return {};
    render::Table table;
    for (const auto& event : in_order(state)) {
      table.row({{render::first_line(render::clean(style_, event.name))},
                 {std::to_string(event.count), Look::plain, true},
                 {render::when(style_, event.last)},
                 {event.known ? "" : "not known", Look::warn}});
    }
    std::string never;
    for (const std::string& name : never_heard(state)) never += (never.empty() ? "" : ", ") + name;
    std::string text = "\n" +
                       style_.paint(Look::title, "events of " + std::string(state.agent->id())) +
                       "\n" + table.text(style_, "    ");
    if (!never.empty()) text += render::block(style_, "never: " + never, "    ", 0, Look::faint);
    return text;
  }

  std::string gaps_text() {
    if (view_.gap_count == 0) return {};
    std::string text = "\n" + style_.paint(Look::title, "gaps") + "\n    " +
                       render::count(view_.gap_count, "time") +
                       " something could not be recorded, last " +
                       render::when(style_, view_.gaps.empty() ? 0 : view_.gaps[0].time);
    if (!view_.gaps.empty()) {
      text += ": " + view_.gaps[0].what + ", " +
              render::first_line(render::clean(style_, view_.gaps[0].why));
    }
    return text + " (baton status lists them)\n";
  }

  std::string json() {
    render::JsonAnswer answer("doctor");
    json::Writer& json = answer.writer();
    if (place_) {
      json.key("store").begin_object().member("path", place_->store.path);
      json.member("id", place_->store.id).member("format", place_->store.version).end_object();
    }
    json.key("agents").begin_array();
    for (const AgentState& state : agents_) {
      json.begin_object().member("agent", state.agent->id()).member("found", state.found);
      json.key("hooks").begin_array();
      for (const HookState& hooks : state.hooks) {
        json.begin_object().member("scope", to_string(hooks.scope)).member("path", hooks.path);
        json.member("installed", hooks.installed()).member("complete", hooks.complete());
        json.key("events").begin_array();
        for (const agents::EventHook& event : hooks.events) {
          json.begin_object().member("event", event.event).member("expected", event.expected);
          json.member("registered", event.registered).member("current", event.current);
          json.member("trust", to_string(event.trust)).end_object();
        }
        json.end_array().end_object();
      }
      json.end_array();
      if (!state.skill.empty()) {
        json.key("skill").begin_object().member("path", state.skill_path);
        json.member("state", state.skill).end_object();
      }
      if (state.heard) {
        json.key("heard");
        render::write(json, *state.heard);
      }
      json.key("never").begin_array();
      for (const std::string& name : never_heard(state)) json.string(name);
      json.end_array();
      render::write_strings(json, "missing", state.missing);
      json.end_object();
    }
    json.end_array().member("gap_count", view_.gap_count);
    render::write_list(json, "gaps", view_.gaps);
    render::write_strings(json, "log", log_);
    json.member("problem_count", amiss_).key("problems").begin_array();
    for (const Problem& each : problems_) {
      json.begin_object().member("about", each.about).member("what", each.what);
      render::optional_member(json, "do", each.todo);
      json.member("amiss", each.amiss);
      json.end_object();
    }
    json.end_array();
    return answer.finish(style_);
  }

  Front& front_;
  const render::Style& style_;
  agents::Places places_ = agents::Places::of_environment();
  const worktree::Place* place_ = nullptr;
  Error store_error_;
  index::Index* index_ = nullptr;
  model::StatusView view_;
  std::vector<AgentState> agents_;
  std::vector<Problem> problems_;
  int64_t amiss_ = 0;
  std::vector<std::string> log_;
};

}  // namespace

Result<int> run_doctor(Front& front) {
  return Doctor(front).run();
}

}  // namespace baton::cli
