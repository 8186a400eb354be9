#include "render/blame_row.h"

#include "base/bytes.h"
#include "render/changes.h"
#include "render/text.h"
#include "render/when.h"

namespace baton::render {
namespace {

using attribution::Authorship;
using attribution::Hand;

constexpr size_t kMostModel = 18;

const model::Turn* turn_of(const BlameView& view, const Authorship& line) {
  if (line.turn == 0) return nullptr;
  auto found = view.turns.find(line.turn_step().session + ":" + std::to_string(line.turn));
  return found == view.turns.end() ? nullptr : &found->second;
}

// When a recorded line was written; of old answers only the prompt's time is known.
Micros written_at(const BlameView& view, const Authorship& line) {
  if (line.seen) return line.seen;
  const model::Turn* turn = turn_of(view, line);
  return turn ? turn->began : 0;
}

// "was c7f2.14, moved by c7f2.20".
std::string note_of(const Authorship& line) {
  std::string note;
  auto add = [&](std::string_view word, const std::shared_ptr<const Hand>& hand) {
    if (!hand) return;
    if (!note.empty()) note += ", ";
    note += std::string(word) + " " + hand_name(hand->owner);
  };
  add("was", line.was);
  if (line.mover) {
    add(line.arrival == attribution::Arrival::written
            ? "moved by"
            : std::string(to_string(line.arrival)) + " by",
        line.mover);
  }
  add("reformatted by", line.reformatter);
  return note;
}

Row row_of_commit(const Style& style, const BlameView& view, const Authorship& line,
                  const GitLine* git) {
  Row row;
  row.who = view.form.whole_id ? line.commit : line.commit.substr(0, view.form.id_digits);
  row.name = first_line(clean(style, view.form.mail && git ? "<" + git->mail + ">" : line.author));
  row.day = day_of(style, view.form, line.author_time * kSecond, line.author_zone);
  row.why = first_line(clean(style, line.summary));
  row.look = Look::agent;
  if (line.owner.evidence == model::Evidence::identity) {
    row.evidence = to_string(line.owner.evidence);
    if (!line.owner.step.agent.empty()) row.name = line.owner.step.agent;
  }
  return row;
}

}  // namespace

bool is_boundary(const BlameView& view, const Authorship& line, const GitLine* git) {
  if (line.owner.kind == model::OwnerKind::step || line.owner.kind == model::OwnerKind::outside) {
    Micros time = written_at(view, line);
    return view.since && time && time < view.since;
  }
  return git != nullptr && git->boundary;
}

Look look_of_age(const Style& style, const BlameView& view, const Authorship& line) {
  constexpr Micros kMonth = 30 * 24 * 3600 * kSecond;
  Micros recorded = written_at(view, line);
  Micros written = recorded ? recorded : line.author_time * kSecond;
  if (written < style.now - 12 * kMonth) return Look::agent;
  return written < style.now - kMonth ? Look::plain : Look::bad;
}

std::string day_of(const Style& style, const BlameForm& form, Micros time, Zone zone) {
  if (time == 0) return {};
  if (form.dated) return format_date(style.date, time, style.now, zone);
  using Kind = DateForm::Kind;
  Kind kind = form.raw_time ? Kind::raw : form.annotate ? Kind::iso : Kind::brief;
  return format_date({kind, false, {}}, time, style.now, zone.value_or(0));
}

std::string hand_name(const model::Owner& owner) {
  if (!owner.step.empty()) return owner.step.address();
  if (!owner.candidates.empty() && owner.kind == model::OwnerKind::step) {
    return owner.candidates[0].address() + "?";
  }
  if (!owner.commit.empty()) return owner.commit.substr(0, 8);
  return std::string(to_string(owner.kind));
}

Row row_of(const Style& style, const BlameView& view, const Authorship& line, const GitLine* git,
           SaidOf& said_of) {
  Row row;
  const model::Owner& owner = line.owner;
  row.note = note_of(line);
  if (view.form.file) {
    row.file = git && !git->file.empty() && line.owner.kind != model::OwnerKind::step
                   ? git->file
                   : (line.path.empty() ? view.path : line.path);
    row.file = first_line(clean(style, row.file));
  }
  switch (owner.kind) {
    case model::OwnerKind::step: {
      row.look = Look::address;
      row.evidence = to_string(owner.evidence);
      row.name = owner.step.agent;
      if (owner.step.empty() && owner.candidates.empty()) {  // only a commit says so
        row.who = line.commit.substr(0, view.form.id_digits);
        row.day = day_of(style, view.form, line.author_time * kSecond, line.author_zone);
        row.why = first_line(clean(style, line.summary));
        return row;
      }
      row.who = owner.step.empty() ? owner.candidates[0].address() + "?" : owner.step.address();
      if (owner.step.empty()) row.name = owner.candidates[0].agent;
      row.day = day_of(style, view.form, written_at(view, line));
      if (const model::Turn* turn = turn_of(view, line)) {
        auto [said, added] = said_of.try_emplace(turn);
        if (added) {
          said->second.model = fit(first_line(clean(style, turn->model)), kMostModel);
          said->second.prompt = first_line(clean(style, turn->prompt));
        }
        row.model = said->second.model;
        row.why = said->second.prompt;
      }
      return row;
    }
    case model::OwnerKind::git:
    case model::OwnerKind::before:
      if (!line.commit.empty()) {
        Row made = row_of_commit(style, view, line, git);
        made.note = std::move(row.note);
        made.file = std::move(row.file);
        return made;
      }
      row.who = to_string(owner.kind);
      row.why = owner.kind == model::OwnerKind::git ? "came with git" : "there before recording";
      row.look = Look::faint;
      return row;
    case model::OwnerKind::outside:
      row.who = "outside";
      row.day = day_of(style, view.form, line.seen);
      row.why = "no tool call";
      row.look = Look::good;
      return row;
    case model::OwnerKind::unknown:
      break;
  }
  row.who = "unknown";
  row.why = first_line(clean(style, owner.rule));
  // First, so that a narrow column does not cut it.
  if (!owner.candidates.empty()) {
    row.why = "suspect " + owner.candidates[0].address() + ": " + row.why;
  }
  row.look = Look::warn;
  return row;
}

}  // namespace baton::render
