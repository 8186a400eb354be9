#include "shell/runner_builds.h"

#include <algorithm>

#include "base/bytes.h"
#include "shell/word_list.h"

namespace baton::shell {

std::optional<RunnerMatch> match_maven(const Words& words) {
  RunnerMatch match;
  match.name = "maven";
  match.summary = maven_summary;
  bool tests = false, builds = false, skips = false;
  for (size_t i = 1; i < words.size(); ++i) {
    std::string_view word = words[i];
    if (has_word(
            "test verify package install deploy integration-test surefire:test failsafe:verify",
            word)) {
      tests = true;
    } else if (has_word("compile test-compile", word)) {
      builds = true;
    } else if (word.starts_with("-DskipTests") || word.starts_with("-Dmaven.test.skip")) {
      skips = !word.ends_with("=false");
    } else if (word.starts_with("-Dtest=") || word.starts_with("-Dit.test=") || word == "-pl" ||
               word == "--projects" || word.starts_with("-Dgroups=") ||
               (word.starts_with("-DskipITs") && !word.ends_with("=false"))) {
      match.partial = true;
    }
  }
  if (!tests && !builds) return std::nullopt;
  if (!tests || skips) {
    match.kind = kBuild;
    match.summary = nullptr;
    match.partial = false;
  }
  return match;
}

std::optional<RunnerMatch> match_gradle(const Words& words) {
  RunnerMatch match;
  match.name = "gradle";
  match.summary = gradle_summary;
  bool tests = false, builds = false;
  bool excludes = false;
  for (size_t i = 1; i < words.size(); ++i) {
    std::string_view word = words[i];
    if (word == "-x" || word == "--exclude-task") {
      std::string left_out = i + 1 < words.size() ? lower_ascii(words[i + 1]) : "";
      excludes = excludes || left_out == "test";
      if (left_out.ends_with("test") || left_out.ends_with("tests")) match.partial = true;
      ++i;
      continue;
    }
    if (word == "--tests") match.partial = true;
    if (has_word("--tests -p --project-dir -b -c --console -P -D", word)) {
      ++i;
      continue;
    }
    if (word.starts_with('-')) continue;
    std::string_view task = word.substr(word.rfind(':') == word.npos ? 0 : word.rfind(':') + 1);
    std::string lower = lower_ascii(task);
    if (lower.ends_with("test") || lower.ends_with("tests") || task == "check" || task == "build") {
      tests = true;
      if (contains(word.substr(std::min<size_t>(1, word.size())), ":")) match.partial = true;
    } else if (has_word("assemble classes compileJava compileKotlin testClasses jar", task) ||
               task.starts_with("assemble") || task.starts_with("compile")) {
      builds = true;
    }
  }
  if (!tests && !builds) return std::nullopt;
  if (!tests || excludes) {
    match.kind = kBuild;
    match.summary = nullptr;
    match.partial = false;
  }
  return match;
}

}  // namespace baton::shell
