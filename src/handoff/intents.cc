#include "handoff/intents.h"

#include <algorithm>
#include <map>

#include "handoff/changed_lines.h"
#include "index/queries.h"

namespace baton::handoff {
namespace {

struct Net {
  model::Change first, last;
  std::vector<Citation> steps;
};

struct Intent {
  model::Turn turn;
  std::map<std::string, Net> files;
};

// The prompt that a step worked for: its own turn, else (a subagent's) the newest one of the
// session that had begun.
Intent* intent_of(std::vector<Intent>& intents, const model::Step& step) {
  Intent* newest = nullptr;
  for (Intent& intent : intents) {
    if (intent.turn.session == step.ref.session && intent.turn.number == step.ref.turn) {
      return &intent;
    }
    if (intent.turn.began <= step.began) newest = &intent;
  }
  return newest;
}

void follow(Intent& intent, const model::Step& step) {
  for (const auto& change : step.changes) {
    if (change.skipped) continue;
    auto [net, fresh] = intent.files.try_emplace(change.path, Net{change, change, {}});
    net->second.last = change;
    std::string address = step.ref.address();
    if (net->second.steps.empty() || net->second.steps.back() != address) {
      net->second.steps.push_back(std::move(address));
    }
  }
}

IntentFile file_of(index::Index& index, const std::string& path, const Net& net) {
  IntentFile file;
  file.path = path;
  file.status = net.first.before.empty() ? 'A' : net.last.after.empty() ? 'D' : 'M';
  LineCount count = count_changed_lines(index, net.first.before, net.last.after);
  file.added = count.added;
  file.removed = count.removed;
  file.binary = count.binary;
  file.counted = count.known && !count.binary;
  file.steps = net.steps;
  return file;
}

}  // namespace

Result<std::vector<IntentLine>> find_intents(index::Index& index, const Task& task, Micros since) {
  std::vector<Intent> intents;
  for (const auto& session : task.sessions) {
    std::vector<Intent> of_session;
    for (auto& view : TRY(index::show_session(index, session.key)).turns) {
      of_session.push_back({std::move(view.turn), {}});
    }
    for (const auto& step : TRY(index::steps(index, session.key, true))) {
      if (step.began <= since || step.changes.empty()) continue;
      if (Intent* intent = intent_of(of_session, step)) follow(*intent, step);
    }
    std::ranges::move(of_session, std::back_inserter(intents));
  }
  std::ranges::stable_sort(intents, {}, [](const Intent& intent) { return intent.turn.began; });
  std::vector<IntentLine> lines;
  for (const Intent& intent : intents) {
    IntentLine line{intent.turn.address(), intent.turn.prompt, {}};
    for (const auto& [path, net] : intent.files) {
      if (net.first.before == net.last.after && net.first.before_mode == net.last.after_mode) {
        continue;
      }
      line.files.push_back(file_of(index, path, net));
    }
    if (!line.files.empty()) lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace baton::handoff
