#include "index/session_ingest.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/json.h"
#include "index/acts.h"
#include "index/call_facts.h"

namespace baton::index {
namespace {

using agents::Outcome;
using agents::OutcomeKind;
using agents::ToolCall;

}  // namespace

Status SessionIngest::hear_session_start(const EventHeader& header, const Heard& heard) {
  if (heard.source == "resume") {
    ++row_.resumed;
    // Whatever ran when the agent was stopped runs no more.
    TurnRow* current = row_.turn != 0 ? TRY(turn(row_.turn)) : nullptr;
    TRY(close_open(header.time, EndSource::session_start, 0));
    if (current != nullptr && current->ending == TurnEnding::none) {
      current->ending = TurnEnding::cut;
      current->ended = current->last;
      current->changed = true;
    }
  }
  if (row_.ended != 0 && header.time > row_.ended) {
    row_.ended = 0;
    row_.end_reason.clear();
  }
  return {};
}

Status SessionIngest::hear_session_end(const EventHeader& header, const std::string& reason) {
  TRY(file_calls(header.time));
  row_.ended = header.time;
  row_.end_reason = reason;
  TRY(close_open(header.time, EndSource::session_end, 0));
  TRY(end_background("", 0, header.time));
  TurnRow* current = row_.turn != 0 ? TRY(turn(row_.turn)) : nullptr;
  if (current != nullptr && current->ending == TurnEnding::none) {
    current->ending = TurnEnding::interrupted;
    current->ended = header.time;
    current->changed = true;
  }
  return {};
}

Status SessionIngest::hear_prompt(const EventHeader& header, const Heard& heard) {
  TurnRow* current = row_.turn != 0 ? TRY(turn(row_.turn)) : nullptr;
  TurnRow* target = nullptr;
  if (!heard.turn.empty()) {
    TurnRow* same = nullptr;
    auto known = turn_ids_.find(heard.turn);
    if (known != turn_ids_.end()) {
      same = TRY(turn(known->second));
    } else if (!new_session_) {
      Statement* find = TRY(tables_.database().cached(
          "SELECT max(number) FROM turns WHERE session = ? AND agent_turn = ?"));
      find->bind(row_.key, heard.turn);
      int number = TRY(find->step()) ? find->small(0) : 0;
      find->reset();
      if (number != 0) same = TRY(turn(number));
    }
    if (same != nullptr) {
      if (same->prompted == 1 && same->prompt == heard.text) return {};  // heard twice
      if (same->prompted != 1) target = same;  // its first tool was heard before it
    }
  }
  if (target == nullptr && heard.synthetic_prompt && current != nullptr && heard.turn.empty() &&
      current->ending == TurnEnding::none) {
    return {};  // a notice in the middle of a turn
  }
  if (target == nullptr) {
    TRY(file_calls(header.time));
    if (current != nullptr) {
      // Whatever was not closed is over now, but for what goes on in the background.
      TRY(close_open(header.time, EndSource::prompt, 0));
      if (current->ending == TurnEnding::none) {
        current->ending = heard.synthetic_prompt ? TurnEnding::completed : TurnEnding::cut;
        current->ended = current->last;
        current->changed = true;
      }
    }
    target = &new_turn(header.time);
  }
  target->prompt = heard.text;
  target->prompted = 1;
  target->synthetic = heard.synthetic_prompt;
  target->began = std::min(target->began, header.time);
  target->last = std::max(target->last, header.time);
  target->agent_turn = heard.turn;
  target->branch = header.branch;
  target->head = TRY(tables_.commit_key(header.head));
  target->worktree = header.worktree.empty() ? 0 : TRY(tables_.worktree(header.worktree))->key;
  if (!heard.model.empty()) target->model = heard.model;
  target->event = header.number;
  target->changed = true;
  if (!heard.turn.empty()) turn_ids_[heard.turn] = target->number;
  if (row_.ended != 0 && header.time > row_.ended) {
    row_.ended = 0;
    row_.end_reason.clear();
  }
  return tables_.add_doc(
      {header.time, row_.key, target->number, 0, model::Hit::Kind::prompt, 0, target->prompt});
}

Status SessionIngest::hear_before(const EventHeader& header, const Heard& heard,
                                  const ToolCall& call) {
  TurnRow* in = TRY(turn_of(heard.turn, header.time, true));
  active(*in, header.time);
  if (!heard.model.empty() && in->model.empty()) in->model = heard.model;
  StepRow* found = TRY(find_step(call));
  if (found != nullptr && found->before_event) {  // heard twice
    event_step_ = found->number;
    return {};
  }
  if (found == nullptr && call.id.empty()) {
    // Its after-event may have come first.
    int64_t input = input_hash(call);
    for (auto it = steps_.rbegin(); it != steps_.rend(); ++it) {
      StepRow& row = it->second;
      if (row.call.empty() && row.input == input && row.after_event && !row.before_event) {
        found = &row;
      }
    }
  }
  if (found == nullptr) found = TRY(new_step(call, in->number, header.time));
  event_step_ = found->number;
  found->before_event = header.number;
  found->began = header.time;
  found->from_file = false;
  describe(*found, call, header.cwd);
  if (!header.worktree.empty() && found->worktree == 0) {
    found->worktree = TRY(tables_.worktree(header.worktree))->key;
  }
  if (found->outside.empty()) found->outside = header.outside;
  TRY(command_doc(*found));
  TRY(take_paths(*found, call, header));
  return touch_runs(*found, found->first);
}

Status SessionIngest::hear_after(const EventHeader& header, const Heard& heard,
                                 const ToolCall& call) {
  StepRow* found = TRY(find_step(call));
  if (found == nullptr && call.id.empty()) found = TRY(open_like(input_hash(call)));
  if (found != nullptr && found->after_event) {  // heard twice
    event_step_ = found->number;
    return {};
  }
  TurnRow* in = found != nullptr ? TRY(turn(found->turn)) : nullptr;
  if (in == nullptr) in = TRY(turn_of(heard.turn, header.time, true));
  active(*in, header.time);
  if (found == nullptr) {
    found = TRY(new_step(call, in->number, header.time));
    found->run_began = previous_event_;  // it cannot have begun before
  }
  event_step_ = found->number;
  found->after_event = header.number;
  found->from_file = false;
  describe(*found, call, header.cwd);
  if (!header.worktree.empty() && found->worktree == 0) {
    found->worktree = TRY(tables_.worktree(header.worktree))->key;
  }
  if (found->outside.empty()) found->outside = header.outside;
  TRY(touch_runs(*found, found->first));
  TRY(take_outcome(*found, call.outcome, OutcomeSource::after, header.time));
  close(*found, header.time, EndSource::after);
  // It had ended before the look behind it began.
  for (const Look& look : header.looks) found->quiet = std::min(found->quiet, look.began);
  TRY(command_doc(*found));
  TRY(take_paths(*found, call, header));
  found->flags |= kStepClosedClaims;
  TRY(take_plan(*found, call, header.time));
  TRY(take_output(*found, call.outcome, header.time));
  TRY(take_test(*found, call.outcome.output.empty() ? call.outcome.error : call.outcome.output));
  return touch_runs(*found, found->first);
}

Status SessionIngest::hear_batch(const EventHeader& header, const Heard& heard) {
  for (const ToolCall& call : heard.calls) {
    if (call.carrier) continue;
    StepRow* found = TRY(find_step(call));
    if (found == nullptr && call.id.empty()) found = TRY(open_like(input_hash(call)));
    if (found == nullptr && call.id.empty()) {
      // Without an id an answered call cannot be told from one that is heard of for the first time:
      // the newest like it that was answered.
      int64_t input = input_hash(call);
      bool answered = std::ranges::any_of(steps_, [&](const auto& each) {
        return each.second.call.empty() && each.second.input == input && each.second.after_event;
      });
      if (answered) continue;
    }
    if (found != nullptr && (found->after_event || found->batch_event)) continue;
    TurnRow* in = found != nullptr ? TRY(turn(found->turn)) : nullptr;
    if (in == nullptr) in = TRY(turn_of(heard.turn, header.time, true));
    active(*in, header.time);
    if (found == nullptr) {
      found = TRY(new_step(call, in->number, header.time));
      found->began = header.time;
    }
    found->batch_event = header.number;
    describe(*found, call, header.cwd);
    if (!header.worktree.empty() && found->worktree == 0) {
      found->worktree = TRY(tables_.worktree(header.worktree))->key;
    }
    Outcome outcome = call.outcome;
    // No after-event was sent for it: it could not begin, was refused, or failed.
    if (outcome.kind == OutcomeKind::none) outcome.kind = OutcomeKind::failed;
    TRY(take_outcome(*found, outcome, OutcomeSource::batch, header.time));
    close(*found, header.time, EndSource::batch);
    TRY(command_doc(*found));
    TRY(take_paths(*found, call, header));
    TRY(take_plan(*found, call, header.time));
    TRY(take_output(*found, outcome, header.time));
    TRY(take_test(*found, outcome.output.empty() ? outcome.error : outcome.output));
    TRY(touch_runs(*found, found->first));
  }
  return {};
}

Status SessionIngest::hear_permission(const EventHeader& header, const Heard& heard) {
  for (const ToolCall& call : heard.calls) {
    if (call.outcome.kind != OutcomeKind::refused) continue;
    StepRow* found = TRY(find_step(call));
    if (found == nullptr) {
      // Some agents do not say which call it was.
      int64_t input = input_hash(call);
      for (int number : open_) {
        StepRow* row = TRY(step(number));
        if (row != nullptr && row->tool == call.name &&
            (row->input == input || (!row->command.empty() && row->command == call.command))) {
          found = row;
        }
      }
    }
    if (found == nullptr || found->after_event) continue;
    TRY(take_outcome(*found, call.outcome, OutcomeSource::after, header.time));
    close(*found, header.time, EndSource::after);
  }
  return {};
}

Status SessionIngest::hear_turn_end(const EventHeader& header, const Heard& heard,
                                    TurnEnding ending) {
  TRY(file_calls(header.time));
  TurnRow* target = TRY(turn_of(heard.turn, header.time, false));
  if (target == nullptr) {
    if (heard.text.empty()) return {};
    target = &new_turn(header.time);
  }
  target->last = std::max(target->last, header.time);
  if (target->ended != 0) {
    // What a background command did since was judged by the earlier end.
    for (const auto& [key, row] : tables_.worktrees()) tables_.touch(key, target->ended);
  }
  // The user's stop is not undone by the end that may follow it.
  if (target->ending != TurnEnding::interrupted || ending == TurnEnding::interrupted) {
    target->ending = ending;
  }
  target->ended = header.time;
  target->changed = true;
  EndSource source = ending == TurnEnding::interrupted ? EndSource::interrupt : EndSource::turn_end;
  TRY(close_open(header.time, source, target->number));
  if (heard.text.empty() || ending == TurnEnding::interrupted) return {};
  if (heard.text == target->last_message) return {};
  target->last_message = heard.text;
  if (message_ids_.contains(file_key("text", std::to_string(target->number) + heard.text)))
    return {};
  Statement* known = TRY(tables_.database().cached(
      "SELECT 1 FROM messages WHERE session = ? AND turn = ? AND text = ? LIMIT 1"));
  if (!new_session_) {
    known->bind(row_.key, target->number, heard.text);
    bool told = TRY(known->step());
    known->reset();
    if (told) return {};
  }
  return tables_.add_doc(
      {header.time, row_.key, target->number, 0, model::Hit::Kind::message, -1, heard.text});
}

// What baton itself did: notes, checkpoints, rewinds.
Status SessionIngest::hear_note(const EventHeader& header, const std::string& payload) {
  auto document = json::Document::parse(payload);
  if (!document) return {};
  json::Value root = document->root();
  if (header.event == "Note") return hear_written_note(header, root);
  if (header.event == "Injection") TRY(hear_injection(header, root));
  int64_t worktree = header.worktree.empty() ? 0 : TRY(tables_.worktree(header.worktree))->key;
  Statement* add = TRY(tables_.database().cached(
      "INSERT OR REPLACE INTO notes(session, event, time, kind, name, text, worktree)"
      " VALUES(?, ?, ?, ?, ?, ?, ?)"));
  std::string_view text = root["text"].str(root["reason"].str());
  // What undoing, listing and logging need of an act of baton's own is all of it.
  if (is_act(header.event)) text = payload;
  return add->run(row_.key, header.number, header.time, header.event, root["name"].str(), text,
                  worktree);
}

}  // namespace baton::index
