#include "triage/triage.h"

#include "cli/asked_task.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/reading.h"
#include "git/object_reader.h"
#include "os/env.h"
#include "os/file.h"
#include "render/triage.h"

namespace baton::cli {
namespace {

constexpr uint64_t kMaxText = 64u << 20;

Result<std::string> of_limited_size(Result<std::string> text) {
  if (!text && text.error().kind == ErrorKind::limit) {
    text.error().hint = "give its end, where a failure stands: tail -c 60M FILE | baton triage";
  }
  return text;
}

Result<std::string> read_text(const Front& front) {
  const auto& words = front.asked().words;
  std::string word = words.empty() ? "-" : words[0];
  if (word != "-") {
    std::string file = os::normalize(front.cwd(), word);
    if (os::is_directory(file)) {
      return fail(ErrorKind::usage, "'" + word + "' is a folder, not a file");
    }
    auto text = os::read_file(file, kMaxText);
    if (!text && text.error().kind == ErrorKind::not_found) {
      return fail(ErrorKind::not_found, "no file '" + word + "' here");
    }
    return of_limited_size(std::move(text));
  }
  if (words.empty() && os::is_terminal(0)) {
    return fail(ErrorKind::usage, "'triage' needs the text of a failure",
                "write baton triage FILE, or pipe it in: make test 2>&1 | baton triage");
  }
  return of_limited_size(os::read_stdin(kMaxText));
}

}  // namespace

Result<int> run_triage(Front& front) {
  std::string text = TRY(read_text(front));
  const worktree::Place& place = *TRY(front.place());
  index::Index& index = *TRY(front.index());
  triage::Options options;
  options.root = place.root;
  options.prefix = front.prefix();
  options.worktree = front.worktree();
  options.repository = front.repository();
  render::TriageView view;
  if (front.asked().has(OptionId::rev)) {
    std::string word(front.asked().value(OptionId::rev));
    if (!front.repository()) return fail(ErrorKind::not_found, "no git repository here");
    std::string name = word.starts_with("git:") ? word.substr(4) : word;
    auto commit = git::resolve_commit(*front.repository(), name);
    if (!commit) {
      if (commit.error().kind == ErrorKind::io) return std::unexpected(commit.error());
      return fail(ErrorKind::not_found, "no revision '" + word + "'");
    }
    options.revision = *commit;
    view.revision = commit->hex();
  } else {
    TRY(look_at_files(front, index, "triage"));
  }
  view.triage = TRY(triage::triage(index, text, options));
  if (front.json()) {
    front.out().write(render::triage_json(front.style(), view));
  } else if (view.triage.traces.empty()) {
    print_warning("no place in a file is named there (path:line)");
  } else {
    front.out().write(render::triage_text(front.style(), view));
  }
  return view.triage.causes.empty() ? kNegative : kFine;
}

}  // namespace baton::cli
