#include "attribution/stats.h"

#include <algorithm>

namespace baton::attribution {
namespace {

// A row that is still being summed up.
struct Sum {
  StatsRow row;
  std::set<std::pair<std::string, std::string>> files;  // worktree and path
  size_t order = 0;
};

class Summing {
 public:
  Summing(index::Index& index, const StatsOptions& options) : index_(index), options_(options) {}

  Result<Stats> run() {
    index::LogFilter filter = options_.prompts;
    filter.with_steps = true;
    std::vector<model::TurnView> turns;
    for (model::TurnView& view : TRY(index::log(index_, filter))) {
      if (wanted(view.turn)) turns.push_back(std::move(view));
    }
    TRY(count_lines(turns));
    std::set<int64_t> sessions;
    for (const model::TurnView& view : turns) {
      if (TRY(take(view))) sessions.insert(view.turn.session_key);
    }
    Stats stats;
    stats.by = options_.by;
    stats.revision = options_.revision.hex();
    stats.sessions = static_cast<int64_t>(sessions.size());
    std::vector<Sum*> sums;
    for (auto& [name, sum] : sums_) sums.push_back(&sum);
    std::ranges::sort(sums, [&](const Sum* a, const Sum* b) {
      bool by_time = options_.by == StatsBy::session || options_.by == StatsBy::prompt;
      int64_t most_a = by_time ? 0 : a->row.sums.lines.written;
      int64_t most_b = by_time ? 0 : b->row.sums.lines.written;
      return most_a != most_b ? most_a > most_b : a->order < b->order;
    });
    for (Sum* sum : sums) {
      sum->row.sums.files = static_cast<int64_t>(sum->files.size());
      stats.rows.push_back(std::move(sum->row));
    }
    total_.row.sums.files = static_cast<int64_t>(total_.files.size());
    stats.total = total_.row.sums;
    return stats;
  }

 private:
  bool wanted(const model::Turn& turn) const {
    return (!options_.sessions || options_.sessions->contains(turn.session_key)) &&
           (options_.branch.empty() || options_.branch == turn.branch);
  }

  Status count_lines(const std::vector<model::TurnView>& turns) {
    std::set<std::string> worktrees;
    for (const model::TurnView& view : turns) {
      for (const model::Step& step : view.steps) {
        for (const model::Change& change : step.changes) worktrees.insert(change.worktree);
      }
    }
    lines_ = TRY(step_lines(index_, worktrees, options_.prompts.paths, options_.repository,
                            options_.revision));
    return {};
  }

  // A subagent's steps run under the model of its own turn.
  Result<std::string> model_of(const model::Turn& turn, const model::StepRef& step) {
    if (step.session_key == turn.session_key) return turn.model;
    auto [known, added] = models_.try_emplace({step.session_key, step.turn});
    if (added && step.turn != 0) {
      auto own = index::show_turn(index_, step.session_key, step.turn);
      if (own) known->second = own->turn.model;
    }
    return known->second.empty() ? turn.model : known->second;
  }

  bool model_fits(const std::string& model) const {
    return options_.model.empty() || model.starts_with(options_.model);
  }

  Sum& sum_of(const model::Turn& turn, const std::string& model) {
    std::string name;
    switch (options_.by) {
      case StatsBy::session:
        name = turn.session;
        break;
      case StatsBy::prompt:
        name = turn.address();
        break;
      case StatsBy::agent:
        name = turn.agent;
        break;
      case StatsBy::model:
        name = model;
        break;
      case StatsBy::branch:
        name = turn.branch;
        break;
    }
    auto [found, added] = sums_.try_emplace(name);
    Sum& sum = found->second;
    if (added) {
      sum.row.name = name;
      sum.order = sums_.size();
    }
    if (options_.by == StatsBy::session || options_.by == StatsBy::prompt) {
      sum.row.agent = turn.agent;
      // Prompts come newest first: the oldest one is what a session is about.
      if (!turn.prompt.empty() && (!turn.synthetic || sum.row.about.empty())) {
        sum.row.about = turn.prompt;
      }
    }
    return sum;
  }

  template <class Add>
  void add(Sum& sum, const Add& what) {
    what(sum);
    what(total_);
  }

  // Whether anything of the turn counts.
  Result<bool> take(const model::TurnView& view) {
    const model::Turn& turn = view.turn;
    bool any = false;
    if (model_fits(turn.model)) {
      any = true;
      add(sum_of(turn, turn.model), [&](Sum& sum) {
        StatsSums& sums = sum.row.sums;
        sums.prompts += turn.synthetic || turn.prompt.empty() ? 0 : 1;
        sums.tokens.input += turn.tokens.input;
        sums.tokens.cached_input += turn.tokens.cached_input;
        sums.tokens.output += turn.tokens.output;
        sums.tokens.reasoning += turn.tokens.reasoning;
      });
    }
    for (const model::Step& step : view.steps) {
      std::string model = TRY(model_of(turn, step.ref));
      if (!model_fits(model)) continue;
      any = true;
      auto lines = lines_.find({step.ref.session_key, step.ref.step});
      add(sum_of(turn, model), [&](Sum& sum) {
        StatsSums& sums = sum.row.sums;
        bool failed = step.outcome == model::StepOutcome::failed;
        sums.steps += 1;
        sums.failed_steps += failed;
        if (step.kind == model::StepKind::shell) {
          sums.commands += 1;
          sums.failed_commands += failed;
        }
        if (step.test && step.test->kind == model::TestKind::test) {
          sums.tests += 1;
          sums.failed_tests += step.test->verdict == model::TestVerdict::failed;
        }
        for (const model::Change& change : step.changes) {
          if (!change.skipped && options_.prompts.paths.matches(change.path)) {
            sum.files.insert({change.worktree, change.path});
          }
        }
        if (lines != lines_.end()) sums.lines += lines->second;
      });
    }
    return any;
  }

  index::Index& index_;
  const StatsOptions& options_;
  std::map<StepKey, StepLines> lines_;
  std::map<std::pair<int64_t, int>, std::string> models_;
  std::map<std::string, Sum> sums_;
  Sum total_;
};

}  // namespace

std::string_view to_string(StatsBy by) {
  switch (by) {
    case StatsBy::session:
      return "session";
    case StatsBy::prompt:
      return "prompt";
    case StatsBy::agent:
      return "agent";
    case StatsBy::model:
      return "model";
    case StatsBy::branch:
      return "branch";
  }
  return "";
}

Result<Stats> stats(index::Index& index, const StatsOptions& options) {
  return Summing(index, options).run();
}

}  // namespace baton::attribution
