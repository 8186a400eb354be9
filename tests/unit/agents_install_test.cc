#include "agents/install.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <map>

#include "agents/install_agents.h"
#include "agents/install_record.h"
#include "base/hash.h"
#include "base/json.h"
#include "os/file.h"
#include "os/process.h"

namespace baton::agents {
namespace {

// A home of its own, with a binary to name in hooks.
class InstallTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/baton-install-XXXXXX";
    root_ = os::real_path(mkdtemp(name)).value();
    places_.home = root_ + "/home";
    places_.claude_folder = places_.home + "/.claude";
    places_.codex_folder = places_.home + "/.codex";
    places_.state_folder = places_.home + "/.local/state";
    places_.search_path = root_ + "/bin";
    places_.system_folder = root_ + "/etc";
    binary_ = root_ + "/bin/baton";
    claude_path_ = places_.claude_folder + "/settings.json";
    codex_path_ = places_.codex_folder + "/hooks.json";
    make_file(binary_, "#!/bin/sh\necho \"$@\"\ncat\n", 0755);
    ASSERT_TRUE(os::make_dirs(places_.home));
    ASSERT_TRUE(os::make_dirs(places_.claude_folder));
    ASSERT_TRUE(os::make_dirs(places_.codex_folder));
  }
  void TearDown() override { (void)os::remove_tree(root_); }

  static void make_file(const std::string& path, std::string_view content, mode_t mode = 0644) {
    ASSERT_TRUE(os::make_dirs(std::string(os::dirname(path)), 0755));
    ASSERT_TRUE(os::replace_file(path, content, mode));
  }
  static std::string content(const std::string& path) {
    auto text = os::read_file(path);
    return text ? *text : "(" + text.error().message + ")";
  }
  // Every path below the home with mode and content.
  std::map<std::string, std::string> everything() const {
    std::map<std::string, std::string> all;
    add_all(places_.home, all);
    return all;
  }
  static void add_all(const std::string& path, std::map<std::string, std::string>& all) {
    auto stat = os::stat_file(path).value();
    std::string& entry = all[path];
    entry = std::to_string(stat.permissions) + ' ';
    if (stat.type == os::FileType::regular) entry += content(path);
    if (stat.type == os::FileType::link) entry += "-> " + os::read_link(path).value();
    if (stat.type != os::FileType::directory) return;
    std::vector<os::DirEntry> children = os::list_dir(path).value();
    for (const os::DirEntry& child : children) {
      add_all(os::join(path, child.name), all);
    }
  }

  InstallPlan plan_in(std::string_view agent, std::string store = "one",
                      Scope scope = Scope::user) {
    InstallOptions options{scope, binary_, root_ + "/repo", {store, root_ + "/" + store}};
    auto plan = plan_install(agent, options, places_);
    EXPECT_TRUE(plan) << plan.error().message;
    return plan ? *plan : InstallPlan{};
  }
  InstallPlan plan_out(std::string_view agent, std::string store = "one", bool all = false,
                       Scope scope = Scope::user) {
    UninstallOptions options{scope, root_ + "/repo", {store, root_ + "/" + store}, all};
    auto plan = plan_uninstall(agent, options, places_);
    EXPECT_TRUE(plan) << plan.error().message;
    return plan ? *plan : InstallPlan{};
  }
  void carry_out(const InstallPlan& plan) {
    auto done = apply(plan, places_);
    EXPECT_TRUE(done) << done.error().message;
  }
  HookState look(std::string_view agent, Scope scope = Scope::user) {
    auto state = inspect(agent, {scope, root_ + "/repo", binary_}, places_);
    EXPECT_TRUE(state) << state.error().message;
    return state ? *state : HookState{};
  }

  std::string root_, binary_, claude_path_, codex_path_;
  Places places_;
};

// ---------------------------------------------------------------- in and out

TEST_F(InstallTest, LeavesNothingBehindWhereNothingWas) {
  auto before = everything();
  for (std::string_view agent : known_agents()) {
    InstallPlan plan = plan_in(agent);
    EXPECT_TRUE(plan.found);
    ASSERT_EQ(plan.changes.size(), 1u);
    EXPECT_TRUE(plan.changes[0].creates);
    carry_out(plan);
    EXPECT_EQ(content(plan.path), plan.changes[0].after);
    EXPECT_TRUE(json::Document::parse(content(plan.path)));
    EXPECT_EQ(os::stat_file(plan.path)->permissions, 0600u);
  }
  EXPECT_EQ(os::stat_file(places_.state_folder + "/baton/install.json")->permissions, 0600u);
  for (std::string_view agent : known_agents()) carry_out(plan_out(agent));
  EXPECT_EQ(everything(), before);
}

TEST_F(InstallTest, PutsAPersonsFileBackByteForByte) {
  std::string text = "{ // mine\r\n\t\"env\" : {\"U\": \"http://x//y\"},\r\n\t\"hooks\": {},\r\n}";
  make_file(claude_path_, text, 0640);
  auto before = everything();
  carry_out(plan_in("claude-code"));
  EXPECT_NE(content(claude_path_), text);
  EXPECT_EQ(os::stat_file(claude_path_)->permissions, 0640u);
  auto installed = everything();
  InstallPlan again = plan_in("claude-code");
  EXPECT_TRUE(again.changes.empty());
  EXPECT_EQ(again.action, InstallPlan::Action::none);
  carry_out(again);
  EXPECT_EQ(everything(), installed);
  carry_out(plan_out("claude-code"));
  EXPECT_EQ(everything(), before);
}

TEST_F(InstallTest, CutsOurHooksOutOfAFileThatChanged) {
  make_file(claude_path_, "{\n  \"model\": \"opus\"\n}\n");
  carry_out(plan_in("claude-code"));
  std::string text = content(claude_path_);
  text.replace(text.find("opus"), 4, "haiku");
  make_file(claude_path_, text);
  EXPECT_TRUE(plan_in("claude-code").changes.empty());
  carry_out(plan_out("claude-code"));
  EXPECT_EQ(content(claude_path_), "{\n  \"model\": \"haiku\"\n}\n");
}

TEST_F(InstallTest, KeepsAFileItMadeOnceSomebodyUsesIt) {
  carry_out(plan_in("claude-code"));
  std::string text = content(claude_path_);
  text.replace(0, 2, "{\n  \"model\": \"opus\",\n");
  make_file(claude_path_, text);
  carry_out(plan_out("claude-code"));
  EXPECT_EQ(content(claude_path_), "{\n  \"model\": \"opus\"\n}\n");
  // Rewritten by the agent, but nothing of its own in it.
  carry_out(plan_in("codex"));
  make_file(codex_path_, content(codex_path_) + "\n\n");
  carry_out(plan_out("codex"));
  EXPECT_FALSE(os::exists(codex_path_));
}

TEST_F(InstallTest, BringsAnOldInstallationUpToDateAndStillGoesBack) {
  std::string text = "{\"a\": 1}\n";
  make_file(claude_path_, text);
  carry_out(plan_in("claude-code"));
  std::string old_binary = binary_;
  binary_ = root_ + "/new 'place'/baton";
  make_file(binary_, "", 0755);
  EXPECT_FALSE(look("claude-code").complete());
  InstallPlan plan = plan_in("claude-code");
  ASSERT_EQ(plan.changes.size(), 1u);
  carry_out(plan);
  EXPECT_EQ(content(claude_path_).find(old_binary + "'"), std::string::npos);
  EXPECT_TRUE(look("claude-code").complete());
  carry_out(plan_out("claude-code"));
  EXPECT_EQ(content(claude_path_), text);
}

TEST_F(InstallTest, FollowsALinkToTheFile) {
  make_file(root_ + "/home/dotfiles/claude.json", "{}");
  ASSERT_TRUE(os::make_link("../dotfiles/claude.json", claude_path_));
  auto before = everything();
  carry_out(plan_in("claude-code"));
  EXPECT_EQ(os::read_link(claude_path_).value(), "../dotfiles/claude.json");
  EXPECT_NE(content(root_ + "/home/dotfiles/claude.json"), "{}");
  carry_out(plan_out("claude-code"));
  EXPECT_EQ(everything(), before);
}

TEST_F(InstallTest, FollowsALinkThatLeadsNowhereYet) {
  ASSERT_TRUE(os::make_link(root_ + "/home/dotfiles/new.json", claude_path_));
  auto before = everything();
  carry_out(plan_in("claude-code"));
  EXPECT_TRUE(os::exists(root_ + "/home/dotfiles/new.json"));
  carry_out(plan_out("claude-code"));
  EXPECT_FALSE(os::exists(root_ + "/home/dotfiles"));
  EXPECT_EQ(everything(), before);
}

TEST_F(InstallTest, MakesTheAgentsFolderAndRemovesIt) {
  ASSERT_TRUE(os::remove_dir(places_.codex_folder));
  EXPECT_FALSE(agent_found("codex", places_));
  InstallPlan plan = plan_in("codex");
  EXPECT_FALSE(plan.found);
  EXPECT_TRUE(plan.why_not.starts_with("Codex is not here: no folder '"));
  carry_out(plan);
  make_file(root_ + "/bin/codex", "", 0755);
  EXPECT_TRUE(agent_found("codex", places_));
  auto before = everything();
  carry_out(plan_in("codex"));
  EXPECT_TRUE(os::exists(codex_path_));
  carry_out(plan_out("codex"));
  EXPECT_EQ(everything(), before);
}

TEST_F(InstallTest, KeepsAFolderOthersUse) {
  ASSERT_TRUE(os::remove_dir(places_.codex_folder));
  make_file(root_ + "/bin/codex", "", 0755);
  carry_out(plan_in("codex"));
  make_file(places_.codex_folder + "/config.toml", "model = 'x'");
  carry_out(plan_out("codex"));
  EXPECT_FALSE(os::exists(codex_path_));
  EXPECT_TRUE(os::exists(places_.codex_folder + "/config.toml"));
}

// ---------------------------------------------------------------- refusals

TEST_F(InstallTest, RefusesWhatCannotBeParsed) {
  make_file(claude_path_, "{\n  \"a\": 1\n  \"b\": 2\n}");
  auto before = everything();
  InstallPlan plan = plan_in("claude-code");
  EXPECT_TRUE(plan.found);
  EXPECT_TRUE(plan.refused);
  EXPECT_EQ(plan.why_not, "bad configuration at " + claude_path_ + ":3: expected ',' or '}'");
  EXPECT_FALSE(apply(plan, places_));
  EXPECT_EQ(everything(), before);
  EXPECT_EQ(look("claude-code").problem, plan.why_not);
}

TEST_F(InstallTest, RefusesToTakeOutOfWhatCannotBeParsed) {
  carry_out(plan_in("claude-code"));
  std::string broken = content(claude_path_).substr(0, 100);
  make_file(claude_path_, broken);
  InstallPlan plan = plan_out("claude-code");
  EXPECT_TRUE(plan.refused);
  EXPECT_EQ(content(claude_path_), broken);
  EXPECT_TRUE(look("claude-code").recorded);
}

TEST_F(InstallTest, RefusesOddFiles) {
  ASSERT_TRUE(os::make_dirs(claude_path_));
  EXPECT_EQ(plan_in("claude-code").why_not,
            "cannot edit '" + claude_path_ + "': not a regular file");
  make_file(codex_path_, "{}", 0444);
  EXPECT_EQ(plan_in("codex").why_not, "cannot edit '" + codex_path_ + "': it is read-only");
  ASSERT_TRUE(os::remove_file(codex_path_));
  ASSERT_TRUE(os::make_link("hooks.json", codex_path_));
  InstallOptions options{Scope::user, binary_, "", {}};
  EXPECT_EQ(plan_install("codex", options, places_).error().message,
            "cannot open '" + codex_path_ + "': too many links");
}

TEST_F(InstallTest, RefusesAFileOfAnotherUser) {
  if (::geteuid() == 0) {
    make_file(claude_path_, "{}");
    ASSERT_EQ(::chown(claude_path_.c_str(), 12345, 12345), 0);
  } else {
    ASSERT_TRUE(os::make_link("/etc/passwd", claude_path_));
  }
  EXPECT_EQ(plan_in("claude-code").why_not,
            "cannot edit '" + claude_path_ + "': it belongs to another user");
}

TEST_F(InstallTest, RefusesPathsThatCannotStandInAHook) {
  for (std::string path : {"baton", "", "/a\nb/baton", "/a\xff/baton"}) {
    InstallOptions options{Scope::user, path, "", {}};
    auto plan = plan_install("codex", options, places_);
    ASSERT_FALSE(plan) << path;
    EXPECT_EQ(plan.error().kind, ErrorKind::usage);
  }
  InstallOptions options{Scope::user, binary_, "", {}};
  EXPECT_EQ(plan_install("nobody", options, places_).error().kind, ErrorKind::usage);
  options.scope = Scope::local;
  EXPECT_EQ(plan_install("codex", options, places_).error().kind, ErrorKind::usage);
}

TEST_F(InstallTest, WritesNothingIfTheFileChangedMeanwhile) {
  make_file(claude_path_, "{}");
  InstallPlan plan = plan_in("claude-code");
  make_file(claude_path_, "{\"a\": 1}");
  auto done = apply(plan, places_);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::negative);
  EXPECT_EQ(content(claude_path_), "{\"a\": 1}");
  EXPECT_FALSE(os::exists(places_.state_folder));
}

TEST_F(InstallTest, TakesTheRecordBackIfTheFileCannotBeWritten) {
  // A name of 255 bytes exists, the temporary file beside it would be too long.
  std::string target = places_.home + "/" + std::string(255, 'x');
  int fd = ::creat(target.c_str(), 0600);
  ASSERT_GE(fd, 0);
  ::close(fd);
  ASSERT_TRUE(os::make_link(target, claude_path_));
  auto before = everything();
  EXPECT_FALSE(apply(plan_in("claude-code"), places_));
  EXPECT_EQ(everything(), before);
}

TEST_F(InstallTest, RefusesARecordItCannotRead) {
  make_file(places_.state_folder + "/baton/install.json", "{\"version\": 99}");
  InstallOptions options{Scope::user, binary_, "", {}};
  EXPECT_EQ(plan_install("codex", options, places_).error().kind, ErrorKind::newer);
  make_file(places_.state_folder + "/baton/install.json", "{\"version\"");
  EXPECT_EQ(plan_install("codex", options, places_).error().kind, ErrorKind::damage);
}

// ---------------------------------------------------------------- who uses them

TEST_F(InstallTest, GoesWithTheLastRepository) {
  auto before = everything();
  carry_out(plan_in("codex", "one"));
  std::string installed = content(codex_path_);
  InstallPlan second = plan_in("codex", "two");
  EXPECT_TRUE(second.changes.empty());
  EXPECT_EQ(second.action, InstallPlan::Action::install);
  carry_out(second);
  carry_out(plan_in("codex", "two"));
  EXPECT_EQ(look("codex").stores.size(), 2u);

  InstallPlan plan = plan_out("codex", "one");
  EXPECT_TRUE(plan.changes.empty());
  ASSERT_EQ(plan.notes.size(), 2u);
  EXPECT_EQ(plan.notes[0], "the hooks stay: other repositories record with them: " + root_ +
                               "/two (not there now)");
  carry_out(plan);
  EXPECT_EQ(content(codex_path_), installed);
  carry_out(plan_out("codex", "one"));  // once more changes nothing
  EXPECT_EQ(look("codex").stores.size(), 1u);
  carry_out(plan_out("codex", "stranger"));
  EXPECT_EQ(content(codex_path_), installed);

  carry_out(plan_out("codex", "two"));
  EXPECT_EQ(everything(), before);
}

TEST_F(InstallTest, GoesForAllIfTold) {
  auto before = everything();
  carry_out(plan_in("codex", "one"));
  carry_out(plan_in("codex", "two"));
  carry_out(plan_out("codex", "one", true));
  EXPECT_EQ(everything(), before);
}

TEST_F(InstallTest, KnowsAMovedStoreByItsId) {
  carry_out(plan_in("codex", "one"));
  InstallOptions moved{Scope::user, binary_, "", {"one", "/elsewhere"}};
  carry_out(plan_install("codex", moved, places_).value());
  ASSERT_EQ(look("codex").stores.size(), 1u);
}

TEST_F(InstallTest, DoesNotGuessWhoUsesHooksWithoutARecord) {
  make_file(claude_path_, "{}");
  carry_out(plan_in("claude-code"));
  ASSERT_TRUE(os::remove_tree(places_.state_folder));
  std::string installed = content(claude_path_);
  InstallPlan plan = plan_out("claude-code");
  EXPECT_EQ(plan.notes.size(), 2u);
  carry_out(plan);
  EXPECT_EQ(content(claude_path_), installed);
  carry_out(plan_out("claude-code", "one", true));
  EXPECT_EQ(content(claude_path_), "{}");
}

TEST_F(InstallTest, TakesUpHooksThatCameWithoutARecord) {
  std::string text = "{\n  \"a\": 1\n}\n";
  make_file(claude_path_, text);
  carry_out(plan_in("claude-code"));
  ASSERT_TRUE(os::remove_tree(places_.state_folder));
  carry_out(plan_in("claude-code"));
  EXPECT_TRUE(look("claude-code").recorded);
  carry_out(plan_out("claude-code"));
  EXPECT_EQ(content(claude_path_), text);
}

TEST_F(InstallTest, FailsIfAnotherRepositoryCameMeanwhile) {
  carry_out(plan_in("codex", "one"));
  InstallPlan plan = plan_out("codex", "one");
  carry_out(plan_in("codex", "two"));
  auto done = apply(plan, places_);
  ASSERT_FALSE(done);
  EXPECT_TRUE(os::exists(codex_path_));
}

// ---------------------------------------------------------------- a project's own

TEST_F(InstallTest, WritesPersonalSettingsOfAProject) {
  std::string repo = root_ + "/repo";
  make_file(repo + "/README", "");
  ASSERT_EQ(os::run({"git", "init", "-q", repo})->exit_status, 0);
  InstallPlan plan = plan_in("claude-code", "one", Scope::local);
  EXPECT_EQ(plan.path, repo + "/.claude/settings.local.json");
  ASSERT_EQ(plan.notes.size(), 1u);
  EXPECT_TRUE(plan.notes[0].starts_with("git does not ignore .claude/settings.local.json;"));
  carry_out(plan);
  EXPECT_TRUE(look("claude-code", Scope::local).complete());
  EXPECT_FALSE(look("claude-code").installed());
  carry_out(plan_out("claude-code", "one", false, Scope::local));
  EXPECT_FALSE(os::exists(repo + "/.claude"));

  make_file(repo + "/.git/info/exclude", "/.claude/\n");
  EXPECT_TRUE(plan_in("claude-code", "one", Scope::local).notes.empty());
}

TEST_F(InstallTest, RefusesTheTeamsFile) {
  std::string repo = root_ + "/repo";
  make_file(repo + "/.codex/hooks.json", "{}");
  ASSERT_EQ(os::run({"git", "init", "-q", repo})->exit_status, 0);
  ASSERT_EQ(os::run({"git", "-C", repo, "add", "."})->exit_status, 0);
  InstallPlan plan = plan_in("codex", "one", Scope::local);
  EXPECT_TRUE(plan.refused);
  EXPECT_EQ(plan.why_not,
            "cannot edit '" + repo + "/.codex/hooks.json': git tracks it, so it is the team's");
}

TEST_F(InstallTest, WorksInAProjectWithoutGit) {
  make_file(root_ + "/repo/README", "");
  InstallPlan plan = plan_in("codex", "one", Scope::local);
  EXPECT_FALSE(plan.refused);
  carry_out(plan);
  carry_out(plan_out("codex", "one", false, Scope::local));
  EXPECT_FALSE(os::exists(root_ + "/repo/.codex"));
}

// ---------------------------------------------------------------- which events

TEST_F(InstallTest, RegistersOnlyWhatAnOldClaudeKnows) {
  auto events = [&] {
    std::vector<std::string> names;
    for (const EventHook& hook : look("claude-code").events) names.push_back(hook.event);
    return names;
  };
  size_t all = events().size();
  EXPECT_EQ(all, 23u);
  std::string package = root_ + "/lib/node_modules/@anthropic-ai/claude-code";
  auto set_version = [&](std::string_view version) {
    make_file(
        package + "/package.json",
        "{\"name\": \"@anthropic-ai/claude-code\", \"version\": \"" + std::string(version) + "\"}");
  };
  make_file(package + "/bin/claude.exe", "", 0755);
  ASSERT_TRUE(os::make_link(package + "/bin/claude.exe", root_ + "/bin/claude"));
  set_version("2.1.330");
  EXPECT_EQ(events().size(), all);
  set_version("2.1.101");
  EXPECT_EQ(events().size(), all);
  set_version("2.1.76");
  std::vector<std::string> old = events();
  EXPECT_EQ(std::count(old.begin(), old.end(), "PostCompact"), 1);
  EXPECT_EQ(std::count(old.begin(), old.end(), "StopFailure"), 0);
  EXPECT_EQ(std::count(old.begin(), old.end(), "PostToolBatch"), 0);
  set_version("1.0.50");
  EXPECT_EQ(events(), (std::vector<std::string>{"PreToolUse", "PostToolUse", "Stop", "SubagentStop",
                                                "PreCompact"}));
  // The native installer: the version is the file's name.
  ASSERT_TRUE(os::remove_file(root_ + "/bin/claude"));
  make_file(root_ + "/share/claude/versions/1.0.40", "", 0755);
  ASSERT_TRUE(os::make_link(root_ + "/share/claude/versions/1.0.40", root_ + "/bin/claude"));
  EXPECT_EQ(events(), (std::vector<std::string>{"PreToolUse", "PostToolUse"}));
}

TEST_F(InstallTest, GivesTimeoutsTheAgentsAccept) {
  carry_out(plan_in("codex"));
  auto config = ConfigText::parse(content(codex_path_), "hooks.json");
  auto sites = find_hooks(*config, [](std::string_view) { return true; });
  EXPECT_EQ(sites.size(), 12u);
  for (const HookSite& site : sites) {
    bool is_short = site.event == "SessionEnd" || site.event == "Interrupt";
    EXPECT_EQ(site.timeout_s, is_short ? 3 : 5) << site.event;
    EXPECT_EQ(codex_timeout(site.event, site.timeout_s), site.timeout_s);
    EXPECT_TRUE(site.plain);
  }
}

// ---------------------------------------------------------------- the command

// What a shell makes of a hook's command; nothing if the shell is not here.
std::optional<os::RunResult> in_shell(const std::string& shell, const std::string& command,
                                      std::string input) {
  os::RunOptions options;
  options.input = std::move(input);
  auto result = os::run({shell, "-c", command}, options);
  if (!result || result->exit_status == 127) return std::nullopt;
  return *result;
}

TEST_F(InstallTest, CommandRunsInEveryShell) {
  std::string odd = root_ + "/a b's \\ \"$HOME\" `x` !é/baton";
  make_file(odd, content(binary_), 0755);
  std::string large(300'000, 'x');  // more than a pipe holds
  for (std::string shell : {"/bin/sh", "bash", "zsh", "fish"}) {
    SCOPED_TRACE(shell);
    for (const std::string& path : {binary_, odd}) {
      auto result = in_shell(shell, hook_command(path, "codex"), large);
      if (!result) {
        ASSERT_NE(shell, "/bin/sh");
        continue;
      }
      EXPECT_EQ(result->exit_status, 0);
      EXPECT_EQ(result->output, "hook codex\n" + large);
      EXPECT_EQ(result->error, "");
    }
    // Moved away: silent, and the agent can write all it has.
    for (const std::string& path : {binary_ + "-gone", odd + "-gone"}) {
      auto result = in_shell(shell, hook_command(path, "codex"), large);
      if (!result) continue;
      EXPECT_EQ(result->exit_status, 0);
      EXPECT_EQ(result->output, "");
      EXPECT_EQ(result->error, "");
    }
  }
}

TEST_F(InstallTest, KnowsItsOwnCommands) {
  for (std::string path : {"/usr/bin/baton", "/a b/it's/b\\n", "/'", "/\\", "/x''y"}) {
    EXPECT_EQ(binary_of_command(hook_command(path, "codex"), "codex"), path);
    EXPECT_FALSE(binary_of_command(hook_command(path, "codex"), "claude-code"));
  }
  std::string command = hook_command("/usr/bin/baton", "codex");
  EXPECT_EQ(command,
            "test -x '/usr/bin/baton' && exec '/usr/bin/baton' hook codex || exec cat >/dev/null");
  EXPECT_FALSE(binary_of_command(command + " ", "codex"));
  EXPECT_FALSE(binary_of_command(command.substr(1), "codex"));
  EXPECT_FALSE(binary_of_command("/usr/bin/baton hook codex", "codex"));
  EXPECT_FALSE(
      binary_of_command("test -x '/a' && exec '/b' hook codex || exec cat >/dev/null", "codex"));
  EXPECT_FALSE(binary_of_command("test -x '/a", "codex"));
}

// ---------------------------------------------------------------- doctor

TEST_F(InstallTest, SeesWhatIsRegistered) {
  EXPECT_FALSE(look("claude-code").installed());
  carry_out(plan_in("claude-code"));
  HookState state = look("claude-code");
  EXPECT_TRUE(state.installed() && state.complete() && state.recorded && state.file_exists);
  ASSERT_EQ(state.binaries.size(), 1u);
  EXPECT_EQ(state.binaries[0].path, binary_);
  EXPECT_TRUE(state.binaries[0].runs);
  ASSERT_TRUE(os::remove_file(binary_));
  EXPECT_FALSE(look("claude-code").binaries[0].runs);
}

TEST_F(InstallTest, SeesForeignFormsAndMissingEvents) {
  make_file(claude_path_, R"({"hooks": {"Stop": [
    {"hooks": [{"type": "command", "command": "baton hook claude-code"}]}],
    "Odd": [{"hooks": [{"type": "command", "command": ")" +
                              hook_command(binary_, "claude-code") + R"("}]}]}})");
  HookState state = look("claude-code");
  ASSERT_EQ(state.other_commands.size(), 1u);
  EXPECT_EQ(state.other_commands[0], claude_path_ + ":2: baton hook claude-code");
  EXPECT_EQ(state.events.back().event, "Odd");
  EXPECT_FALSE(state.events.back().expected);
  EXPECT_FALSE(state.complete());
}

TEST_F(InstallTest, SeesWhatKeepsClaudeFromRunningHooks) {
  make_file(claude_path_, "{\n\"disableAllHooks\": true, // why\n}");
  make_file(root_ + "/etc/claude-code/managed-settings.json", "{\"disableAllHooks\": false}");
  make_file(root_ + "/etc/claude-code/managed-settings.d/10.json",
            "{\n\n\"allowManagedHooksOnly\": true}");
  HookState state = look("claude-code");
  ASSERT_EQ(state.blockers.size(), 3u);
  EXPECT_EQ(state.blockers[0],
            "Claude Code runs no hooks of yours: allowManagedHooksOnly is set in " + root_ +
                "/etc/claude-code/managed-settings.d/10.json:3");
  EXPECT_EQ(state.blockers[1], "Claude Code ignores all of " + claude_path_ +
                                   " for a comment or trailing comma in line 2");
  EXPECT_EQ(state.blockers[2],
            "Claude Code runs no hooks of yours: disableAllHooks is set in " + claude_path_ + ":2");
  EXPECT_EQ(plan_in("claude-code").notes, state.blockers);
}

TEST_F(InstallTest, SeesWhatKeepsCodexFromRunningHooks) {
  make_file(places_.codex_folder + "/config.toml", "[features]\nhooks = false\n");
  make_file(root_ + "/etc/codex/requirements.toml", "allow_managed_hooks_only = true\n");
  make_file(codex_path_, "\xef\xbb\xbf{}");
  HookState state = look("codex");
  ASSERT_EQ(state.blockers.size(), 3u);
  EXPECT_EQ(state.blockers[0], "Codex ignores all of " + codex_path_ + " for its byte order mark");
  EXPECT_TRUE(state.blockers[1].ends_with("requirements.toml:1"));
  EXPECT_EQ(state.blockers[2], "Codex runs no hooks: features.hooks is false in " +
                                   places_.codex_folder + "/config.toml:2");
}

// Answers of `hooks/list` of Codex 0.169.0 to these very hooks.
TEST(CodexTrust, HashIsTheOneCodexComputes) {
  EXPECT_EQ(codex_trust_hash("PreToolUse",
                             "test -x '/opt/a b/baton' && exec '/opt/a b/baton' hook codex || exec "
                             "cat >/dev/null",
                             5),
            "sha256:b942c38c951039ed277924db59aa854615202578a16cc39cce39a5bcf5450fe4");
  EXPECT_EQ(codex_trust_hash("SessionEnd", "x", codex_timeout("SessionEnd", 5)),
            "sha256:b1aa6329f3a5daf36ae487200db1136f90a884bb805ddb24a6326c98dd6f29f6");
  EXPECT_EQ(codex_trust_hash("SessionEnd", "x", codex_timeout("SessionEnd", std::nullopt)),
            "sha256:f3041eae9d0be5faed5367060d633bb905ed83825e2f4d9c7bc7f5ef19fe4bc7");
  EXPECT_EQ(codex_trust_hash("Stop", "\u00e9 \"q\" \\ / \x7f\t<", 5),
            "sha256:77176ba5cabf34ba5792b6fed4f65e831a9fc5a07a1cc27b14235d2554af0a45");
}

TEST_F(InstallTest, SeesCodexTrust) {
  // Somebody else's hook comes first, so ours is the second group.
  make_file(codex_path_,
            R"({"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "x"}]}]}})");
  InstallPlan plan = plan_in("codex");
  ASSERT_EQ(plan.notes.size(), 1u);
  EXPECT_TRUE(plan.notes[0].starts_with("Codex runs no hook before you have reviewed it"));
  carry_out(plan);
  std::string command = hook_command(binary_, "codex");
  std::string prefix = "[hooks.state.\"" + codex_path_ + ":";
  make_file(places_.codex_folder + "/config.toml",
            prefix + "stop:1:0\"]\ntrusted_hash = \"" + codex_trust_hash("Stop", command, 5) +
                "\"\n" + prefix + "pre_tool_use:0:0\"]\ntrusted_hash = \"sha256:0\"\n" + prefix +
                "post_tool_use:0:0\"]\ntrusted_hash = \"" +
                codex_trust_hash("PostToolUse", command, 5) + "\"\nenabled = false\n");
  std::map<std::string, HookTrust> trust;
  for (const EventHook& hook : look("codex").events) trust[hook.event] = hook.trust;
  EXPECT_EQ(trust["Stop"], HookTrust::trusted);
  EXPECT_EQ(trust["PreToolUse"], HookTrust::modified);
  EXPECT_EQ(trust["PostToolUse"], HookTrust::disabled);
  EXPECT_EQ(trust["SessionStart"], HookTrust::untrusted);
  EXPECT_EQ(plan_in("codex").notes.size(), 1u);
}

TEST_F(InstallTest, SaysNothingOfTrustOnceGiven) {
  carry_out(plan_in("codex"));
  std::string toml;
  std::string command = hook_command(binary_, "codex");
  for (const RegisteredEvent& event : find_hooked_agent("codex")->events) {
    toml += "[hooks.state.\"" + codex_path_ + ":" + codex_event_key(event.name) + ":0:0\"]\n" +
            "trusted_hash = \"" + codex_trust_hash(event.name, command, event.timeout_s) + "\"\n";
  }
  make_file(places_.codex_folder + "/config.toml", toml);
  EXPECT_TRUE(plan_in("codex").notes.empty());
}

TEST_F(InstallTest, TellsThatAProjectIsNotTrustedByCodex) {
  make_file(root_ + "/repo/README", "");
  EXPECT_EQ(look("codex", Scope::local).blockers.size(), 1u);
  make_file(places_.codex_folder + "/config.toml",
            "[projects.\"" + root_ + "/repo\"]\ntrust_level = \"trusted\"\n");
  EXPECT_TRUE(look("codex", Scope::local).blockers.empty());
}

// ---------------------------------------------------------------- interruption

TEST_F(InstallTest, GoesOnAfterACrashBetweenRecordAndFile) {
  make_file(claude_path_, "{\"a\": 1}");
  carry_out(plan_in("claude-code"));
  std::string installed = content(claude_path_);
  // As if the file had not been written yet.
  make_file(claude_path_, "{\"a\": 1}");
  carry_out(plan_in("claude-code"));
  EXPECT_EQ(content(claude_path_), installed);
  make_file(claude_path_, "{\"a\": 1}");
  carry_out(plan_out("claude-code"));
  EXPECT_EQ(content(claude_path_), "{\"a\": 1}");
  EXPECT_FALSE(os::exists(places_.state_folder));
}

}  // namespace
}  // namespace baton::agents
