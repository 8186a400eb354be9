#include "handoff/path_kinds.h"

#include <algorithm>
#include <initializer_list>

#include "base/bytes.h"
#include "git/wildmatch.h"
#include "handoff/sentences.h"

namespace baton::handoff {
namespace {

constexpr size_t kMaxHead = 1024;  // of a content, where a generator leaves its mark

std::string_view name_of(std::string_view path) {
  size_t slash = path.rfind('/');
  return slash == path.npos ? path : path.substr(slash + 1);
}

bool has_folder(std::string_view path, Words names) {
  auto parts = split(path, '/');
  parts.pop_back();
  return std::ranges::any_of(parts, [&](std::string_view part) { return one_of(part, names); });
}

bool ends_with_one(std::string_view text, Words ends) {
  return std::ranges::any_of(ends, [&](std::string_view end) { return text.ends_with(end); });
}

}  // namespace

bool is_test_path(std::string_view path) {
  std::string lower = lower_ascii(path);
  std::string_view name = name_of(lower);
  if (has_folder(lower, {"test", "tests", "spec", "specs", "__tests__", "testing", "e2e"}))
    return true;
  std::string_view stem = name.substr(0, name.rfind('.'));
  return stem.starts_with("test_") || stem.starts_with("test-") ||
         ends_with_one(stem, {"_test", "-test", ".test", "_spec", "-spec", ".spec", "_tests"}) ||
         (ends_with_one(path, {"Test.java", "Tests.java", "Test.kt", "Tests.cs", "Test.php",
                               "Tests.swift"})) ||
         stem == "test" || stem == "tests";
}

bool is_ci_path(std::string_view path) {
  std::string_view name = name_of(path);
  return path.starts_with(".github/workflows/") || path.starts_with(".github/actions/") ||
         path.starts_with(".circleci/") || path.starts_with(".buildkite/") ||
         path.starts_with(".gitlab/ci/") ||
         one_of(name, {".gitlab-ci.yml", ".travis.yml", "Jenkinsfile", "azure-pipelines.yml",
                       "bitbucket-pipelines.yml", ".drone.yml", "appveyor.yml", ".appveyor.yml",
                       ".cirrus.yml", "cloudbuild.yaml", ".woodpecker.yml"});
}

bool is_lock_path(std::string_view path) {
  return one_of(name_of(path), {"package-lock.json",
                                "npm-shrinkwrap.json",
                                "yarn.lock",
                                "pnpm-lock.yaml",
                                "bun.lock",
                                "bun.lockb",
                                "Cargo.lock",
                                "poetry.lock",
                                "uv.lock",
                                "pdm.lock",
                                "Pipfile.lock",
                                "Gemfile.lock",
                                "composer.lock",
                                "go.sum",
                                "flake.lock",
                                "mix.lock",
                                "pubspec.lock",
                                "Podfile.lock",
                                "packages.lock.json",
                                "gradle.lockfile",
                                "deno.lock",
                                "conan.lock"});
}

bool is_configuration_path(std::string_view path) {
  std::string_view name = name_of(path);
  if (one_of(name, {"package.json",     "pyproject.toml", "setup.cfg",
                    "setup.py",         "Cargo.toml",     "go.mod",
                    "CMakeLists.txt",   "Makefile",       "GNUmakefile",
                    "makefile",         "Dockerfile",     "tox.ini",
                    "requirements.txt", "Gemfile",        "Pipfile",
                    "composer.json",    "pom.xml",        "build.gradle",
                    "build.gradle.kts", "meson.build",    "justfile",
                    ".gitignore",       ".gitattributes", ".gitmodules",
                    ".editorconfig",    ".dockerignore",  ".pre-commit-config.yaml",
                    "CODEOWNERS",       ".env",           ".npmrc",
                    ".batonignore"})) {
    return true;
  }
  if (name.starts_with("tsconfig") || name.starts_with(".eslintrc") ||
      name.starts_with(".prettierrc") || name.starts_with("docker-compose") ||
      name.starts_with("compose.y") || name.starts_with(".env.") || contains(name, ".config.")) {
    return true;
  }
  return ends_with_one(name, {".ini", ".cfg", ".conf", ".properties"}) ||
         (path.find('/') == path.npos && ends_with_one(name, {".toml", ".yml", ".yaml"}));
}

bool is_generated_path(std::string_view path) {
  std::string_view name = name_of(path);
  return has_folder(path, {"dist", "node_modules", "vendor", "third_party", "__generated__",
                           "generated", "__snapshots__"}) ||
         ends_with_one(name, {".min.js", ".min.css", ".pb.go", ".pb.cc", ".pb.h", "_pb2.py",
                              "_pb2_grpc.py", ".g.dart", ".map", ".snap"}) ||
         contains(name, ".generated.");
}

bool says_generated(std::string_view content) {
  std::string_view head = content.substr(0, kMaxHead);
  return contains(head, "@generated") || contains(head, "DO NOT EDIT") ||
         contains(head, "Do not edit") || contains(head, "autogenerated") ||
         contains(head, "Autogenerated");
}

bool is_plan_path(std::string_view path) {
  std::string name = lower_ascii(name_of(path));
  if (!ends_with_one(name, {".md", ".txt", ".org", ".rst"})) return false;
  std::string_view stem = std::string_view(name).substr(0, name.rfind('.'));
  return stem == "plan" || stem == "todo" || stem.starts_with("plan-") ||
         stem.starts_with("plan_") || ends_with_one(stem, {"-plan", "_plan", ".plan"}) ||
         has_folder(path, {"plans"});
}

std::vector<std::string> named_paths(std::string_view text) {
  std::vector<std::string> found;
  size_t at = 0;
  constexpr std::string_view kBreaks = " \t\r\n`'\"()[]<>,;|";
  while (at < text.size()) {
    size_t begin = text.find_first_not_of(kBreaks, at);
    if (begin == text.npos) break;
    size_t end = std::min(text.find_first_of(kBreaks, begin), text.size());
    std::string_view word = text.substr(begin, end - begin);
    at = end;
    while (word.ends_with('.') || word.ends_with(':') || word.ends_with('!') ||
           word.ends_with('?')) {
      word.remove_suffix(1);
    }
    if (word.starts_with("./")) word.remove_prefix(2);
    if (word.starts_with('@')) word.remove_prefix(1);  // as agents' prompts name files
    // "src/retry.sh:12"
    if (size_t colon = word.rfind(':'); colon != word.npos && parse_int(word.substr(colon + 1))) {
      word = word.substr(0, colon);
    }
    if (word.size() < 3 || contains(word, "://") || contains(word, "..")) continue;
    bool folder = word.ends_with('/') && word.find_first_of("*$=") == word.npos;
    bool glob = word.find('*') != word.npos && word.find_first_of("./") != word.npos &&
                word.find_first_of("$={}") == word.npos;
    if (!folder && !glob && !looks_like_path(word)) continue;
    if (std::ranges::find(found, word) == found.end()) found.emplace_back(word);
  }
  return found;
}

bool path_matches(std::string_view pattern, std::string_view path) {
  if (pattern == path) return true;
  if (git::wildmatch(pattern, path, {.pathname = true})) return true;
  if (pattern.ends_with('/')) pattern.remove_suffix(1);
  if (pattern.empty()) return false;
  bool below =
      path.size() > pattern.size() && path.starts_with(pattern) && path[pattern.size()] == '/';
  bool end = path.size() > pattern.size() && path.ends_with(pattern) &&
             path[path.size() - pattern.size() - 1] == '/';
  bool wild = std::ranges::any_of(pattern, git::is_wild);
  bool by_name = wild && pattern.find('/') == pattern.npos &&
                 git::wildmatch(pattern, name_of(path), {.pathname = true});
  return below || end || by_name;
}

}  // namespace baton::handoff
