#pragma once

// Synthetic journals for tests of the index: a store in a temporary folder, an agent whose payloads
// are its translation, and git as a table.

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agents/agent.h"
#include "base/bytes.h"
#include "base/json.h"
#include "index/git_source.h"
#include "index/index.h"
#include "index/queries.h"
#include "os/env.h"
#include "os/file.h"
#include "store/journal.h"
#include "store/objects.h"
#include "store/store.h"
#include "store/transcript.h"

namespace baton::index::testing {

constexpr Micros kStart = 1'800'000'000 * kSecond;

// Its payloads: {"m":MOMENT,"text","turn","source","model","parent","subagent_type","synthetic",
// "calls":[CALL]}; a call: {"id","name","class","command","background","reads":[],"edits":[{"path",
// "kind","to"}],"plan":[[id,text,status]],"whole","prose","subagent","subagent_prompt","carrier",
// "out":{"kind","exit","output","error","ms","bg"}}. Lines of its session files: {"k":KIND,"time",
// "id","turn","text","call":CALL,"tokens":[...],"response"}.
class ScriptedAgent final : public agents::Agent {
 public:
  explicit ScriptedAgent(std::string id) : id_(std::move(id)) {}
  std::string_view id() const override { return id_; }
  std::string_view name() const override { return id_; }

  agents::Heard hear(std::string_view event, const json::Value& payload) const override {
    agents::Heard heard;
    heard.event = event;
    for (int i = 0; i <= static_cast<int>(agents::Moment::notice); ++i) {
      auto moment = static_cast<agents::Moment>(i);
      if (agents::to_string(moment) == payload["m"].str()) heard.moment = moment;
    }
    heard.text = payload["text"].str();
    heard.turn = payload["turn"].str();
    heard.source = payload["source"].str();
    heard.model = payload["model"].str();
    heard.parent = payload["parent"].str();
    heard.subagent_type = payload["subagent_type"].str();
    heard.synthetic_prompt = payload["synthetic"].boolean();
    json::Value calls = payload["calls"];
    for (size_t i = 0; i < calls.size(); ++i) heard.calls.push_back(call(calls.at(i)));
    return heard;
  }

  std::vector<agents::FileFact> read_line(const json::Value& line) const override {
    static constexpr std::pair<std::string_view, agents::FileFact::Kind> kKinds[] = {
        {"prompt", agents::FileFact::Kind::prompt},
        {"message", agents::FileFact::Kind::message},
        {"thinking", agents::FileFact::Kind::thinking},
        {"tool_call", agents::FileFact::Kind::tool_call},
        {"tool_result", agents::FileFact::Kind::tool_result},
        {"plan", agents::FileFact::Kind::plan},
        {"model", agents::FileFact::Kind::model},
        {"tokens", agents::FileFact::Kind::tokens},
        {"compaction", agents::FileFact::Kind::compaction},
        {"title", agents::FileFact::Kind::title},
        {"interrupted", agents::FileFact::Kind::interrupted},
        {"subagent", agents::FileFact::Kind::subagent},
        {"read_guess", agents::FileFact::Kind::read_guess},
    };
    agents::FileFact fact;
    for (const auto& [name, kind] : kKinds) {
      if (line["k"].str() == name) fact.kind = kind;
    }
    fact.time = line["time"].integer();
    fact.id = line["id"].str();
    fact.turn = line["turn"].str();
    fact.text = line["text"].str();
    if (line["call"].exists()) fact.call = call(line["call"]);
    fact.tokens.input = line["tokens"].at(0).integer();
    fact.tokens.output = line["tokens"].at(1).integer();
    fact.tokens.response = line["response"].str();
    return {fact};
  }

  bool keeps_line(const json::Value&) const override { return true; }
  std::string trim_line(std::string_view text) const override { return std::string(text); }
  std::vector<std::string_view> events() const override { return {}; }
  std::string injection(agents::Moment, std::string_view) const override { return {}; }
  size_t injection_limit() const override { return 0; }

  static agents::ToolCall call(json::Value value) {
    agents::ToolCall call;
    call.id = value["id"].str();
    call.name = value["name"].str("Tool");
    for (int i = 0; i <= static_cast<int>(agents::ToolClass::mcp); ++i) {
      auto one = static_cast<agents::ToolClass>(i);
      if (agents::to_string(one) == value["class"].str()) call.tool_class = one;
    }
    call.command = value["command"].str();
    call.background = value["background"].boolean();
    call.description = value["description"].str();
    call.subagent_id = value["subagent"].str();
    call.subagent_prompt = value["subagent_prompt"].str();
    call.carrier = value["carrier"].boolean();
    for (size_t i = 0; i < value["reads"].size(); ++i) {
      call.reads.emplace_back(value["reads"].at(i).str());
    }
    for (size_t i = 0; i < value["edits"].size(); ++i) {
      agents::FileEdit edit;
      edit.path = value["edits"].at(i)["path"].str();
      edit.move_to = value["edits"].at(i)["to"].str();
      call.edits.push_back(std::move(edit));
    }
    for (size_t i = 0; i < value["plan"].size(); ++i) {
      json::Value item = value["plan"].at(i);
      call.plan.push_back({std::string(item.at(0).str()), std::string(item.at(1).str()),
                           std::string(item.at(2).str())});
    }
    call.plan_is_whole = value["whole"].boolean();
    call.plan_text = value["prose"].str();
    json::Value out = value["out"];
    if (out.exists()) {
      for (int i = 0; i <= static_cast<int>(agents::OutcomeKind::unknown); ++i) {
        auto kind = static_cast<agents::OutcomeKind>(i);
        if (agents::to_string(kind) == out["kind"].str()) call.outcome.kind = kind;
      }
      if (out["exit"].exists()) call.outcome.exit_status = static_cast<int>(out["exit"].integer());
      call.outcome.output = out["output"].str();
      call.outcome.error = out["error"].str();
      if (out["ms"].exists()) call.outcome.duration_ms = out["ms"].integer();
      call.outcome.background_id = out["bg"].str();
    }
    return call;
  }

 private:
  std::string id_;
};

inline const agents::Agent* scripted(std::string_view id) {
  static const ScriptedAgent one("one"), two("two");
  if (id == "one") return &one;
  if (id == "two") return &two;
  return nullptr;
}

// git as a table: commits with their files, and the words that name them.
class FakeGit final : public GitSource {
 public:
  struct Tree {
    std::map<std::string, ObjectId> files;
    std::vector<std::string> parents;
    int64_t committed = 0;
    std::vector<CommitChange> changes;
  };
  std::map<std::string, Tree, std::less<>> commits_;
  std::map<ObjectId, std::string> blobs_;

  Result<const Tree*> find(std::string_view revision) const {
    // "ID^2": the second parent.
    size_t caret = revision.find('^');
    auto found = commits_.find(std::string(revision.substr(0, caret)));
    if (found == commits_.end()) return fail(ErrorKind::not_found, "no commit");
    if (caret == revision.npos) return &found->second;
    auto parent = parse_int(revision.substr(caret + 1)).value_or(1);
    const auto& parents = found->second.parents;
    if (parent < 1 || static_cast<size_t>(parent) > parents.size()) {
      return fail(ErrorKind::not_found, "no parent");
    }
    return find(parents[static_cast<size_t>(parent - 1)]);
  }
  Result<std::vector<std::optional<GitEntry>>> entries(
      std::string_view revision, const std::vector<std::string>& paths) override {
    const Tree* tree = TRY(find(revision));
    std::vector<std::optional<GitEntry>> result(paths.size());
    for (size_t i = 0; i < paths.size(); ++i) {
      auto found = tree->files.find(paths[i]);
      if (found != tree->files.end()) result[i] = GitEntry{paths[i], "100644", found->second};
    }
    return result;
  }
  Result<std::vector<GitEntry>> tree(std::string_view revision) override {
    const Tree* tree = TRY(find(revision));
    std::vector<GitEntry> result;
    for (const auto& [path, id] : tree->files) result.push_back({path, "100644", id});
    return result;
  }
  Result<std::string> blob(const ObjectId& id) override {
    auto found = blobs_.find(id);
    if (found == blobs_.end()) return fail(ErrorKind::not_found, "no blob");
    return found->second;
  }
  Result<std::string> resolve(std::string_view revision) override {
    TRY(find(revision));
    return std::string(revision);
  }
  Result<std::vector<std::string>> commits(std::string_view) override {
    return std::vector<std::string>{};
  }
  Result<Commit> commit(std::string_view revision) override {
    const Tree* tree = TRY(find(revision));
    return Commit{std::string(revision), tree->parents, tree->committed, tree->changes};
  }
};

// A commit id that reads like a name.
inline std::string commit_id(char letter) {
  return std::string(40, letter);
}

inline ObjectId content_id(std::string_view content) {
  return blob_id(HashKind::sha1, content);
}

// Part of an observation: one transition. Contents are given as text, "" for none.
struct Tr {
  int64_t q;
  std::string path = {}, before = {}, after = {};
  double ctime = 0;       // seconds after kStart, 0: none
  std::string kind = {};  // "", tool, pre, post
  std::string call = {};
  bool unsettled = false;
  std::string mode = "100644";  // after it
};

struct LookAt {
  std::vector<Tr> transitions = {};
  bool whole = true;
  bool complete = true;
  double began = -1;  // seconds after kStart; -1: when the event is
  std::string worktree = "wt1";
  std::string base = {};  // commit id of a base record
  int next = 0;           // number that the next transition gets; 0: not told
};

struct Header {
  std::vector<LookAt> looks = {};
  std::string worktree = "wt1";
  std::string head = {}, op = {}, branch = "main", parent = {};
  std::vector<std::tuple<std::string, std::string, double, std::string>> reflog =
      {};  // from, to, t, msg
  bool duplicate = false;
  std::string more = {};  // further members, JSON text that begins with a comma
};

class IndexTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/baton-index-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    folder_ = name;
    setenv("XDG_CACHE_HOME", (folder_ + "/cache").c_str(), 1);
    auto made = store::create_store(folder_ + "/store", HashKind::sha1);
    ASSERT_TRUE(made) << made.error().message;
    store_ = *made;
  }
  void TearDown() override { (void)os::remove_tree(folder_); }

  static Micros at(double seconds) { return kStart + static_cast<Micros>(seconds * 1e6); }

  // Appends one event; `seconds` after kStart.
  void event(const std::string& session, double seconds, const std::string& payload,
             const Header& header = {}, const std::string& agent = "one") {
    auto writer = store::JournalWriter::open(store_, agent, session, 1'000'000);
    ASSERT_TRUE(writer) << writer.error().message;
    json::Writer out;
    auto document = json::Document::parse(payload);
    std::string name = document ? std::string(document->root()["m"].str("odd")) : "odd";
    out.begin_object()
        .member("n", writer->next_number())
        .member("t", format_utc(at(seconds)))
        .member("agent", agent)
        .member("session", session)
        .member("event", name)
        .member("cwd", "/repo");
    if (!header.parent.empty()) out.member("parent", header.parent);
    if (!header.worktree.empty()) {
      out.member("wt", header.worktree).member("root", root_of(header.worktree));
    }
    if (!header.branch.empty()) out.member("branch", header.branch);
    if (!header.head.empty()) out.member("head", header.head);
    if (!header.op.empty()) out.member("op", header.op);
    if (!header.reflog.empty()) {
      out.key("reflog").begin_array();
      for (const auto& [from, to, t, message] : header.reflog) {
        out.begin_object().member("from", from).member("to", to).member("t", format_utc(at(t)));
        out.member("msg", message).end_object();
      }
      out.end_array();
    }
    if (!header.looks.empty()) {
      out.key("obs").begin_array();
      for (const LookAt& look : header.looks) write_look(out, look, seconds);
      out.end_array();
    }
    if (header.duplicate) out.member("dup", true);
    std::string text = out.end_object().take();
    if (!header.more.empty()) text.insert(text.size() - 1, header.more);
    ASSERT_TRUE(writer->append(text, payload));
  }

  static std::string root_of(const std::string& worktree) {
    return worktree == "wt1" ? "/repo" : "/" + worktree;
  }

  void write_look(json::Writer& out, const LookAt& look, double seconds) {
    out.begin_object()
        .member("wt", look.worktree)
        .member("pass", look.whole ? "full" : "paths")
        .member("complete", look.complete)
        .member("began", format_utc(at(look.began < 0 ? seconds : look.began)));
    if (look.next != 0) out.member("next", int64_t{look.next});
    if (!look.base.empty()) {
      out.key("base").begin_object().member("commit", look.base).key("except").begin_array();
      out.end_array().end_object();
    }
    out.key("tr").begin_array();
    for (const Tr& tr : look.transitions) {
      out.begin_object().member("q", tr.q).member("p", tr.path);
      if (!tr.before.empty()) {
        out.member("b", content_id(tr.before).hex()).member("bm", "100644");
      }
      if (!tr.after.empty()) out.member("a", content_id(tr.after).hex()).member("am", tr.mode);
      if (tr.ctime > 0) out.member("c", at(tr.ctime) * 1000);
      if (!tr.kind.empty()) out.member("k", tr.kind);
      if (!tr.call.empty()) out.member("call", tr.call);
      if (tr.unsettled) out.member("u", true);
      out.end_object();
    }
    out.end_array().end_object();
  }

  // Short forms of the usual events.
  void prompt(const std::string& session, double seconds, const std::string& text,
              const Header& header = {}, const std::string& turn = {}) {
    json::Writer out;
    out.begin_object().member("m", "prompt").member("text", text);
    if (!turn.empty()) out.member("turn", turn);
    event(session, seconds, out.end_object().take(), header);
  }
  void turn_end(const std::string& session, double seconds, const std::string& text = {},
                const Header& header = {}) {
    json::Writer out;
    out.begin_object().member("m", "turn_end").member("text", text);
    event(session, seconds, out.end_object().take(), header);
  }
  static std::string shell_call(const std::string& id, const std::string& command,
                                const std::string& outcome = {}) {
    json::Writer out;
    out.begin_object().member("id", id).member("name", "Bash").member("class", "shell");
    out.member("command", command);
    if (!outcome.empty()) out.key("out").raw(outcome);
    return out.end_object().take();
  }
  static std::string edit_call(const std::string& id, const std::string& path,
                               const std::string& outcome = {}) {
    json::Writer out;
    out.begin_object().member("id", id).member("name", "Edit").member("class", "edit");
    out.key("edits").begin_array().begin_object().member("path", path).end_object().end_array();
    if (!outcome.empty()) out.key("out").raw(outcome);
    return out.end_object().take();
  }
  static std::string calls(const std::string& moment, const std::string& list,
                           const std::string& turn = {}) {
    std::string text = "{\"m\":\"" + moment + "\"";
    if (!turn.empty()) text += ",\"turn\":\"" + turn + "\"";
    return text + ",\"calls\":[" + list + "]}";
  }
  void shell_before(const std::string& session, double seconds, const std::string& id,
                    const std::string& command, const Header& header = {}) {
    event(session, seconds, calls("tool_before", shell_call(id, command)), header);
  }
  void shell_after(const std::string& session, double seconds, const std::string& id,
                   const std::string& command, const Header& header = {},
                   const std::string& outcome = R"({"kind":"ok","exit":0})") {
    event(session, seconds, calls("tool_after", shell_call(id, command, outcome)), header);
  }
  void edit_before(const std::string& session, double seconds, const std::string& id,
                   const std::string& path, const Header& header = {}) {
    event(session, seconds, calls("tool_before", edit_call(id, path)), header);
  }
  void edit_after(const std::string& session, double seconds, const std::string& id,
                  const std::string& path, const Header& header = {}) {
    event(session, seconds, calls("tool_after", edit_call(id, path, R"({"kind":"ok"})")), header);
  }

  // Appends lines to the copy of the session's own file, one frame.
  void append_file(const std::string& session, const std::vector<std::string>& lines,
                   const std::string& agent = "one") {
    std::string directory =
        store_.sessions_dir() + "/" + agent + "/" + store::session_directory_name(session);
    auto writer = store::TranscriptWriter::open(directory);
    ASSERT_TRUE(writer) << writer.error().message;
    store::TranscriptPosition position = writer->position();
    std::string text;
    for (const std::string& line : lines) {
      text += "{\"g\":0,\"at\":" + std::to_string(position.offset) + ",\"l\":" + line + "}\n";
      position.offset += line.size() + 1;
    }
    ASSERT_TRUE(writer->append(text, position));
  }

  IndexOptions options() {
    IndexOptions options;
    options.find_agent = scripted;
    options.git = git_.get();
    return options;
  }
  Index open() {
    auto index = Index::open(store_, options());
    if (!index) {
      ADD_FAILURE() << index.error().message;
      abort();
    }
    return std::move(*index);
  }
  static int64_t key_of(Index& index, const std::string& session) {
    auto address = resolve(index, session);
    if (!address) {
      ADD_FAILURE() << address.error().message;
      return 0;
    }
    return address->session_key;
  }

  std::string folder_;
  store::Store store_;
  std::unique_ptr<FakeGit> git_;
};

template <class T>
T value_of(Result<T> result) {
  if (!result) {
    ADD_FAILURE() << result.error().message;
    abort();
  }
  return std::move(*result);
}

}  // namespace baton::index::testing
