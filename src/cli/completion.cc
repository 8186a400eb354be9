// Completion for bash, zsh and fish, written out of the table of commands: words and options are in
// the script, sessions and turns are asked of baton when they are wanted.

#include "agents/agent.h"
#include "base/bytes.h"
#include "cli/commands.h"
#include "cli/exit.h"

namespace baton::cli {
namespace {

constexpr std::string_view kSessionsCommand = "baton sessions --color never -n 50 2>/dev/null";
constexpr std::string_view kTurnsCommand = "baton log --oneline --color never -n 50 2>/dev/null";
constexpr std::string_view kShells = "bash zsh fish";
constexpr std::string_view kTopics = "addresses settings json";

std::string agent_ids() {
  std::string text;
  for (const agents::Agent* agent : agents::all_agents()) {
    if (!text.empty()) text += ' ';
    text += agent->id();
  }
  return text;
}

constexpr std::string_view kDates =
    "relative human iso iso-strict rfc short unix raw default local";

std::string spaced(std::string_view choices) {
  std::string text(choices);
  for (char& c : text) {
    if (c == '|') c = ' ';
  }
  return text;
}

std::string command_names() {
  std::string text;
  for (const CommandRow& row : all_commands()) {
    if (row.needs & kHidden) continue;
    if (!text.empty()) text += ' ';
    text += row.name.view();
  }
  return text;
}

// All spellings of an option: "-n --limit".
std::string spellings(const OptionRow& option) {
  std::string text;
  if (option.letter) text = std::string("-") + option.letter;
  if (!option.name.empty()) {
    if (!text.empty()) text += ' ';
    text += "--" + std::string(option.name.view());
  }
  return text;
}

// ---- bash

std::string bash_values(Values values, std::string_view choices) {
  auto list = [](std::string_view words) {
    return "COMPREPLY=($(compgen -W \"" + std::string(words) + "\" -- \"$cur\"))";
  };
  switch (values) {
    case Values::none:
      return ":";
    case Values::words:
      return list(spaced(choices));
    case Values::dates:
      return list(kDates);
    case Values::agents:
      return list(agent_ids());
    case Values::sessions:
      return list("$(" + std::string(kSessionsCommand) + " | cut -d' ' -f1)");
    case Values::addresses:
      return list("$(" + std::string(kSessionsCommand) + " | cut -d' ' -f1; " +
                  std::string(kTurnsCommand) + " | cut -d' ' -f1)");
    case Values::commands:
      return list(command_names() + " " + std::string(kTopics));
    case Values::shells:
      return list(kShells);
    case Values::directories:
      return "COMPREPLY=($(compgen -d -- \"$cur\"))";
    case Values::files:
      return "COMPREPLY=($(compgen -f -- \"$cur\"))";
    case Values::branches:
      return list("$(git for-each-ref --format='%(refname:short)' refs/heads 2>/dev/null)");
  }
  return ":";
}

std::string bash_script() {
  std::string text =
      "# bash completion of baton; made by `baton completion bash`\n"
      "_baton() {\n"
      "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command= i\n"
      "    COMPREPLY=()\n"
      "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "        case ${COMP_WORDS[i]} in\n"
      "        -C | --color) ((i++)) ;;\n"
      "        --)\n"
      "            COMPREPLY=($(compgen -f -- \"$cur\"))\n"
      "            return ;;\n"
      "        -*) ;;\n"
      "        *) [ -n \"$command\" ] || command=${COMP_WORDS[i]} ;;\n"
      "        esac\n"
      "    done\n"
      "    case $command:$prev in\n";
  for (const OptionRow& option : all_options()) {
    if (!needs_value(option) || option.commands != 0) continue;
    {
      std::string word = spellings(option);
      text += "    *:" + word + ") " + bash_values(option.values, option.choices.view()) +
              "; return ;;\n";
    }
  }
  for (const CommandRow& row : all_commands()) {
    for (const OptionRow& option : all_options()) {
      if (!needs_value(option) || option.commands == 0 || !takes(row, option)) continue;
      std::string name(row.name.view());
      std::string pattern;
      std::string all = spellings(option);
      for (std::string_view word : split(all, ' ')) {
        pattern += (pattern.empty() ? "" : " | ") + name + ":" + std::string(word);
      }
      text += "    " + pattern + ") " + bash_values(option.values, option.choices.view()) +
              "; return ;;\n";
    }
  }
  text += "    esac\n    local options=\"";
  for (const OptionRow& option : all_options()) {
    if (option.commands == 0) text += spellings(option) + " ";
  }
  text.pop_back();
  text +=
      "\"\n    case $command in\n    '')\n        if [[ $cur == -* ]]; then options+=\" "
      "--version\"; else " +
      std::string("COMPREPLY=($(compgen -W \"") + command_names() +
      "\" -- \"$cur\")); return; fi ;;\n";
  for (const CommandRow& row : all_commands()) {
    std::string own;
    for (const OptionRow& option : all_options()) {
      if (option.commands != 0 && takes(row, option)) own += " " + spellings(option);
    }
    text += "    " + std::string(row.name.view()) + ")\n        options+=\"" + own + "\"\n" +
            "        [[ $cur == -* ]] || { " + bash_values(row.values, "") + "; return; } ;;\n";
  }
  text +=
      "    esac\n"
      "    COMPREPLY=($(compgen -W \"$options\" -- \"$cur\"))\n"
      "}\n"
      "complete -o default -F _baton baton\n";
  return text;
}

// ---- zsh

std::string zsh_quoted(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '[' || c == ']' || c == ':') out += '\\';
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out;
}

std::string zsh_values(Values values, std::string_view choices) {
  switch (values) {
    case Values::none:
      return " ";
    case Values::words:
      return "(" + spaced(choices) + ")";
    case Values::dates:
      return "(" + std::string(kDates) + ")";
    case Values::agents:
      return "(" + agent_ids() + ")";
    case Values::sessions:
      return "_baton_sessions";
    case Values::addresses:
      return "_baton_addresses";
    case Values::commands:
      return "(" + command_names() + " " + std::string(kTopics) + ")";
    case Values::shells:
      return "(" + std::string(kShells) + ")";
    case Values::directories:
      return "_files -/";
    case Values::files:
      return "_files";
    case Values::branches:
      return "_baton_branches";
  }
  return " ";
}

std::string zsh_option(const OptionRow& option) {
  std::string text = "'";
  std::string all = spellings(option);
  auto words = split(all, ' ');
  if (option.repeats) {
    text += "*";
  } else if (words.size() > 1) {
    text += "(" + all + ")";
  }
  std::string tail = "[" + zsh_quoted(option.summary.view()) + "]";
  if (needs_value(option)) {
    tail += ":" + zsh_quoted(option.metavar.view()) + ":" +
            zsh_values(option.values, option.choices.view());
  }
  if (words.size() == 1) return text + all + tail + "'";
  std::string list;
  for (std::string_view word : words) list += (list.empty() ? "" : ",") + std::string(word);
  return text + "'{" + list + "}'" + tail + "'";
}

std::string zsh_script() {
  std::string text =
      "#compdef baton\n"
      "# zsh completion of baton; made by `baton completion zsh`\n"
      "_baton_sessions() {\n"
      "    compadd -- ${(f)\"$(" +
      std::string(kSessionsCommand) +
      " | cut -d' ' -f1)\"}\n"
      "}\n"
      "_baton_addresses() {\n"
      "    compadd -- ${(f)\"$(" +
      std::string(kSessionsCommand) + " | cut -d' ' -f1; " + std::string(kTurnsCommand) +
      " | cut -d' ' -f1)\"}\n"
      "}\n"
      "_baton_branches() {\n"
      "    compadd -- ${(f)\"$(git for-each-ref --format='%(refname:short)' refs/heads "
      "2>/dev/null)\"}\n"
      "}\n"
      "_baton() {\n"
      "    local -a common commands\n"
      "    common=(\n";
  for (const OptionRow& option : all_options()) {
    if (option.commands == 0) text += "        " + zsh_option(option) + "\n";
  }
  text += "    )\n    commands=(\n";
  for (const CommandRow& row : all_commands()) {
    if (row.needs & kHidden) continue;
    text +=
        "        '" + std::string(row.name.view()) + ":" + zsh_quoted(row.summary.view()) + "'\n";
  }
  text +=
      "    )\n"
      "    local curcontext=$curcontext state line\n"
      "    _arguments -C $common '--version[print the version]' '1: :->command' '*:: :->rest' "
      "&& return\n"
      "    case $state in\n"
      "    command) _describe command commands ;;\n"
      "    rest)\n"
      "        case $words[1] in\n";
  for (const CommandRow& row : all_commands()) {
    text += "        " + std::string(row.name.view()) + ")\n            _arguments $common";
    for (const OptionRow& option : all_options()) {
      if (option.commands != 0 && takes(row, option)) {
        text += " \\\n                " + zsh_option(option);
      }
    }
    if (row.most > 0) {
      text += " \\\n                '*:" + zsh_quoted(lower_ascii(row.arguments.view())) + ":" +
              zsh_values(row.values, "") + "'";
    } else if (row.needs & kPathspecs) {
      text += " \\\n                '*:path:_files'";
    }
    text += " ;;\n";
  }
  text +=
      "        esac ;;\n"
      "    esac\n"
      "}\n"
      "if [ \"$funcstack[1]\" = _baton ]; then _baton \"$@\"; else compdef _baton baton; fi\n";
  return text;
}

// ---- fish

std::string fish_quoted(std::string_view text) {
  std::string out = "'";
  for (char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string fish_values(Values values, std::string_view choices) {
  auto list = [](std::string_view words) { return " -xa " + fish_quoted(words); };
  switch (values) {
    case Values::none:
      return " -x";
    case Values::words:
      return list(spaced(choices));
    case Values::dates:
      return list(kDates);
    case Values::agents:
      return list(agent_ids());
    case Values::sessions:
      return list("(" + std::string(kSessionsCommand) + " | cut -d' ' -f1)");
    case Values::addresses:
      return list("(" + std::string(kSessionsCommand) + " | cut -d' ' -f1; " +
                  std::string(kTurnsCommand) + " | cut -d' ' -f1)");
    case Values::commands:
      return list(command_names() + " " + std::string(kTopics));
    case Values::shells:
      return list(kShells);
    case Values::directories:
      return list("(__fish_complete_directories)");
    case Values::files:
      return " -rF";
    case Values::branches:
      return list("(git for-each-ref --format='%(refname:short)' refs/heads 2>/dev/null)");
  }
  return "";
}

std::string fish_option(const OptionRow& option) {
  std::string text;
  if (option.letter) text += std::string(" -s ") + option.letter;
  if (!option.name.empty()) text += " -l " + std::string(option.name.view());
  if (needs_value(option)) text += fish_values(option.values, option.choices.view());
  return text + " -d " + fish_quoted(option.summary.view());
}

std::string fish_script() {
  std::string text =
      "# fish completion of baton; made by `baton completion fish`\n"
      "complete -c baton -n __fish_use_subcommand -f\n"
      "complete -c baton -n __fish_use_subcommand -l version -d 'print the version'\n";
  for (const OptionRow& option : all_options()) {
    if (option.commands == 0) text += "complete -c baton" + fish_option(option) + "\n";
  }
  for (const CommandRow& row : all_commands()) {
    std::string name(row.name.view());
    if (!(row.needs & kHidden)) {
      text += "complete -c baton -n __fish_use_subcommand -a " + name + " -d " +
              fish_quoted(row.summary.view()) + "\n";
    }
    std::string here = "complete -c baton -n '__fish_seen_subcommand_from " + name + "'";
    if (row.most > 0 && row.values != Values::files) {
      text += here + " -f" + (row.values == Values::none ? "" : fish_values(row.values, "")) + "\n";
    }
    for (const OptionRow& option : all_options()) {
      if (option.commands != 0 && takes(row, option)) text += here + fish_option(option) + "\n";
    }
  }
  return text;
}

}  // namespace

Result<int> run_completion(Front& front) {
  const std::string& shell = front.asked().words[0];
  if (shell == "bash") {
    front.out().write(bash_script());
  } else if (shell == "zsh") {
    front.out().write(zsh_script());
  } else if (shell == "fish") {
    front.out().write(fish_script());
  } else {
    return fail(ErrorKind::usage, "no completion for '" + shell + "'", "shells: bash, zsh, fish");
  }
  return kFine;
}

}  // namespace baton::cli
