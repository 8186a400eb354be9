#include "cli/help.h"

#include "base/bytes.h"
#include "base/settings.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "render/text.h"

namespace baton::cli {
namespace {

using render::Look;
using render::Style;

constexpr Group kGroups[] = {Group::start, Group::read, Group::take, Group::back, Group::care};

constexpr std::string_view kAddresses =
    "c7f2             a session: the first digits of its name, or the agent's whole id\n"
    "c7f2:3           its third turn: a prompt and all that came of it\n"
    "c7f2.14          its step 14: one call of a tool\n"
    "c7f2.14:PATH     a file as it was after that step\n"
    "@                the newest step; @- is the one before, @-- the one before that\n"
    "@{TIME}          the files at that time (diff)\n"
    "ADDRESS^         the files before it (diff)\n"
    "git:REV          a git revision, where both can stand\n";

constexpr std::string_view kJson =
    "Commands that take --json answer with one JSON object on one line:\n"
    "\n"
    "    {\"baton\":1,\"kind\":\"log\",\"turns\":[...]}\n"
    "\n"
    "`baton` is the version of the form: members may be added under the same number, nothing is\n"
    "removed or changes its meaning. Times are RFC 3339 in UTC, ids are hex, what is unknown is\n"
    "left out or null. docs/json.md describes each kind. Errors go to the standard error as text;\n"
    "the exit status tells: 0 fine, 1 a negative answer, 2 usage, 3 not found or no store,\n"
    "4 damage or input and output.\n";

std::string spelled(const OptionRow& option) {
  std::string text;
  std::string metavar(option.metavar.view());
  if (option.letter) {
    text = std::string("-") + option.letter;
    if (option.name.empty() && needs_value(option)) return text + " " + metavar;
    if (option.name.empty()) return text + metavar;
    text += ", ";
  }
  text += "--" + std::string(option.name.view());
  if (metavar.starts_with("[=")) return text + metavar;
  return metavar.empty() ? text : text + " " + metavar;
}

std::string meaning(const OptionRow& option) {
  std::string text(option.summary.view());
  if (!option.choices.empty()) {
    text += " (";
    bool first = true;
    for (std::string_view choice : split(option.choices.view(), '|')) {
      if (!first) text += ", ";
      text += choice;
      first = false;
    }
    text += ")";
  }
  return text;
}

std::string option_list(const CommandRow& command, bool common, const Style& style) {
  render::Table table;
  bool any = false;
  for (const OptionRow& option : all_options()) {
    if (!takes(command, option) || (option.commands == 0) != common) continue;
    table.row({{spelled(option), Look::plain}, {meaning(option)}});
    any = true;
  }
  Style unlimited = style;
  unlimited.width = 0;
  return any ? table.text(unlimited, "    ") : "";
}

std::string_view type_name(SettingType type) {
  switch (type) {
    case SettingType::boolean:
      return "true or false";
    case SettingType::bytes:
      return "bytes, with k, m or g";
    case SettingType::number:
      return "a number";
    case SettingType::choice:
      return "a word";
    case SettingType::text:
      return "text";
    case SettingType::pattern:
      return "a pattern";
    case SettingType::time:
      return "a time";
  }
  return "";
}

std::string setting_name(const SettingRow& row) {
  return row.key.empty() ? std::string() : "baton." + std::string(row.key.view());
}

std::string settings_text(const Style& style) {
  std::string text =
      "Settings are git's configuration (`git config baton.date iso`) or variables of the\n"
      "environment, which win.\n";
  for (const SettingRow& row : kSettings) {
    text += "\n" + style.paint(Look::title, setting_name(row));
    if (!row.variable.empty()) {
      if (!row.key.empty()) text += ", ";
      text += style.paint(Look::title, row.variable.view());
    }
    std::string kind(row.choices.empty() ? type_name(row.type) : row.choices.view());
    text += "  " + kind;
    if (!row.otherwise.empty()) text += ", default " + std::string(row.otherwise.view());
    text += "\n" + render::block(style, row.meaning.view(), "    ");
  }
  return text;
}

}  // namespace

std::string usage_line(const CommandRow& command) {
  std::string text = "baton " + std::string(command.name.view()) + " [OPTION...]";
  if (!command.arguments.empty()) text += " " + std::string(command.arguments.view());
  if (command.needs & kPathspecs) text += " [-- PATHSPEC...]";
  return text;
}

std::string overview(const Style& style) {
  std::string text =
      "usage: baton [-C DIR] COMMAND [OPTION...] [ARGUMENT...] [-- PATHSPEC...]\n"
      "\n"
      "Records what coding agents do in a repository, and shows it. Without a command: how things\n"
      "stand.\n";
  for (Group group : kGroups) {
    text += "\n" + style.paint(Look::title, group_title(group)) + "\n";
    for (const CommandRow& row : all_commands()) {
      if (row.group != group || (row.needs & kHidden)) continue;
      text += "    " + render::pad(row.name.view(), 12) + std::string(row.summary.view()) + "\n";
    }
  }
  text +=
      "\n"
      "'baton help COMMAND' explains a command, 'baton help addresses' how sessions, turns and\n"
      "steps are written, 'baton help settings' what can be set.\n";
  return text;
}

std::string command_help(const CommandRow& command, const Style& style) {
  std::string text = "usage: " + usage_line(command) + "\n\n";
  text += std::string(command.summary.view()) + "\n";
  Style narrow = style;
  if (narrow.width == 0 || narrow.width > 80) narrow.width = 80;
  if (!command.about.empty()) text += "\n" + render::block(narrow, command.about.view(), "");
  std::string own = option_list(command, false, style);
  if (!own.empty()) text += "\n" + style.paint(Look::title, "options") + "\n" + own;
  text += "\n" + style.paint(Look::title, "options of every command") + "\n" +
          option_list(command, true, style);
  return text;
}

std::string topic_help(std::string_view topic, const Style& style) {
  if (topic == "addresses") return std::string(kAddresses);
  if (topic == "settings") {
    Style narrow = style;
    if (narrow.width == 0 || narrow.width > 80) narrow.width = 80;
    return settings_text(narrow);
  }
  if (topic == "json") return std::string(kJson);
  return {};
}

std::string commands_page() {
  std::string text =
      "# Commands\n"
      "\n"
      "Made by `make docs` from the table in `src/cli/command_table.cc`.\n";
  Style style;
  for (Group group :
       {Group::start, Group::read, Group::take, Group::back, Group::care, Group::plumbing}) {
    text += "\n## " + std::string(group_title(group)) + "\n";
    for (const CommandRow& row : all_commands()) {
      if (row.group != group) continue;
      text += "\n### baton " + std::string(row.name.view()) + "\n\n    " + usage_line(row) + "\n\n";
      text += std::string(row.summary.view()) + "\n";
      if (!row.about.empty()) {
        Style narrow;
        narrow.width = 100;
        bool verbatim = row.id == CommandId::completion;
        text += "\n" + render::block(narrow, row.about.view(), verbatim ? "    " : "");
      }
      std::string own = option_list(row, false, style);
      if (!own.empty()) text += "\n" + own;
    }
  }
  text += "\n## options of every command\n\n" +
          option_list(command_row(CommandId::status), true, style);
  text += "\n## addresses\n\n";
  for (std::string_view line : split(trim(kAddresses), '\n')) {
    text += "    " + std::string(line) + "\n";
  }
  return text;
}

std::string settings_page() {
  std::string text =
      "# Settings\n"
      "\n"
      "Made by `make docs` from the table in `src/base/settings.h`.\n"
      "\n"
      "`git config baton.date iso` sets one for a repository, `git config --global` for all of\n"
      "yours. A variable of the environment wins. What is recorded at all is decided by\n"
      "`.gitignore`, `.git/info/exclude` and `.batonignore`, which has the same form.\n"
      "\n"
      "| key | variable | value | default | meaning |\n"
      "| --- | --- | --- | --- | --- |\n";
  auto code = [](std::string_view word) {
    return word.empty() ? std::string() : "`" + std::string(word) + "`";
  };
  for (const SettingRow& row : kSettings) {
    std::string value;
    if (row.choices.empty()) {
      value = type_name(row.type);
    } else {
      for (std::string_view choice : split(row.choices.view(), '|')) {
        value += (value.empty() ? "" : ", ") + code(choice);
      }
    }
    text += "| " + code(setting_name(row)) + " | " + code(row.variable.view()) + " | " + value +
            " | " + code(row.otherwise.view()) + " | " + std::string(row.meaning.view()) + " |\n";
  }
  return text;
}

Result<int> run_help(Front& front) {
  const Invocation& asked = front.asked();
  const Style& style = front.style();
  if (asked.has(OptionId::help) && asked.command != CommandId::none) {
    front.out().write(command_help(command_row(asked.command), style));
    return kFine;
  }
  if (asked.words.empty()) {
    front.out().write(overview(style));
    return kFine;
  }
  const std::string& word = asked.words[0];
  if (asked.has(OptionId::markdown)) {
    if (word == "commands") return front.out().write(commands_page()), kFine;
    if (word == "settings") return front.out().write(settings_page()), kFine;
    return fail(ErrorKind::usage, "no such page: '" + word + "'", "pages: commands, settings");
  }
  if (const CommandRow* row = find_command(word)) {
    front.out().write(command_help(*row, style));
    return kFine;
  }
  std::string topic = topic_help(word, style);
  if (!topic.empty()) {
    front.out().write(topic);
    return kFine;
  }
  std::vector<std::string_view> names = {"addresses", "settings", "json"};
  for (const CommandRow& row : all_commands()) names.push_back(row.name.view());
  std::string_view near = nearest(word, names);
  return fail(ErrorKind::usage, "no help for '" + word + "'",
              near.empty() ? "'baton help' lists the commands"
                           : "did you mean '" + std::string(near) + "'?");
}

}  // namespace baton::cli
