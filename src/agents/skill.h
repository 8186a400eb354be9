#pragma once

// The skill that teaches an agent to ask baton: SKILL.md in the user's own skills folder of each
// agent. Its last line holds a digest of what stands before it, so that a file which somebody
// changed, or which was never ours, is told apart and left alone.
//
//   claude-code  ~/.claude/skills/baton/SKILL.md   (CLAUDE_CONFIG_DIR)
//   codex        ~/.codex/skills/baton/SKILL.md    (CODEX_HOME)

#include <string>
#include <string_view>

#include "agents/install.h"
#include "base/result.h"

namespace baton::agents {

struct SkillPlan {
  enum class Action : uint8_t { none, create, change, remove } action = Action::none;
  std::string path;
  std::string note;      // why a file that is there is left alone, "" otherwise
  std::string contents;  // create, change
  int made = 0;          // folders that are made for it, or were
};

// ErrorKind::usage for an agent without an installer, io if the file cannot be read.
Result<SkillPlan> plan_skill(std::string_view agent, const Places& places);
Result<SkillPlan> plan_skill_removal(std::string_view agent, const Places& places);
Status apply(const SkillPlan& plan);

// SKILL.md without its last line.
std::string_view skill_text();

}  // namespace baton::agents
