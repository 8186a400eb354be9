#pragma once

// A scratch folder with a real git in it, for the tests of the git layer.

#include <gtest/gtest.h>
#include <stdlib.h>

#include <string>
#include <vector>

#include "os/file.h"
#include "os/process.h"

namespace baton::git {

class Scratch {
 public:
  Scratch() {
    const char* base = ::getenv("TMPDIR");
    std::string name = std::string(base && *base ? base : "/tmp") + "/baton-git-XXXXXX";
    if (!::mkdtemp(name.data())) abort();
    dir_ = *os::real_path(name);
    // The machine's and the user's own settings must not decide about a test.
    ::setenv("HOME", (dir_ + "/home").c_str(), 1);
    ::setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
    ::unsetenv("XDG_CONFIG_HOME");
    ::unsetenv("GIT_CONFIG_GLOBAL");
    ::unsetenv("GIT_CEILING_DIRECTORIES");
    EXPECT_TRUE(os::make_dirs(dir_ + "/home"));
    write(
        "home/.gitconfig",
        "[user]\n\tname = Scratch\n\temail = scratch@example.com\n[init]\n\tdefaultBranch = main\n"
        "[protocol \"file\"]\n\tallow = always\n");
  }
  ~Scratch() { (void)os::remove_tree(dir_); }
  Scratch(const Scratch&) = delete;

  const std::string& dir() const { return dir_; }
  std::string path(std::string_view name) const { return os::join(dir_, name); }

  void write(std::string_view name, std::string_view content) const {
    std::string file = path(name);
    ASSERT_TRUE(os::make_dirs(std::string(os::dirname(file)), 0755));
    ASSERT_TRUE(os::replace_file(file, content, 0644));
  }

  // Runs git in `where` (relative to the scratch folder); stdout without the last newline.
  std::string git(std::string_view where, std::vector<std::string> arguments,
                  int expected_status = 0, std::string input = {}) const {
    arguments.insert(arguments.begin(), {"git", "-C", path(where)});
    os::RunOptions options;
    options.input = std::move(input);
    options.environment = {{"GIT_AUTHOR_DATE", "2026-01-02T03:04:05Z"},
                           {"GIT_COMMITTER_DATE", "2026-01-02T03:04:05Z"},
                           {"LC_ALL", "C"},
                           {"GIT_EDITOR", "true"}};
    auto result = os::run(arguments, options);
    if (!result) {
      ADD_FAILURE() << result.error().message;
      return {};
    }
    if (expected_status >= 0) {
      std::string words;
      for (const std::string& word : arguments) words += word + " ";
      EXPECT_EQ(result->exit_status, expected_status) << words << "\n" << result->error;
    }
    if (result->output.ends_with('\n')) result->output.pop_back();
    return std::move(result->output);
  }

  // A repository with one commit of file "a".
  void make_repository(std::string_view name, std::vector<std::string> init_flags = {}) const {
    ASSERT_TRUE(os::make_dirs(path(name), 0755));
    init_flags.insert(init_flags.begin(), {"init", "-q"});
    git(name, init_flags);
    write(std::string(name) + "/a", "one\n");
    git(name, {"add", "a"});
    git(name, {"commit", "-q", "-m", "first"});
  }

 private:
  std::string dir_;
};

}  // namespace baton::git
