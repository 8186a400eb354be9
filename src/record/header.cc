#include "record/header.h"

#include "base/json.h"
#include "secrets/mask.h"
#include "store/journal.h"

namespace baton::record {
namespace {

// Longer lists (a checkout, a codemod) are objects: compressed, and out of the way of readers that
// only want the events.
constexpr size_t kMaxListText = 64 * 1024;

using worktree::Base;
using worktree::Observation;
using worktree::Sight;
using worktree::Transition;

std::string masked(std::string_view text) {
  return secrets::mask(text).value_or(std::string(text));
}

void write_transition(json::Writer& writer, const Transition& transition) {
  writer.begin_object()
      .member("q", static_cast<int64_t>(transition.number))
      .member("p", store::path_to_text(transition.path));
  if (transition.before.exists()) {
    writer.member("b", transition.before.id.hex()).member("bm", transition.before.mode);
  }
  if (transition.after.exists()) {
    writer.member("a", transition.after.id.hex()).member("am", transition.after.mode);
  }
  if (transition.ctime_ns) writer.member("c", transition.ctime_ns);
  switch (transition.sight) {
    case Sight::seen:
      break;
    case Sight::tool:
      writer.member("k", "tool");
      break;
    case Sight::pre:
      writer.member("k", "pre");
      break;
    case Sight::post:
      writer.member("k", "post");
      break;
    case Sight::rewind:
      writer.member("k", "rewind");
      break;
  }
  if (!transition.call.empty()) writer.member("call", transition.call);
  if (!transition.git_id.empty()) writer.member("g", transition.git_id.hex());
  if (transition.unsettled) writer.member("u", true);
  if (transition.withheld) writer.member("w", true);
  writer.end_object();
}

std::string exceptions_text(const Base& base) {
  json::Writer writer;
  writer.begin_array();
  for (const auto& exception : base.except) {
    writer.begin_array()
        .string(store::path_to_text(exception.path))
        .string(exception.version.id.hex())
        .string(exception.version.mode);
    if (!exception.git_id.empty()) writer.string(exception.git_id.hex());
    writer.end_array();
  }
  writer.end_array();
  return writer.take();
}

std::string changes_text(const worktree::BaseMove& move) {
  json::Writer writer;
  writer.begin_array();
  for (const auto& change : move.changes) {
    writer.begin_array()
        .string(store::path_to_text(change.path))
        .string(change.before.id.hex())
        .string(change.before.mode)
        .string(change.after.id.hex())
        .string(change.after.mode)
        .end_array();
  }
  writer.end_array();
  return writer.take();
}

// Writes the list, or a reference to the object it was made.
Status write_list(json::Writer& writer, std::string_view name, const std::string& list,
                  size_t count, std::optional<uint64_t> first, store::Objects& objects,
                  HashKind hash) {
  writer.key(name);
  if (list.size() <= kMaxListText) {
    writer.raw(list);
    return {};
  }
  ObjectId id = blob_id(hash, list);
  TRY(objects.put(id, list));
  writer.begin_object().member("$obj", id.hex()).member("n", count);
  if (first) writer.member("q", static_cast<int64_t>(*first));
  writer.end_object();
  return {};
}

Status write_observation(json::Writer& writer, const Observation& seen, store::Objects& objects,
                         HashKind hash) {
  writer.begin_object()
      .member("wt", seen.worktree)
      .member("pass", seen.full ? "full" : "paths")
      .member("complete", seen.complete);
  if (!seen.complete) {
    writer.member("seen", int64_t{seen.seen}).member("known", int64_t{seen.known});
  }
  writer.member("began", format_utc(seen.began));
  if (seen.next_number != 0) writer.member("next", static_cast<int64_t>(seen.next_number));
  if (seen.base) {
    writer.key("base").begin_object().member("q", static_cast<int64_t>(seen.base->number));
    if (!seen.base->commit.empty()) writer.member("commit", seen.base->commit);
    if (!seen.base->tree.empty()) writer.member("tree", seen.base->tree);
    TRY(write_list(writer, "except", exceptions_text(*seen.base), seen.base->except.size(), {},
                   objects, hash));
    writer.end_object();
  }
  if (seen.move) {
    writer.key("move")
        .begin_object()
        .member("from", seen.move->from_tree)
        .member("commit", seen.move->to_commit)
        .member("tree", seen.move->to_tree);
    TRY(write_list(writer, "diff", changes_text(*seen.move), seen.move->changes.size(), {}, objects,
                   hash));
    writer.end_object();
  }
  if (!seen.transitions.empty()) {
    json::Writer list;
    list.begin_array();
    for (const auto& transition : seen.transitions) write_transition(list, transition);
    list.end_array();
    TRY(write_list(writer, "tr", list.text(), seen.transitions.size(),
                   seen.transitions.front().number, objects, hash));
  }
  if (!seen.skipped.empty()) {
    writer.key("skipped").begin_array();
    for (const auto& skipped : seen.skipped) {
      writer.begin_array()
          .string(store::path_to_text(skipped.path))
          .string(to_string(skipped.reason))
          .end_array();
    }
    writer.end_array();
  }
  writer.end_object();
  return {};
}

}  // namespace

Result<std::string> header_text(const Header& header, store::Objects& objects, HashKind hash) {
  json::Writer writer;
  writer.begin_object().member("n", header.number).member("t", format_utc(header.time));
  if (header.clock) writer.member("clock", format_utc(*header.clock));
  writer.member("agent", header.agent)
      .member("session", header.session)
      .member("event", header.event);
  if (!header.cwd.empty()) writer.member("cwd", masked(header.cwd));
  if (!header.parent.empty()) writer.member("parent", header.parent);
  if (!header.worktree.empty()) {
    writer.member("wt", header.worktree).member("root", masked(header.root));
  }
  if (header.head) {
    if (!header.head->branch.empty()) writer.member("branch", header.head->branch);
    if (!header.head->commit.empty()) writer.member("head", header.head->commit);
    if (!header.head->operation.empty()) writer.member("op", header.head->operation);
  }
  if (!header.reflog.empty()) {
    writer.key("reflog").begin_array();
    for (const auto& line : header.reflog) {
      writer.begin_object()
          .member("from", line.old_id)
          .member("to", line.new_id)
          .member("t", format_utc(line.time * kSecond))
          .member("msg", masked(line.message))
          .end_object();
    }
    writer.end_array();
  }
  if (header.pid) {
    writer.member("pid", header.pid).member("started", static_cast<int64_t>(header.started));
  }
  if (!header.observations.empty()) {
    writer.key("obs").begin_array();
    for (const auto& seen : header.observations) {
      TRY(write_observation(writer, seen, objects, hash));
    }
    writer.end_array();
  }
  if (!header.outside.empty()) {
    writer.key("outside").begin_array();
    for (const auto& path : header.outside) writer.string(masked(path));
    writer.end_array();
  }
  if (!header.files.empty()) {
    writer.key("files").begin_array();
    for (const auto& file : header.files) {
      writer.begin_object()
          .member("path", masked(file.path))
          .member("kept", static_cast<int64_t>(file.kept))
          .end_object();
    }
    writer.end_array();
  }
  if (!header.gaps.empty()) {
    writer.key("gap").begin_array();
    for (const auto& gap : header.gaps) {
      writer.begin_object().member("what", gap.what).member("why", masked(gap.why)).end_object();
    }
    writer.end_array();
  }
  if (header.repaired) writer.member("repaired", static_cast<int64_t>(header.repaired));
  if (!header.injected.empty()) writer.member("injected", header.injected.hex());
  if (header.repeated) writer.member("dup", true);
  writer.end_object();
  return writer.take();
}

}  // namespace baton::record
