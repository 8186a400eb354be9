// `baton diff`: the files at two moments. A moment is a position on a worktree's timeline, a git
// revision, or the working tree as it is now, which is looked at (and so recorded) first.

#include <algorithm>
#include <map>

#include "base/bytes.h"
#include "cli/changes.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/reading.h"
#include "cli/target.h"
#include "index/state.h"
#include "record/record.h"
#include "render/json.h"
#include "render/text.h"

namespace baton::cli {
namespace {

struct Moment {
  std::string name;          // as the user wrote it
  model::Position position;  // unless `revision` is set
  std::string revision;      // of git
};

class Moments {
 public:
  Moments(Front& front, index::Index& index) : front_(front), index_(index) {}

  // What the user wrote: ADDRESS, ADDRESS^, what a target's name says, a git revision.
  Result<Moment> parse(const std::string& word) {
    if (auto named = TRY(named_target(front_, index_, word))) {
      return Moment{named->name, named->position, named->revision};
    }
    Moment moment{word, {}, ""};
    bool before = word.ends_with("^") && !word.starts_with("git:");
    if (before) {
      std::string_view rest = std::string_view(word).substr(0, word.size() - 1);
      auto address = index::resolve(index_, rest, false);
      if (address) {
        moment.position = TRY(index::span(index_, *address)).before;
        return known(std::move(moment));
      }
      if (!front_.repository()) return std::unexpected(address.error());
    }
    index::Address address = TRY(index::resolve(index_, word, true));
    if (address.kind == index::Address::Kind::revision) {
      moment.revision = address.revision;
      return moment;
    }
    if (address.kind == index::Address::Kind::path) {
      return fail(ErrorKind::usage, "'" + word + "' is a file",
                  "put the path after '--': baton diff " + word.substr(0, word.find(':')) + " -- " +
                      address.path);
    }
    moment.position = TRY(index::span(index_, address)).after;
    return known(std::move(moment));
  }

  Result<Moment> before_newest_prompt() {
    index::LogFilter filter;
    filter.synthetic = false;
    filter.limit = 1;
    auto turns = TRY(index::log(index_, filter));
    if (turns.empty()) return std::unexpected(nothing_recorded());
    return parse(turns[0].turn.address() + "^");
  }

  Result<Moment> working_tree() {
    const worktree::Place& place = *TRY(front_.place());
    std::string session = "reader-" + format_utc(front_.style().now).substr(0, 10);
    if (!front_.bundle()) {
      auto looked = record::look_for_reader(place.root, session, "{\"for\":\"diff\"}");
      if (looked.problem) {
        print_warning("the working tree is shown as it was last seen: " + looked.problem->message);
      }
      if (looked.recorded) TRY(index_.update());
    }
    Moment moment{"working tree", {}, ""};
    moment.position = TRY(index::newest(index_, front_.worktree()));
    return known(std::move(moment));
  }

  // What differs, in order of the paths.
  Result<std::vector<model::Change>> between(const Moment& from, const Moment& to) {
    if (from.revision.empty() && to.revision.empty()) {
      return index::state_diff(index_, from.position, to.position);
    }
    auto before = TRY(files(from)), after = TRY(files(to));
    std::vector<model::Change> changes;
    auto add = [&](const std::string& path, const model::StateEntry* b,
                   const model::StateEntry* a) {
      if (b && a && b->id == a->id && b->mode == a->mode) return;
      model::Change change;
      change.path = path;
      if (b) change.before = b->id, change.before_mode = b->mode;
      if (a) change.after = a->id, change.after_mode = a->mode;
      change.withheld = (b && b->withheld) || (a && a->withheld);
      changes.push_back(std::move(change));
    };
    for (const auto& [path, entry] : before) {
      auto there = after.find(path);
      add(path, &entry, there == after.end() ? nullptr : &there->second);
    }
    for (const auto& [path, entry] : after) {
      if (!before.contains(path)) add(path, nullptr, &entry);
    }
    std::ranges::stable_sort(changes, {}, &model::Change::path);
    return changes;
  }

 private:
  using Files = std::map<std::string, model::StateEntry>;

  static Result<Moment> known(Moment moment) {
    if (moment.position.known()) return moment;
    return fail(ErrorKind::not_found,
                "the files at '" + moment.name + "' are not known: no look at them was recorded");
  }

  Result<Files> files(const Moment& moment) {
    Files files;
    if (moment.revision.empty()) {
      for (auto& entry : TRY(index::state_at(index_, moment.position)).entries) {
        files.emplace(entry.path, entry);
      }
      return files;
    }
    if (!index_.git()) return fail(ErrorKind::not_found, "no git repository here");
    for (auto& entry : TRY(index_.git()->tree(moment.revision))) {
      files.emplace(entry.path, model::StateEntry{entry.path, entry.mode, entry.id, false});
    }
    return files;
  }

  Front& front_;
  index::Index& index_;
};

// FROM..TO in one word is two words.
std::vector<std::string> moment_words(const std::vector<std::string>& words) {
  if (words.size() != 1) return words;
  size_t dots = words[0].find("..");
  if (dots == std::string::npos || words[0].find("...") != std::string::npos) return words;
  std::vector<std::string> both = {words[0].substr(0, dots), words[0].substr(dots + 2)};
  if (both[1].empty()) both.pop_back();
  return both;
}

}  // namespace

Result<int> run_diff(Front& front) {
  const Invocation& asked = front.asked();
  render::ChangeOptions options;
  if (auto context = TRY(asked.number(OptionId::unified, 0))) {
    options.context = static_cast<uint32_t>(std::min<int64_t>(*context, 1 << 20));
  }
  TRY(front.place());
  auto paths = TRY(asked_paths(front));
  index::Index& index = *TRY(front.index());
  Moments moments(front, index);
  std::vector<std::string> words = moment_words(asked.words);
  bool from_given = !words.empty() && !words[0].empty();
  Moment from = from_given ? TRY(moments.parse(words[0])) : TRY(moments.before_newest_prompt());
  Moment to = words.size() > 1 ? TRY(moments.parse(words[1])) : TRY(moments.working_tree());

  auto files = load_changes(index, TRY(moments.between(from, to)), paths);
  // Many may have had a hand in what lies between two moments; blame tells of each line.
  for (auto& file : files) file.owners.clear();
  if (front.json()) {
    render::JsonAnswer answer("diff");
    answer.writer().member("from", from.name).member("to", to.name);
    render::write_files(answer.writer(), front.style(), files, options);
    front.out().write(answer.finish(front.style()));
  } else if (asked.has(OptionId::name_only)) {
    front.out().write(render::names_text(front.style(), files));
  } else if (asked.has(OptionId::stat)) {
    front.out().write(render::stat_text(front.style(), files));
  } else {
    front.out().write(render::diff_text(front.style(), files, options));
  }
  return asked.has(OptionId::exit_code) && !files.empty() ? kNegative : kFine;
}

}  // namespace baton::cli
