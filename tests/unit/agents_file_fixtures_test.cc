// Recorded sessions of the real agents (tests/fixtures), translated: what the hooks leave open is
// closed by the session files, and the edits, applied here, give the files that the agents left.

#include <dirent.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <set>

#include "agents/agent.h"
#include "base/bytes.h"
#include "base/hash.h"

namespace baton::agents {
namespace {

std::string slurp(const std::string& path) {
  std::string text;
  FILE* file = fopen(path.c_str(), "rb");
  if (!file) return text;
  char buffer[65536];
  while (size_t n = fread(buffer, 1, sizeof buffer, file)) text.append(buffer, n);
  fclose(file);
  return text;
}

std::vector<std::string> names_in(const std::string& directory) {
  std::vector<std::string> names;
  DIR* dir = opendir(directory.c_str());
  if (!dir) return names;
  while (dirent* entry = readdir(dir)) {
    if (entry->d_name[0] != '.') names.push_back(entry->d_name);
  }
  closedir(dir);
  std::sort(names.begin(), names.end());
  return names;
}

struct Recorded {
  std::string agent_id;
  std::string name;  // codex/bugfix
  json::Document meta;
  std::vector<json::Document> events;
  std::vector<std::vector<json::Document>> files;

  const Agent& agent() const { return *find_agent(agent_id); }
};

std::vector<json::Document> lines_in(const std::string& path) {
  std::vector<json::Document> lines;
  std::string text = slurp(path);
  for (std::string_view line : split(text, '\n')) {
    if (line.empty()) continue;
    auto document = json::Document::parse(line);
    EXPECT_TRUE(document) << path;
    if (document) lines.push_back(*std::move(document));
  }
  return lines;
}

std::vector<Recorded> recorded() {
  std::vector<Recorded> all;
  const std::string root = BATON_TESTS_DIR "/fixtures/";
  for (std::string kind : {"claude-code", "codex", "codex-plain"}) {
    for (const std::string& scenario : names_in(root + kind)) {
      Recorded one;
      one.agent_id = kind == "claude-code" ? kind : "codex";
      one.name = kind + "/" + scenario;
      auto meta = json::Document::parse(slurp(root + one.name + "/meta.json"));
      EXPECT_TRUE(meta) << one.name;
      if (!meta) continue;
      one.meta = *std::move(meta);
      one.events = lines_in(root + one.name + "/events.jsonl");
      for (const std::string& file : names_in(root + one.name)) {
        if (file.starts_with("session-"))
          one.files.push_back(lines_in(root + one.name + "/" + file));
      }
      all.push_back(std::move(one));
    }
  }
  return all;
}

std::vector<Heard> hear_all(const Recorded& one) {
  std::vector<Heard> heard;
  for (const json::Document& event : one.events) {
    heard.push_back(one.agent().hear(event.root()["event"].str(), event.root()["stdin"]));
  }
  return heard;
}

std::vector<FileFact> read_all(const Recorded& one) {
  std::vector<FileFact> facts;
  for (const auto& file : one.files) {
    for (const json::Document& line : file) {
      for (FileFact& fact : one.agent().read_line(line.root())) facts.push_back(std::move(fact));
    }
  }
  return facts;
}

TEST(Fixtures, EveryEventIsKnownAndNamesItsSession) {
  std::vector<Recorded> all = recorded();
  ASSERT_GE(all.size(), 20u);
  for (const Recorded& one : all) {
    std::set<std::string> sessions;
    json::Value known = one.meta.root()["sessions"];
    for (size_t i = 0; i < known.size(); ++i) sessions.emplace(known.at(i).str());
    for (const Heard& heard : hear_all(one)) {
      EXPECT_NE(heard.moment, Moment::unknown) << one.name << " " << heard.event;
      EXPECT_TRUE(sessions.count(heard.parent.empty() ? heard.session : heard.parent)) << one.name;
      EXPECT_EQ(heard.cwd, "@REPO@") << one.name << " " << heard.event;
      for (const ToolCall& call : heard.calls) {
        if (call.tool_class == ToolClass::shell && heard.moment == Moment::tool_before) {
          EXPECT_FALSE(call.command.empty()) << one.name;
        }
      }
    }
  }
}

// A subagent's file is the one that its events name.
TEST(Fixtures, SessionFilesAreFound) {
  for (const Recorded& one : recorded()) {
    std::set<std::string> said;
    for (const Heard& heard : hear_all(one)) said.insert(heard.session_file);
    json::Value files = one.meta.root()["session_files"];
    for (size_t i = 0; i < files.size(); ++i) {
      EXPECT_TRUE(said.count(std::string(files.member_at(i).str())))
          << one.name << " " << files.member_at(i).str();
    }
  }
}

bool closes(const Outcome& outcome) {
  return outcome.kind != OutcomeKind::none && outcome.kind != OutcomeKind::unknown;
}

// What hooks and session files say together closes every call that was begun, but for the last one
// of a session that was killed and for what a script of code mode carried and nothing names.
TEST(Fixtures, EveryCallIsClosed) {
  for (const Recorded& one : recorded()) {
    std::map<std::string, std::string> open;
    std::set<std::string> closed;
    for (const Heard& heard : hear_all(one)) {
      for (const ToolCall& call : heard.calls) {
        if (heard.moment == Moment::tool_before) open[call.id] = call.command + call.name;
        if (closes(call.outcome)) closed.insert(call.id);
      }
    }
    size_t failed_carriers = 0;
    for (const FileFact& fact : read_all(one)) {
      if (fact.kind != FileFact::Kind::tool_result || !closes(fact.call.outcome)) continue;
      closed.insert(fact.call.id);
      if (fact.call.carrier && fact.call.outcome.kind != OutcomeKind::ok) ++failed_carriers;
    }
    for (const std::string& id : closed) open.erase(id);
    size_t allowed = failed_carriers + (one.name.ends_with("/interrupted") ? 1 : 0);
    EXPECT_LE(open.size(), allowed)
        << one.name << " " << (open.empty() ? "" : open.begin()->second);
  }
}

TEST(Fixtures, ShellsHaveTheirStatus) {
  for (const Recorded& one : recorded()) {
    std::map<std::string, int> status;
    for (const FileFact& fact : read_all(one)) {
      if (fact.kind == FileFact::Kind::tool_result && fact.call.outcome.exit_status) {
        status[fact.call.id] = *fact.call.outcome.exit_status;
      }
    }
    for (const Heard& heard : hear_all(one)) {
      if (heard.moment != Moment::tool_after) continue;
      const ToolCall& call = heard.calls.at(0);
      if (call.tool_class != ToolClass::shell) continue;
      if (one.agent_id == "codex") {
        EXPECT_TRUE(status.count(call.id)) << one.name << " " << call.command;
      } else if (call.outcome.kind != OutcomeKind::background) {
        EXPECT_TRUE(call.outcome.exit_status) << one.name << " " << call.command;
        auto read = status.find(call.id);
        EXPECT_TRUE(read == status.end() || read->second == call.outcome.exit_status);
      }
    }
  }
}

// The prompts that hooks heard stand in the session files too, in the same order, once each.
TEST(Fixtures, PromptsAgree) {
  for (const Recorded& one : recorded()) {
    std::vector<std::string> heard_prompts;
    for (const Heard& heard : hear_all(one)) {
      if (heard.moment == Moment::prompt && !heard.synthetic_prompt && heard.parent.empty()) {
        heard_prompts.push_back(heard.text);
      }
    }
    std::vector<std::string> read_prompts;
    ASSERT_FALSE(one.files.empty()) << one.name;
    for (const json::Document& line : one.files[0]) {
      for (const FileFact& fact : one.agent().read_line(line.root())) {
        if (fact.kind == FileFact::Kind::prompt) read_prompts.push_back(fact.text);
      }
    }
    EXPECT_EQ(heard_prompts, read_prompts) << one.name;
  }
}

TEST(Fixtures, FactsAreOncePerKindAndId) {
  for (const Recorded& one : recorded()) {
    std::set<std::pair<FileFact::Kind, std::string>> seen;
    for (const FileFact& fact : read_all(one)) {
      if (fact.id.empty()) continue;
      bool first = seen.insert({fact.kind, fact.id}).second;
      // Tokens stand on each line of a response; a call's parts in two kinds of lines.
      bool repeats = fact.kind == FileFact::Kind::tokens || fact.kind == FileFact::Kind::model ||
                     fact.kind == FileFact::Kind::tool_call ||
                     fact.kind == FileFact::Kind::tool_result;
      EXPECT_TRUE(first || repeats)
          << one.name << " " << static_cast<int>(fact.kind) << " " << fact.id;
    }
  }
}

// Every edit that succeeded, applied to the repository as it was: its files are then those that the
// agent left, where no shell command changed them.
TEST(Fixtures, EditsGiveTheRecordedFiles) {
  size_t compared = 0;
  for (const Recorded& one : recorded()) {
    if (one.meta.root()["repo"].str() != "retrykit") continue;
    if (contains(one.name, "shell-edits") || contains(one.name, "commit")) continue;
    std::map<std::string, std::string> tree;
    for (std::string path : {"README.md", "src/config.sh", "src/retry.sh", "tests/retry_test.sh"}) {
      tree[path] = slurp(BATON_TESTS_DIR "/fixtures/repos/retrykit/" + path);
      ASSERT_FALSE(tree[path].empty());
    }
    std::set<std::string> touched;
    auto relative = [](std::string_view path) {
      constexpr std::string_view kRoot = "@REPO@/";
      return std::string(path.starts_with(kRoot) ? path.substr(kRoot.size()) : path);
    };
    for (const Heard& heard : hear_all(one)) {
      if (heard.moment != Moment::tool_after) continue;
      const ToolCall& call = heard.calls.at(0);
      if (call.outcome.kind != OutcomeKind::ok) continue;
      for (const FileEdit& edit : call.edits) {
        std::string path = relative(edit.path);
        EXPECT_EQ(edit.original.value_or(tree[path]), tree[path]) << one.name;
        auto after = apply_edit(edit, tree[path]);
        ASSERT_TRUE(after) << one.name << " " << path << ": " << after.error().message;
        EXPECT_EQ(revert_edit(edit, *after).value_or(tree[path]), tree[path]) << one.name;
        touched.insert(path);
        if (edit.kind == FileEdit::Kind::remove) {
          tree.erase(path);
        } else if (!edit.move_to.empty()) {
          tree.erase(path);
          tree[relative(edit.move_to)] = *after;
          touched.insert(relative(edit.move_to));
        } else {
          tree[path] = *after;
        }
      }
    }
    json::Value left = one.meta.root()["tree"];
    for (const std::string& path : touched) {
      std::string_view entry = left[path].str();
      if (entry.empty()) {
        // Claude Code has no tool that removes a file: a shell command did.
        EXPECT_TRUE(!tree.count(path) || one.agent_id == "claude-code") << one.name << " " << path;
        continue;
      }
      ASSERT_TRUE(tree.count(path)) << one.name << " " << path;
      EXPECT_EQ(entry.substr(7), blob_id(HashKind::sha1, tree[path]).hex())
          << one.name << " " << path;
      ++compared;
    }
  }
  EXPECT_GE(compared, 10u);
}

// Lines that are kept can be read as before once their sealed parts are cut.
TEST(Fixtures, TrimmedLinesSayTheSame) {
  for (const Recorded& one : recorded()) {
    for (const auto& file : one.files) {
      for (const json::Document& line : file) {
        std::string text = line.root().dump();
        std::string trimmed = one.agent().trim_line(text);
        auto again = json::Document::parse(trimmed);
        ASSERT_TRUE(again);
        auto first = one.agent().read_line(line.root());
        auto second = one.agent().read_line(again->root());
        ASSERT_EQ(first.size(), second.size()) << text;
        for (size_t i = 0; i < first.size(); ++i) {
          EXPECT_EQ(first[i].text, second[i].text);
          EXPECT_EQ(first[i].call.outcome.output, second[i].call.outcome.output);
        }
        // Nothing is told by lines that are not kept.
        EXPECT_TRUE(first.empty() || one.agent().keeps_line(line.root())) << text;
      }
    }
  }
}

}  // namespace
}  // namespace baton::agents
