#pragma once

// Help in all its forms, made from the tables.

#include <string>
#include <string_view>

#include "cli/command_table.h"
#include "render/style.h"

namespace baton::cli {

std::string overview(const render::Style& style);
std::string command_help(const CommandRow& command, const render::Style& style);
// "addresses", "settings", "json"; "" for anything else.
std::string topic_help(std::string_view topic, const render::Style& style);
std::string usage_line(const CommandRow& command);

// docs/commands.md and docs/settings.md.
std::string commands_page();
std::string settings_page();

}  // namespace baton::cli
