// `baton blame`: a superset of git's. git is asked with the flags that decide what a line's commit
// is; those that decide how rows look are ours.

#include "attribution/blame.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "attribution/commit_taker.h"
#include "attribution/why.h"
#include "base/bytes.h"
#include "cli/blame_flags.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/file_target.h"
#include "cli/reading.h"
#include "diff/line_ranges.h"
#include "diff/lines.h"
#include "git/blame.h"
#include "index/queries.h"
#include "index/snapshot.h"
#include "os/file.h"
#include "render/blame.h"

namespace baton::cli {
namespace {

// REV and PATH, the path perhaps behind `--`. FROM..TO may be ^FROM TO, as git has it.
struct Asked {
  std::string revision, path;
};
Result<Asked> asked_words(const Front& front) {
  const Invocation& asked = front.asked();
  std::vector<std::string> words = asked.words;
  std::string from;
  auto is_path = [&](const std::string& word) {
    auto stat = os::stat_file(os::normalize(front.cwd(), word));
    return stat && stat->exists();
  };
  for (auto word = words.begin(); word != words.end(); ++word) {
    if (!word->starts_with('^') || words.size() + asked.pathspecs.size() < 2 || is_path(*word)) {
      continue;
    }
    from = word->substr(1) + "..";
    words.erase(word);
    break;
  }
  words.insert(words.end(), asked.pathspecs.begin(), asked.pathspecs.end());
  if (words.empty()) {
    return fail(ErrorKind::usage, "'blame' needs PATH", "usage: baton blame [REV] PATH[:LINE]");
  }
  if (words.size() > 2 || asked.pathspecs.size() > 1) {
    return fail(ErrorKind::usage, "'blame' takes one path, not '" + words.back() + "' too");
  }
  if (words.size() == 1) return Asked{from, words[0]};
  return Asked{from + words[0], words[1]};
}

constexpr uint64_t kMaxContents = 256u << 20;

class Blame {
 public:
  explicit Blame(Front& front) : front_(front) {}

  Result<int> run() {
    Asked words = TRY(asked_words(front_));
    TRY(check_ranges());
    auto place = front_.place();
    if (!place && (place.error().kind != ErrorKind::no_store || !front_.repository())) {
      return std::unexpected(place.error());
    }
    if (place) index_ = TRY(front_.index());
    auto target = find_file(front_, index_, words.revision, words.path);
    // As git has it, the path may come first.
    if (!target && !words.revision.empty() && asked().pathspecs.empty()) {
      if (auto turned = find_file(front_, index_, words.path, words.revision)) {
        target = std::move(turned);
      }
    }
    if (!target && target.error().kind == ErrorKind::not_found && index_ != nullptr &&
        asked().has(OptionId::deleted) && words.revision.empty()) {
      if (auto gone = find_deleted_file(front_, *index_, words.path)) target = std::move(gone);
    }
    target_ = TRY(std::move(target));
    TRY(check_blame_flags(asked(), target_));
    if (asked().has(OptionId::contents)) TRY(read_contents());
    view_.path = target_.path;
    view_.revision = target_.revision;
    view_.moment = target_.moment;
    view_.bytes = target_.thinned ? target_.bytes : target_.content.size();
    view_.binary = looks_binary(target_.content);
    TRY(read_form());
    if (target_.thinned && porcelain()) return std::unexpected(*target_.thinned);
    TRY(read_ranges());
    if (!index_) {
      TRY(ask_git_only());
    } else {
      if (of_file()) TRY(look_at_file(front_, *index_, target_, "blame"));
      TRY(ask());
    }
    if (needs_git_lines()) add_git_lines();
    add_turns();
    return write();
  }

 private:
  const Invocation& asked() const { return front_.asked(); }
  HashKind hash() const { return target_.id.size == 32 ? HashKind::sha256 : HashKind::sha1; }
  // Whether it is the file itself that is asked about.
  bool of_file() const { return target_.of_working_tree() && !asked().has(OptionId::contents); }
  bool porcelain() const {
    return asked().has(OptionId::porcelain) || asked().has(OptionId::line_porcelain) ||
           asked().has(OptionId::incremental);
  }

  Status read_form() {
    render::BlameForm& form = view_.form;
    form.bare = asked().has(OptionId::bare);
    form.mail = asked().has(OptionId::show_email);
    form.whole_id = asked().has(OptionId::whole_id);
    form.raw_time = asked().has(OptionId::raw_time);
    form.file = asked().has(OptionId::show_name);
    form.number = asked().has(OptionId::show_number);
    form.dated = asked().has(OptionId::date);
    form.annotate = asked().has(OptionId::annotate);
    form.blank_border = asked().has(OptionId::blank_border);
    form.color_lines = asked().has(OptionId::color_lines);
    form.color_by_age = asked().has(OptionId::color_by_age);
    if (!asked().value(OptionId::abbrev).empty()) {
      auto digits = TRY(asked().number(OptionId::abbrev, 0));
      form.whole_id |= *digits == 0;
      form.id_digits = static_cast<size_t>(std::clamp<int64_t>(*digits, 4, 64));
    }
    if (auto since = TRY(asked_time(front_, OptionId::since))) view_.since = *since;
    return {};
  }

  // What stands in FILE instead of the file.
  Status read_contents() {
    std::string file(asked().value(OptionId::contents));
    auto content = file == "-" ? os::read_stdin(kMaxContents)
                               : os::read_file(os::normalize(front_.cwd(), file), kMaxContents);
    if (!content) {
      Error error = content.error();
      if (error.kind == ErrorKind::not_found) error.message = "no file '" + file + "' here";
      return std::unexpected(std::move(error));
    }
    target_.id = blob_id(hash(), *content);
    target_.content = std::move(*content);
    return {};
  }

  // Words that mean nothing in any file.
  Status check_ranges() const {
    const std::string_view any[] = {"x"};
    for (const std::string& range : asked().values(OptionId::lines)) {
      auto parsed = diff::parse_line_range(range, any);
      if (!parsed && parsed.error().kind == ErrorKind::usage) {
        return std::unexpected(parsed.error());
      }
    }
    return {};
  }

  Status read_ranges() {
    std::vector<std::string> ranges = asked().values(OptionId::lines);
    std::string number = target_.lines;
    if (!number.empty()) {
      if (number.find(',') == std::string::npos) {
        one_line_ = true;
        number += ",+1";
      }
      ranges.insert(ranges.begin(), number);
    }
    if (ranges.empty()) return {};
    if (view_.binary) {
      return fail(ErrorKind::negative, "'" + target_.written + "' is binary: it has no lines");
    }
    auto lines = diff::split_lines(target_.content);
    size_t behind = 0;
    for (const std::string& range : ranges) {
      std::optional<diff::LineRange> found;
      if (diff::names_function(range)) found = function_by_git(range, behind);
      if (!found) {
        auto parsed = diff::parse_line_range(range, lines, behind);
        if (!parsed) {
          Error error = parsed.error();
          if (error.kind == ErrorKind::not_found) {
            error.message = "'" + target_.written + "': " + error.message;
          }
          return std::unexpected(std::move(error));
        }
        found = *parsed;
      }
      behind = found->last;
      view_.shown.emplace_back(found->first, found->last);
    }
    std::ranges::sort(view_.shown);
    return {};
  }

  // git knows from its attributes what a function looks like in the path's language.
  // It searches behind the range before, so it is told of that one.
  std::optional<diff::LineRange> function_by_git(const std::string& range, size_t behind) const {
    if (!front_.repository()) return std::nullopt;
    git::BlameOptions options = git_options(true);
    if (range.starts_with('^')) behind = 0;
    if (behind > 0) options.ranges.push_back(std::to_string(behind) + ",+1");
    options.ranges.push_back(range);
    auto told = git::blame(*front_.repository(), target_.path, options);
    if (!told) return std::nullopt;
    auto first = std::ranges::find_if(
        told->lines, [&](const git::BlameLine& line) { return line.final_line > behind; });
    if (first == told->lines.end()) return std::nullopt;
    return diff::LineRange{first->final_line, told->lines.back().final_line};
  }

  // `given`: git blames the content that we have, not what it finds itself.
  git::BlameOptions git_options(bool given) const {
    git::BlameOptions options;
    options.ignore_whitespace = asked().has(OptionId::ignore_space);
    if (!target_.revision.empty()) {
      options.revision = *ObjectId::from_hex(target_.revision);
    } else if (given || !of_file()) {
      options.contents = target_.content;
    }
    return options;
  }

  Status ask() {
    attribution::BlameOptions options;
    options.path = target_.path;
    options.worktree = target_.worktree;
    options.repository = front_.repository();
    if (!target_.revision.empty()) options.revision = *ObjectId::from_hex(target_.revision);
    options.content = target_.content;
    options.content_id = target_.id;
    options.ignore_whitespace = asked().has(OptionId::ignore_space);
    options.deleted = asked().has(OptionId::deleted);
    view_.blame = TRY(attribution::blame(*index_, options));
    // What stood at the border of a range belongs to it.
    std::erase_if(view_.blame.deleted, [&](const attribution::DeletedLine& line) {
      return !view_.shows(line.before) && (line.before < 2 || !view_.shows(line.before - 1));
    });
    return {};
  }

  // Without a store: what git knows, in the same form.
  Status ask_git_only() {
    if (asked().has(OptionId::deleted)) {
      return std::unexpected(front_.place().error());
    }
    attribution::Blame& blame = view_.blame;
    for (std::string_view text : diff::split_lines(target_.content)) {
      if (text.ends_with('\n')) text.remove_suffix(1);
      blame.lines.push_back({text, 0, 0});
    }
    if (view_.binary) blame.lines.resize(1);
    blame.authorships.resize(2);
    blame.authorships[0].owner.rule = "neither recorded nor in git";
    blame.authorships[1].owner.rule = "not committed";
    auto known = git::blame(*front_.repository(), target_.path, git_options(true));
    if (!known) return {};
    attribution::CommitTaker taker(blame, *known);
    for (size_t i = 0; i < std::min(known->lines.size(), blame.lines.size()); i++) {
      blame.lines[i].authorship = 1;
      taker.take(blame.lines[i], known->lines[i]);
    }
    return {};
  }

  bool needs_git_lines() const {
    return view_.form.mail || view_.form.file || one_line_ || view_.since ||
           !target_.since_revision.empty() || asks_git(asked());
  }

  // What git says with the flags that were given.
  void add_git_lines() {
    if (!front_.repository() || view_.binary) return;
    git::BlameOptions options = git_options(true);
    options.flags = git_blame_flags(front_, target_, view_.since);
    for (const auto& [first, last] : view_.shown) {
      options.ranges.push_back(std::to_string(first) + "," + std::to_string(last));
    }
    auto known = git::blame(*front_.repository(), target_.path, options);
    if (!known) {
      git_problem_ = known.error();
      return;
    }
    view_.git_lines.emplace_back();
    view_.git_line_of.resize(view_.blame.lines.size());
    std::map<std::pair<uint32_t, uint32_t>, uint32_t> numbers;  // by commit and file
    attribution::CommitTaker taker(view_.blame, *known);
    for (const git::BlameLine& from : known->lines) {
      size_t i = from.final_line - 1;
      if (from.final_line == 0 || i >= view_.blame.lines.size()) continue;
      auto [number, added] = numbers.try_emplace({from.commit, from.file});
      if (added) {
        const git::BlameCommit& commit = known->commits[from.commit];
        // The first commit of a history is no border that anybody asked for.
        bool asked_border = view_.since || !target_.since_revision.empty();
        number->second = static_cast<uint32_t>(view_.git_lines.size());
        view_.git_lines.push_back(
            {commit.author.email, known->files[from.file], asked_border && commit.boundary});
      }
      view_.git_line_of[i] = number->second;
      if (options.flags.empty() && !options.ignore_whitespace) continue;
      taker.take(view_.blame.lines[i], from);
    }
  }

  void add_turns() {
    std::optional<index::Snapshot> snapshot;
    if (index_) snapshot.emplace(*index_);
    std::vector<uint8_t> done(view_.blame.authorships.size(), 0);
    for (size_t i = 0; i < view_.blame.lines.size(); i++) {
      const attribution::BlamedLine& line = view_.blame.lines[i];
      if (done[line.authorship] || !view_.shows(i + 1)) continue;
      done[line.authorship] = 1;
      add_turn(view_.blame.of(line));
    }
    for (const attribution::DeletedLine& line : view_.blame.deleted) {
      for (const attribution::Hand* hand : {&line.remover, &line.writer}) {
        attribution::Authorship by;
        by.owner = hand->owner;
        by.turn = hand->owner.step.turn;
        add_turn(by);
      }
    }
  }

  void add_turn(const attribution::Authorship& by) {
    if (by.turn == 0) return;
    const model::StepRef& step = by.turn_step();
    std::string address = step.session + ":" + std::to_string(by.turn);
    if (!view_.turns.contains(address)) {
      if (!front_.json()) {
        auto head = index::turn_head(*index_, step.session_key, by.turn);
        if (head) view_.turns.emplace(address, std::move(*head));
      } else if (auto turn = index::show_turn(*index_, step.session_key, by.turn)) {
        view_.turns.emplace(address, std::move(turn->turn));
      }
    }
    bool wants_why = asked().has(OptionId::why) || (one_line_ && !front_.json());
    if (!wants_why || by.owner.step.empty() ||
        !explained_.insert({step.session_key, step.step}).second)
      return;
    auto why = attribution::why(*index_, step);
    if (why) view_.whys.push_back(std::move(*why));
  }

  Result<int> write() {
    Output& out = front_.out();
    if (git_problem_ && !view_.form.mail && !view_.form.file && names_something_to_git(asked())) {
      return std::unexpected(*git_problem_);
    }
    if (porcelain()) {
      bool incremental = asked().has(OptionId::incremental);
      bool each = asked().has(OptionId::line_porcelain) || incremental;
      std::string text = render::blame_porcelain(front_.style(), view_, TRY(git_porcelain(each)),
                                                 2 * hash_size(hash()), each);
      out.write(incremental ? render::blame_incremental(text) : text);
    } else if (front_.json()) {
      out.write(render::blame_json(front_.style(), view_, asked().has(OptionId::deleted)));
    } else if (asked().has(OptionId::deleted)) {
      if (view_.blame.deleted.empty()) {
        print_warning("no line of '" + target_.written + "' was seen to be removed");
        return kNegative;
      }
      out.write(render::blame_deleted_text(front_.style(), view_));
    } else if (one_line_) {
      out.write(render::blame_line_text(front_.style(), view_, view_.shown[0].first));
    } else {
      out.write(render::blame_text(front_.style(), view_));
    }
    return kFine;
  }

  // "" if git does not know the file.
  Result<std::string> git_porcelain(bool each) const {
    if (!front_.repository()) return std::string();
    git::BlameOptions options = git_options(false);
    options.flags = git_blame_flags(front_, target_, view_.since);
    if (each) options.flags.insert(options.flags.begin(), "--line-porcelain");
    if (asked().has(OptionId::encoding)) {
      options.flags.push_back("--encoding=" + std::string(asked().value(OptionId::encoding)));
    }
    for (const auto& [first, last] : view_.shown) {
      options.ranges.push_back(std::to_string(first) + "," + std::to_string(last));
    }
    auto told = git::blame_porcelain(*front_.repository(), target_.path, options);
    if (told) return told;
    if (told.error().kind == ErrorKind::not_found && !names_something_to_git(asked()))
      return std::string();
    return std::unexpected(told.error());
  }

  Front& front_;
  index::Index* index_ = nullptr;
  FileTarget target_;
  render::BlameView view_;
  bool one_line_ = false;
  std::set<std::pair<int64_t, int>> explained_;
  std::optional<Error> git_problem_;
};

}  // namespace

Result<int> run_blame(Front& front) {
  return Blame(front).run();
}

}  // namespace baton::cli
