#pragma once

// Prompts and what came of them, as lists.

#include <string>
#include <string_view>
#include <vector>

#include "index/acts.h"
#include "model/views.h"
#include "render/style.h"

namespace baton::render {

// A prompt is a block: where and when, its first lines, what came of it. With `steps`, each step is
// a line below.
// baton's own acts, newest first too, stand between them.
std::string log_text(const Style& style, const std::vector<model::TurnView>& turns, bool steps,
                     const std::vector<index::Act>& acts = {});
// One line a prompt, one an act.
std::string log_lines(const Style& style, const std::vector<model::TurnView>& turns,
                      const std::vector<index::Act>& acts = {});

// "6 steps, 1 failed · src/retry.sh · tests passed: sh tests/retry_test.sh", in so many columns;
// 0: as many as it takes.
std::string came_of_it(const Style& style, const model::Turn& turn, size_t width);

// One line a step: address, kind, how it ended, what it was.
std::string step_rows(const Style& style, const std::vector<model::Step>& steps,
                      std::string_view indent);
// "exit 1", "ok", "refused".
std::string outcome_word(const model::Step& step);
// The command, the paths, or the tool's name: what a step is known by. Clean, one line.
std::string step_subject(const Style& style, const model::Step& step);

Look look_of(model::TestVerdict verdict);
// "passed", "failed, 2 of 30", with what it rests on.
std::string verdict_text(const Style& style, const model::TestRun& run);
// "sh tests/run.sh", clean, one line.
std::string run_name(const Style& style, const model::TestRun& run);

// "[x]" of a plan's item.
std::string_view plan_box(std::string_view status);
std::string plan_text(const Style& style, const model::Plan& plan, std::string_view indent);

std::string log_json(const Style& style, const std::vector<model::TurnView>& turns, bool steps,
                     const std::vector<index::Act>& acts = {});

}  // namespace baton::render
