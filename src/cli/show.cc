#include "render/show.h"

#include "cli/changes.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/reading.h"
#include "git/history.h"
#include "index/notes.h"
#include "render/json.h"
#include "render/notes.h"
#include "render/text.h"

namespace baton::cli {
namespace {

using index::Address;

Result<Address> newest_turn(index::Index& index) {
  index::LogFilter newest;
  newest.limit = 1;
  auto turns = TRY(index::log(index, newest));
  if (turns.empty()) return std::unexpected(nothing_recorded());
  Address address;
  address.kind = Address::Kind::turn;
  address.session_key = turns[0].turn.session_key;
  address.session = turns[0].turn.session;
  address.turn = turns[0].turn.number;
  return address;
}

class Show {
 public:
  Show(Front& front, index::Index& index, index::Pathspec paths)
      : front_(front), index_(index), paths_(std::move(paths)) {}

  Status read_options() {
    const Invocation& asked = front_.asked();
    if (asked.has(OptionId::no_diff)) options_.changes = render::Changes::none;
    if (asked.has(OptionId::stat)) options_.changes = render::Changes::stat;
    auto context = TRY(asked.number(OptionId::unified, 0));
    if (context)
      options_.diff.context = static_cast<uint32_t>(std::min<int64_t>(*context, 1 << 20));
    return {};
  }

  Status one(const Address& address) {
    switch (address.kind) {
      case Address::Kind::session:
        return session(address);
      case Address::Kind::turn:
        return turn(address);
      case Address::Kind::step:
        return step(address);
      case Address::Kind::path:
        return file(address);
      case Address::Kind::revision:
        return commit(address);
    }
    return {};
  }

  void notes(const std::vector<model::Note>& notes) {
    separate();
    front_.out().write(front_.json() ? render::notes_json(front_.style(), notes)
                                     : render::notes_text(front_.style(), notes));
  }

 private:
  void separate() {
    if (shown_ && !front_.json()) front_.out().write("\n");
    shown_ = true;
  }

  Result<std::vector<render::FileChange>> changes(const Address& address) {
    if (options_.changes == render::Changes::none) return std::vector<render::FileChange>();
    return load_changes(index_, TRY(index::changes_of(index_, address)), paths_);
  }

  Status session(const Address& address) {
    auto view = TRY(index::show_session(index_, address.session_key));
    auto plan = TRY(index::plan(index_, address.session_key));
    // All of a session's changes are much: the sums, unless the diff is asked for.
    bool asked_diff = front_.asked().has(OptionId::full) || front_.asked().has(OptionId::unified);
    render::ShowOptions options = options_;
    if (options.changes == render::Changes::diff && !asked_diff) {
      options.changes = render::Changes::stat;
    }
    auto files = TRY(changes(address));
    auto told = TRY(index::injections(index_, view.session));
    separate();
    if (front_.json()) {
      render::JsonAnswer answer("session");
      json::Writer& json = answer.writer();
      json.key("session");
      render::write(json, view.session);
      json.key("turns").begin_array();
      for (const auto& each : view.turns) render::write(json, each, true, false);
      json.end_array();
      render::write_list(json, "subagents", view.subagents);
      json.key("plan");
      render::write(json, plan);
      if (!told.empty()) render::write_list(json, "told", told);
      render::write_files(json, front_.style(), files, options_.diff);
      front_.out().write(answer.finish(front_.style()));
    } else {
      for (auto& each : view.turns) describe_plan_steps(index_, each.steps);
      front_.out().write(render::session_text(front_.style(), view, plan, told, files, options));
    }
    return {};
  }

  Status turn(const Address& address) {
    auto view = TRY(index::show_turn(index_, address.session_key, address.turn));
    auto files = TRY(changes(address));
    separate();
    if (front_.json()) {
      render::JsonAnswer answer("turn");
      answer.writer().key("turn");
      render::write(answer.writer(), view, true, true);
      render::write_files(answer.writer(), front_.style(), files, options_.diff);
      front_.out().write(answer.finish(front_.style()));
    } else {
      describe_plan_steps(index_, view.steps);
      front_.out().write(render::turn_text(front_.style(), view, files, options_));
    }
    return {};
  }

  Status step(const Address& address) {
    auto view = TRY(index::show_step(index_, address.session_key, address.step));
    auto files = TRY(changes(address));
    separate();
    if (front_.json()) {
      render::JsonAnswer answer("step");
      answer.writer().key("step");
      render::write(answer.writer(), view);
      render::write_files(answer.writer(), front_.style(), files, options_.diff);
      front_.out().write(answer.finish(front_.style()));
    } else {
      front_.out().write(render::step_text(front_.style(), view, files, options_));
    }
    return {};
  }

  Status file(const Address& address) {
    return fail(ErrorKind::usage,
                "'" + address.session + "." + std::to_string(address.step) + ":" + address.path +
                    "' is a file",
                "'baton cat' prints it");
  }

  Status commit(const Address& address) {
    if (!front_.repository()) return fail(ErrorKind::not_found, "no git repository here");
    auto commits =
        TRY(git::log(*front_.repository(), {.revisions = {address.revision}, .limit = 1}));
    if (commits.empty()) return fail(ErrorKind::not_found, "no commit '" + address.revision + "'");
    const git::Commit& found = commits[0];
    auto view = TRY(index::commit_prompts(index_, found.id.hex()));
    render::CommitTitle title;
    title.author = found.author.name + " <" + found.author.email + ">";
    title.subject = render::first_line(found.message);
    title.time = found.author.time;
    separate();
    if (front_.json()) {
      render::JsonAnswer answer("commit");
      json::Writer& json = answer.writer();
      json.member("subject", title.subject).member("author", title.author);
      json.key("commit");
      render::write(json, view);
      front_.out().write(answer.finish(front_.style()));
    } else {
      front_.out().write(render::commit_text(front_.style(), view, title));
    }
    return {};
  }

  Front& front_;
  index::Index& index_;
  index::Pathspec paths_;
  render::ShowOptions options_;
  bool shown_ = false;
};

}  // namespace

Result<int> run_show(Front& front) {
  TRY(front.place());
  auto paths = TRY(asked_paths(front));
  index::Index& index = *TRY(front.index());
  std::vector<Address> addresses;
  std::vector<model::Note> notes;
  for (const std::string& word : front.asked().words) {
    if (word.starts_with("note:")) {
      notes.push_back(TRY(index::find_note(index, word)));
      continue;
    }
    addresses.push_back(TRY(index::resolve(index, word, true)));
  }
  if (addresses.empty() && notes.empty()) addresses.push_back(TRY(newest_turn(index)));
  Show show(front, index, std::move(paths));
  TRY(show.read_options());
  for (const Address& address : addresses) TRY(show.one(address));
  if (!notes.empty()) show.notes(notes);
  return kFine;
}

}  // namespace baton::cli
