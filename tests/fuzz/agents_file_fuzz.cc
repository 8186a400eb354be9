// Lines of session files of any form: reading, keeping and cutting must hold, and what is cut must
// still be JSON.

#include <cstdlib>

#include "agents/agent.h"

using namespace baton;

namespace {

void check(const agents::Agent& agent, const std::string& text, const json::Value& line) {
  agent.keeps_line(line);
  for (const agents::FileFact& fact : agent.read_line(line)) {
    for (const agents::FileEdit& edit : fact.call.edits) {
      std::string before = edit.original.value_or(edit.content);
      auto after = agents::apply_edit(edit, before);
      if (!after || edit.kind == agents::FileEdit::Kind::remove) continue;
      auto reverted = agents::revert_edit(edit, *after);
      if (reverted && edit.kind != agents::FileEdit::Kind::write && *reverted != before) abort();
    }
  }
  if (!json::Document::parse(agent.trim_line(text))) abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string text(reinterpret_cast<const char*>(data), size);
  for (const agents::Agent* agent : agents::all_agents()) agent->trim_line(text);
  json::tidy(text);
  auto document = json::Document::parse(text);
  if (!document) return 0;
  for (const agents::Agent* agent : agents::all_agents()) check(*agent, text, document->root());
  return 0;
}
