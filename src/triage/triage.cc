#include "triage/triage.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "attribution/line_history.h"
#include "base/bytes.h"
#include "diff/lines.h"
#include "git/object_reader.h"
#include "git/tree_listing.h"
#include "handoff/attempts.h"
#include "index/contents.h"
#include "index/queries.h"
#include "index/state.h"
#include "os/file.h"
#include "triage/paths.h"
#include "triage/test_ids.h"

namespace baton::triage {
namespace {

using attribution::BlamedLine;
using model::OwnerKind;

constexpr uint64_t kMaxFileBytes = 64u << 20;
constexpr size_t kMaxSearched = 1000;  // files that may define a test
constexpr int kMaxHistories = 50;      // lines whose earlier forms are looked for

struct File {
  std::string problem;  // why it has no lines here
  std::string content;
  attribution::Blame blame;  // of it
};

class Triaging {
 public:
  Triaging(index::Index& index, const Options& options) : index_(index), options_(options) {}

  Result<Triage> run(std::string_view text) {
    result_.traces = find_traces(text, &result_.left_out);
    if (result_.traces.empty()) return std::move(result_);
    auto tree = TRY(tree_paths());
    TreePaths paths(tree);
    std::map<std::pair<std::string, int>, size_t> known;
    std::set<std::pair<std::string, int>> told;
    std::vector<size_t> tests;  // traces that only name one
    for (size_t t = 0; t < result_.traces.size(); t++) {
      const Trace& trace = result_.traces[t];
      for (size_t depth = 0; depth < trace.places.size(); depth++) {
        const Place& place = trace.places[depth];
        if (place.line == 0) {
          tests.push_back(t);
          continue;
        }
        auto found = paths.find(place.path, options_.root, options_.prefix);
        std::string problem;
        const File* file = nullptr;
        if (found.path.empty()) {
          problem = found.foreign              ? "a library's or a runtime's file"
                    : found.candidates.empty() ? "no such file in these"
                                               : "several files end so";
        } else {
          file = TRY(blamed(found.path));
          problem = file->problem;
          if (problem.empty() && static_cast<size_t>(place.line) > file->blame.lines.size()) {
            problem = "the file has only " + std::to_string(file->blame.lines.size()) +
                      " lines in this state";
          }
        }
        if (!problem.empty()) {
          if (!told.insert({place.path, place.line}).second) continue;
          if (found.candidates.size() > kMaxCandidates) found.candidates.resize(kMaxCandidates);
          result_.unmapped.push_back({place, problem, std::move(found.candidates)});
          continue;
        }
        auto [at, added] = known.try_emplace({found.path, place.line}, result_.causes.size());
        if (!added) {
          Cause& cause = result_.causes[at->second];
          cause.times++;
          if (depth < cause.depth) std::tie(cause.trace, cause.depth) = std::tie(t, depth);
          continue;
        }
        TRY(add_cause(*file, found, place.line, place.function, t, depth));
      }
    }
    // Where the text tells a line of the test's file that says more than the test's name.
    std::set<std::string> placed;
    for (const Cause& cause : result_.causes) placed.insert(cause.path);
    for (size_t t : tests) TRY(add_test(paths, tree, placed, t));
    order();
    add_turns();
    return std::move(result_);
  }

 private:
  Status add_cause(const File& file, const TreePaths::Found& found, int line,
                   const std::string& function, size_t trace, size_t depth) {
    Cause cause;
    cause.path = found.path;
    cause.matched_by = found.by;
    cause.line = line;
    cause.trace = trace;
    cause.depth = depth;
    cause.function = function;
    cause.defined = result_.traces[trace].places[depth].line == 0;
    const BlamedLine& blamed = file.blame.lines[static_cast<size_t>(line) - 1];
    cause.blamed = attribution::Authorship(file.blame.of(blamed));
    cause.text = blamed.text;
    add_dropped(file, cause);
    add_reworked(file, cause);
    TRY(verify(cause));
    result_.causes.push_back(std::move(cause));
    return {};
  }

  // A test that the text names without a line: where it is defined.
  Status add_test(const TreePaths& paths, const std::vector<std::string>& tree,
                  const std::set<std::string>& placed, size_t t) {
    const Place& place = result_.traces[t].places[0];
    TreePaths::Found found;
    if (place.path.empty()) {
      found.path = TRY(file_that_defines(tree, place.function));
      found.by = "test";
    } else {
      found = paths.find(place.path, options_.root, options_.prefix);
    }
    if (placed.contains(found.path)) return {};
    for (const Unmapped& unmapped : result_.unmapped) {
      if (unmapped.place == place) return {};
    }
    std::string problem;
    if (found.path.empty()) {
      problem = place.path.empty()         ? "no file of these defines this test"
                : found.candidates.empty() ? "no such file in these"
                                           : "several files end so";
    } else {
      const File* file = TRY(blamed(found.path));
      problem = file->problem;
      if (problem.empty()) {
        int line = definition_line(file->content, place.function);
        for (Cause& cause : result_.causes) {
          if (!cause.defined || cause.path != found.path || cause.line != line) continue;
          cause.times++;
          return {};
        }
        if (line > 0) return add_cause(*file, found, line, place.function, t, 0);
        problem = "the file defines no such test in this state";
      }
    }
    result_.unmapped.push_back({place, problem, std::move(found.candidates)});
    return {};
  }

  // "" if none does.
  Result<std::string> file_that_defines(const std::vector<std::string>& tree,
                                        const std::string& test) {
    size_t left = kMaxSearched;
    for (const std::string& path : tree) {
      if (!may_define_tests(path)) continue;
      if (left-- == 0) break;
      auto content = TRY(content_of(path));
      if (content.second.empty() && definition_line(content.first, test) > 0) return path;
    }
    return std::string();
  }

  // The content, or why it cannot be had.
  Result<std::pair<std::string, std::string>> content_of(const std::string& path) {
    std::pair<std::string, std::string> found;
    if (options_.revision.empty()) {
      auto content = os::read_file(os::join(options_.root, path), kMaxFileBytes);
      if (content) {
        found.first = std::move(*content);
      } else {
        found.second = content.error().kind == ErrorKind::not_found ? "there is no such file here"
                                                                    : content.error().message;
      }
      return found;
    }
    auto entries = TRY(git::ls_tree(*options_.repository, options_.revision, false, path));
    git::ObjectReader reader(*options_.repository);
    auto content = entries.empty() ? Result<std::string>(fail(ErrorKind::not_found, ""))
                                   : reader.blob(entries[0].id, kMaxFileBytes);
    if (content) {
      found.first = std::move(*content);
    } else {
      found.second = "its content cannot be had";
    }
    return found;
  }

  Result<std::vector<std::string>> tree_paths() {
    std::vector<std::string> paths;
    if (!options_.revision.empty()) {
      for (const auto& entry : TRY(git::ls_tree(*options_.repository, options_.revision, true))) {
        paths.push_back(entry.path);
      }
      return paths;
    }
    auto position = TRY(index::newest(index_, options_.worktree));
    for (auto& entry : TRY(index::state_at(index_, position)).entries) {
      paths.push_back(std::move(entry.path));
    }
    return paths;
  }

  Result<const File*> blamed(const std::string& path) {
    auto [slot, added] = files_.try_emplace(path);
    File& file = slot->second;
    if (!added) return &file;
    if (files_.size() > kMaxFiles) {
      file.problem = "too many files: this one was not looked at";
      return &file;
    }
    attribution::BlameOptions ask;
    ask.path = path;
    ask.worktree = options_.worktree;
    ask.repository = options_.repository;
    ask.revision = options_.revision;
    ask.deleted = true;
    auto [content, problem] = TRY(content_of(path));
    file.problem = std::move(problem);
    if (!file.problem.empty()) return &file;
    file.content = std::move(content);
    ask.content = file.content;
    ask.content_id = blob_id(index_.store().hash, ask.content);
    if (looks_binary(ask.content)) {
      file.problem = "the file is binary";
      return &file;
    }
    file.blame = TRY(attribution::blame(index_, ask));
    return &file;
  }

  // What stood right before this line, or in its place, and was a step's.
  void add_dropped(const File& file, Cause& cause) {
    auto line = static_cast<uint32_t>(cause.line);
    for (auto gone = file.blame.deleted.rbegin(); gone != file.blame.deleted.rend(); ++gone) {
      if (gone->before != line && gone->before != line + 1) continue;
      if (gone->writer.owner.kind != OwnerKind::step || trim(gone->text).empty()) continue;
      Dropped dropped;
      dropped.writer = gone->writer;
      dropped.remover = gone->remover;
      dropped.text = gone->text;
      add_attempt(cause.path, dropped);
      cause.dropped.push_back(std::move(dropped));
      if (cause.dropped.size() == kMaxDropped) break;
    }
  }

  // What this line was before, as long as it was one prompt's or an attempt that failed: a line
  // that was made of another is no line that was taken away.
  void add_reworked(const File& file, Cause& cause) {
    if (cause.blamed.owner.kind != OwnerKind::step || histories_ == kMaxHistories) return;
    histories_++;
    attribution::BlameOptions ask;
    ask.path = cause.path;
    ask.worktree = options_.worktree;
    ask.content = file.content;
    ask.content_id = blob_id(index_.store().hash, ask.content);
    auto number = static_cast<size_t>(cause.line);
    auto history = attribution::line_history(index_, ask, {number, number});
    if (!history) return;
    const attribution::LineChange* later = nullptr;
    for (const attribution::LineChange& change : history->changes) {
      const attribution::LineChange* remover = std::exchange(later, &change);
      if (!remover || change.owner.kind != OwnerKind::step) continue;
      if (cause.dropped.size() >= kMaxDropped) return;
      Dropped dropped;
      dropped.writer.owner = change.owner;
      dropped.writer.seen = change.seen;
      dropped.remover.owner = remover->owner;
      dropped.remover.seen = remover->seen;
      dropped.text = first_written(change);
      add_attempt(change.path, dropped);
      const model::StepRef &by = change.owner.step, &after = remover->owner.step;
      bool one_prompt = by.session_key == after.session_key && by.turn == after.turn;
      bool known =
          trim(dropped.text).empty() || same_text(dropped.text, cause.text) ||
          std::ranges::find(cause.dropped, dropped.text, &Dropped::text) != cause.dropped.end();
      if (known || !(one_prompt || !dropped.rule.empty())) continue;
      cause.dropped.push_back(std::move(dropped));
    }
  }

  static bool same_text(std::string_view a, std::string_view b) {
    return diff::same_line(a, b, diff::Whitespace::ignore_all);
  }

  // The first of the followed lines that the change brought.
  static std::string first_written(const attribution::LineChange& change) {
    auto lines = diff::split_lines(change.after_content);
    for (const diff::Edit& edit : change.edits) {
      uint32_t from = std::max(edit.new_begin, change.lines.new_begin);
      if (from >= std::min(edit.new_end, change.lines.new_end) || from >= lines.size()) continue;
      std::string_view line = lines[from];
      while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
      return std::string(line);
    }
    return {};
  }

  void add_attempt(const std::string& path, Dropped& dropped) {
    const model::StepRef& step = dropped.writer.owner.step;
    if (step.empty()) return;
    auto [slot, added] = attempts_.try_emplace(step.session_key);
    if (added) {
      auto steps = index::steps(index_, step.session_key, true);
      if (steps) {
        if (auto found = handoff::find_attempts(index_, *steps)) slot->second = std::move(*found);
      }
    }
    for (const handoff::AttemptLine& attempt : slot->second) {
      bool same = std::ranges::find(attempt.steps, step.address()) != attempt.steps.end() &&
                  std::ranges::find(attempt.paths, path) != attempt.paths.end();
      if (!same) continue;
      dropped.rule = attempt.rule;
      dropped.error = attempt.error;
      return;
    }
  }

  Status verify(Cause& cause) {
    const attribution::Authorship& line = cause.blamed;
    if (line.owner.kind != OwnerKind::step && line.owner.kind != OwnerKind::outside) return {};
    if (!line.at.known()) return {};
    Micros after = line.seen;
    if (!line.owner.step.empty()) {
      auto step = index::step(index_, line.owner.step.session_key, line.owner.step.step);
      if (step) after = std::max(step->began, step->ended);
    }
    auto [runs, added] = runs_.try_emplace(line.at.worktree);
    if (added) {
      index::TestFilter filter;
      filter.worktree = line.at.worktree;
      filter.kind = model::TestKind::test;
      runs->second = TRY(index::test_runs(index_, filter));
    }
    if (runs->second.empty() || runs->second[0].time <= after) return {};
    const model::TestRun& run = runs->second[0];  // the newest
    cause.run = run;
    cause.verified = run.verdict == model::TestVerdict::passed   ? Verified::passed
                     : run.verdict == model::TestVerdict::failed ? Verified::failed
                                                                 : Verified::unknown;
    if (cause.verified != Verified::passed) return {};
    index::ChangesSince since = TRY(index::changes_since(index_, run));
    auto has = [&](const std::vector<model::Change>& changes) {
      return std::ranges::find(changes, cause.path, &model::Change::path) != changes.end();
    };
    if (has(since.maybe)) cause.verified = Verified::unknown;
    if (has(since.after)) cause.verified = Verified::stale;
    return {};
  }

  static int owner_rank(const Cause& cause) {
    switch (cause.blamed.owner.kind) {
      case OwnerKind::step:
        return 0;
      case OwnerKind::outside:
        return 1;
      case OwnerKind::unknown:
        return 2;
      default:
        return 3;
    }
  }

  static std::string tests(const Cause& cause) {
    return cause.run && cause.run->partial ? "a part of the tests" : "the tests";
  }

  void order() {
    auto& causes = result_.causes;
    auto written = [](const Cause& cause) {
      return owner_rank(cause) == 3 ? cause.blamed.author_time * kSecond : cause.blamed.seen;
    };
    std::ranges::stable_sort(causes, [&](const Cause& a, const Cause& b) {
      auto key = [&](const Cause& cause) {
        return std::tuple(owner_rank(cause),
                          owner_rank(cause) < 2 && cause.verified == Verified::passed ? 1 : 0,
                          -written(cause), cause.depth, cause.trace);
      };
      return key(a) < key(b);
    });
    Micros newest = 0;
    for (const Cause& cause : causes) {
      if (owner_rank(cause) == 0) newest = std::max(newest, written(cause));
    }
    for (Cause& cause : causes) {
      std::string& reason = cause.reason;
      switch (owner_rank(cause)) {
        case 0:
          reason = cause.blamed.owner.evidence == model::Evidence::contested
                       ? "one of several steps wrote it"
                       : "an agent wrote it";
          if (causes.size() > 1 && written(cause) == newest) reason += ", the last of these";
          break;
        case 1:
          reason = "written outside of any tool call";
          break;
        case 2:
          reason = "nobody knows who wrote it";
          break;
        default:
          reason = "only git knows it: no recorded change";
      }
      if (owner_rank(cause) < 2) {
        switch (cause.verified) {
          case Verified::never:
            reason += "; no test ran after it";
            break;
          case Verified::passed:
            reason += "; " + tests(cause) + " passed after it, and the file is as it was then";
            break;
          case Verified::stale:
            reason += "; " + tests(cause) + " passed after it, but the file was changed since";
            break;
          case Verified::failed:
            reason += "; the last run of the tests after it failed";
            break;
          case Verified::unknown:
            reason += "; how the tests ended after it is not known";
            break;
        }
      }
      reason += cause.defined      ? "; the failing test is defined here"
                : cause.depth == 0 ? "; the failure is here"
                : result_.traces[cause.trace].form == "message"
                    ? "; the file of the failure is included here"
                    : "; " + std::to_string(cause.depth) + (cause.depth == 1 ? " call" : " calls") +
                          " above the failure";
    }
  }

  void add_turns() {
    for (const Cause& cause : result_.causes) {
      const model::StepRef& step = cause.blamed.owner.step;
      if (step.empty() || step.turn == 0) continue;
      std::string address = step.session + ":" + std::to_string(step.turn);
      if (result_.turns.contains(address)) continue;
      auto turn = index::show_turn(index_, step.session_key, step.turn);
      if (turn) result_.turns.emplace(address, std::move(turn->turn));
    }
  }

  index::Index& index_;
  const Options& options_;
  Triage result_;
  int histories_ = 0;
  std::map<std::string, File> files_;
  std::map<int64_t, std::vector<handoff::AttemptLine>> attempts_;  // by session
  std::map<std::string, std::vector<model::TestRun>> runs_;        // by worktree, newest first
};

}  // namespace

std::string_view to_string(Verified verified) {
  switch (verified) {
    case Verified::never:
      return "never";
    case Verified::passed:
      return "passed";
    case Verified::stale:
      return "stale";
    case Verified::failed:
      return "failed";
    case Verified::unknown:
      return "unknown";
  }
  return "";
}

Result<Triage> triage(index::Index& index, std::string_view text, const Options& options) {
  return Triaging(index, options).run(text);
}

}  // namespace baton::triage
