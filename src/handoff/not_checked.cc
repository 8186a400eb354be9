#include "handoff/not_checked.h"

#include <algorithm>
#include <initializer_list>
#include <set>

#include "base/bytes.h"
#include "base/json.h"
#include "handoff/path_kinds.h"
#include "shell/test_runs.h"

namespace baton::handoff {
namespace {

using model::Step;

constexpr size_t kMaxChecks = 40;
constexpr size_t kMaxCiFiles = 20;
constexpr size_t kMaxSkipped = 20;

constexpr std::string_view kMakefiles[] = {"GNUmakefile", "makefile", "Makefile"};
constexpr std::string_view kPackage = "package.json";
constexpr std::string_view kCiFiles[] = {".gitlab-ci.yml", ".travis.yml", ".circleci/config.yml"};
constexpr std::string_view kWorkflows = ".github/workflows";

struct Check {
  std::string name;                   // "make test"
  std::string source;                 // "Makefile"
  std::vector<std::string> commands;  // what it runs
};

class Finder {
 public:
  explicit Finder(const Facts& facts) : facts_(facts) {}

  std::vector<NotCheckedLine> run() {
    skipped();
    own_commands();
    if (facts_.options.files) {
      makefile();
      package_scripts();
      ci_files();
      scripts_beside();
    }
    for (const Check& check : checks_) {
      if (lines_.size() >= kMaxChecks) break;
      if (was_run(check) || is_told(check.name)) continue;
      lines_.push_back({"check-not-run", check.name, check.source, kind_of(check)});
    }
    return std::move(lines_);
  }

 private:
  // The names that the newest run of each runner skipped.
  void skipped() {
    std::set<std::string> runners;
    for (auto step = facts_.steps.rbegin(); step != facts_.steps.rend(); ++step) {
      if (!step->test || !runners.insert(step->test->runner).second) continue;
      size_t named = 0;
      for (const auto& name : step->test->skipping) {
        if (named++ >= kMaxSkipped) break;
        lines_.push_back({"skipped-test", name, step->ref.address(), "test"});
      }
      int rest = step->test->skipped.value_or(0) - static_cast<int>(named);
      if (rest > 0) {
        lines_.push_back({"skipped-test", std::to_string(rest) + " skipped tests, names unknown",
                          step->ref.address(), "test"});
      }
    }
  }

  // Commands that a person's setting says are tests.
  void own_commands() {
    for (const std::string& pattern : facts_.index.test_commands()) {
      bool ran = std::ranges::any_of(facts_.steps, [&](const Step& step) {
        if (!step.test) return false;
        if (step.test->runner == pattern) return true;
        auto run = shell::classify(step.command, "", std::nullopt, {pattern});
        return run && run->runner == pattern;  // another of the patterns fits it as well
      });
      if (!ran)
        lines_.push_back({"check-not-run", pattern, std::string(kTestCommandSetting), "test"});
    }
  }

  std::string read(std::string_view path) const {
    return facts_.options.files->read(std::string(path));
  }

  void makefile() {
    for (std::string_view name : kMakefiles) {
      std::string text = read(name);
      if (text.empty()) continue;
      Check* target = nullptr;
      for (std::string_view line : split(text, '\n')) {
        if (line.starts_with('\t')) {
          std::string_view recipe = trim(line);
          while (recipe.starts_with('@') || recipe.starts_with('-')) recipe.remove_prefix(1);
          if (target) target->commands.emplace_back(trim(recipe));
          continue;
        }
        size_t colon = line.find(':');
        if (line.empty() || line[0] == '#' || colon == line.npos || colon == 0) continue;
        target = nullptr;
        if (line.substr(colon).starts_with(":=") || line.substr(0, colon).find('=') != line.npos) {
          continue;
        }
        for (std::string_view each : split(line.substr(0, colon), ' ')) {
          if (!is_check_name(each)) continue;
          checks_.push_back({"make " + std::string(each), std::string(name), {}});
          target = &checks_.back();
        }
      }
      return;
    }
  }

  void package_scripts() {
    auto document = json::Document::parse(read(kPackage));
    if (!document) return;
    json::Value scripts = document->root()["scripts"];
    for (size_t i = 0; scripts.is_object() && i < scripts.size(); ++i) {
      std::string name(scripts.key_at(i));
      std::string command(scripts.member_at(i).str());
      // What npm puts there when nobody wrote one.
      if (!is_check_name(name) || contains(command, "no test specified")) continue;
      std::string call = name == "test" ? "npm test" : "npm run " + name;
      checks_.push_back(
          {call,
           std::string(kPackage),
           {command, "yarn " + name, "pnpm " + name, "npm run " + name, "bun run " + name}});
    }
  }

  // Commands of CI that are tests, builds or linters by their own words.
  void ci_files() {
    std::vector<std::string> files(std::begin(kCiFiles), std::end(kCiFiles));
    size_t workflows = 0;
    for (const std::string& name : facts_.options.files->names(std::string(kWorkflows))) {
      std::string path = std::string(kWorkflows) + "/" + name;
      if (names_checks(path) && workflows++ < kMaxCiFiles) files.push_back(std::move(path));
    }
    for (const auto& file : files) {
      std::string text = read(file);
      for (std::string_view line : split(text, '\n')) take_ci_line(line, file);
    }
  }

  void take_ci_line(std::string_view line, const std::string& file) {
    std::string_view text = trim(line);
    if (text.starts_with("- ")) text = trim(text.substr(2));
    for (std::string_view key : {"run:", "script:", "command:"}) {
      if (text.starts_with(key)) text = trim(text.substr(key.size()));
    }
    if (text.size() > 1 && (text[0] == '"' || text[0] == '\'') && text.back() == text[0]) {
      text = text.substr(1, text.size() - 2);
    }
    if (text.empty() || text[0] == '#' || text.ends_with(':') || contains(text, ": ")) return;
    auto run = shell::classify(text, "", std::nullopt, facts_.index.test_commands());
    if (!run) return;
    std::string name(text);
    if (std::ranges::find(checks_, name, &Check::name) != checks_.end()) return;
    checks_.push_back({name, file, {name}});
  }

  // Scripts of tests in the folder of one that was run by its name.
  void scripts_beside() {
    std::set<std::string> folders;
    std::set<std::string> found;
    for (const Step& step : facts_.steps) {
      if (!step.test || !step.test->by_name) continue;
      for (const auto& path : named_paths(step.command)) {
        size_t slash = path.rfind('/');
        if (!is_test_path(path) || path.starts_with('/') || slash == path.npos) continue;
        std::string folder = path.substr(0, slash);
        if (!folders.insert(folder).second) continue;
        std::string ending = path.substr(path.rfind('.'));
        for (const std::string& name : facts_.options.files->names(folder)) {
          // Its own name says that it is a test.
          if (name.ends_with(ending) && is_test_path(name)) found.insert(folder + "/" + name);
        }
      }
    }
    for (const auto& path : found) checks_.push_back({path, path, {path}});
  }

  bool is_told(const std::string& name) const {
    return std::ranges::find(lines_, name, &NotCheckedLine::name) != lines_.end();
  }

  bool was_run(const Check& check) const {
    std::set<std::string> runners;
    for (const auto& command : check.commands) {
      if (auto run = shell::classify(command, "", std::nullopt); run && !run->by_name) {
        runners.insert(run->runner);
      }
    }
    return std::ranges::any_of(facts_.steps, [&](const Step& step) {
      if (step.command.empty()) return false;
      if (contains(step.command, check.name)) return true;
      for (const auto& command : check.commands) {
        if (!command.empty() && contains(step.command, command)) return true;
      }
      return step.test && !step.test->partial && runners.contains(step.test->runner);
    });
  }

  std::string kind_of(const Check& check) const {
    for (const auto& command : check.commands) {
      if (auto run = shell::classify(command, "", std::nullopt)) {
        return std::string(model::to_string(run->kind));
      }
    }
    if (contains(check.name, "lint") || contains(check.name, "type")) return "lint";
    return "test";
  }

  static bool one_of_separators(char c) { return c == ':' || c == '-' || c == '_' || c == '.'; }
  static bool is_check_name(std::string_view name) {
    for (std::string_view word : {"test", "tests", "check", "checks", "lint", "spec", "typecheck",
                                  "type-check", "verify", "unit", "integration", "e2e"}) {
      if (name == word) return true;
      if (name.size() > word.size() && name.starts_with(word) &&
          one_of_separators(name[word.size()])) {
        return true;
      }
    }
    return false;
  }

  const Facts& facts_;
  std::vector<Check> checks_;
  std::vector<NotCheckedLine> lines_;
};

}  // namespace

bool names_checks(std::string_view path) {
  if (std::ranges::find(kMakefiles, path) != std::end(kMakefiles)) return true;
  if (path == kPackage || std::ranges::find(kCiFiles, path) != std::end(kCiFiles)) return true;
  return path.starts_with(kWorkflows) && path.find('/', kWorkflows.size() + 1) == path.npos &&
         (path.ends_with(".yml") || path.ends_with(".yaml"));
}

std::vector<NotCheckedLine> find_not_checked(const Facts& facts) {
  return Finder(facts).run();
}

}  // namespace baton::handoff
