// Notes: which commands count, whose they are and which turn they belong to.

#include <algorithm>
#include <map>

#include "base/bytes.h"
#include "base/hash.h"
#include "index/note_words.h"
#include "index/notes.h"
#include "index/queries.h"
#include "index/query_rows.h"

namespace baton::index {
namespace {

using model::Note;
using model::NoteAuthor;
using model::StepOutcome;

constexpr size_t kIdDigits = 8;
constexpr size_t kLeastIdDigits = 4;
constexpr Micros kStillWriting = 5 * kSecond;  // a note may be written a little behind its command
constexpr int kCannotWrite = 4;                // how `baton note` ends then

struct Raw {
  Note note;
  std::string closes;
  std::string author_session, author_call;
  bool used = false;  // a command was found for it
};

std::vector<std::string> list_of(std::string_view text) {
  std::vector<std::string> list;
  if (text.empty()) return list;
  for (std::string_view item : split(text, '\0')) list.emplace_back(item);
  return list;
}

class Collector {
 public:
  explicit Collector(Index& index) : index_(index), names_(index) {}

  Result<std::vector<Note>> run() {
    TRY(read_written());
    for (Raw& raw : notes_) TRY(find_step(raw));
    TRY(read_commands());
    std::ranges::stable_sort(notes_, {}, [](const Raw& raw) { return raw.note.time; });
    for (Raw& raw : notes_) TRY(place(raw.note));
    close_all();
    std::vector<Note> result;
    for (Raw& raw : notes_) {
      if (!raw.note.text.empty() && raw.closes.empty()) result.push_back(std::move(raw.note));
    }
    return result;
  }

 private:
  Status read_written() {
    struct Later {
      int64_t worktree;
    };
    std::vector<Later> later;
    Statement* rows = TRY(db(index_).cached(
        "SELECT time, id, kind, text, author_kind, author, author_session, author_call, cites,"
        " closes, worktree, branch FROM note_events ORDER BY time, session, event"));
    rows->bind();
    while (TRY(rows->step())) {
      Raw raw;
      raw.note.time = rows->integer(0);
      raw.note.id = rows->str(1);
      raw.note.kind = rows->str(2);
      raw.note.text = rows->str(3);
      raw.note.author_kind = static_cast<NoteAuthor>(rows->small(4));
      raw.note.author = rows->str(5);
      raw.author_session = rows->str(6);
      raw.author_call = rows->str(7);
      raw.note.cites = list_of(rows->text(8));
      raw.closes = rows->str(9);
      raw.note.branch = rows->str(11);
      later.push_back({rows->integer(10)});
      notes_.push_back(std::move(raw));
    }
    for (size_t i = 0; i < later.size(); ++i) {
      notes_[i].note.worktree = TRY(names_.worktree(later[i].worktree));
    }
    return {};
  }

  // The command that wrote it: the one whose call it names, else the only one of the session (or of
  // a subagent's) that says a note and ran at that moment.
  Status find_step(Raw& raw) {
    if (raw.note.author_kind != NoteAuthor::agent) return {};
    int64_t session = TRY(session_of(index_, raw.note.author, raw.author_session));
    if (session == 0) return {};
    raw.note.session_key = session;
    if (!raw.author_call.empty()) {
      Statement* by_call = TRY(
          db(index_).cached("SELECT session, number FROM steps WHERE session = ? AND call = ?"));
      by_call->bind(session, raw.author_call);
      if (TRY(by_call->step())) {
        int64_t key = by_call->integer(0);
        int number = by_call->small(1);
        by_call->reset();
        raw.note.step = TRY(names_.step(key, number));
        return {};
      }
    }
    std::vector<int64_t> keys{session};
    for (const Subagent& each : TRY(subagents(index_, names_, session))) keys.push_back(each.key);
    int64_t found_key = 0;
    int found = 0, count = 0;
    for (int64_t key : keys) {
      Statement* running = TRY(db(index_).cached(
          "SELECT DISTINCT s.number FROM note_commands n JOIN steps s ON s.session = n.session"
          " AND s.number = n.step WHERE n.session = ?1 AND s.first <= ?2"
          " AND (s.ended = 0 OR s.ended + ?3 >= ?2)"));
      running->bind(key, raw.note.time, kStillWriting);
      while (TRY(running->step())) {
        found_key = key;
        found = running->small(0);
        ++count;
      }
    }
    // Several in a row: the newest that had begun.
    if (count > 0) raw.note.step = TRY(names_.step(found_key, found));
    return {};
  }

  struct Command {
    int64_t session = 0;
    int step = 0, at = 0;
    NoteWords words;
    bool certain = false;
    StepOutcome outcome{};
    std::optional<int> exit_status;
    Micros first = 0, ended = 0;
    int64_t worktree = 0;
    std::string branch;
  };

  // Commands whose note was not written and that are sure to have said it.
  Status read_commands() {
    std::vector<Command> commands;
    Statement* rows = TRY(db(index_).cached(
        "SELECT n.session, n.step, n.idx, n.kind, n.text, n.cites, n.closes, n.certain, s.outcome,"
        " s.exit_status, s.first, s.ended, s.worktree, t.branch FROM note_commands n"
        " JOIN steps s ON s.session = n.session AND s.number = n.step"
        " LEFT JOIN turns t ON t.session = s.session AND t.number = s.turn"
        " ORDER BY s.first, n.session, n.step, n.idx"));
    rows->bind();
    while (TRY(rows->step())) {
      commands.push_back({rows->integer(0),
                          rows->small(1),
                          rows->small(2),
                          {rows->str(3), rows->str(4), list_of(rows->text(5)), rows->str(6)},
                          rows->integer(7) != 0,
                          static_cast<StepOutcome>(rows->small(8)),
                          rows->optional_int(9),
                          rows->integer(10),
                          rows->integer(11),
                          rows->integer(12),
                          rows->str(13)});
    }
    for (const Command& command : commands) {
      if (is_written(command) || !TRY(was_said(command))) continue;
      Raw raw;
      const SessionName* session = TRY(names_.session(command.session));
      std::string seed = session->agent + '\0' + session->id + '\0' + std::to_string(command.step) +
                         '\0' + std::to_string(command.at);
      raw.note.id = hex(sha256(seed)).substr(0, kIdDigits);
      raw.note.kind = command.words.kind;
      raw.note.text = command.words.text;
      raw.note.cites = command.words.cites;
      raw.closes = command.words.closes;
      raw.note.time = command.first;
      raw.note.author_kind = NoteAuthor::agent;
      raw.note.author = session->agent;
      raw.note.step = TRY(names_.step(command.session, command.step));
      raw.note.session_key = command.session;
      raw.note.worktree = TRY(names_.worktree(command.worktree));
      raw.note.branch = command.branch;
      raw.note.from_command = true;
      raw.used = true;
      notes_.push_back(std::move(raw));
    }
    return {};
  }

  bool is_written(const Command& command) {
    for (Raw& raw : notes_) {
      if (raw.used || raw.note.kind != command.words.kind) continue;
      bool same_step =
          raw.note.step.session_key == command.session && raw.note.step.step == command.step;
      // Nothing told the note whose it is, but it was written while the command ran.
      bool while_it_ran = raw.note.author_kind != NoteAuthor::agent &&
                          raw.note.text == command.words.text && raw.note.time >= command.first &&
                          (command.ended == 0 || raw.note.time <= command.ended + kStillWriting);
      if (!same_step && !while_it_ran) continue;
      raw.used = true;
      return true;
    }
    return false;
  }

  Result<bool> was_said(const Command& command) {
    if (command.outcome == StepOutcome::refused) return false;
    if (command.certain && (command.outcome == StepOutcome::ok ||
                            command.exit_status == std::optional<int>(kCannotWrite))) {
      return true;
    }
    auto view = show_step(index_, command.session, command.step);
    if (!view) return false;
    return contains(view->output, kTakenFromCommand) || contains(view->error, kTakenFromCommand);
  }

  Status place(Note& note) {
    if (!note.step.empty()) {
      note.session_key = note.step.session_key;
      note.turn = note.step.turn;
    }
    for (std::string& cited : note.cites) {
      auto address = resolve(index_, cited);
      if (!address || address->session_key == 0) continue;
      // As it is written now: an address grows.
      cited = address->session;
      if (address->step != 0) cited += "." + std::to_string(address->step);
      if (address->step == 0 && address->turn != 0) cited += ":" + std::to_string(address->turn);
      if (!address->path.empty()) cited += ":" + address->path;
      if (note.session_key != 0) continue;
      note.session_key = address->session_key;
      note.turn = address->turn;
      if (address->step != 0) {
        note.turn = TRY(names_.step(address->session_key, address->step)).turn;
      }
    }
    if (note.turn == 0) {
      Statement* newest = TRY(db(index_).cached(
          "SELECT t.session, t.number FROM turns t JOIN sessions z ON z.key = t.session"
          " LEFT JOIN worktrees w ON w.key = t.worktree"
          " WHERE z.agent <> 'baton' AND t.began <= ?1 AND (?2 = 0 OR t.session = ?2)"
          " AND (?2 <> 0 OR w.id = ?3) AND (?2 <> 0 OR z.parent IS NULL)"
          " ORDER BY t.began DESC, t.number DESC LIMIT 1"));
      newest->bind(note.time, note.session_key, note.worktree);
      if (TRY(newest->step())) {
        note.session_key = newest->integer(0);
        note.turn = newest->small(1);
      }
      newest->reset();
    }
    if (note.session_key != 0) note.session = TRY(names_.session(note.session_key))->address;
    return {};
  }

  void close_all() {
    for (const Raw& raw : notes_) {
      if (raw.closes.empty()) continue;
      Raw* target = nullptr;
      int count = 0;
      for (Raw& other : notes_) {
        if (!other.closes.empty() || !other.note.id.starts_with(raw.closes)) continue;
        target = &other;
        ++count;
      }
      if (count != 1 || target->note.closed || target->note.time > raw.note.time) continue;
      target->note.closed = true;
      target->note.closed_by = raw.note.author;
      target->note.closed_why = raw.note.text;
      target->note.closed_at = raw.note.time;
    }
  }

  Index& index_;
  Names names_;
  std::vector<Raw> notes_;
};

}  // namespace

Result<std::vector<Note>> notes(Index& index, const NoteFilter& filter) {
  return answer(index, [&]() -> Result<std::vector<Note>> {
    std::vector<Note> all = TRY(Collector(index).run());
    std::erase_if(all, [&](const Note& note) {
      return (!filter.kind.empty() && note.kind != filter.kind) ||
             (filter.session && note.session_key != *filter.session) ||
             (!filter.worktree.empty() && note.worktree != filter.worktree) ||
             (!filter.branch.empty() && note.branch != filter.branch) ||
             (filter.since && note.time < *filter.since);
    });
    return all;
  });
}

Status add_notes(Index& index, std::vector<model::TurnView>& turns) {
  if (turns.empty()) return {};
  if (TRY(db(index).integer("SELECT EXISTS(SELECT 1 FROM note_events)"
                            " + EXISTS(SELECT 1 FROM note_commands)")) == 0) {
    return {};
  }
  std::map<std::pair<int64_t, int>, std::vector<Note>> by_turn;
  for (Note& note : TRY(Collector(index).run())) {
    by_turn[{note.session_key, note.turn}].push_back(std::move(note));
  }
  for (model::TurnView& view : turns) {
    auto found = by_turn.find({view.turn.session_key, view.turn.number});
    if (found != by_turn.end()) view.notes = std::move(found->second);
  }
  return {};
}

Result<Note> find_note(Index& index, std::string_view id) {
  if (id.starts_with("note:")) id.remove_prefix(5);
  std::string wanted = lower_ascii(id);
  std::vector<Note> found;
  if (wanted.size() >= kLeastIdDigits) {
    for (Note& note : TRY(notes(index))) {
      if (note.id.starts_with(wanted)) found.push_back(std::move(note));
    }
  }
  if (found.size() == 1) return std::move(found.front());
  if (found.empty()) {
    return fail(ErrorKind::not_found, "no note '" + std::string(id) + "'",
                "'baton note --list' lists them; 4 digits are enough");
  }
  std::string list = "it may be:";
  for (const Note& note : found) list += "\n  " + note.id + "  " + note.kind;
  return fail(ErrorKind::negative, "'" + std::string(id) + "' is ambiguous", list);
}

Result<int64_t> session_of(Index& index, std::string_view agent, std::string_view id) {
  if (id.empty()) return 0;
  Statement* row = TRY(db(index).cached("SELECT key FROM sessions WHERE agent = ? AND id = ?"));
  row->bind(agent, id);
  int64_t key = TRY(row->step()) ? row->integer(0) : 0;
  row->reset();
  return key;
}

Result<int64_t> session_noting_in(Index& index, int64_t pid, int64_t started) {
  Statement* row = TRY(db(index).cached(
      "SELECT count(DISTINCT z.key), max(z.key) FROM sessions z JOIN steps s ON s.session = z.key"
      " JOIN note_commands n ON n.session = s.session AND n.step = s.number"
      " WHERE z.pid = ? AND z.started = ? AND (s.ended = 0 OR s.background = 1)"));
  row->bind(pid, started);
  int64_t key = TRY(row->step()) && row->integer(0) == 1 ? row->integer(1) : 0;
  row->reset();
  return key;
}

}  // namespace baton::index
