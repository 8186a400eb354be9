#include "attribution/authorships.h"

#include <algorithm>
#include <functional>
#include <iterator>

namespace baton::attribution {
namespace {

using model::OwnerKind;

// git's times are whole seconds.
constexpr Micros kGitSlack = 2 * kSecond;

void add_git(const GitCommit& commit, Authorship& made) {
  made.commit = commit.id;
  made.author = commit.author;
  made.author_time = commit.author_time;
  made.author_zone = commit.author_zone;
  made.summary = commit.summary;
}

std::string without_blanks(std::string_view text) {
  std::string rest(text);
  std::erase_if(rest, [](char each) { return each == ' ' || (each >= '\t' && each <= '\r'); });
  return rest;
}

}  // namespace

Status Authorships::prepare() {
  std::vector<Origin> origins;
  for (uint32_t i = 1; i < lines_.marks.size(); ++i) {
    const Mark& mark = lines_.marks[i];
    for (const Origin* origin : {&mark.writer, &mark.mover, &mark.reformatter}) {
      if (!origin->none()) origins.push_back(*origin);
    }
    origins.insert(origins.end(), mark.rivals.begin(), mark.rivals.end());
  }
  return hands_.look_up(origins);
}

Status Authorships::take(size_t at, BlamedLine& line) {
  const GitLine& git = git_.lines[at];
  Key key;
  if (at < lines_.frame.size()) key.mark = lines_.frame[at];
  key.commit = git.commit;
  key.settled = !lines_.marks[key.mark].rivals.empty() && rivals_beside(at);
  line.authorship = TRY(number_of(key));
  if (git.commit >= 0) line.original_line = git.original_line;
  const Mark& mark = lines_.marks[key.mark];
  if (TRY(was_handled(key, made_[line.authorship]))) {
    Brought from = TRY(brought_from(mark, made_[line.authorship], line.text));
    if (from.commit >= 0) {
      key.brought = from.commit;
      line.authorship = TRY(number_of(key));
      line.original_line = from.line;
      return {};
    }
  }
  if (!asks_for_reformatted(made_[line.authorship])) return {};
  const GitLine& from = reformatted().lines[at];
  if (from.commit < 0) return {};
  key.reformatted = from.commit;
  line.authorship = TRY(number_of(key));
  line.original_line = from.original_line;
  return {};
}

Result<uint32_t> Authorships::number_of(const Key& key) {
  if (last_ == key) return last_number_;
  auto found = numbers_.find(key);
  if (found == numbers_.end()) {
    Authorship made = TRY(make(key));
    found = numbers_.emplace(key, static_cast<uint32_t>(made_.size())).first;
    made_.push_back(std::move(made));
  }
  last_ = key;
  last_number_ = found->second;
  return last_number_;
}

bool Authorships::asks_for_reformatted(const Authorship& made) const {
  bool is_git = made.owner.kind == OwnerKind::git || made.owner.kind == OwnerKind::before;
  return is_git && made.commit.empty() && made.reformatter && options_.repository != nullptr &&
         !options_.ignore_whitespace;
}

Result<bool> Authorships::was_handled(const Key& key, const Authorship& made) {
  const Mark& mark = lines_.marks[key.mark];
  bool is_git = made.owner.kind == OwnerKind::git || made.owner.kind == OwnerKind::before;
  if (!is_git || mark.writer.none()) return false;
  if (key.commit >= 0 && made.seen != 0 &&
      git_.commits[static_cast<size_t>(key.commit)].commit_time * kSecond > made.seen) {
    return true;
  }
  for (const Origin* origin : {&mark.mover, &mark.reformatter}) {
    if (origin->none()) continue;
    OwnerKind kind = TRY(hands_.of(*origin))->owner.kind;
    if (kind == OwnerKind::step || kind == OwnerKind::outside) return true;
  }
  return false;
}

Result<Authorships::Brought> Authorships::brought_from(const Mark& mark, const Authorship& made,
                                                       std::string_view text) {
  std::string commit = made.owner.commit;
  if (commit.empty() && made.owner.kind == OwnerKind::before) {
    auto [known, added] = first_commits_.try_emplace(mark.writer.key.worktree);
    if (added) known->second = TRY(index::first_commit(index_, mark.writer.key.worktree));
    commit = known->second;
  }
  auto id = ObjectId::from_hex(commit);
  if (!id || options_.repository == nullptr || options_.ignore_whitespace) return Brought{};
  const std::string& path = made.path.empty() ? options_.path : made.path;
  auto [known, added] = first_seen_.try_emplace({commit, path});
  LinesByText& lines = known->second;
  if (added) {
    auto there = committed_lines(index_, *options_.repository, path, *id, news_);
    if (!there) return Brought{};
    const auto first = static_cast<int32_t>(brought_.size());
    std::ranges::move(there->git.commits, std::back_inserter(brought_));
    auto texts = lines_of(there->content);
    for (size_t i = 0; i < texts.size() && i < there->git.lines.size(); ++i) {
      const GitLine& git = there->git.lines[i];
      if (git.commit < 0) continue;
      auto [line, is_new] =
          lines.try_emplace(without_blanks(texts[i]), first + git.commit, git.original_line);
      if (!is_new && line->second.commit != first + git.commit) line->second.commit = -1;
    }
  }
  auto found = lines.find(without_blanks(text));
  return found == lines.end() ? Brought{} : found->second;
}

const GitLines& Authorships::reformatted() {
  if (!reformatted_) {
    reformatted_ = git_lines(index_, *options_.repository, options_.path, options_.revision,
                             options_.content, options_.content_id, true, news_);
    reformatted_->lines.resize(git_.lines.size());
  }
  return *reformatted_;
}

Result<Authorship> Authorships::make(const Key& key) {
  Authorship made;
  const GitCommit* commit = nullptr;
  if (key.commit >= 0) {
    commit = &git_.commits[static_cast<size_t>(key.commit)];
    add_git(*commit, made);
  }
  const Mark& mark = lines_.marks[key.mark];
  bool written = !mark.writer.none();
  if (written) {
    TRY(fill(mark, key.settled, made));
    if (commit != nullptr && mark.mover.none() && mark.arrival != Arrival::written) {
      made.arrival = mark.arrival;
      auto mover = std::make_shared<Hand>();
      mover->owner.kind = OwnerKind::git;
      mover->owner.rule = "commit holds it";
      mover->owner.commit = commit->id;
      mover->seen = commit->commit_time * kSecond;
      made.mover = std::move(mover);
    }
    const model::StepRef& step = made.owner.step;
    if (commit != nullptr && !options_.revision.empty() && !step.empty()) {
      // What was committed before the step began is not its work, however alike.
      auto [began, added] = begins_.try_emplace({step.session_key, step.step});
      if (added) began->second = TRY(index::step_began(index_, step.session_key, step.step));
      if (began->second > commit->commit_time * kSecond + kGitSlack) {
        made = {};
        add_git(*commit, made);
        written = false;
      }
    }
  }
  if (!written) {
    // A line that git has and no version: git's; one that nobody has was never looked at.
    if (commit != nullptr) {
      made.owner.kind = facts_.recorded ? OwnerKind::git : OwnerKind::before;
      made.owner.rule = "only git knows the line";
      made.owner.commit = made.commit;
    } else {
      made.owner.rule = facts_.lost ? "a version's content is missing" : "not recorded yet";
    }
  }
  bool is_git = made.owner.kind == OwnerKind::git || made.owner.kind == OwnerKind::before;
  if (key.reformatted >= 0) {
    commit = &reformatted().commits[static_cast<size_t>(key.reformatted)];
    add_git(*commit, made);
  }
  if (key.brought >= 0) {
    commit = &brought_[static_cast<size_t>(key.brought)];
    add_git(*commit, made);
  } else if (key.reformatted < 0 && TRY(was_handled(key, made))) {
    return made;
  }
  if (is_git && commit != nullptr && !commit->agent.empty()) {
    made.owner.evidence = model::Evidence::identity;
    made.owner.rule = "the commit names it";
    made.owner.step = {};
    made.owner.step.agent = commit->agent;
    made.owner.commit = made.commit;
  }
  return made;
}

bool Authorships::rivals_beside(size_t at) {
  if (texts_.empty()) texts_ = lines_of(options_.content);
  if (at >= texts_.size()) return false;
  std::vector<Origin> rivals = lines_.marks[lines_.frame[at]].rivals;
  auto take = [&](size_t line) {
    if (line >= texts_.size() || line >= lines_.frame.size() || texts_[line] != texts_[at]) {
      return false;
    }
    std::erase(rivals, lines_.marks[lines_.frame[line]].writer);
    return !rivals.empty();
  };
  for (size_t line = at; line-- > 0 && take(line);) {
  }
  for (size_t line = at + 1; take(line); ++line) {
  }
  return rivals.empty();
}

// An agent's line that may be another step's or somebody else's is contested; no other owner gives
// way to an agent.
Status Authorships::contest(const Mark& mark, Authorship& made) {
  model::Owner& owner = made.owner;
  if (owner.kind != OwnerKind::step) return {};
  std::vector<model::StepRef> steps = owner.candidates;
  if (!owner.step.empty()) steps.push_back(owner.step);
  std::vector<OwnerKind> others;
  bool contested = false, same_turn = true;
  for (const Origin& origin : mark.rivals) {
    const model::Owner& rival = TRY(hands_.of(origin))->owner;
    if (same_maker(rival, owner)) continue;
    // An agent's short line that an agent moved is an agent's, whichever of them it was.
    if (origin == mark.mover && rival.kind == OwnerKind::step) continue;
    contested = true;
    same_turn &= same_hands(rival, owner) && !owner.step.empty();
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
  if (!same_turn) made.turn = 0;
  return {};
}

Status Authorships::fill(const Mark& mark, bool settled, Authorship& made) {
  const Marks& marks = lines_.marks;
  auto writer = TRY(hands_.of(mark.writer));
  made.owner = writer->owner;
  made.turn = writer->owner.step.turn;
  made.at = writer->at;
  made.path = writer->path;
  made.seen = writer->seen;
  if (mark.lost) {
    made.owner = {};
    made.owner.rule = "a version's content is missing";
    made.turn = 0;
  }
  for (int32_t was = mark.was; was >= 0; was = marks[static_cast<uint32_t>(was)].was) {
    auto before = TRY(hands_.of(marks[static_cast<uint32_t>(was)].writer));
    if (same_hands(before->owner, made.owner)) continue;
    made.was = std::move(before);
    break;
  }
  if (!settled) TRY(contest(mark, made));
  if (!mark.mover.none()) {
    made.mover = TRY(hands_.of(mark.mover));
    made.arrival = mark.arrival;
  }
  if (!mark.reformatter.none()) made.reformatter = TRY(hands_.of(mark.reformatter));
  return {};
}

}  // namespace baton::attribution
