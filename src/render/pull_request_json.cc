#include "render/json.h"
#include "render/pull_request.h"

namespace baton::render {
namespace {

using namespace baton::handoff;

template <class File>
void write_numbers(json::Writer& json, const File& file) {
  json.member("status", std::string_view(&file.status, 1));
  if (file.counted) json.member("added", file.added).member("removed", file.removed);
}

void write_intent(json::Writer& json, const IntentLine& intent) {
  json.begin_object().member("turn", intent.turn).member("prompt", intent.prompt);
  json.key("files").begin_array();
  for (const IntentFile& file : intent.files) {
    json.begin_object().member("path", file.path);
    write_numbers(json, file);
    write_strings(json, "steps", file.steps);
    json.end_object();
  }
  json.end_array().end_object();
}

void write_commit(json::Writer& json, const CommitLine& commit) {
  json.begin_object().member("commit", commit.id).member("subject", commit.subject);
  json.member("author", commit.author);
  write_strings(json, "turns", commit.turns);
  if (commit.unexplained) json.member("unexplained", commit.unexplained);
  json.end_object();
}

void write_diff(json::Writer& json, const DiffLine& line) {
  json.begin_object().member("path", line.path);
  write_numbers(json, line);
  json.member("recorded", line.recorded).end_object();
}

}  // namespace

std::string pull_request_json(const Style& style, const PullRequest& request, const Body& body) {
  JsonAnswer answer("pr");
  json::Writer& json = answer.writer();
  json.member("body", body.text);
  write_strings(json, "left_out", body.left_out);
  optional_member(json, "base", request.base);
  optional_member(json, "head", request.head);
  optional_member(json, "since", request.since);
  optional_member(json, "bundle", request.bundle);
  json.key("prompts").begin_array();
  for (const IntentLine& intent : request.intents) write_intent(json, intent);
  json.end_array().key("commits").begin_array();
  for (const CommitLine& commit : request.commits) write_commit(json, commit);
  json.end_array().key("diff").begin_array();
  for (const DiffLine& line : request.diff) write_diff(json, line);
  json.end_array();
  return answer.finish(style);
}

}  // namespace baton::render
