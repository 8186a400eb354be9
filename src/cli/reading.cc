#include "cli/reading.h"

#include <map>

#include "agents/agent.h"
#include "cli/exit.h"
#include "index/contents.h"
#include "index/nearest.h"
#include "os/file.h"
#include "render/log.h"
#include "render/when.h"

namespace baton::cli {
namespace {

constexpr const char* kNothingYet =
    "nothing was recorded yet: start an agent here, or ask 'baton doctor' why nothing is heard";

// What each step changed of the plan: "[x] Find the cause; [>] Mend it". An update may name an item
// by its number alone, and several events may tell of the same one.
std::map<int, std::string> plan_changes(index::Index& index, int64_t session) {
  std::map<int, std::string> texts;
  std::map<std::string, std::string> names, states;  // by the item's id
  auto items = index::plan_history(index, session);
  if (!items) return texts;
  for (const model::PlanItem& item : *items) {
    std::string id = item.id.empty() ? item.text : item.id;
    if (!item.text.empty()) names[id] = item.text;
    if (states[id] == item.status || names[id].empty()) continue;
    states[id] = item.status;
    std::string& text = texts[item.step.step];
    text +=
        (text.empty() ? "" : "; ") + std::string(render::plan_box(item.status)) + " " + names[id];
  }
  return texts;
}

}  // namespace

Result<std::string> asked_agent(const Invocation& asked) {
  std::string_view name = asked.value(OptionId::agent);
  if (name.empty()) return std::string();
  const agents::Agent* agent = agents::find_agent(name);
  if (agent) return std::string(agent->id());
  std::vector<std::string_view> known;
  std::string list;
  for (const agents::Agent* any : agents::all_agents()) {
    known.push_back(any->id());
    list += (list.empty() ? "" : ", ") + std::string(any->id());
  }
  std::string_view near = nearest(name, known);
  return fail(ErrorKind::usage, "unknown agent '" + std::string(name) + "'",
              (near.empty() ? "" : "did you mean '" + std::string(near) + "'?  ") +
                  std::string("known: ") + list);
}

Result<std::optional<Micros>> asked_time(const Front& front, OptionId option) {
  if (!front.asked().has(option)) return std::nullopt;
  std::string text(front.asked().value(option));
  auto time = render::parse_when(text, front.style().now);
  if (time) return time;
  return fail(ErrorKind::usage, "'" + text + "' is no time",
              "write 2026-11-24, 2026-11-24T10:00, 2h, '3 days ago' or yesterday");
}

Result<index::Pathspec> asked_paths(Front& front) {
  std::vector<std::string> words = front.asked().values(OptionId::path);
  words.insert(words.end(), front.asked().pathspecs.begin(), front.asked().pathspecs.end());
  return index::Pathspec::parse(words, front.prefix(), front.root());
}

Result<size_t> asked_limit(const Invocation& asked, size_t otherwise) {
  auto limit = TRY(asked.number(OptionId::limit, 1));
  return limit ? static_cast<size_t>(*limit) : otherwise;
}

Result<std::optional<int64_t>> asked_session(index::Index& index, const Invocation& asked) {
  if (!asked.has(OptionId::session)) return std::nullopt;
  return TRY(index::resolve_session(index, asked.value(OptionId::session))).session_key;
}

void describe_plan_steps(index::Index& index, std::vector<model::Step>& steps) {
  std::map<int64_t, std::map<int, std::string>> known;  // by session and step
  for (model::Step& step : steps) {
    if (step.kind != model::StepKind::plan || !step.description.empty()) continue;
    int64_t session = step.ref.session_key;
    if (!known.contains(session)) {
      known[session] = plan_changes(index, session);
    }
    auto found = known[session].find(step.ref.step);
    if (found != known[session].end()) step.description = found->second;
  }
}

void say_nothing_found(index::Index& index, std::string_view what) {
  index::SessionFilter first;
  first.subagents = true;
  first.limit = 1;
  auto any = index::sessions(index, first);
  bool empty = any && any->empty();
  std::string text = empty ? kNothingYet : "no " + std::string(what) + " matches";
  (void)os::write_fd(2, "baton: " + text + "\n");
}

Error nothing_recorded() {
  return {ErrorKind::not_found, kNothingYet, ""};
}

Result<std::string> read_version(index::Index& index, std::string_view name,
                                 std::string_view worktree, const model::StateEntry& entry) {
  auto content = index.contents().get(entry.id);
  if (content || content.error().kind != ErrorKind::not_found) return content;
  if (!index.contents().thinned(entry.id)) return content;
  std::string kept = index::nearest_kept(index, worktree, entry.path, entry.id);
  return fail(ErrorKind::not_found,
              "'" + std::string(name) + "': " + index.contents().why_missing(entry.id),
              kept.empty() ? "" : "kept: " + kept);
}

}  // namespace baton::cli
