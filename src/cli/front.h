#pragma once

// What a command has in hand while it runs: what was asked, where we are, the store and its index,
// and where answers go. Each part is made when it is first asked for.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cli/invocation.h"
#include "cli/output.h"
#include "git/config.h"
#include "git/repository.h"
#include "git/settings.h"
#include "handoff/bundle.h"
#include "index/git_objects.h"
#include "index/index.h"
#include "render/style.h"
#include "secrets/mask.h"
#include "secrets/masker.h"
#include "store/bundle.h"
#include "store/store.h"
#include "worktree/worktree.h"

namespace baton::cli {

class Front {
 public:
  explicit Front(Invocation invocation) : invocation_(std::move(invocation)) {}
  ~Front();
  Front(const Front&) = delete;

  // Finds out where we are and how answers are to look. Fails only for what the user wrote.
  Status prepare();

  const Invocation& asked() const { return invocation_; }
  // From now on it is as though this had been asked: what a person chose at the terminal.
  void ask_instead(Invocation invocation) { invocation_ = std::move(invocation); }
  Output& out() { return out_; }
  const render::Style& style() const { return style_; }
  bool json() const { return invocation_.has(OptionId::json); }

  const secrets::Masker& masker() const { return masker_; }
  const std::string& cwd() const { return cwd_; }
  // The repository that we are in, null outside of one.
  const git::Repository* repository() const { return repository_ ? &*repository_ : nullptr; }
  const git::Config& config() const { return *config_; }
  git::Settings settings() const { return git::Settings(*config_); }

  // Where we are in a store. ErrorKind::no_store, with what to do.
  Result<const worktree::Place*> place();
  // The store's index, up to date with what was recorded and what agents' files hold since; or made
  // anew.
  enum class Opening : uint8_t { update, rebuild };
  Result<index::Index*> index(Opening opening = Opening::update);
  // The session of baton's own under which readers note what they saw.
  std::string reader_session() const;
  // The id of this worktree, "" if it was never looked at (or the store cannot be written).
  std::string worktree();
  // The bundle that is read instead of a store, null without --bundle. REQUIRES: place() was fine.
  const store::OpenedBundle* bundle() const { return bundle_ ? &*bundle_ : nullptr; }
  // The tasks as they were told where that bundle was made, null if it does not say.
  const handoff::TaskList* told_tasks() const {
    return bundle_facts_.tasks ? &*bundle_facts_.tasks : nullptr;
  }
  // Text goes through the pager from now on, if a person looks at it.
  void use_pager();
  // The worktree's root; where we are if there is none.
  const std::string& root() const;
  // The current folder from there: "" or "src/lib".
  std::string prefix() const;

 private:
  Status open_style();
  Status open_bundle();
  std::string pager_command() const;

  Invocation invocation_;
  Output out_;
  render::Style style_;
  secrets::Masker masker_;
  std::string cwd_;
  std::optional<git::Repository> repository_;
  std::optional<git::Config> config_;
  std::optional<worktree::Place> place_;
  std::optional<store::OpenedBundle> bundle_;
  handoff::BundleFacts bundle_facts_;
  std::unique_ptr<index::GitObjects> git_source_;
  std::shared_ptr<index::GitSource> bundle_git_;
  std::optional<index::Index> index_;
};

// `arguments` without the program's name; the exit status.
int run_front(const std::vector<std::string_view>& arguments);

}  // namespace baton::cli
