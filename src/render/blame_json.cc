#include "base/bytes.h"
#include "render/blame.h"
#include "render/changes.h"
#include "render/json.h"

namespace baton::render {
namespace {

void write_hand(json::Writer& json, std::string_view name, const attribution::Hand& hand) {
  json.key(name).begin_object().key("owner");
  write(json, hand.owner);
  if (hand.owner.step.turn) {
    json.member("turn", hand.owner.step.session + ":" + std::to_string(hand.owner.step.turn));
  }
  optional_member(json, "path", hand.path);
  optional_time(json, "time", hand.seen);
  json.end_object();
}

// Who wrote it, of a line or of a whole file.
void write_origin(json::Writer& json, const BlameView& view, size_t at) {
  const attribution::BlamedLine& blamed = view.blame.lines[at];
  const attribution::Authorship& line = view.blame.of(blamed);
  json.key("owner");
  write(json, line.owner);
  if (line.turn) {
    json.member("turn", line.turn_step().session + ":" + std::to_string(line.turn));
  }
  optional_time(json, "time", line.seen);
  if (!line.path.empty() && line.path != view.path) json.member("written_in", line.path);
  if (line.was) write_hand(json, "was", *line.was);
  if (line.mover) {
    json.member("arrival", to_string(line.arrival));
    write_hand(json, "mover", *line.mover);
  }
  if (line.reformatter) write_hand(json, "reformatter", *line.reformatter);
  if (!line.commit.empty()) {
    json.member("commit", line.commit).member("author", line.author);
    const GitLine* git = view.git_of(at);
    if (git) {
      optional_member(json, "author_mail", git->mail);
      if (!git->file.empty() && git->file != view.path) json.member("original_path", git->file);
    }
    optional_time(json, "author_time", line.author_time * kSecond);
    json.member("original_line", static_cast<int64_t>(blamed.original_line));
    json.member("summary", line.summary);
    if (git && git->boundary) json.member("boundary", true);
  }
}

}  // namespace

void write_why(json::Writer& json, const attribution::Why& why) {
  json.begin_object().member("step", why.step.ref.address());
  json.member("turn", why.turn.address()).member("agent", why.step.ref.agent);
  optional_member(json, "model", why.turn.model);
  json.member("prompt", why.turn.prompt);
  if (why.asked_by) {
    json.key("asked_by").begin_object().member("turn", why.asked_by->address());
    json.member("prompt", why.asked_by->prompt).end_object();
  }
  json.member("tool", why.step.tool);
  optional_member(json, "command", why.step.command);
  json.member("outcome", to_string(why.step.outcome));
  optional_time(json, "began", why.step.began);
  optional_member(json, "words", why.words);
  write_strings(json, "planned", why.planned);
  if (why.next_test) {
    json.key("next_test");
    write(json, *why.next_test);
  }
  json.end_object();
}

std::string blame_json(const Style& style, const BlameView& view, bool deleted) {
  JsonAnswer answer("blame");
  json::Writer& json = answer.writer();
  json.member("path", view.path);
  optional_member(json, "revision", view.revision);
  optional_member(json, "after", view.moment);
  json.member("recorded", view.blame.recorded);
  if (view.binary) {
    json.member("binary", true).member("bytes", view.bytes);
    json.key("file").begin_object();
    write_origin(json, view, 0);
    json.end_object();
  }
  json.key("lines").begin_array();
  std::string safe = view.binary ? std::string() : masked_texts(style, view.blame.lines);
  auto texts = split(safe, '\n');
  for (size_t i = 0; i < view.blame.lines.size() && !view.binary; i++) {
    if (!view.shows(i + 1)) continue;
    json.begin_object().member("line", i + 1);
    json.member("text", i < texts.size() ? texts[i] : std::string_view());
    write_origin(json, view, i);
    json.end_object();
  }
  json.end_array();
  if (deleted) {
    std::string gone = masked_texts(style, view.blame.deleted);
    auto gone_texts = split(gone, '\n');
    json.key("deleted").begin_array();
    for (size_t i = 0; i < view.blame.deleted.size(); i++) {
      const attribution::DeletedLine& line = view.blame.deleted[i];
      json.begin_object().member("before_line", static_cast<int64_t>(line.before));
      json.member("text", i < gone_texts.size() ? gone_texts[i] : std::string_view());
      write_hand(json, "remover", line.remover);
      write_hand(json, "writer", line.writer);
      json.end_object();
    }
    json.end_array();
  }
  json.key("turns").begin_array();
  for (const auto& [address, turn] : view.turns) write(json, turn);
  json.end_array();
  if (!view.whys.empty()) {
    json.key("why").begin_array();
    for (const auto& why : view.whys) write_why(json, why);
    json.end_array();
  }
  return answer.finish(style);
}

}  // namespace baton::render
