#include "attribution/blame.h"

#include <algorithm>
#include <functional>
#include <map>

#include "attribution/commit_moves.h"
#include "attribution/deleted.h"
#include "attribution/git_lines.h"
#include "attribution/history.h"
#include "base/bytes.h"

namespace baton::attribution {
namespace {

using model::OwnerKind;

// git's times are whole seconds.
constexpr Micros kGitSlack = 2 * kSecond;

// Looks the versions' owners up, each once.
class Hands {
 public:
  explicit Hands(index::Index& index) : index_(index) {}

  // Those of many origins at once.
  Status look_up(const std::vector<Origin>& origins) {
    std::vector<Origin> wanted;
    std::vector<index::ChangePlace> places;
    for (const Origin& origin : origins) {
      auto [found, added] = hands_.try_emplace(origin);
      if (!added) continue;
      Hand& hand = found->second;
      hand.at = {TRY(worktree(origin.key.worktree)), origin.q};
      if (origin.base) {
        hand.owner.kind = OwnerKind::before;
        if (origin.q > 0) {
          hand.owner.kind = OwnerKind::unknown;
          hand.owner.rule = "after a gap";
        }
        if (origin.key.path != 0) hand.path = TRY(index::path_name(index_, origin.key.path));
      } else {
        wanted.push_back(origin);
        places.push_back({origin.key, origin.q});
      }
    }
    auto changes = TRY(index::changes_at(index_, places));
    for (size_t i = 0; i < wanted.size(); ++i) {
      if (!changes[i]) continue;
      Hand& hand = hands_[wanted[i]];
      hand.owner = std::move(changes[i]->owner);
      hand.path = std::move(changes[i]->path);
      hand.seen = changes[i]->seen;
    }
    return {};
  }

  Result<const Hand*> of(const Origin& origin) {
    auto known = hands_.find(origin);
    if (known != hands_.end()) return &known->second;
    TRY(look_up({origin}));
    return &hands_[origin];
  }

 private:
  Result<std::string> worktree(int64_t key) {
    auto [found, added] = worktrees_.try_emplace(key);
    if (added) found->second = TRY(index::worktree_name(index_, key));
    return found->second;
  }

  index::Index& index_;
  std::map<Origin, Hand> hands_;
  std::map<int64_t, std::string> worktrees_;
};

// Whether a line that went from one to the other stayed in the same hands: a step, or other steps
// for the same prompt; nobody in particular, twice.
bool same_hands(const model::Owner& a, const model::Owner& b) {
  if (a.kind != b.kind) return false;
  if (a.kind == OwnerKind::step) {
    if (a.step.empty() || b.step.empty()) return a.candidates == b.candidates;
    return a.step.session_key == b.step.session_key && a.step.turn == b.step.turn;
  }
  return a.kind != OwnerKind::git || a.commit == b.commit;
}

// An agent's line that may be somebody else's is contested; no other owner gives way to an agent.
Status contest(Hands& hands, const Mark& mark, BlamedLine& line) {
  model::Owner& owner = line.owner;
  if (owner.kind != OwnerKind::step) return {};
  std::vector<model::StepRef> steps = owner.candidates;
  if (!owner.step.empty()) steps.push_back(owner.step);
  std::vector<OwnerKind> others;
  bool contested = false;
  for (const Origin& origin : mark.rivals) {
    const model::Owner& rival = TRY(hands.of(origin))->owner;
    if (same_hands(rival, owner)) continue;
    contested = true;
    if (rival.kind != OwnerKind::step) {
      others.push_back(rival.kind);
      continue;
    }
    steps.insert(steps.end(), rival.candidates.begin(), rival.candidates.end());
    if (!rival.step.empty()) steps.push_back(rival.step);
  }
  if (!contested) return {};
  auto order = [](const model::StepRef& ref) { return std::pair(ref.session, ref.step); };
  auto unique = [](auto& list, auto by) {
    std::ranges::sort(list, {}, by);
    auto rest = std::ranges::unique(list, {}, by);
    list.erase(rest.begin(), rest.end());
  };
  unique(steps, order);
  unique(others, std::identity());
  owner.evidence = model::Evidence::contested;
  owner.rule = "equal lines";
  owner.step = {};
  owner.candidates = std::move(steps);
  owner.others = std::move(others);
  line.turn = 0;
  return {};
}

Status fill(Hands& hands, const Marks& marks, uint32_t number, BlamedLine& line) {
  const Mark& mark = marks[number];
  const Hand* writer = TRY(hands.of(mark.writer));
  line.owner = writer->owner;
  line.turn = writer->owner.step.turn;
  line.at = writer->at;
  line.path = writer->path;
  line.seen = writer->seen;
  if (mark.lost) {
    line.owner = {};
    line.owner.rule = "a version's content is missing";
    line.turn = 0;
  }
  for (int32_t was = mark.was; was >= 0; was = marks[static_cast<uint32_t>(was)].was) {
    const Hand* before = TRY(hands.of(marks[static_cast<uint32_t>(was)].writer));
    if (same_hands(before->owner, line.owner)) continue;
    line.was = *before;
    break;
  }
  TRY(contest(hands, mark, line));
  if (!mark.mover.none()) {
    line.mover = *TRY(hands.of(mark.mover));
    line.arrival = mark.arrival;
  }
  if (!mark.reformatter.none()) line.reformatter = *TRY(hands.of(mark.reformatter));
  return {};
}

void add_git(const GitCommit& commit, const GitLine& from, BlamedLine& line) {
  line.commit = commit.id;
  line.author = commit.author;
  line.author_time = commit.author_time;
  line.original_line = from.original_line;
  line.summary = commit.summary;
}

}  // namespace

Result<Blame> blame(index::Index& index, const BlameOptions& options) {
  Blame result;
  result.binary = looks_binary(options.content);
  auto texts = lines_of(options.content);
  result.lines.reserve(texts.size());
  for (std::string_view text : texts) {
    if (text.ends_with('\n')) text.remove_suffix(1);
    BlamedLine& line = result.lines.emplace_back();
    if (!result.binary) line.text = text;
  }
  History history(index);
  std::vector<index::KeepGit> news;
  GitLines from_git;
  if (options.repository != nullptr) {
    from_git = git_lines(&index, *options.repository, options.path, options.revision,
                         options.content, options.ignore_whitespace, news);
  }
  Lines lines = TRY(history.lines_of_content(options.worktree, options.path, options.content,
                                             options.content_id, from_git.names));
  Timeline* timeline = TRY(history.whole_timeline(options.worktree, options.path));
  result.recorded = timeline != nullptr && !timeline->versions.empty();
  from_git.lines.resize(result.lines.size());
  TRY(from_commits(history, options, from_git, result.recorded ? timeline->versions[0].seen : 0,
                   lines));
  bool lost = timeline != nullptr && std::ranges::any_of(timeline->deltas, &Delta::lost);

  Hands hands(index);
  std::vector<Origin> origins;
  for (uint32_t i = 1; i < lines.marks.size(); ++i) {
    const Mark& mark = lines.marks[i];
    for (const Origin* origin : {&mark.writer, &mark.mover, &mark.reformatter}) {
      if (!origin->none()) origins.push_back(*origin);
    }
    origins.insert(origins.end(), mark.rivals.begin(), mark.rivals.end());
  }
  TRY(hands.look_up(origins));
  // A line that was only reformatted since is git's under another indentation.
  std::optional<GitLines> reformatted;
  auto find_reformatted = [&](size_t i) -> const GitCommit* {
    if (options.repository == nullptr || options.ignore_whitespace) return nullptr;
    if (!reformatted) {
      reformatted = git_lines(&index, *options.repository, options.path, options.revision,
                              options.content, true, news);
      reformatted->lines.resize(result.lines.size());
    }
    const GitLine& from = reformatted->lines[i];
    if (from.commit < 0) return nullptr;
    const GitCommit* commit = &reformatted->commits[static_cast<size_t>(from.commit)];
    add_git(*commit, from, result.lines[i]);
    return commit;
  };
  std::map<std::pair<int64_t, int>, Micros> begins;
  for (size_t i = 0; i < result.lines.size(); ++i) {
    BlamedLine& line = result.lines[i];
    const GitCommit* commit = nullptr;
    if (from_git.lines[i].commit >= 0) {
      commit = &from_git.commits[static_cast<size_t>(from_git.lines[i].commit)];
      add_git(*commit, from_git.lines[i], line);
    }
    bool written = i < lines.frame.size() && !lines.marks[lines.frame[i]].writer.none();
    if (written) {
      const Mark& mark = lines.marks[lines.frame[i]];
      TRY(fill(hands, lines.marks, lines.frame[i], line));
      if (commit != nullptr && mark.mover.none() && mark.arrival != Arrival::written) {
        line.arrival = mark.arrival;
        line.mover.emplace().owner.kind = OwnerKind::git;
        line.mover->owner.rule = "commit holds it";
        line.mover->owner.commit = commit->id;
        line.mover->seen = commit->commit_time * kSecond;
      }
      const model::StepRef& step = line.owner.step;
      if (commit != nullptr && !options.revision.empty() && !step.empty()) {
        // What was committed before the step began is not its work, however alike.
        auto [began, added] = begins.try_emplace({step.session_key, step.step});
        if (added) began->second = TRY(index::step_began(index, step.session_key, step.step));
        if (began->second > commit->commit_time * kSecond + kGitSlack) {
          std::string text = std::move(line.text);
          line = {};
          line.text = std::move(text);
          add_git(*commit, from_git.lines[i], line);
          written = false;
        }
      }
    }
    if (!written) {
      // A line that git has and no version: git's; one that nobody has was never looked at.
      if (commit != nullptr) {
        line.owner.kind = result.recorded ? OwnerKind::git : OwnerKind::before;
        line.owner.rule = "only git knows the line";
        line.owner.commit = line.commit;
      } else {
        line.owner.rule = lost ? "a version's content is missing" : "not recorded yet";
      }
    }
    bool is_git = line.owner.kind == OwnerKind::git || line.owner.kind == OwnerKind::before;
    if (is_git && commit == nullptr && line.reformatter) commit = find_reformatted(i);
    if (is_git && commit != nullptr && !commit->agent.empty()) {
      line.owner.evidence = model::Evidence::identity;
      line.owner.rule = "the commit names it";
      line.owner.step = {};
      line.owner.step.agent = commit->agent;
      line.owner.commit = line.commit;
    }
  }

  if (options.deleted && timeline != nullptr && !result.binary) {
    for (Tombstone& stone : TRY(tombstones(history, *timeline, lines.version, options.content))) {
      DeletedLine& line = result.deleted.emplace_back();
      line.text = std::move(stone.text);
      line.remover = *TRY(hands.of(stone.remover));
      line.writer = *TRY(hands.of(timeline->marks[stone.mark].writer));
      line.before = stone.before + 1;
    }
  }
  history.keep(news);
  return result;
}

}  // namespace baton::attribution
