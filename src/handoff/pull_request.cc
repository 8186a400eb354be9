#include "handoff/pull_request.h"

#include <algorithm>

#include "base/bytes.h"
#include "diff/diff.h"
#include "git/branches.h"
#include "git/history.h"
#include "git/object_reader.h"
#include "git/tree_listing.h"
#include "index/commit_made.h"
#include "index/queries.h"

namespace baton::handoff {
namespace {

constexpr Micros kSecond = 1'000'000;
constexpr uint64_t kMaxCountedBytes = 8u << 20;

// "A..B" and "A...B" taken apart; an empty side is HEAD.
struct Sides {
  std::string from, to;
  bool from_merge_base = false;
};
Sides sides_of(std::string_view range) {
  Sides sides;
  size_t dots = range.find("..");
  sides.from = range.substr(0, dots);
  std::string_view rest = range.substr(dots + 2);
  if (rest.starts_with('.')) {
    sides.from_merge_base = true;
    rest.remove_prefix(1);
  }
  sides.to = rest;
  if (sides.from.empty()) sides.from = "HEAD";
  if (sides.to.empty()) sides.to = "HEAD";
  return sides;
}

// Whether a turn began when this commit was already there.
bool began_after(const git::Repository& repository, const model::Turn& turn,
                 const git::Commit& commit) {
  if (turn.began >= (commit.committer.time + 1) * kSecond) return true;
  if (turn.head.empty()) return false;
  auto head = git::resolve_commit(repository, turn.head);
  if (!head) return false;
  return *head == commit.id || git::is_ancestor(repository, commit.id, *head).value_or(false);
}

// The step that made the commit, if one did; else the prompt before the first one that began on top
// of it; else the time that the commit names.
Result<Micros> moment_of_commit(index::Index& index, const git::Repository& repository,
                                const Task& task, const ObjectId& id) {
  if (auto made = TRY(index::commit_made(index, id.hex()))) return *made;
  git::LogOptions one;
  one.revisions = {id.hex()};
  one.limit = 1;
  auto commits = TRY(git::log(repository, one));
  if (commits.empty()) return fail(ErrorKind::not_found, "no commit '" + id.hex() + "'");
  Micros first = (commits[0].committer.time + 1) * kSecond;
  for (const auto& session : task.sessions) {
    for (const auto& view : TRY(index::show_session(index, session.key)).turns) {
      if (began_after(repository, view.turn, commits[0])) {
        first = std::min(first, view.turn.began - 1);
      }
    }
  }
  return first;
}

class Maker {
 public:
  Maker(index::Index& index, const Task& task, const Options& options)
      : index_(index), task_(task), options_(options) {}

  Result<PullRequest> run(const Since& since) {
    Options options = options_;
    if (!since.word.empty()) {
      options.since = since.moment;
      request_.since = since.word;
      request_.after = since.moment;
    }
    request_.handoff = TRY(make_handoff(index_, task_, options));
    request_.intents = TRY(find_intents(index_, task_, options.since));
    leave_out_what_came_to_nothing();
    Reviewed reviewed = TRY(reviewed_commits(options_.repository, task_));
    request_.base = reviewed.base;
    request_.head = reviewed.head;
    if (!since.commit.empty()) {
      request_.base = since.commit;
    } else if (!since.word.empty() && !request_.base.empty() && !request_.head.empty()) {
      TRY(move_base_to(since.moment));
    }
    if (!request_.base.empty() && !request_.head.empty()) {
      TRY(add_commits());
      TRY(add_diff());
    }
    if (request_.commits.empty()) add_uncommitted();
    return std::move(request_);
  }

 private:
  bool changed(std::string_view path) const {
    const auto& changes = request_.handoff.changes;
    return std::ranges::find(changes, path, &ChangeLine::path) != changes.end();
  }

  void leave_out_what_came_to_nothing() {
    for (IntentLine& intent : request_.intents) {
      std::erase_if(intent.files, [&](const IntentFile& file) { return !changed(file.path); });
    }
    std::erase_if(request_.intents, [](const IntentLine& intent) { return intent.files.empty(); });
  }

  // From then on: the newest commit that was there by then is the base.
  Status move_base_to(Micros moment) {
    git::LogOptions range;
    range.revisions = {request_.head, "^" + request_.base};
    for (const git::Commit& commit : TRY(git::log(*options_.repository, range))) {
      auto made = TRY(index::commit_made(index_, commit.id.hex()));
      if (!made) made = TRY(index::commit_seen(index_, commit.id.hex()));
      if (made.value_or(commit.committer.time * kSecond) > moment) continue;
      request_.base = commit.id.hex();
      break;
    }
    return {};
  }

  Status add_commits() {
    git::LogOptions range;
    range.revisions = {request_.head, "^" + request_.base};
    auto commits = TRY(git::log(*options_.repository, range));
    if (commits.size() > kMaxReviewedCommits) {
      request_.commits_left_out = commits.size() - kMaxReviewedCommits;
      commits.resize(kMaxReviewedCommits);
    }
    std::ranges::reverse(commits);
    for (const git::Commit& commit : commits) {
      CommitLine line{commit.id.hex(), {}, commit.author.name, {}, 0};
      line.subject = commit.message.substr(0, commit.message.find('\n'));
      if (auto view = index::commit_prompts(index_, line.id)) {
        for (const auto& prompt : view->prompts) line.turns.push_back(prompt.turn.address());
        line.unexplained = static_cast<int>(view->unexplained.size());
      }
      request_.commits.push_back(std::move(line));
    }
    return {};
  }

  // Nothing is committed yet: what the task changed is the difference.
  void add_uncommitted() {
    for (const ChangeLine& change : request_.handoff.changes) {
      request_.diff.push_back(
          {change.path, change.status, change.added, change.removed, change.counted, true});
    }
  }

  Status add_diff() {
    const git::Repository& repository = *options_.repository;
    ObjectId base = TRY(git::resolve_commit(repository, request_.base));
    ObjectId head = TRY(git::resolve_commit(repository, request_.head));
    git::ObjectReader reader(repository);
    for (const auto& change : TRY(git::diff_tree(repository, base, head))) {
      DiffLine line;
      line.path = change.path;
      line.status = change.status;
      line.recorded = changed(change.path);
      count(reader, change, line);
      request_.diff.push_back(std::move(line));
    }
    return {};
  }

  static void count(git::ObjectReader& reader, const git::TreeChange& change, DiffLine& line) {
    constexpr uint32_t kSubmodule = 0160000;
    if (change.old_mode == kSubmodule || change.new_mode == kSubmodule) return;
    std::string before, after;
    for (auto [id, text] : {std::pair{&change.old_id, &before}, {&change.new_id, &after}}) {
      if (id->empty()) continue;
      auto blob = reader.blob(*id, kMaxCountedBytes);
      if (!blob) return;
      *text = std::move(*blob);
    }
    if (looks_binary(before) || looks_binary(after)) return;
    diff::Stat stat = diff::stat(diff::diff_lines(before, after));
    line.added = static_cast<int>(stat.added);
    line.removed = static_cast<int>(stat.removed);
    line.counted = true;
  }

  index::Index& index_;
  const Task& task_;
  const Options& options_;
  PullRequest request_;
};

}  // namespace

Result<Reviewed> reviewed_commits(const git::Repository* repository, const Task& task) {
  Reviewed reviewed;
  if (!repository) return reviewed;
  if (task.kind == Task::Kind::range) {
    Sides sides = sides_of(task.name);
    ObjectId from = TRY(git::resolve_commit(*repository, sides.from));
    ObjectId to = TRY(git::resolve_commit(*repository, sides.to));
    // What a pull request shows: against the place where the branches parted.
    ObjectId common = TRY(git::merge_base(*repository, from, to));
    reviewed.base = (common.empty() ? from : common).hex();
    reviewed.head = to.hex();
    return reviewed;
  }
  std::string name = task.branch.empty() ? "HEAD" : "refs/heads/" + task.branch;
  auto head = git::resolve_commit(*repository, name);
  if (!head) head = git::resolve_commit(*repository, "HEAD");
  if (!head) return reviewed;
  reviewed.head = head->hex();
  if (!task.base.empty() && git::resolve_commit(*repository, task.base)) {
    reviewed.base = task.base;
    return reviewed;
  }
  auto main = TRY(git::base_branch(*repository));
  if (!main) return reviewed;
  ObjectId common = TRY(git::merge_base(*repository, main->id, *head));
  if (!common.empty()) reviewed.base = common.hex();
  return reviewed;
}

Result<Since> since_of(index::Index& index, const git::Repository* repository, const Task& task,
                       std::string_view word) {
  Since since{std::string(word), 0, {}};
  auto address = index::resolve(index, word, repository != nullptr);
  if (!address) return std::unexpected(address.error());
  switch (address->kind) {
    case index::Address::Kind::revision: {
      ObjectId commit = TRY(git::resolve_commit(*repository, address->revision));
      since.commit = commit.hex();
      since.moment = TRY(moment_of_commit(index, *repository, task, commit));
      return since;
    }
    case index::Address::Kind::session:
      since.moment = TRY(index::session(index, address->session_key)).last;
      return since;
    case index::Address::Kind::turn: {
      model::TurnView view = TRY(index::show_turn(index, address->session_key, address->turn));
      Micros last = std::max(view.turn.began, view.turn.ended);
      for (const auto& step : view.steps) last = std::max({last, step.began, step.ended});
      since.moment = last;
      return since;
    }
    case index::Address::Kind::step:
    case index::Address::Kind::path:
      break;
  }
  model::Step step = TRY(index::step(index, address->session_key, address->step));
  since.moment = std::max(step.began, step.ended);
  return since;
}

Result<PullRequest> make_pull_request(index::Index& index, const Task& task, const Options& options,
                                      const Since& since) {
  return Maker(index, task, options).run(since);
}

}  // namespace baton::handoff
