// Hook payloads of any form: every adapter must translate them, and the edits they name must apply
// or say no.

#include <cstdlib>

#include "agents/agent.h"

using namespace baton;

namespace {

void check(const agents::Agent& agent, const json::Value& payload) {
  agents::Heard heard = agent.hear("", payload);
  for (const agents::ToolCall& call : heard.calls) {
    for (const agents::FileEdit& edit : call.edits) {
      std::string before = edit.original.value_or(call.command + heard.text);
      auto after = agents::apply_edit(edit, before);
      if (!after || edit.kind == agents::FileEdit::Kind::remove) continue;
      auto reverted = agents::revert_edit(edit, *after);
      if (reverted && edit.kind != agents::FileEdit::Kind::write && *reverted != before) abort();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string text(reinterpret_cast<const char*>(data), size);
  json::tidy(text);
  auto document = json::Document::parse(text);
  if (!document) return 0;
  for (const agents::Agent* agent : agents::all_agents()) check(*agent, document->root());
  return 0;
}
