#include "index/session_ingest.h"

#include <algorithm>

#include "base/bytes.h"

namespace baton::index {
namespace {

using agents::Moment;
using model::StepKind;

}  // namespace

Result<bool> SessionIngest::load(const std::string& directory) {
  row_.directory = directory;
  if (tables_.fresh()) return false;
  Statement* find = TRY(tables_.database().cached(
      "SELECT key, agent, id, hash, journal_read, last_line, last_number, last_chain, file_read, "
      "file_line,"
      " file_generation, file_seq, file_turn, events, damaged, damage, parent, subagent_type, "
      "began,"
      " last, last_event, model, title, cwd, worktree, branch, pid, started, ended, end_reason, "
      "turn,"
      " turns, steps, compactions, file_compactions, resumed FROM sessions WHERE directory = ?"));
  find->bind(directory);
  if (!TRY(find->step())) return false;
  int c = 0;
  row_.key = find->integer(c++);
  row_.agent = find->str(c++);
  row_.id = find->str(c++);
  row_.hash = find->str(c++);
  row_.journal_read = static_cast<uint64_t>(find->integer(c++));
  row_.last_line = static_cast<uint64_t>(find->integer(c++));
  row_.last_number = find->integer(c++);
  row_.last_chain = find->str(c++);
  row_.file_read = static_cast<uint64_t>(find->integer(c++));
  row_.file_line = find->integer(c++);
  row_.file_generation = find->integer(c++);
  row_.file_seq = find->integer(c++);
  row_.file_turn = find->small(c++);
  row_.events = find->integer(c++);
  row_.damaged = find->integer(c++);
  row_.damage = find->str(c++);
  row_.parent = find->str(c++);
  row_.subagent_type = find->str(c++);
  row_.began = find->integer(c++);
  row_.last = find->integer(c++);
  row_.last_event = find->str(c++);
  row_.model = find->str(c++);
  row_.title = find->str(c++);
  row_.cwd = find->str(c++);
  row_.worktree = find->integer(c++);
  row_.branch = find->str(c++);
  row_.pid = find->integer(c++);
  row_.started = find->integer(c++);
  row_.ended = find->integer(c++);
  row_.end_reason = find->str(c++);
  row_.turn = find->small(c++);
  row_.turns = find->small(c++);
  row_.steps = find->small(c++);
  row_.compactions = find->small(c++);
  row_.file_compactions = find->small(c++);
  row_.resumed = find->small(c++);
  find->reset();
  new_session_ = false;

  Statement* open =
      TRY(tables_.database().cached("SELECT number FROM steps WHERE session = ? AND ended = 0"));
  open->bind(row_.key);
  while (TRY(open->step())) open_.insert(open->small(0));
  Statement* waiting =
      TRY(tables_.database().cached("SELECT DISTINCT call FROM file_calls WHERE session = ?"));
  waiting->bind(row_.key);
  while (TRY(waiting->step())) pending_calls_.insert(waiting->str(0));
  return true;
}

Status SessionIngest::begin(const EventHeader& header) {
  // What came before may have been too damaged to name the session.
  if (row_.key != 0 && row_.events > 0) return {};
  row_.agent = header.agent;
  row_.id = header.session;
  row_.hash = hex(sha256(header.agent, std::string_view("\0", 1), header.session));
  row_.began = header.time;
  row_.cwd = header.cwd;
  if (row_.key != 0) {
    Statement* name =
        TRY(tables_.database().cached("UPDATE sessions SET agent=?, id=?, hash=? WHERE key=?"));
    return name->run(row_.agent, row_.id, row_.hash, row_.key);
  }
  Statement* add = TRY(tables_.database().cached(
      "INSERT INTO sessions(agent, id, hash, directory, journal_read, last_line, last_number, "
      "last_chain,"
      " file_read, file_line, file_generation, file_seq, file_turn, events, damaged, turn, turns,"
      " steps, compactions, file_compactions, resumed)"
      " VALUES(?, ?, ?, ?, 0, 0, 0, '', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)"));
  TRY(add->run(row_.agent, row_.id, row_.hash, row_.directory));
  row_.key = tables_.database().last_row_id();
  return {};
}

uint64_t SessionIngest::file_mark(const EventHeader& header) {
  return header.files.empty() ? 0 : static_cast<uint64_t>(header.files.front().second);
}

void SessionIngest::damaged(const std::string& what) {
  ++row_.damaged;
  if (row_.damage.empty()) row_.damage = what;
}

Status SessionIngest::event(Event& event, const LinePlace& place) {
  const EventHeader& header = event.header;
  TRY(begin(header));
  event_step_ = 0;
  if (!event.damage.empty()) damaged(event.damage);
  TRY(note_header(header, event.heard, place));
  if (event.translated && !header.duplicate) TRY(hear(header, event.heard));
  if (!event.note_payload.empty()) TRY(hear_note(header, event.note_payload));
  return observe(header);
}

Status SessionIngest::note_header(const EventHeader& header, const Heard& heard,
                                  const LinePlace& place) {
  Database& database = tables_.database();
  Tables::EventName* name = TRY(tables_.event_name(header.agent, header.event));
  ++name->count;
  name->last = std::max(name->last, header.time);
  name->known = heard.moment != Moment::unknown || header.agent == "baton";
  name->changed = true;
  Statement* add = TRY(
      database.cached("INSERT OR REPLACE INTO events(session, number, offset, length, time, name)"
                      " VALUES(?, ?, ?, ?, ?, ?)"));
  TRY(add->run(row_.key, header.number, place.offset, place.length, header.time, name->key));

  ++row_.events;
  row_.began = row_.began == 0 ? header.time : std::min(row_.began, header.time);
  previous_event_ = row_.last != 0 ? row_.last : header.time;
  row_.last = std::max(row_.last, header.time);
  row_.last_event = header.event;
  if (!header.parent.empty()) row_.parent = header.parent;
  if (row_.parent.empty()) row_.parent = heard.parent;
  if (!heard.subagent_type.empty()) row_.subagent_type = heard.subagent_type;
  if (!heard.model.empty()) row_.model = heard.model;
  if (!header.branch.empty()) row_.branch = header.branch;
  if (row_.cwd.empty()) row_.cwd = header.cwd;
  if (header.pid != 0) {
    row_.pid = header.pid;
    row_.started = header.started;
  }
  if (!header.worktree.empty()) {
    WorktreeRow* worktree = TRY(tables_.worktree(header.worktree));
    if (row_.worktree == 0) row_.worktree = worktree->key;
    if (header.time >= worktree->time) {
      worktree->time = header.time;
      if (!header.root.empty()) worktree->root = header.root;
      worktree->branch = header.branch;
      worktree->head = TRY(tables_.commit_key(header.head));
      worktree->changed = true;
    }
  }

  int gap = 0;
  Statement* add_gap = nullptr;
  auto note_gap = [&](std::string_view what, std::string_view why, int64_t worktree) -> Status {
    if (add_gap == nullptr) {
      add_gap = TRY(database.cached(
          "INSERT OR REPLACE INTO gaps(session, event, idx, time, what, why, worktree)"
          " VALUES(?, ?, ?, ?, ?, ?, ?)"));
    }
    return add_gap->run(row_.key, header.number, gap++, header.time, what, why, worktree);
  };
  int64_t here = header.worktree.empty() ? 0 : TRY(tables_.worktree(header.worktree))->key;
  for (const auto& [what, why] : header.gaps) TRY(note_gap(what, why, here));
  if (header.repaired > 0) {
    TRY(note_gap("journal", std::to_string(header.repaired) + " bytes of a torn line were cut off",
                 here));
  }
  for (const Look& look : header.looks) {
    if (look.complete) continue;
    std::string why = "the budget ended before the look did";
    if (look.known > 0) {
      why += " (" + std::to_string(look.seen) + " of " + std::to_string(look.known) + " seen)";
    }
    WorktreeRow* worktree = TRY(tables_.worktree(look.worktree));
    TRY(note_gap("pass", why, worktree->key));
  }
  return {};
}

Status SessionIngest::hear(const EventHeader& header, const Heard& heard) {
  switch (heard.moment) {
    case Moment::session_start:
      return hear_session_start(header, heard);
    case Moment::session_end:
      return hear_session_end(header, heard.source);
    case Moment::prompt:
      return hear_prompt(header, heard);
    case Moment::tool_before:
      for (const ToolCall& call : heard.calls) {
        if (!call.carrier) TRY(hear_before(header, heard, call));
      }
      return {};
    case Moment::tool_after:
      for (const ToolCall& call : heard.calls) {
        if (!call.carrier) TRY(hear_after(header, heard, call));
      }
      return {};
    case Moment::tool_batch:
      return hear_batch(header, heard);
    case Moment::turn_end:
      return hear_turn_end(header, heard, TurnEnding::completed);
    case Moment::turn_failed:
      return hear_turn_end(header, heard, TurnEnding::failed);
    case Moment::interrupt:
      return hear_turn_end(header, heard, TurnEnding::interrupted);
    case Moment::subagent_start:
      if (!heard.text.empty()) return hear_prompt(header, heard);
      return {};
    case Moment::subagent_end:
      TRY(hear_turn_end(header, heard, TurnEnding::completed));
      return hear_session_end(header, heard.source.empty() ? "done" : heard.source);
    case Moment::compact_after:
      ++row_.compactions;
      if (!heard.text.empty()) {
        FileFact summary;
        summary.time = header.time;
        summary.text = heard.text;
        summary.turn = heard.turn;
        return file_message(summary, model::MessageKind::summary);
      }
      return {};
    case Moment::permission:
      return hear_permission(header, heard);
    case Moment::plan_item: {
      // Told while the call that makes the item runs.
      int step_number = 0;
      for (int number : open_) {
        StepRow* row = TRY(step(number));
        if (row != nullptr && row->kind == StepKind::plan) step_number = number;
      }
      for (const ToolCall& call : heard.calls) {
        for (const auto& item : call.plan) {
          TRY(plan_item(step_number, header.time, 0, item, ""));
        }
      }
      return {};
    }
    case Moment::notice:
      for (const agents::Given& given : heard.given) {
        TRY(add_given(row_.agent, row_.id, given, header.time));
      }
      return {};
    case Moment::compact_before:
    case Moment::unknown:
      return {};
  }
  return {};
}

void SessionIngest::shed() {
  std::erase_if(steps_, [&](const auto& each) {
    return !each.second.changed && each.second.ended != 0 && each.first + 1000 < row_.steps &&
           !(each.second.background && each.second.background_ended == 0);
  });
}

}  // namespace baton::index
