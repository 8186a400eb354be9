// `baton note`: something the next actor must know, said by whoever knows it.

#include "index/notes.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/json.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/note_author.h"
#include "cli/reading.h"
#include "index/note_words.h"
#include "os/env.h"
#include "os/file.h"
#include "record/record.h"
#include "render/json.h"
#include "render/notes.h"
#include "render/text.h"

namespace baton::cli {
namespace {

constexpr std::string_view kNotesSession = "notes";
constexpr size_t kIdBytes = 4;
constexpr size_t kMaxText = 16u << 10;

Result<int> list_notes(Front& front) {
  const Invocation& asked = front.asked();
  index::NoteFilter filter;
  if (!asked.words.empty()) {
    filter.kind = asked.words[0];
    if (asked.words.size() > 1 ||
        std::ranges::find(model::kNoteKinds, filter.kind) == model::kNoteKinds.end()) {
      return fail(ErrorKind::usage, "'" + filter.kind + "' is no kind of note",
                  "kinds: note, decision, assumption, risk, constraint, open");
    }
  }
  index::Index& index = *TRY(front.index());
  if (auto session = TRY(asked_session(index, asked))) filter.session = *session;
  auto notes = TRY(index::notes(index, filter));
  if (front.json()) {
    front.out().write(render::notes_json(front.style(), notes));
  } else if (notes.empty()) {
    (void)os::write_fd(
        2, "baton: there is no note" +
               (filter.kind.empty() ? std::string() : " of kind '" + filter.kind + "'") + "\n");
  } else {
    front.out().write(render::notes_text(front.style(), notes));
  }
  return kFine;
}

// What it cites, named so that it still means the same when there are more sessions.
Result<std::string> cited(index::Index& index, const std::string& words) {
  index::Address address = TRY(index::resolve(index, words));
  std::string text = TRY(index::session(index, address.session_key)).id;
  if (address.step != 0) {
    text += "." + std::to_string(address.step);
    if (!address.path.empty()) text += ":" + address.path;
  } else if (address.turn != 0) {
    text += ":" + std::to_string(address.turn);
  }
  return text;
}

std::string payload_text(const std::string& id, const index::NoteWords& note,
                         const NoteAuthor& author) {
  json::Writer json;
  json.begin_object().member("id", id).member("note", note.kind);
  if (!note.text.empty()) json.member("text", note.text);
  json.key("author").begin_object().member("kind", model::to_string(author.kind));
  render::optional_member(json, "agent", author.agent);
  render::optional_member(json, "session", author.session);
  render::optional_member(json, "call", author.call);
  render::optional_member(json, "name", author.name);
  render::optional_member(json, "email", author.email);
  json.end_object();
  if (!note.cites.empty()) render::write_strings(json, "cites", note.cites);
  if (!note.closes.empty()) json.member("closes", note.closes);
  json.end_object();
  return json.take();
}

}  // namespace

Result<int> run_note(Front& front) {
  const Invocation& asked = front.asked();
  TRY(front.place());
  bool closes = asked.has(OptionId::close);
  if (front.bundle() && (closes || (!asked.words.empty() && !asked.has(OptionId::list)))) {
    return fail(ErrorKind::usage, "a bundle is only read", "'baton note --list' lists its notes");
  }
  if (asked.has(OptionId::list) || (asked.words.empty() && !closes)) return list_notes(front);

  index::NoteWords note;
  note.kind = "note";
  if (!asked.words.empty()) note = TRY(index::read_note_words(asked.words));
  if (note.text.size() > kMaxText) {
    return fail(ErrorKind::usage,
                "a note has at most " + std::to_string(kMaxText) + " bytes, this one has " +
                    std::to_string(note.text.size()),
                "put long texts into a file and name it");
  }
  index::Index& index = *TRY(front.index());
  for (const std::string& words : asked.values(OptionId::cite)) {
    note.cites.push_back(TRY(cited(index, words)));
  }
  if (closes) {
    model::Note closed = TRY(index::find_note(index, asked.value(OptionId::close)));
    if (closed.closed) {
      return fail(ErrorKind::negative, "note " + closed.id + " is closed already");
    }
    note.closes = closed.id;
  }
  NoteAuthor author = note_author(&index, front.config());
  std::string id = hex(os::random_bytes(kIdBytes));
  auto written = record::record_own(TRY(front.place())->root, kNotesSession, "Note",
                                    payload_text(id, note, author));
  if (!written && author.in_agent && written.error().kind == ErrorKind::io) {
    front.out().write(
        "the record cannot be written from here: " + std::string(index::kTakenFromCommand) + "\n");
    return kFine;
  }
  if (!written) return std::unexpected(written.error());
  if (front.json()) {
    TRY(index.update());
    auto made = TRY(index::find_note(index, closes ? note.closes : id));
    front.out().write(render::notes_json(front.style(), {made}));
  } else if (closes) {
    front.out().write("closed note " + note.closes + "\n");
  } else {
    front.out().write("noted: " + note.kind + " " + id + "\n");
  }
  return kFine;
}

}  // namespace baton::cli
