#include "git/command_line.h"

#include <algorithm>

#include "base/bytes.h"
#include "git/blame.h"
#include "git/branches.h"
#include "git/history.h"
#include "git/import.h"
#include "git/index_file.h"
#include "git/object_reader.h"
#include "git/object_writer.h"
#include "git/repository.h"
#include "git/repository_changes.h"
#include "git/tree_listing.h"
#include "git_scratch.h"

namespace baton::git {
namespace {

struct Commands {
  Scratch scratch;
  Repository repository(const std::string& where = "r") const {
    auto found = discover(scratch.path(where));
    EXPECT_TRUE(found);
    return *found;
  }
  std::string git(std::vector<std::string> words, int status = 0) const {
    return scratch.git("r", std::move(words), status);
  }
  ObjectId id(const std::string& revision) const {
    return *ObjectId::from_hex(git({"rev-parse", revision}));
  }
  void commit(const std::string& name, const std::string& content) const {
    scratch.write("r/" + name, content);
    git({"add", "-A"});
    git({"commit", "-q", "-m", "change " + name});
  }
};

// Every file of a folder with its size and time: to see that nothing was written.
std::string listing(const std::string& dir) {
  std::string text;
  auto entries = os::list_dir(dir);
  std::ranges::sort(*entries, {}, &os::DirEntry::name);
  for (const os::DirEntry& entry : *entries) {
    std::string path = dir + "/" + entry.name;
    auto stat = os::stat_file(path);
    text += path + " " + std::to_string(stat->size) + " " + std::to_string(stat->mtime_ns) + "\n";
    if (entry.type == os::FileType::directory) text += listing(path);
  }
  return text;
}

TEST(ObjectReader, ReadsByAnyName) {
  Commands t;
  t.scratch.make_repository("r");
  t.commit("dir/sp ace \"q\" \xc3\xa9", std::string("zero\0byte\n\n", 11));
  t.git({"tag", "-a", "-m", "x", "v1"});
  ObjectReader reader(t.repository());
  auto object = reader.read("HEAD:dir/sp ace \"q\" \xc3\xa9");
  ASSERT_TRUE(object) << object.error().message;
  EXPECT_EQ(object->content, std::string("zero\0byte\n\n", 11));
  EXPECT_EQ(object->info.type, "blob");
  EXPECT_EQ(object->info.id, blob_id(HashKind::sha1, object->content));
  EXPECT_EQ(*reader.blob(object->info.id), object->content);
  EXPECT_EQ(reader.info("v1")->type, "tag");
  EXPECT_EQ(*reader.commit("v1"), t.id("HEAD"));
  EXPECT_EQ(*reader.tree("v1"), t.id("HEAD^{tree}"));
  EXPECT_EQ(reader.info("HEAD")->size, reader.read("HEAD")->content.size());
  EXPECT_EQ(*reader.commit("HEAD~1"), t.id("HEAD~1"));
  // An object made after the process started is found.
  t.commit("new", "new\n");
  EXPECT_EQ(reader.read("HEAD:new")->content, "new\n");
  EXPECT_EQ(*resolve_commit(t.repository(), "HEAD"), t.id("HEAD"));
}

TEST(ObjectReader, SaysWhatIsMissing) {
  Commands t;
  t.scratch.make_repository("r");
  ObjectReader reader(t.repository());
  for (const char* name : {"HEAD:none", "nobranch", "--help", "HEAD blob 3", "a b missing",
                           "ce013625030ba8dba906f756967f9e9ca394464a"}) {
    auto info = reader.info(name);
    ASSERT_FALSE(info) << name;
    EXPECT_EQ(info.error().kind, ErrorKind::not_found) << info.error().message;
    EXPECT_EQ(reader.read(name).error().kind, ErrorKind::not_found);
  }
  EXPECT_EQ(reader.info("").error().kind, ErrorKind::usage);
  EXPECT_EQ(reader.info("a\nb").error().kind, ErrorKind::usage);
  EXPECT_EQ(reader.commit("HEAD:a").error().kind, ErrorKind::not_found);
  EXPECT_EQ(reader.blob(t.id("HEAD")).error().kind, ErrorKind::not_found);
  EXPECT_TRUE(reader.read("HEAD:a"));  // still answers
}

TEST(ObjectReader, KeepsToTheLimit) {
  Commands t;
  t.scratch.make_repository("r");
  t.commit("big", std::string(3'000'000, 'x'));
  ObjectReader reader(t.repository());
  EXPECT_EQ(reader.read("HEAD:big", 1000).error().kind, ErrorKind::limit);
  EXPECT_EQ(reader.read("HEAD:a", 1000)->content, "one\n");
  EXPECT_EQ(reader.read("HEAD:big")->content.size(), 3'000'000u);
}

TEST(ObjectReader, IgnoresTheEnvironmentsRepository) {
  Commands t;
  t.scratch.make_repository("r");
  t.scratch.make_repository("other");
  std::string there = t.scratch.git("other", {"commit", "-q", "--allow-empty", "-m", "there"});
  Repository repository = t.repository();
  std::string expected = t.git({"rev-parse", "HEAD"});
  ::setenv("GIT_DIR", t.scratch.path("other/.git").c_str(), 1);
  ::setenv("GIT_INDEX_FILE", "/nonexistent", 1);
  ::setenv("GIT_OBJECT_DIRECTORY", "/nonexistent", 1);
  auto head = resolve_commit(repository, "HEAD");
  auto found = discover(t.scratch.path("r"));
  ::unsetenv("GIT_DIR");
  ::unsetenv("GIT_INDEX_FILE");
  ::unsetenv("GIT_OBJECT_DIRECTORY");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->hex(), expected);
  EXPECT_EQ(found->git_dir, t.scratch.path("r/.git"));
}

TEST(ObjectReader, SeesNoReplacedObjects) {
  Commands t;
  t.scratch.make_repository("r");
  t.commit("b", "two\n");
  std::string real = t.git({"rev-parse", "HEAD:a"});
  t.git({"replace", real, t.git({"rev-parse", "HEAD:b"})});
  EXPECT_EQ(ObjectReader(t.repository()).read(real)->content, "one\n");
}

TEST(ObjectReader, FetchesNothing) {
  Commands t;
  t.scratch.make_repository("origin");
  t.scratch.git("origin", {"config", "uploadpack.allowFilter", "true"});
  t.scratch.git("", {"clone", "-q", "--no-checkout", "--filter=blob:none",
                     "file://" + t.scratch.path("origin"), "r"});
  std::string blob = t.scratch.git("origin", {"rev-parse", "HEAD:a"});
  ObjectReader reader(t.repository());
  auto content = reader.read(blob);
  ASSERT_FALSE(content);
  EXPECT_EQ(content.error().kind, ErrorKind::not_found);
  EXPECT_EQ(reader.info("HEAD:a").error().kind, ErrorKind::not_found);
  EXPECT_EQ(reader.info("HEAD")->type, "commit");  // it goes on
  EXPECT_TRUE(contains(t.git({"rev-list", "--objects", "--missing=print", "HEAD"}), "?" + blob));
}

TEST(Commands, WorkWhereTheTreeLiesApart) {
  Commands t;
  t.scratch.make_repository("s");
  ASSERT_TRUE(os::make_dirs(t.scratch.path("tree")));
  t.scratch.git("s", {"config", "core.worktree", t.scratch.path("tree")});
  Repository repository = t.repository("s");
  EXPECT_EQ(repository.worktree_root, t.scratch.path("tree"));
  EXPECT_TRUE(resolve_commit(repository, "HEAD"));
  t.scratch.make_repository("m");
  t.scratch.git("", {"clone", "-q", "--bare", "m", "bare.git"});
  EXPECT_TRUE(resolve_commit(t.repository("bare.git"), "HEAD"));
}

TEST(LsTree, ListsAndFinds) {
  Commands t;
  t.scratch.make_repository("r");
  t.scratch.write("r/dir/b", "two\n");
  t.scratch.write("r/-dash", "x\n");
  ASSERT_TRUE(os::make_link("a", t.scratch.path("r/link")));
  t.scratch.write("r/run", "x\n");
  ASSERT_TRUE(os::set_permissions(t.scratch.path("r/run"), 0755));
  t.commit("dir/deep/we*ird\n\"name", "x\n");
  auto all = ls_tree(t.repository(), t.id("HEAD"), true);
  ASSERT_TRUE(all) << all.error().message;
  std::vector<std::string> paths;
  for (const TreeEntry& entry : *all) paths.push_back(entry.path);
  EXPECT_EQ(paths, (std::vector<std::string>{"-dash", "a", "dir/b", "dir/deep/we*ird\n\"name",
                                             "link", "run"}));
  EXPECT_EQ((*all)[4].mode, kModeLink);
  EXPECT_EQ((*all)[5].mode, kModeExecutable);
  EXPECT_EQ((*all)[1].id, t.id("HEAD:a"));
  auto top = ls_tree(t.repository(), t.id("HEAD^{tree}"), false);
  ASSERT_EQ(top->size(), 5u);
  EXPECT_EQ((*top)[2].mode, kModeTree);
  auto one = ls_tree(t.repository(), t.id("HEAD"), false, "-dash");
  ASSERT_EQ(one->size(), 1u);
  EXPECT_EQ(ls_tree(t.repository(), t.id("HEAD"), true, "dir")->size(), 2u);
  EXPECT_TRUE(ls_tree(t.repository(), t.id("HEAD"), false, "none")->empty());
  EXPECT_TRUE(ls_tree(t.repository(), t.id("HEAD"), false, "d*")->empty());
  EXPECT_EQ(ls_tree(t.repository(), *ObjectId::from_hex(std::string(40, '1')), true).error().kind,
            ErrorKind::not_found);
}

TEST(DiffTree, AllKindsOfChange) {
  Commands t;
  t.scratch.make_repository("r");
  std::string body;
  for (int i = 0; i < 30; ++i) body += "line " + std::to_string(i) + "\n";
  t.scratch.write("r/moved from", body);
  t.scratch.write("r/gone", "gone\n");
  t.commit("mode", "x\n");
  ObjectId before = t.id("HEAD");
  ASSERT_TRUE(os::rename_path(t.scratch.path("r/moved from"), t.scratch.path("r/moved to")));
  ASSERT_TRUE(os::remove_file(t.scratch.path("r/gone")));
  ASSERT_TRUE(os::set_permissions(t.scratch.path("r/mode"), 0755));
  t.commit("new", "new\n");
  ObjectId after = t.id("HEAD");
  auto plain = diff_tree(t.repository(), before, after);
  ASSERT_TRUE(plain);
  std::string found;
  for (const TreeChange& change : *plain) found += change.status + change.path + ";";
  EXPECT_EQ(found, "Dgone;Mmode;Dmoved from;Amoved to;Anew;");
  EXPECT_EQ((*plain)[1].new_mode, kModeExecutable);
  EXPECT_TRUE((*plain)[0].new_id.empty());
  EXPECT_TRUE((*plain)[4].old_id.empty());
  auto renames = diff_tree(t.repository(), before, after, {.renames = true, .paths = {}});
  ASSERT_EQ(renames->size(), 4u);
  EXPECT_EQ((*renames)[2].status, 'R');
  EXPECT_EQ((*renames)[2].old_path, "moved from");
  EXPECT_EQ((*renames)[2].path, "moved to");
  EXPECT_EQ(diff_tree(t.repository(), before, after, {.paths = {"new", "n*"}})->size(), 1u);
  EXPECT_EQ(diff_tree(t.repository(), ObjectId(), before)->size(), 4u);
  EXPECT_EQ(diff_tree(t.repository(), before, ObjectId())->size(), 4u);
}

TEST(Log, CommitsWithAllTheirParts) {
  Commands t;
  t.scratch.make_repository("r");
  t.commit("b", "two\n");
  t.git({"checkout", "-q", "-b", "side", "HEAD~1"});
  t.commit("c", "three\n");
  t.git({"checkout", "-q", "main"});
  t.git({"merge", "-q", "--no-ff", "-m", "merge side\n\nbody line\n", "side"});
  auto commits = log(t.repository());
  ASSERT_TRUE(commits) << commits.error().message;
  ASSERT_EQ(commits->size(), 4u);
  const Commit& merge = commits->front();
  EXPECT_EQ(merge.id, t.id("HEAD"));
  EXPECT_EQ(merge.tree, t.id("HEAD^{tree}"));
  EXPECT_EQ(merge.parents, (std::vector<ObjectId>{t.id("HEAD^1"), t.id("HEAD^2")}));
  EXPECT_EQ(merge.message, "merge side\n\nbody line\n");
  EXPECT_EQ(merge.author.name, "Scratch");
  EXPECT_EQ(merge.author.email, "scratch@example.com");
  EXPECT_EQ(merge.committer.time, 1767323045);
  EXPECT_TRUE(commits->back().parents.empty());
  EXPECT_EQ(log(t.repository(), {.first_parent = true})->size(), 3u);
  EXPECT_EQ(log(t.repository(), {.limit = 2})->size(), 2u);
  EXPECT_EQ(log(t.repository(), {.revisions = {"main..side"}})->size(), 0u);
  EXPECT_EQ(log(t.repository(), {.revisions = {"side", "^main~1"}})->size(), 1u);
  EXPECT_EQ(log(t.repository(), {.paths = {"c"}})->size(), 1u);
  EXPECT_EQ(log(t.repository(), {.paths = {"[c]"}})->size(), 0u);
  EXPECT_EQ(log(t.repository(), {.paths = {"[c]"}, .pathspecs = true})->size(), 1u);
  EXPECT_EQ(log(t.repository(), {.revisions = {"nowhere"}}).error().kind, ErrorKind::not_found);
  EXPECT_FALSE(log(t.repository(), {.revisions = {"--output=/tmp/x"}}));
}

TEST(MergeBase, FoundOrNot) {
  Commands t;
  t.scratch.make_repository("r");
  ObjectId first = t.id("HEAD");
  t.commit("b", "two\n");
  t.git({"checkout", "-q", "-b", "side", "HEAD~1"});
  t.commit("c", "three\n");
  EXPECT_EQ(*merge_base(t.repository(), t.id("main"), t.id("side")), first);
  EXPECT_TRUE(*is_ancestor(t.repository(), first, t.id("side")));
  EXPECT_FALSE(*is_ancestor(t.repository(), t.id("main"), t.id("side")));
  t.git({"checkout", "-q", "--orphan", "lone"});
  t.commit("d", "four\n");
  EXPECT_TRUE(merge_base(t.repository(), t.id("main"), t.id("lone"))->empty());
  EXPECT_FALSE(merge_base(t.repository(), first, *ObjectId::from_hex(std::string(40, '1'))));
}

TEST(Branches, AndTheBase) {
  Commands t;
  t.scratch.make_repository("origin");
  t.scratch.git("origin", {"branch", "-m", "main", "trunk"});
  t.scratch.git("", {"clone", "-q", "origin", "r"});
  t.git({"branch", "feature/x"});
  auto all = branches(t.repository());
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 2u);
  EXPECT_EQ((*all)[0].name, "feature/x");
  EXPECT_EQ((*all)[0].upstream, "");
  EXPECT_EQ((*all)[1].name, "trunk");
  EXPECT_EQ((*all)[1].upstream, "refs/remotes/origin/trunk");
  auto base = base_branch(t.repository());
  ASSERT_TRUE(base && *base);
  EXPECT_EQ((*base)->ref, "refs/remotes/origin/trunk");
  EXPECT_EQ((*base)->name, "trunk");
  EXPECT_EQ((*base)->id, t.id("HEAD"));
  // Both by one question, of a branch with an upstream and of one without.
  auto roots = branch_roots(t.repository(), "trunk");
  ASSERT_TRUE(roots && roots->base);
  EXPECT_EQ(roots->base->ref, "refs/remotes/origin/trunk");
  EXPECT_EQ(roots->upstream, "refs/remotes/origin/trunk");
  roots = branch_roots(t.repository(), "feature/x");
  ASSERT_TRUE(roots && roots->base);
  EXPECT_EQ(roots->base->name, "trunk");
  EXPECT_EQ(roots->upstream, "");
  roots = branch_roots(t.repository(), "feature");  // a folder of branches is none
  ASSERT_TRUE(roots);
  EXPECT_EQ(roots->upstream, "");
  t.git({"remote", "set-head", "origin", "--delete"});
  EXPECT_FALSE(*base_branch(t.repository()));
  t.git({"branch", "master"});
  EXPECT_EQ((*base_branch(t.repository()))->name, "master");
  t.git({"branch", "main"});
  EXPECT_EQ((*base_branch(t.repository()))->ref, "refs/heads/main");
  // A remote's branch is no local one.
  t.scratch.git("", {"init", "-q", "empty"});
  EXPECT_TRUE(branches(t.repository("empty"))->empty());
}

TEST(Blame, LinesCommitsFiles) {
  Commands t;
  t.scratch.make_repository("r");
  t.commit("f \"x\"", "1\n2\n3\n4\n5\n");
  ObjectId first = t.id("HEAD");
  ASSERT_TRUE(os::rename_path(t.scratch.path("r/f \"x\""), t.scratch.path("r/g")));
  t.commit("g", "1\n2\nthree\n4\n5\n");
  ObjectId second = t.id("HEAD");
  t.scratch.write("r/g", "0\n1\n2\nthree\n4\n5\n\ttab");

  auto disk = blame(t.repository(), "g");
  ASSERT_TRUE(disk) << disk.error().message;
  ASSERT_EQ(disk->lines.size(), 7u);
  auto id = [](const Blame& b, size_t line) { return b.commits[b.lines[line].commit].id; };
  EXPECT_EQ(id(*disk, 0).hex(), std::string(40, '0'));
  EXPECT_EQ(id(*disk, 1), first);
  EXPECT_EQ(id(*disk, 3), second);
  EXPECT_EQ(disk->files[disk->lines[1].file], "f \"x\"");
  EXPECT_EQ(disk->files[disk->lines[3].file], "g");
  EXPECT_EQ(disk->lines[4].original_line, 4u);
  EXPECT_EQ(disk->lines[3].text, "three");
  EXPECT_EQ(disk->lines[6].text, "\ttab");
  const BlameCommit& commit = disk->commits[disk->lines[3].commit];
  EXPECT_EQ(commit.author.name, "Scratch");
  EXPECT_EQ(commit.author.email, "scratch@example.com");
  EXPECT_EQ(commit.committer.time, 1767323045);
  EXPECT_EQ(commit.summary, "change g");

  auto at_head = blame(t.repository(), "g", {.revision = second});
  ASSERT_EQ(at_head->lines.size(), 5u);
  EXPECT_EQ(id(*at_head, 0), first);
  auto given = blame(t.repository(), "g", {.contents = "1\nx\n"});
  ASSERT_EQ(given->lines.size(), 2u);
  EXPECT_EQ(id(*given, 0), first);
  EXPECT_EQ(id(*given, 1).hex(), std::string(40, '0'));
  auto spaced = blame(t.repository(), "g", {.contents = "  1\n", .ignore_whitespace = true});
  EXPECT_EQ(id(*spaced, 0), first);
  EXPECT_EQ(blame(t.repository(), "none").error().kind, ErrorKind::not_found);
  EXPECT_EQ(blame(t.repository(), "none", {.revision = second}).error().kind, ErrorKind::not_found);
}

TEST(Readers, WriteNothing) {
  Commands t;
  t.scratch.make_repository("r");
  t.commit("b", "two\n");
  // Stat data that git would like to refresh, and hooks that would leave a trace.
  t.scratch.write("r/b", "two\n");
  for (const char* hook : {"post-index-change", "reference-transaction", "fsmonitor"}) {
    std::string file = std::string("r/.git/hooks/") + hook;
    t.scratch.write(file, "#!/bin/sh\ntouch " + t.scratch.path("trace") + "\n");
    ASSERT_TRUE(os::set_permissions(t.scratch.path(file), 0755));
  }
  t.scratch.git("r", {"config", "core.fsmonitor", t.scratch.path("r/.git/hooks/fsmonitor")});
  Repository repository = t.repository();
  ObjectId head = *resolve_commit(repository, "HEAD");
  ASSERT_TRUE(os::remove_file(t.scratch.path("trace")));  // by the settings above
  std::string before = listing(t.scratch.path("r"));
  ASSERT_TRUE(blame(repository, "b"));
  ASSERT_TRUE(log(repository));
  ASSERT_TRUE(ls_tree(repository, head, true));
  ASSERT_TRUE(diff_tree(repository, ObjectId(), head));
  ASSERT_TRUE(branches(repository));
  ASSERT_TRUE(base_branch(repository));
  ASSERT_TRUE(merge_base(repository, head, head));
  ASSERT_TRUE(ObjectReader(repository).read("HEAD:b"));
  EXPECT_EQ(listing(t.scratch.path("r")), before);
  EXPECT_FALSE(os::exists(t.scratch.path("trace")));
  // Nor do refs of ours run the user's hooks.
  ASSERT_TRUE(update_ref(repository, "refs/baton/pins", head));
  EXPECT_FALSE(os::exists(t.scratch.path("trace")));
}

class Writing : public testing::TestWithParam<const char*> {};

TEST_P(Writing, TreesAndCommits) {
  Commands t;
  t.scratch.make_repository("r", {std::string("--object-format=") + GetParam()});
  // Names that sort otherwise as folders than as files.
  ASSERT_TRUE(os::remove_file(t.scratch.path("r/a")));
  t.scratch.write("r/a.b", "x\n");
  t.scratch.write("r/a/c", "y\n");
  t.scratch.write("r/a0", "z\n");
  t.scratch.write("r/d/e/f", "w\n");
  t.commit("d/run", "v\n");
  Repository repository = t.repository();
  auto files = ls_tree(repository, t.id("HEAD"), true);
  ASSERT_TRUE(files);
  std::ranges::reverse(*files);
  EXPECT_EQ(tree_id(repository.hash, *files)->hex(), t.id("HEAD^{tree}").hex());
  EXPECT_EQ(create_tree(repository, *files)->hex(), t.id("HEAD^{tree}").hex());

  auto blob = write_blob(repository, "new content\r\n");
  ASSERT_TRUE(blob);
  EXPECT_EQ(*blob, blob_id(repository.hash, "new content\r\n"));
  files->push_back({kModeExecutable, *blob, "new/deep/file name"});
  auto tree = create_tree(repository, *files);
  ASSERT_TRUE(tree) << tree.error().message;
  EXPECT_EQ(t.git({"cat-file", "-p", tree->hex() + ":new/deep/file name"}), "new content\r");
  t.git({"fsck", "--strict", "--no-dangling"});

  CommitDraft draft{*tree,
                    {t.id("HEAD")},
                    {"An <A>uthor", "a@b", 1700000000, -90},
                    {"", "", 5, 330},
                    "subject\n\nbody\n"};
  auto commit = create_commit(repository, draft);
  ASSERT_TRUE(commit) << commit.error().message;
  EXPECT_EQ(
      t.git({"log", "-1", "--format=%T %P|%an|%ae|%ad|%cn|%cd|%B", "--date=raw", commit->hex()}),
      tree->hex() + " " + t.id("HEAD").hex() +
          "|An Author|a@b|1700000000 -0130|unknown|5 +0530|subject\n\nbody\n");
  t.git({"fsck", "--strict", "--no-dangling"});

  const std::string ref = "refs/baton/pins";
  ASSERT_TRUE(update_ref(repository, ref, *tree, ObjectId()));
  EXPECT_EQ(t.git({"rev-parse", ref}), tree->hex());
  EXPECT_FALSE(update_ref(repository, ref, *commit, ObjectId()));
  EXPECT_FALSE(update_ref(repository, ref, *commit, *blob));
  EXPECT_EQ(t.git({"rev-parse", ref}), tree->hex());
  ASSERT_TRUE(update_ref(repository, ref, *commit, *tree));
  ASSERT_TRUE(update_ref(repository, ref, *tree));
  // A tree behind a ref shows up in no log.
  EXPECT_FALSE(contains(t.git({"log", "--all", "--format=%H"}), tree->hex()));
  ASSERT_TRUE(update_ref(repository, ref, ObjectId(), *tree));
  EXPECT_EQ(t.git({"for-each-ref", "refs/baton"}), "");
  EXPECT_EQ(update_ref(repository, "HEAD", *commit).error().kind, ErrorKind::usage);

  EXPECT_EQ(create_tree(repository, {})->hex(), t.scratch.git("r", {"mktree"}));
  for (const char* path : {"", "/a", "a/", "a//b", "../a", "a/./b", ".git/hooks/x", "a/.GIT/b"}) {
    EXPECT_FALSE(create_tree(repository, {{kModeFile, *blob, path}})) << path;
  }
  EXPECT_FALSE(create_tree(repository, {{kModeFile, *blob, "a"}, {kModeFile, *blob, "a/b"}}));
  EXPECT_FALSE(create_tree(repository, {{kModeFile, *blob, "a"}, {kModeFile, *blob, "a"}}));
  // A pin may hold what is not there (yet): trees of other worktrees, by id.
  EXPECT_TRUE(
      create_tree(repository, {{kModeTree, *tree, "w1"}, {kModeTree, t.id("HEAD^{tree}"), "w2"}}));
}

TEST_P(Writing, ImportsHistory) {
  Commands t;
  t.scratch.make_repository("r", {std::string("--object-format=") + GetParam()});
  Repository repository = t.repository();
  auto import = Import::start(repository);
  ASSERT_TRUE(import);
  auto one = import->blob("1\n");
  auto two = import->blob(std::string("2\0\n", 3));
  EXPECT_EQ(*one, blob_id(repository.hash, "1\n"));
  Signature who{"Agent", "agent@example.com", 1700000000, 0};
  auto first = import->commit(
      {.ref = "refs/heads/recorded",
       .parent = t.id("HEAD"),
       .author = who,
       .committer = who,
       .message = "first",
       .from_nothing = true,
       .changes = {{kModeFile, *one, "dir/\xc3\xa9 \"x\""}, {kModeExecutable, *two, "run"}}});
  ASSERT_TRUE(first) << first.error().message;
  auto second = import->commit({.ref = "refs/heads/recorded",
                                .author = who,
                                .committer = who,
                                .message = "second\n",
                                .changes = {{0, {}, "run"}, {kModeLink, *one, "link"}}});
  ASSERT_TRUE(second) << second.error().message;
  auto finished = import->finish();
  ASSERT_TRUE(finished) << finished.error().message;
  EXPECT_EQ(t.id("recorded"), *second);
  EXPECT_EQ(t.id("recorded~1"), *first);
  EXPECT_EQ(t.id("recorded~2"), t.id("HEAD"));
  auto files = ls_tree(repository, *second, true);
  ASSERT_EQ(files->size(), 2u);
  EXPECT_EQ((*files)[0].path, "dir/\xc3\xa9 \"x\"");
  EXPECT_EQ((*files)[1].mode, kModeLink);
  EXPECT_EQ(ls_tree(repository, *first, true)->size(), 2u);
  t.git({"fsck", "--strict", "--no-dangling"});

  // Not backwards, and not with objects that do not exist.
  auto again = Import::start(repository);
  ASSERT_TRUE(again->commit({.ref = "refs/heads/recorded",
                             .parent = t.id("HEAD"),
                             .author = who,
                             .committer = who,
                             .message = "sideways",
                             .changes = {}}));
  EXPECT_FALSE(again->finish());
  EXPECT_EQ(t.id("recorded"), *second);
  auto bad = Import::start(repository);
  ObjectId none = blob_id(repository.hash, "nobody wrote this");
  EXPECT_FALSE(bad->commit({.ref = "refs/heads/x",
                            .author = who,
                            .committer = who,
                            .message = "x",
                            .changes = {{kModeFile, none, "f"}}}));
  EXPECT_FALSE(bad->finish());
}

INSTANTIATE_TEST_SUITE_P(Hashes, Writing, testing::Values("sha1", "sha256"),
                         [](const auto& hash) { return std::string(hash.param); });

TEST(Version, IsSaid) {
  EXPECT_TRUE(version()->starts_with("git version "));
}

}  // namespace
}  // namespace baton::git
