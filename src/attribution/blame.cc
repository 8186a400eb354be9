#include "attribution/blame.h"

#include <algorithm>

#include "attribution/authorships.h"
#include "attribution/commit_moves.h"
#include "attribution/deleted.h"
#include "attribution/git_lines.h"
#include "attribution/history.h"
#include "base/bytes.h"
#include "index/snapshot.h"

namespace baton::attribution {

Hand::Hand() = default;
Hand::Hand(const Hand& other) = default;
Hand::Hand(Hand&& other) noexcept = default;
Hand& Hand::operator=(const Hand& other) = default;
Hand& Hand::operator=(Hand&& other) noexcept = default;
Hand::~Hand() = default;

Authorship::Authorship() = default;
Authorship::Authorship(const Authorship& other) = default;
Authorship::Authorship(Authorship&& other) noexcept = default;
Authorship& Authorship::operator=(Authorship&& other) noexcept = default;
Authorship::~Authorship() = default;

Blame::Blame() = default;
Blame::Blame(Blame&& other) noexcept = default;
Blame& Blame::operator=(Blame&& other) noexcept = default;
Blame::~Blame() = default;

namespace {

constexpr std::string_view kHeadMoved = "commit holds it";  // rule of what a checkout brought

Result<Blame> find(index::Index& index, const BlameOptions& options, History& history,
                   std::vector<index::KeepGit>& news) {
  index::Snapshot snapshot(index);
  Blame result;
  result.binary = looks_binary(options.content);
  auto texts = lines_of(options.content);
  result.lines.reserve(texts.size());
  for (std::string_view text : texts) {
    if (text.ends_with('\n')) text.remove_suffix(1);
    BlamedLine& line = result.lines.emplace_back();
    if (!result.binary) line.text = text;
  }
  GitLines from_git;
  if (options.repository != nullptr) {
    from_git = git_lines(index, *options.repository, options.path, options.revision,
                         options.content, options.content_id, options.ignore_whitespace, news);
  }
  Lines lines = TRY(history.lines_of_content(options.worktree, options.path, options.content,
                                             options.content_id, from_git.names));
  Timeline* timeline = TRY(history.whole_timeline(options.worktree, options.path));
  result.recorded = timeline != nullptr && !timeline->versions.empty();
  from_git.lines.resize(result.lines.size());
  TRY(from_commits(history, options, from_git, result.recorded ? timeline->versions[0].seen : 0,
                   lines));
  bool lost = timeline != nullptr && std::ranges::any_of(timeline->deltas, &Delta::lost);

  Authorships authorships(index, options, lines, from_git, {result.recorded, lost}, news);
  TRY(authorships.prepare());
  for (size_t i = 0; i < result.lines.size(); ++i) TRY(authorships.take(i, result.lines[i]));

  if (options.deleted && timeline != nullptr && !result.binary) {
    for (Tombstone& stone : TRY(tombstones(history, *timeline, lines.version, options.content))) {
      auto remover = TRY(authorships.hands().of(stone.remover));
      // On another branch it still stands.
      if (stone.by_return && remover->owner.rule == kHeadMoved) continue;
      DeletedLine& line = result.deleted.emplace_back();
      line.text = std::move(stone.text);
      line.remover = *remover;
      line.writer = *TRY(authorships.hands().of(timeline->marks[stone.mark].writer));
      line.before = stone.before + 1;
    }
  }
  result.authorships = std::move(authorships.made());
  return result;
}

}  // namespace

Result<Blame> blame(index::Index& index, const BlameOptions& options) {
  History history(index);
  std::vector<index::KeepGit> news;
  auto found = find(index, options, history, news);
  if (found) history.keep(news);
  return found;
}

}  // namespace baton::attribution
