// Notes, as far as one session's journal tells of them: the events that `baton note` wrote, and the
// commands of agents that said it. Which of the commands count is decided when notes are asked for
// (queries_notes.cc), since the event may be read before or after the command.

#include "index/note_words.h"
#include "index/session_ingest.h"

namespace baton::index {
namespace {

std::string nul_separated(const std::vector<std::string>& list) {
  std::string text;
  for (const std::string& item : list) {
    if (!text.empty()) text += '\0';
    text += item;
  }
  return text;
}

}  // namespace

Status SessionIngest::hear_written_note(const EventHeader& header, const json::Value& payload) {
  json::Value author = payload["author"];
  auto author_kind = model::NoteAuthor::unknown;
  std::string who;
  if (author["kind"].str() == "agent") {
    author_kind = model::NoteAuthor::agent;
    who = author["agent"].str();
  } else if (author["kind"].str() == "person") {
    author_kind = model::NoteAuthor::person;
    who = author["name"].str();
    if (auto email = author["email"].str(); !email.empty()) {
      who += (who.empty() ? "<" : " <") + std::string(email) + ">";
    }
  }
  std::vector<std::string> cites;
  for (size_t i = 0; i < payload["cites"].size(); ++i) {
    cites.emplace_back(payload["cites"].at(i).str());
  }
  int64_t worktree = header.worktree.empty() ? 0 : TRY(tables_.worktree(header.worktree))->key;
  std::string text(payload["text"].str());
  Statement* add =
      TRY(tables_.database().cached("INSERT OR REPLACE INTO note_events(session, event, time, id, "
                                    "kind, text, author_kind, author,"
                                    " author_session, author_call, cites, closes, worktree, branch)"
                                    " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  TRY(add->run(row_.key, header.number, header.time, payload["id"].str(), payload["note"].str(),
               text, static_cast<int>(author_kind), who, author["session"].str(),
               author["call"].str(), nul_separated(cites), payload["closes"].str(), worktree,
               header.branch));
  // What closes another note is said with that one.
  if (!payload["closes"].str().empty()) return {};
  return tables_.add_doc(
      {header.time, row_.key, 0, 0, model::Hit::Kind::note, header.number, std::move(text)});
}

Status SessionIngest::take_note_commands(const StepRow& step) {
  int at = 0;
  for (const SaidNote& said : notes_said(step.command)) {
    Statement* add = TRY(tables_.database().cached(
        "INSERT OR REPLACE INTO note_commands(session, step, idx, kind, text, cites, closes,"
        " certain) VALUES(?, ?, ?, ?, ?, ?, ?, ?)"));
    TRY(add->run(row_.key, step.number, at++, said.words.kind, said.words.text,
                 nul_separated(said.words.cites), said.words.closes, said.certain));
  }
  return {};
}

}  // namespace baton::index
