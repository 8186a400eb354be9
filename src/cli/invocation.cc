#include "cli/invocation.h"

#include <algorithm>

#include "base/bytes.h"

namespace baton::cli {
namespace {

// Optimal string alignment: insertions, deletions, replacements and swaps of neighbours.
size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<size_t>> cost(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); i++) cost[i][0] = i;
  for (size_t j = 0; j <= b.size(); j++) cost[0][j] = j;
  for (size_t i = 1; i <= a.size(); i++) {
    for (size_t j = 1; j <= b.size(); j++) {
      size_t best = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1,
                              cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        best = std::min(best, cost[i - 2][j - 2] + 1);
      }
      cost[i][j] = best;
    }
  }
  return cost[a.size()][b.size()];
}

std::string quoted(std::string_view word) {
  return "'" + std::string(word) + "'";
}

class Parser {
 public:
  explicit Parser(const std::vector<std::string_view>& arguments) : arguments_(arguments) {}

  Result<Invocation> parse() {
    if (arguments_.size() > kMaxArguments) {
      return fail(ErrorKind::usage, "too many arguments");
    }
    while (at_ < arguments_.size()) TRY(take(arguments_[at_++]));
    TRY(check_words());
    return std::move(invocation_);
  }

 private:
  Status take(std::string_view word) {
    if (word.size() > kMaxArgumentBytes) return fail(ErrorKind::usage, "an argument is too long");
    if (dashes_) {
      auto& list = row_ && (row_->needs & kPathspecs) ? invocation_.pathspecs : invocation_.words;
      list.emplace_back(word);
      return {};
    }
    if (word == "--") {
      if (!row_) return fail(ErrorKind::usage, "no command before '--'", kSeeHelp);
      dashes_ = true;
      return {};
    }
    if (word.starts_with("--")) return take_long(word.substr(2));
    if (word.starts_with("-") && word.size() > 1) return take_letters(word.substr(1));
    if (!row_) return take_command(word);
    invocation_.words.emplace_back(word);
    return {};
  }

  Status take_command(std::string_view word) {
    row_ = find_command(word);
    if (row_) {
      invocation_.command = row_->id;
      return {};
    }
    std::vector<std::string_view> names;
    for (const CommandRow& row : all_commands()) {
      if (!(row.needs & kHidden)) names.push_back(row.name.view());
    }
    std::string_view near = nearest(word, names);
    return fail(ErrorKind::usage, "unknown command " + quoted(word),
                near.empty() ? std::string(kSeeHelp)
                             : "did you mean " + quoted(near) + "?  " + std::string(kSeeHelp));
  }

  bool fits(const OptionRow& option) const {
    if (row_) return takes(*row_, option);
    return option.commands == 0 || (option.commands & 1) != 0;
  }

  Status take_long(std::string_view text) {
    size_t equals = text.find('=');
    std::string_view name = text.substr(0, equals);
    for (const OptionRow& option : all_options()) {
      if (option.name.empty() || option.name.view() != name || !fits(option)) continue;
      if (option.metavar.empty() || (value_is_optional(option) && equals == text.npos)) {
        if (equals != std::string_view::npos) {
          return fail(ErrorKind::usage, "option '--" + std::string(name) + "' takes no value");
        }
        return store(option, "");
      }
      if (equals != std::string_view::npos) return store(option, text.substr(equals + 1));
      return store_next(option, "--" + std::string(name));
    }
    return unknown_option("--" + std::string(name));
  }

  Status take_letters(std::string_view letters) {
    // -5 is -n 5, as in git.
    if (parse_int(letters) && letters[0] != '-') {
      for (const OptionRow& option : all_options()) {
        if (option.id == OptionId::limit && fits(option)) return store(option, letters);
      }
    }
    while (!letters.empty()) {
      const OptionRow* found = nullptr;
      for (const OptionRow& option : all_options()) {
        if (option.letter == letters[0] && fits(option)) found = &option;
      }
      if (!found) return unknown_option("-" + std::string(letters.substr(0, 1)));
      letters.remove_prefix(1);
      if (found->metavar.empty()) {
        TRY(store(*found, ""));
      } else if (value_is_optional(*found)) {
        size_t digits = std::min(letters.find_first_not_of("0123456789"), letters.size());
        TRY(store(*found, letters.substr(0, digits)));
        letters.remove_prefix(digits);
      } else if (!letters.empty()) {
        return store(*found, letters);
      } else {
        return store_next(*found, "-" + std::string(1, found->letter));
      }
    }
    return {};
  }

  Status store_next(const OptionRow& option, const std::string& spelled) {
    if (at_ >= arguments_.size()) {
      return fail(ErrorKind::usage, "option '" + spelled + "' needs a value (" +
                                        std::string(option.metavar.view()) + ")");
    }
    return store(option, arguments_[at_++]);
  }

  Status store(const OptionRow& option, std::string_view value) {
    if (!option.choices.empty()) {
      auto choices = split(option.choices.view(), '|');
      if (std::ranges::find(choices, value) == choices.end()) {
        std::string_view near = nearest(value, choices);
        return fail(
            ErrorKind::usage,
            "option '--" + std::string(option.name.view()) + "' does not take " + quoted(value),
            (near.empty() ? "" : "did you mean " + quoted(near) + "?  ") +
                std::string("it takes: ") + spaced(option.choices.view()));
      }
    }
    auto& values = invocation_.options[static_cast<size_t>(option.id)];
    if (!option.repeats) values.clear();
    values.emplace_back(value);
    return {};
  }

  static std::string spaced(std::string_view choices) {
    std::string text;
    for (std::string_view choice : split(choices, '|')) {
      if (!text.empty()) text += ", ";
      text += choice;
    }
    return text;
  }

  Status unknown_option(const std::string& spelled) {
    std::vector<std::string_view> names;
    std::vector<std::string> spellings;
    for (const OptionRow& option : all_options()) {
      if (fits(option) && !option.name.empty()) {
        spellings.push_back("--" + std::string(option.name.view()));
      }
    }
    names.assign(spellings.begin(), spellings.end());
    std::string_view near = spelled.starts_with("--") ? nearest(spelled, names) : "";
    std::string command = row_ ? " " + std::string(row_->name.view()) : "";
    std::string see = "'baton" + command + " --help' lists the options";
    return fail(ErrorKind::usage,
                "unknown option '" + spelled + "'" + (row_ ? " for" + command : ""),
                near.empty() ? see : "did you mean " + quoted(near) + "?  " + see);
  }

  Status check_words() {
    if (invocation_.has(OptionId::help) || !row_) return {};
    size_t count = invocation_.words.size();
    std::string name(row_->name.view());
    std::string usage = "usage: baton " + name + " " + std::string(row_->arguments.view());
    if (count < row_->least) {
      return fail(ErrorKind::usage, "'" + name + "' needs an argument", usage);
    }
    if (row_->most != kAnyWords && count > row_->most) {
      return fail(
          ErrorKind::usage, "'" + name + "' does not take " + quoted(invocation_.words[row_->most]),
          row_->needs & kPathspecs
              ? "paths come after '--': baton " + name + " -- " + invocation_.words[row_->most]
              : "'baton " + name + " --help' explains it");
    }
    return {};
  }

  static constexpr const char* kSeeHelp = "'baton help' lists the commands";

  const std::vector<std::string_view>& arguments_;
  size_t at_ = 0;
  bool dashes_ = false;
  const CommandRow* row_ = nullptr;
  Invocation invocation_;
};

}  // namespace

Result<std::optional<int64_t>> Invocation::number(OptionId id, int64_t least) const {
  if (!has(id)) return std::nullopt;
  auto number = parse_int(value(id));
  if (number && *number >= least) return number;
  std::string name;
  for (const OptionRow& option : all_options()) {
    if (option.id == id) name = option.name.view();
  }
  return fail(ErrorKind::usage, "option '--" + name + "' needs a number from " +
                                    std::to_string(least) + " on, not " + quoted(value(id)));
}

Result<Invocation> parse_invocation(const std::vector<std::string_view>& arguments) {
  return Parser(arguments).parse();
}

std::string shell_quoted(std::string_view word) {
  std::string text = "'";
  for (char c : word) {
    if (c == '\'') {
      text += "'\\''";
    } else {
      text += c;
    }
  }
  return text + "'";
}

std::string command_line(const Invocation& asked) {
  std::string line = "baton";
  auto add = [&](std::string_view word) {
    constexpr std::string_view kPlain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:,+=@%^";
    bool plain = !word.empty() && word.find_first_not_of(kPlain) == std::string_view::npos;
    line += " " + (plain ? std::string(word) : shell_quoted(word));
  };
  if (asked.command != CommandId::none) add(command_row(asked.command).name.view());
  for (const std::string& word : asked.words) add(word);
  for (const OptionRow& option : all_options()) {
    if (option.name.empty()) continue;
    if (option.commands != 0 && !takes(command_row(asked.command), option)) continue;
    for (const std::string& value : asked.values(option.id)) {
      add("--" + std::string(option.name.view()));
      if (!option.metavar.empty()) add(value);
    }
  }
  if (!asked.pathspecs.empty()) line += " --";
  for (const std::string& path : asked.pathspecs) add(path);
  return line;
}

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates) {
  if (word.size() > 64) return {};
  std::string_view best;
  size_t least = SIZE_MAX;
  for (std::string_view candidate : candidates) {
    // A beginning is a slip of what it begins ("sess"), whatever is missing.
    size_t cost = word.size() >= 3 && candidate.starts_with(word)
                      ? 1
                      : distance(lower_ascii(word), lower_ascii(candidate));
    if (cost < least) {
      least = cost;
      best = candidate;
    }
  }
  size_t allowed = std::max<size_t>(1, std::min(word.size(), best.size()) / 2);
  return least <= std::min<size_t>(allowed, 3) ? best : std::string_view();
}

}  // namespace baton::cli
