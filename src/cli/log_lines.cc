// `baton log --lines PATH:A,B`: what happened to these lines, change by change.

#include "cli/log_lines.h"

#include <algorithm>

#include "base/bytes.h"
#include "cli/exit.h"
#include "cli/file_target.h"
#include "cli/reading.h"
#include "diff/line_ranges.h"
#include "diff/lines.h"
#include "git/history.h"
#include "index/queries.h"
#include "os/file.h"
#include "render/line_history.h"

namespace baton::cli {
namespace {

struct Words {
  std::string path, range;
};

// PATH:A,B; or, as git writes it, A,B:PATH, '/from/,/to/:PATH' and ':function:PATH'.
Words split_words(const std::string& text) {
  size_t at = 0;
  bool numbers = !text.empty() && ((text[0] >= '0' && text[0] <= '9') || text[0] == ',');
  bool expression = text.starts_with('/') || text.starts_with("^/");
  if (text.starts_with(':') || text.starts_with("^:")) {
    at = text.find(':', text.find(':') + 1);
  } else if (numbers || expression) {
    bool inside = false;
    for (at = 0; at < text.size() && (inside || text[at] != ':'); at++) {
      if (text[at] == '\\')
        at++;
      else if (text[at] == '/')
        inside = !inside;
    }
  } else {
    return {text, ""};
  }
  if (at >= text.size()) return {text, ""};
  return {text.substr(at + 1), text.substr(0, at)};
}

Result<FileTarget> find(Front& front, index::Index& index, const std::string& revision,
                        const std::string& text, std::string& range) {
  auto target = find_file(front, &index, revision, text);
  if (target && !target->lines.empty()) {
    range = target->lines;
    return target;
  }
  Words words = split_words(text);
  if (!words.range.empty()) {
    auto as_git = find_file(front, &index, revision, words.path);
    if (as_git && as_git->lines.empty()) {
      range = words.range;
      return as_git;
    }
    if (!as_git && !target) return as_git;
  }
  // PATH:/from/,/to/ and PATH::function.
  for (const char* sign : {":/", ":^/", "::"}) {
    size_t at = text.find(sign);
    if (at == std::string::npos || at == 0) continue;
    auto ours = find_file(front, &index, revision, text.substr(0, at));
    if (!ours) continue;
    range = text.substr(at + 1);
    return ours;
  }
  if (!target) return target;
  return fail(ErrorKind::usage, "'" + text + "' names no lines", "write PATH:10,20 or PATH:10");
}

}  // namespace

Result<int> run_log_lines(Front& front) {
  const Invocation& asked = front.asked();
  const auto& values = asked.values(OptionId::line_history);
  if (values.size() > 1 || asked.words.size() > 1) {
    return fail(ErrorKind::usage, "'log --lines' follows the lines of one place");
  }
  for (OptionId other : {OptionId::failed, OptionId::tests, OptionId::steps, OptionId::path}) {
    if (asked.has(other) || !asked.pathspecs.empty()) {
      return fail(ErrorKind::usage, "'log --lines' takes no other choice of prompts",
                  "it can be limited by --session, --agent, --since, --until and -n");
    }
  }
  TRY(front.place());
  index::Index& index = *TRY(front.index());
  std::string agent = TRY(asked_agent(asked));
  auto session = TRY(asked_session(index, asked));
  auto since = TRY(asked_time(front, OptionId::since));
  auto until = TRY(asked_time(front, OptionId::until));
  size_t limit = TRY(asked_limit(asked, 0));

  std::string words;
  std::string revision = asked.words.empty() ? "" : asked.words[0];
  FileTarget target = TRY(find(front, index, revision, values[0], words));
  if (looks_binary(target.content)) {
    return fail(ErrorKind::negative, "'" + target.written + "' is binary: it has no lines");
  }
  // One line is a range of one.
  if (!words.empty() && words.find_first_not_of("0123456789") == std::string::npos) words += ",+1";
  auto range = diff::parse_line_range(words, diff::split_lines(target.content));
  if (!range) {
    Error error = range.error();
    if (error.kind == ErrorKind::not_found)
      error.message = "'" + target.written + "': " + error.message;
    return std::unexpected(std::move(error));
  }
  if (target.of_working_tree()) TRY(look_at_file(front, index, target, "log"));

  attribution::BlameOptions options;
  options.path = target.path;
  options.worktree = target.worktree;
  options.content = target.content;
  options.content_id = target.id;
  options.repository = front.repository();
  if (!target.revision.empty()) options.revision = *ObjectId::from_hex(target.revision);

  render::LineHistoryView view;
  view.path = target.path;
  view.first = range->first;
  view.last = range->last;
  view.revision = target.revision;
  view.moment = target.moment;
  view.oneline = asked.has(OptionId::oneline);
  view.history = TRY(attribution::line_history(index, options, *range));
  auto unwanted = [&](const attribution::LineChange& change) {
    const model::StepRef& step = change.owner.step;
    return (session && step.session_key != *session) || (!agent.empty() && step.agent != agent) ||
           (since && change.seen < *since) || (until && change.seen > *until);
  };
  std::erase_if(view.history.changes, unwanted);
  bool filtered = session || !agent.empty();
  std::erase_if(view.history.commits, [&](const git::Commit& commit) {
    Micros time = commit.author.time * kSecond;
    return filtered || (since && time < *since) || (until && time > *until);
  });
  if (limit) {
    auto& changes = view.history.changes;
    auto& commits = view.history.commits;
    if (changes.size() > limit) changes.resize(limit);
    if (commits.size() > limit - changes.size()) commits.resize(limit - changes.size());
  }
  for (const auto& change : view.history.changes) {
    const model::StepRef& step = change.owner.step;
    if (step.empty() || step.turn == 0) continue;
    auto turn = index::show_turn(index, step.session_key, step.turn);
    if (turn) view.turns.emplace(turn->turn.address(), std::move(turn->turn));
  }
  front.out().write(front.json() ? render::line_history_json(front.style(), view)
                                 : render::line_history_text(front.style(), view));
  return kFine;
}

}  // namespace baton::cli
