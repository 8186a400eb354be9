#include "index/events.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/json.h"
#include "store/journal.h"

namespace baton::index {
namespace {

constexpr std::string_view kObjectMark = "{\"$obj\":\"";
constexpr std::string_view kBatonAgent = "baton";

ObjectId object_id(std::string_view hex_text) {
  return ObjectId::from_hex(hex_text).value_or(ObjectId{});
}

Micros time_of(json::Value value) {
  if (value.is_number()) return value.integer();
  return parse_utc(value.str()).value_or(0);
}

std::vector<SeenTransition> read_transitions(json::Value list) {
  std::vector<SeenTransition> transitions;
  transitions.reserve(list.size());
  for (size_t i = 0; i < list.size(); ++i) {
    json::Value item = list.at(i);
    SeenTransition transition;
    transition.q = item["q"].integer();
    transition.path = store::path_from_text(item["p"].str());
    transition.before = object_id(item["b"].str());
    transition.after = object_id(item["a"].str());
    transition.before_mode = item["bm"].str();
    transition.after_mode = item["am"].str();
    transition.git_id = object_id(item["g"].str());
    transition.ctime_ns = item["c"].integer();
    std::string_view kind = item["k"].str();
    if (kind == "tool") transition.kind = Seen::tool;
    if (kind == "pre") transition.kind = Seen::pre;
    if (kind == "post") transition.kind = Seen::post;
    if (kind == "rewind") transition.kind = Seen::rewind;
    transition.call = item["call"].str();
    transition.unsettled = item["u"].boolean();
    transition.withheld = item["w"].boolean();
    if (!transition.path.empty()) transitions.push_back(std::move(transition));
  }
  return transitions;
}

std::vector<BaseEntry> read_base_entries(json::Value list) {
  std::vector<BaseEntry> entries;
  entries.reserve(list.size());
  for (size_t i = 0; i < list.size(); ++i) {
    json::Value item = list.at(i);
    BaseEntry entry;
    entry.path = store::path_from_text(item.at(0).str());
    entry.id = object_id(item.at(1).str());
    entry.mode = item.at(2).str();
    if (!entry.path.empty()) entries.push_back(std::move(entry));
  }
  return entries;
}

// Calls `use` with the array itself, or with the array that the object holds.
template <class Use>
void with_list(json::Value value, const EventContext& context, std::string& problem, Use use) {
  if (value.is_array()) {
    use(value);
    return;
  }
  if (!value.is_object()) return;
  ObjectId id = object_id(value["$obj"].str());
  auto text = id.empty() ? Result<std::string>(std::string()) : context.object(id);
  auto document = text ? json::Document::parse(*text) : Result<json::Document>{};
  if (!text || !document) {
    problem = "a list of " + std::to_string(value["n"].integer()) + " entries cannot be read";
    return;
  }
  use(document->root());
}

Look read_look(json::Value value, const EventContext& context, std::string& problem) {
  Look look;
  look.worktree = value["wt"].str();
  look.whole = value["pass"].str() == "full";
  look.complete = value["complete"].boolean(true);
  look.seen = value["seen"].integer();
  look.known = value["known"].integer();
  look.began = time_of(value["began"]);
  look.next_number = value["next"].integer();
  if (json::Value base = value["base"]; base.is_object()) {
    look.has_base = true;
    look.base_number = base["q"].integer();
    look.base_commit = base["commit"].str();
    look.base_tree = base["tree"].str();
    with_list(base["except"], context, problem,
              [&](json::Value list) { look.base_entries = read_base_entries(list); });
  }
  if (json::Value move = value["move"]; move.is_object()) {
    look.left_tree = move["from"].str();
    look.new_tree = move["tree"].str();
    with_list(move["diff"], context, problem,
              [&](json::Value list) { look.left_entries = read_base_entries(list); });
  }
  with_list(value["tr"], context, problem,
            [&](json::Value list) { look.transitions = read_transitions(list); });
  json::Value skipped = value["skipped"];
  for (size_t i = 0; i < skipped.size(); ++i) {
    json::Value item = skipped.at(i);
    look.skipped.emplace_back(store::path_from_text(item.at(0).str()), item.at(1).str());
  }
  return look;
}

EventHeader read_header(json::Value value, const EventContext& context, std::string& problem) {
  EventHeader header;
  header.number = value["n"].integer();
  header.time = time_of(value["t"]);
  header.agent = value["agent"].str();
  header.session = value["session"].str();
  header.event = value["event"].str();
  header.cwd = value["cwd"].str();
  header.worktree = value["wt"].str();
  header.root = value["root"].str();
  header.branch = value["branch"].str();
  header.head = value["head"].str();
  header.op = value["op"].str();
  header.parent = value["parent"].str();
  header.pid = value["pid"].integer();
  header.started = value["started"].integer();
  header.repaired = value["repaired"].integer();
  header.duplicate = value["dup"].boolean();
  json::Value reflog = value["reflog"];
  for (size_t i = 0; i < reflog.size(); ++i) {
    json::Value item = reflog.at(i);
    ReflogEntry entry;
    entry.from = item["from"].str();
    entry.to = item["to"].str();
    entry.message = item["msg"].str();
    // git notes seconds.
    entry.moved = item["t"].is_number() && item["t"].integer() < 100'000'000'000
                      ? item["t"].integer() * kSecond
                      : time_of(item["t"]);
    header.reflog.push_back(std::move(entry));
  }
  json::Value looks = value["obs"];
  for (size_t i = 0; i < looks.size(); ++i) {
    Look look = read_look(looks.at(i), context, problem);
    if (look.worktree.empty()) look.worktree = header.worktree;
    if (look.began == 0) look.began = header.time;
    if (!look.worktree.empty()) header.looks.push_back(std::move(look));
  }
  json::Value outside = value["outside"];
  for (size_t i = 0; i < outside.size(); ++i) header.outside.emplace_back(outside.at(i).str());
  json::Value files = value["files"];
  for (size_t i = 0; i < files.size(); ++i) {
    header.files.emplace_back(files.at(i)["path"].str(), files.at(i)["kept"].integer());
  }
  json::Value gaps = value["gap"];
  for (size_t i = 0; i < gaps.size(); ++i) {
    header.gaps.emplace_back(gaps.at(i)["what"].str(), gaps.at(i)["why"].str());
  }
  return header;
}

}  // namespace

std::string expand_objects(std::string_view json_text, const EventContext& context,
                           std::string_view without) {
  std::string out;
  std::string left_out = without.empty() ? "" : "\"" + std::string(without) + "\":";
  size_t from = 0;
  for (;;) {
    size_t at = json_text.find(kObjectMark, from);
    if (at == json_text.npos) break;
    size_t id_begin = at + kObjectMark.size();
    size_t id_end = json_text.find('"', id_begin);
    size_t close = id_end == json_text.npos ? json_text.npos : json_text.find('}', id_end);
    if (close == json_text.npos) break;
    std::string_view tail = json_text.substr(id_end + 1, close - id_end - 1);
    ObjectId id = object_id(json_text.substr(id_begin, id_end - id_begin));
    bool stands_for_string = !id.empty() && tail.starts_with(",\"len\":");
    out += json_text.substr(from, at - from);
    if (!left_out.empty() && out.ends_with(left_out)) {
      out += "null";
    } else if (stands_for_string) {
      auto content = context.object(id);
      std::string_view text = content ? std::string_view(*content) : std::string_view();
      json::quote(out, text.size() > kMaxExpanded ? utf8_prefix(text, kMaxExpanded) : text);
    } else {
      out += json_text.substr(at, close + 1 - at);
    }
    from = close + 1;
  }
  out += json_text.substr(from);
  return out;
}

Result<Event> read_event(std::string_view line, const EventContext& context, ChainState& before) {
  auto split = store::split_journal_line(line);
  if (!split) {
    before.known = false;
    return std::unexpected(split.error());
  }
  const store::JournalLine& parts = *split;
  auto header = json::Document::parse(parts.header);
  if (!header) {
    before.known = false;
    return std::unexpected(header.error());
  }
  int64_t number = header->root()["n"].integer(-1);
  Event event;
  bool intact = store::verify_journal_line(parts, before.chain);
  bool follows = before.known && number == before.number + 1;
  before = {std::string(parts.chain), number, true};
  if (!intact) {
    // The first of our lines may follow one that we could not read, or a line before it may have
    // been taken away; then it is whole in itself. A line that follows and does not fit was
    // altered.
    bool payload_intact =
        parts.forgotten || hex(sha256(parts.salt, parts.payload)).starts_with(parts.digest);
    if (follows || !payload_intact) {
      return fail(ErrorKind::damage, "line " + std::to_string(number) + " was altered");
    }
    event.damage = "lines before line " + std::to_string(number) + " are missing or were altered";
  }
  event.header = read_header(header->root(), context, event.damage);
  if (event.header.agent.empty() || event.header.session.empty()) {
    return fail(ErrorKind::damage, "a journal line names no session");
  }
  event.forgotten = parts.forgotten;
  if (parts.forgotten) return event;
  if (event.header.agent == kBatonAgent) {
    event.note_payload = contains(parts.payload, kObjectMark)
                             ? expand_objects(parts.payload, context)
                             : std::string(parts.payload);
    return event;
  }
  const agents::Agent* agent = context.find_agent(event.header.agent);
  if (agent == nullptr) return event;
  std::string expanded;
  std::string_view payload = parts.payload;
  if (contains(payload, kObjectMark)) {
    expanded = expand_objects(payload, context, agent->file_member());
    payload = expanded;
  }
  auto document = json::Document::parse(payload);
  if (!document) {
    event.damage = "a payload is not JSON";
    return event;
  }
  event.heard = agent->hear(event.header.event, document->root());
  event.translated = true;
  return event;
}

}  // namespace baton::index
