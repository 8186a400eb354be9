// Journal lines of any form, sealed as if a hook had written them: reading them into an index must
// hold, every question must have an answer, and reading them in two goes must give what one gives.

#include <algorithm>
#include <string>
#include <vector>

#include "agents/agent.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "index/index.h"
#include "index/queries.h"
#include "scratch_store.h"
#include "store/journal.h"
#include "store/verify.h"

using namespace baton;
using fuzzing::require;

namespace {

constexpr size_t kMaxLines = 40;

std::string digest(std::string_view a, std::string_view b, std::string_view c = {}) {
  return hex(std::string_view(sha256(a, b, c)).substr(0, 16));
}

// The lines with chains and digests that hold; what is no journal line stays as it is.
std::vector<std::string> sealed(std::string_view bytes) {
  std::vector<std::string> lines;
  std::string chain(32, '0');
  while (!bytes.empty() && lines.size() < kMaxLines) {
    std::string_view line = bytes.substr(0, bytes.find('\n'));
    bytes.remove_prefix(std::min(bytes.size(), line.size() + 1));
    auto parts = store::split_journal_line(line);
    if (!parts) {
      lines.push_back(std::string(line) + "\n");
      continue;
    }
    std::string own =
        parts->forgotten ? std::string(parts->digest) : digest(parts->salt, parts->payload);
    chain = digest(chain, parts->header, own);
    std::string text = "{\"h\":\"" + chain + "\",\"d\":\"" + own + "\",\"e\":";
    text += parts->header;
    if (!parts->forgotten) {
      text += ",\"s\":\"";
      text += parts->salt;
      text += "\",\"p\":";
      text += parts->payload;
    }
    lines.push_back(text + "}\n");
  }
  return lines;
}

// The first value of a member that has one, as text.
std::string_view first(std::string_view bytes, std::string_view member) {
  std::string mark = "\"" + std::string(member) + "\":\"";
  size_t at = bytes.find(mark);
  if (at == bytes.npos) return {};
  bytes.remove_prefix(at + mark.size());
  return bytes.substr(0, bytes.find('"'));
}

// Asks all that readers ask; what is the same however the journal was read is told.
std::string ask(index::Index& index) {
  std::string told;
  auto say = [&](const auto& value) { told += std::to_string(value) + " "; };
  auto sessions = index::sessions(index, {.subagents = true});
  require(sessions.has_value());
  for (const model::Session& session : *sessions) {
    require(index::show_session(index, session.key).has_value());
    auto steps = index::steps(index, session.key);
    require(steps.has_value());
    say(steps->size());
    for (const model::Step& step : *steps) {
      say(step.ref.step);
      say(static_cast<int>(step.kind));
      say(static_cast<int>(step.outcome));
      told += step.command + "\n";
      require(index::show_step(index, session.key, step.ref.step).has_value());
    }
    require(index::plan(index, session.key).has_value());
    require(index::reads(index, session.key).has_value());
    require(index::messages(index, session.key).has_value());
  }
  auto turns = index::log(index, {.with_steps = true, .with_messages = true});
  require(turns.has_value());
  for (const model::TurnView& turn : *turns) {
    told += turn.turn.prompt + "\n";
  }
  require(index::status(index).has_value());
  require(index::gaps(index).has_value());
  require(index::test_runs(index).has_value());
  require(index::search(index, "test \"a phrase\" pre*").has_value());
  auto paths = index::changed_paths(index);
  require(paths.has_value());
  for (const std::string& path : *paths) {
    auto versions = index::versions(index, path);
    require(versions.has_value());
    say(versions->size());
  }
  return told;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  // Whose they are, the first line says.
  std::string_view agent = first(bytes, "agent");
  if (agent != "codex" && agent != "baton") agent = "claude-code";
  static const fuzzing::ScratchStore scratch;
  std::string directory = scratch.session(agent, first(bytes, "session"));
  std::string path = os::join(directory, store::kJournalName);
  std::vector<std::string> lines = sealed(bytes);
  std::string half, whole;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (i < lines.size() / 2) half += lines[i];
    whole += lines[i];
  }

  fuzzing::write(path, half);
  index::IndexOptions options;
  options.in_memory = true;
  auto in_two = index::Index::open(scratch.store(), options);
  require(in_two.has_value());
  fuzzing::write(path, whole);
  require(in_two->update().has_value());
  auto in_one = index::Index::open(scratch.store(), options);
  require(in_one.has_value());
  require(ask(*in_two) == ask(*in_one));
  require(store::verify(scratch.store()).has_value());
  (void)os::remove_tree(directory);
  return 0;
}
