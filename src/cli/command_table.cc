#include "cli/command_table.h"

namespace baton::cli {
namespace {

using C = CommandId;
using O = OptionId;

constexpr uint64_t bit(CommandId id) {
  return uint64_t{1} << static_cast<unsigned>(id);
}
template <class... Ids>
constexpr uint64_t in(Ids... ids) {
  return (bit(ids) | ...);
}

// They take --bundle.
constexpr uint64_t kReading =
    in(C::status, C::sessions, C::log, C::show, C::diff, C::search, C::blame, C::stats, C::triage,
       C::handoff, C::check, C::pr, C::task, C::note, C::cat, C::export_tree);
constexpr uint64_t kFiltering = in(C::log, C::search, C::sessions);
constexpr uint64_t kChoosing = kFiltering | in(C::stats);

constexpr uint64_t kGoingBack = in(C::rewind, C::undo, C::redo, C::restore, C::checkpoint, C::fork);

constexpr CommandRow kCommands[] = {
    {C::init, Group::start, "init", "", 0, 0, 0, Values::none, "start recording in this repository",
     "Makes the store (in git's own folder, so nothing appears in your files) and adds baton's "
     "hooks to the configuration of every agent that is found, or of those named. Says what it "
     "writes and where. Running it again changes nothing that is in place.\n"
     "\n"
     "Hooks go into your user's configuration: they serve all worktrees and repositories, and end "
     "at once where there is no store. Approvals that an agent asks of its user are never given "
     "in your name; the step is printed for you to take."},
    {C::uninstall, Group::start, "uninstall", "", 0, 0, 0, Values::none,
     "stop recording, keep the record",
     "Takes baton's hooks out of the agents' configuration; each file becomes what it was before. "
     "While other repositories use the hooks they stay, and only this repository is taken off "
     "their list. The record is kept unless --purge is given."},
    {C::doctor, Group::start, "doctor", "", 0, 0, 0, Values::none,
     "find out why something is not recorded",
     "Looks at the store, at each agent's hooks and at what was heard from them, and says what to "
     "do about each thing that is amiss. Exit status 1 if there is any."},
    {C::status, Group::read, "status", "", 0, 0, kNeedsStore | kPages | kPathspecs, Values::none,
     "what is recorded, running, left out",
     "Agents heard, sessions at work, the last verdict of the tests, the worktrees and how "
     "completely they were looked at, what could not be recorded and what was left out."},
    {C::sessions, Group::read, "sessions", "", 0, 0, kNeedsStore | kPages | kPathspecs,
     Values::none, "list sessions, newest first",
     "One line a session. With PATHSPEC, only those that changed or read such a path."},
    {C::log, Group::read, "log", "[SESSION | RANGE]", 0, 1, kNeedsStore | kPages | kPathspecs,
     Values::sessions, "list prompts, newest first",
     "Each prompt with what came of it; with --steps, each step too. RANGE is a range of git "
     "revisions (main..HEAD): then only prompts behind its commits are listed. With PATHSPEC, only "
     "those whose steps changed such a path.\n"
     "\n"
     "With --lines, each change of these lines, the newest first, with the prompt behind it and "
     "what "
     "it made of them; then the commits from before recording. The word can be a state of the "
     "file: "
     "a git revision or the address of a step. git's -L 10,20:PATH and -L :function:PATH are "
     "understood, too."},
    {C::show, Group::read, "show", "[ADDRESS...]", 0, kAnyWords, kNeedsStore | kPages | kPathspecs,
     Values::addresses, "show a session, a turn, a step or a commit",
     "A step: the prompt, the agent's words before it, the plan at that moment, input, output, the "
     "change it made and what its ownership rests on. A turn: its prompt, words, steps and change. "
     "A session: its turns. A git commit: the prompts behind it. Without ADDRESS, the newest turn. "
     "`baton help addresses` says how they are written."},
    {C::diff, Group::read, "diff", "[FROM [TO] | FROM..TO]", 0, 2,
     kNeedsStore | kPages | kPathspecs, Values::addresses, "compare the files at two moments",
     "FROM and TO are addresses (the files after that session, turn or step; with ^, before it), "
     "checkpoints by their names, @start, @green, times (@{2026-11-24T10:00} or @{2h}) or git "
     "revisions. Without TO, the working tree as it is now. Without FROM, before the newest "
     "prompt."},
    {C::search, Group::read, "search", "WORD...", 1, kAnyWords, kNeedsStore | kPages | kPathspecs,
     Values::none, "search prompts, words, commands and output",
     "Finds where all words occur, newest first: a word, a prefix*, \"a phrase\". Exit status 1 if "
     "there is no such place."},
    {C::blame, Group::read, "blame", "[REV] PATH[:LINE]", 0, 3, kPages | kPathspecs, Values::files,
     "who wrote each line, and why",
     "For each line of a file the step, agent, model and prompt that wrote it, or the person or "
     "commit it came from, and what that rests on. Lines that were never recorded are told by git. "
     "PATH:LINE tells all about one line: the whole prompt, the agent's words before the edit, the "
     "item of the plan and what the next run of the tests said.\n"
     "\n"
     "REV is a git revision, FROM..TO, or the address of a step (with ^, before it); without it, "
     "the "
     "working tree. Flags mean what they mean to git. --porcelain is git's form: lines that were "
     "recorded have headers of their own, baton-step, baton-prompt and others, in front of the "
     "text."},
    {C::stats, Group::read, "stats", "[TASK | SESSION | RANGE]", 0, 1,
     kNeedsStore | kPages | kPathspecs, Values::sessions,
     "how much was done, and what of it lasted",
     "Sums over prompts: lines written, and what became of them in the files as they are now "
     "(kept; "
     "reworked: changed since, by anybody, and what was made of them stands; removed), lines taken "
     "away, prompts, steps, commands, failures, test runs, and tokens as far as agents tell. "
     "written = kept + reworked + removed. Without a word, all that was recorded; RANGE is a range "
     "of git revisions (main..HEAD): the prompts behind its commits, and what stands at its end. "
     "Of a "
     "branch that is not checked out, what stands in it."},
    {C::triage, Group::read, "triage", "[FILE | -]", 0, 1, kNeedsStore | kPages, Values::files,
     "from a failure's text back to the prompts behind it",
     "Reads a stack trace, the output of a failing test, a sanitizer's report or a compiler's "
     "errors "
     "(Python, JavaScript, C, C++, Go, Rust, Java, and any path:line) and tells of each line that "
     "it "
     "names who wrote it, for which prompt, what had been tried there and dropped, and what tested "
     "it since. Lines of agents come first, those that no test has passed on before others, the "
     "last changed before older ones; each says why it stands where it does. It does not say that "
     "a "
     "line is wrong. Paths of other machines are found by their ends. What cannot be told is "
     "listed. "
     "Exit status 1 if nothing was found."},
    {C::handoff, Group::take, "handoff", "[TASK | SESSION | BRANCH | RANGE]", 0, 1,
     kNeedsStore | kPages, Values::sessions, "what the next agent or person needs to know",
     "The task and its prompts, what was done, tried and dropped, how it was verified, what is "
     "open and where to go back to: facts of the record, each with the step it rests on. Without a "
     "word, of the task that is worked on here (`baton help task`). RANGE is a range of git "
     "revisions (v1.4..v1.5)."},
    {C::check, Group::take, "check", "[TASK | SESSION | BRANCH | RANGE]", 0, 1,
     kNeedsStore | kPages, Values::sessions, "judge a task, with an exit status for CI",
     "Holds a task against its record, as `baton handoff` does, and ends with 1 if something that "
     "--fail-on names is found: contradicted (the agent claims what the record contradicts), "
     "failed "
     "(the newest run of tests, of a build or of a check failed), stale (it passed, and files "
     "changed since), partial, never-run, unknown (nothing tells how it ended), open (something is "
     "not finished), scope (nobody asked for it), risk. By default contradicted and failed. A "
     "range without recorded work is fine."},
    {C::pr, Group::take, "pr", "[BASE..HEAD | TASK | SESSION | BRANCH]", 0, 1, kNeedsStore | kPages,
     Values::sessions, "write the body of a pull request",
     "Markdown for `gh pr create --body-file -`: the prompts, the plan, what changed for which "
     "prompt, how it was verified, what was tried and dropped, risks and ways back; files read, "
     "commands and the diff folded. It fits GitHub's 65,536 characters and says what it leaves "
     "out for that. Places of this machine and links to vendors are taken out of recorded text.\n"
     "\n"
     "The body stands between two marks. --update takes a body that is there already, puts the new "
     "one between its marks, and keeps what people wrote around them:\n"
     "gh pr view --json body -q .body | baton pr --update - | gh pr edit --body-file -"},
    {C::task, Group::take, "task", "[name | close | reopen | move] [...]", 0, 3,
     kNeedsStore | kPages, Values::none, "list, name and close tasks",
     "A task is what one handoff is about. By default these are the sessions of one branch since "
     "it "
     "was made, in all worktrees; on the branch that others start from, since what it has in "
     "common "
     "with its upstream, or since the last commit that left nothing recorded uncommitted. A "
     "session "
     "with open items stays in.\n"
     "\n"
     "baton task                     list open tasks, newest first; --all: closed ones too\n"
     "baton task name NAME [TASK]    give a task a name; without TASK, the one worked on here\n"
     "baton task close [TASK]        its sessions are done; one that goes on opens it again\n"
     "baton task reopen TASK\n"
     "baton task move SESSION TASK   the session belongs to TASK, a name of a task, new or old"},
    {C::note, Group::take, "note", "[KIND] TEXT | --close NOTE [TEXT]", 0, kAnyWords,
     kNeedsStore | kPages, Values::none, "tell the next agent or person something",
     "Records TEXT as an event, with its author: the agent whose command this is, as far as that "
     "is "
     "certain, or the person whom git knows. It appears in log, show and handoffs and can be "
     "searched. KIND is decision, assumption, risk, constraint or open (something to be done); "
     "without it the note is just a note. --cite names what it is about, --close says that a note "
     "is settled. Without TEXT, or with --list [KIND], the notes are listed.\n"
     "\n"
     "Where an agent's sandbox keeps the command from writing, the note is taken from the "
     "command's "
     "own text, which the agent's hook tells."},
    {C::bundle, Group::take, "bundle", "[TASK | SESSION] FILE", 1, 2, kNeedsStore, Values::files,
     "write the record into one file for somebody else",
     "FILE answers as this store does: every reading command takes --bundle FILE, in a clone of "
     "the "
     "repository or anywhere. Secrets are masked in all of it. With TASK or SESSION, only the "
     "words "
     "of its sessions are in it, and of others what was seen in the files. Prints the digest by "
     "which the file is known."},
    {C::cat, Group::take, "cat", "STEP:PATH", 1, 1, kNeedsStore, Values::addresses,
     "print a file as it was after a step",
     "Writes the content to the standard output; STEP^:PATH is the file as it was before. Secrets "
     "are masked "
     "unless --unmasked is given."},
    {C::export_tree, Group::take, "export", "[ADDRESS]", 0, 1, kNeedsStore | kPathspecs,
     Values::addresses, "write out recorded files",
     "With --to, all files as they were after a step (without ADDRESS, the newest; with ^ behind "
     "it, "
     "before it) into a folder that is empty or not there. With --git, the history of the worktree "
     "as commits of a new "
     "branch, one a turn that changed something; nothing is checked out. Secrets are masked unless "
     "--unmasked is given."},
    {C::rewind, Group::back, "rewind", "[TARGET]", 0, 1, kNeedsStore | kPathspecs,
     Values::addresses, "bring files back to what they were",
     "TARGET is an address (the files after that session, turn or step; with ^, before it), a "
     "checkpoint by its name, @start (before the newest session), @green (the last files on which "
     "the tests passed) or a time (@{2h}). With --session, --turn or --step only what that did is "
     "taken back, and what came after stays; where both changed the same lines nothing is changed, "
     "unless --merge writes both between conflict markers.\n"
     "\n"
     "Without TARGET, on a terminal: the prompts of this worktree to choose from. Type to filter, "
     "the arrows move, Enter goes on to what to do about one, shown before it is done; Esc and "
     "Ctrl-C leave and change nothing.\n"
     "\n"
     "Ignored files, files that were left out of the record, the index, branches and other "
     "worktrees are never touched. Work that no step owns is not overwritten or removed unless "
     "--force is given. Every rewind can be undone."},
    {C::undo, Group::back, "undo", "[REWIND]", 0, 1, kNeedsStore | kPathspecs, Values::none,
     "take the newest rewind back",
     "Brings back what the files were before it; a second undo takes the first one back. What was "
     "changed since stays. REWIND is the name of an older one (`baton checkpoint` lists them)."},
    {C::redo, Group::back, "redo", "", 0, 0, kNeedsStore | kPathspecs, Values::none,
     "do what was undone again", "Takes the newest undo back."},
    {C::restore, Group::back, "restore", "PATH...", 0, kAnyWords, kNeedsStore | kPathspecs,
     Values::files, "bring back lost files",
     "What was last seen of files that were deleted or overwritten, by whomever: the newest such "
     "loss among the paths. With --source, the files as they were at that TARGET (`baton help "
     "rewind`) or git revision."},
    {C::checkpoint, Group::back, "checkpoint", "[NAME]", 0, 1, kNeedsStore | kPages, Values::none,
     "list places to go back to, or make one",
     "Lists what was named, the files before each rewind, the last on which the tests passed, and "
     "those before each session. With NAME, the files as they are now get that name."},
    {C::fork, Group::back, "fork", "TARGET", 1, 1, kNeedsStore, Values::addresses,
     "begin a new branch at an earlier moment",
     "Makes a new worktree with a new branch whose files are as they were at TARGET (`baton help "
     "rewind`); HEAD is the commit that was checked out then. Nothing changes here."},
    {C::du, Group::care, "du", "", 0, 0, kNeedsStore, Values::none, "show where the bytes are",
     "The sizes of the store's files, by what is in them, and the largest sessions and paths. "
     "Contents are counted for the session and the path that needed them first. What is left "
     "behind is of writes that came to nothing: nothing in the record needs it."},
    {C::gc, Group::care, "gc", "", 0, 0, kNeedsStore, Values::none,
     "take away what nothing needs any more",
     "Takes away what failed writes left among the contents, and copies what git is about to lose. "
     "Nothing that the record refers to goes, but where a budget is set (git config baton.budget "
     "2g, "
     "or --budget): then binary versions that lay there only in the middle of a turn go, the "
     "oldest "
     "first, until the store is no larger. Never text, a path's first or last version, anything of "
     "the last seven days, or what lay there when a session or a turn began or ended, tests ran, a "
     "checkpoint was made or files were put back. Agents may work meanwhile; killed at any moment "
     "it loses nothing. --dry-run says how much, and changes nothing."},
    {C::reindex, Group::care, "reindex", "", 0, 0, kNeedsStore, Values::none,
     "build the index anew",
     "The index is derived from the journals and can always be thrown away. Readers keep it up to "
     "date by themselves."},
    {C::fsck, Group::care, "fsck", "", 0, 0, kNeedsStore, Values::none, "verify the record",
     "Checks every line and the chain of every journal, every object and the timelines of the "
     "worktrees. Exit status 4 if something is damaged."},
    {C::completion, Group::care, "completion", "bash | zsh | fish", 1, 1, 0, Values::shells,
     "print the completion of a shell",
     "bash:  source <(baton completion bash)\n"
     "zsh:   baton completion zsh > \"${fpath[1]}/_baton\"\n"
     "fish:  baton completion fish > ~/.config/fish/completions/baton.fish"},
    {C::help, Group::care, "help", "[COMMAND | TOPIC]", 0, 1, kPages, Values::commands,
     "explain a command, addresses or settings", "Topics: addresses, settings, json."},
    {C::version, Group::care, "version", "", 0, 0, 0, Values::none, "print the version", ""},
    {C::collect, Group::plumbing, "collect", "", 0, 0, kNeedsStore | kHidden, Values::none,
     "copy what is new in the agents' own session files",
     "Hooks do this when a turn ends, as far as their time goes; this goes on to the end."},
    {C::hook, Group::plumbing, "hook", "AGENT [EVENT]", 1, 2, kHidden, Values::agents,
     "record an event (agents call this)",
     "Reads the event's payload from the standard input. Ends with 0 whatever happens."},
};

constexpr OptionRow kOptions[] = {
    {O::directory, 'C', "", "DIR", Values::directories, "", true, 0, "run as if started in DIR"},
    {O::color, 0, "color", "WHEN", Values::words, "auto|always|never", false, 0,
     "when to use colour"},
    {O::no_pager, 0, "no-pager", "", Values::none, "", false, 0, "do not start a pager"},
    {O::help, 'h', "help", "", Values::none, "", false, 0, "explain this command"},
    {O::version, 0, "version", "", Values::none, "", false, bit(C::none), "print the version"},

    {O::json, 0, "json", "", Values::none, "", false,
     in(C::init, C::uninstall, C::doctor, C::status, C::sessions, C::log, C::show, C::diff,
        C::search, C::blame, C::stats, C::triage, C::handoff, C::check, C::pr, C::task, C::note,
        C::bundle, C::cat, C::export_tree, C::du, C::gc, C::reindex, C::fsck, C::version,
        C::collect, C::none),
     "answer as JSON (docs/json.md)"},
    {O::date, 0, "date", "FORM", Values::dates, "", false,
     in(C::status, C::sessions, C::log, C::show, C::search, C::blame, C::triage, C::note,
        C::doctor),
     "how times are written, as git's --date; relative on a terminal, else iso"},

    {O::agent, 0, "agent", "NAME", Values::agents, "", true,
     in(C::init, C::uninstall, C::doctor) | kChoosing, "only this agent"},
    {O::session, 0, "session", "SESSION", Values::sessions, "", false,
     in(C::log, C::search, C::stats, C::handoff, C::check, C::pr, C::note), "only this session"},
    {O::path, 0, "path", "PATHSPEC", Values::files, "", true, in(C::log, C::search, C::stats),
     "only what touched such a path; the same as -- PATHSPEC"},
    {O::since, 0, "since", "TIME", Values::none, "", false, kChoosing,
     "not before TIME: 2026-11-24, 2026-11-24T10:00, 2h, 'yesterday'"},
    {O::until, 0, "until", "TIME", Values::none, "", false, kChoosing, "not after TIME"},
    {O::limit, 'n', "limit", "N", Values::none, "", false, kFiltering | in(C::du), "at most N"},
    {O::branch, 0, "branch", "NAME", Values::branches, "", false, in(C::sessions),
     "only sessions that worked on this branch"},
    {O::branch, 0, "branch", "NAME", Values::branches, "", false, in(C::stats),
     "only prompts on this branch"},
    {O::subagents, 0, "all", "", Values::none, "", false, in(C::sessions),
     "list the sessions of subagents too"},
    {O::failed, 0, "failed", "", Values::none, "", false, in(C::log),
     "only prompts with a step that failed, or that ended badly"},
    {O::tests, 0, "tests", "", Values::none, "", false, in(C::log),
     "only prompts with a run of tests"},
    {O::steps, 's', "steps", "", Values::none, "", false, in(C::log, C::show),
     "list each prompt's steps"},
    {O::oneline, 0, "oneline", "", Values::none, "", false, in(C::log), "one line a prompt"},

    {O::full, 0, "full", "", Values::none, "", false, in(C::show, C::status), "cut nothing short"},
    {O::no_diff, 0, "no-diff", "", Values::none, "", false, in(C::show), "leave the changes out"},
    {O::stat, 0, "stat", "", Values::none, "", false, in(C::diff, C::show),
     "only how many lines changed in which file"},
    {O::name_only, 0, "name-only", "", Values::none, "", false, in(C::diff),
     "only the names of changed files"},
    {O::unified, 'U', "unified", "N", Values::none, "", false, in(C::diff, C::show),
     "lines of context around a change, 3 by default"},
    {O::exit_code, 0, "exit-code", "", Values::none, "", false, in(C::diff),
     "exit with 1 if there is a difference"},
    {O::kind, 0, "kind", "KIND", Values::words, "prompt|message|command|output|path|note", true,
     in(C::search), "only here"},
    {O::lines, 'L', "", "FROM,TO", Values::none, "", true, in(C::blame),
     "only these lines: 10,20, 10,+5, '/from/,/to/' or :function"},
    {O::line_history, 'L', "lines", "PATH:A,B", Values::files, "", true, in(C::log),
     "only what changed these lines, back to where they were written"},
    {O::model, 0, "model", "NAME", Values::none, "", false, in(C::stats),
     "only steps of this model, or of those whose name begins so"},
    {O::by, 0, "by", "WHAT", Values::words, "session|prompt|agent|model|branch", false,
     in(C::stats), "a row for each of these"},
    {O::rev, 0, "rev", "REV", Values::branches, "", false, in(C::triage),
     "the files as that git revision has them, instead of as they are now"},
    {O::rev, 0, "rev", "REV", Values::branches, "", false, in(C::stats),
     "count as kept what stands in that git revision"},
    {O::why, 0, "why", "", Values::none, "", false, in(C::blame),
     "add the prompt, the agent's words, the plan and the next run of the tests"},
    {O::deleted, 0, "deleted", "", Values::none, "", false, in(C::blame),
     "list the lines that stand no more, with who removed them"},
    {O::ignore_space, 'w', "", "", Values::none, "", false, in(C::blame),
     "look through changes of white space (recorded lines always do)"},
    {O::moves, 'M', "", "[N]", Values::none, "", false, in(C::blame),
     "look through moves inside the file (recorded lines always do)"},
    {O::copies, 'C', "", "[N]", Values::none, "", true, in(C::blame),
     "look through moves and copies between files, as git's (recorded lines always do)"},
    {O::contents, 0, "contents", "FILE", Values::files, "", false, in(C::blame),
     "as if FILE's content stood in PATH; - for the standard input"},
    {O::revs_file, 'S', "", "FILE", Values::files, "", false, in(C::blame),
     "the history that FILE lists instead of git's"},
    {O::minimal, 0, "minimal", "", Values::none, "", false, in(C::blame),
     "let git look longer for a small difference"},
    {O::indent_heuristic, 0, "indent-heuristic", "", Values::none, "", false, in(C::blame),
     "let git shift differences to where they read well"},
    {O::reverse, 0, "reverse", "", Values::none, "", false, in(C::blame),
     "git's alone: see --deleted and baton log --lines"},
    {O::git_workings, 0, "show-stats", "", Values::none, "", false, in(C::blame),
     "git's alone: what its search cost"},
    {O::git_workings, 0, "score-debug", "", Values::none, "", false, in(C::blame),
     "git's alone: how it scored moves"},
    {O::encoding, 0, "encoding", "NAME", Values::none, "", false, in(C::blame),
     "names and summaries of --porcelain in this encoding"},
    {O::root, 0, "root", "", Values::none, "", false, in(C::blame),
     "no ^ for a history's first commit (there never is one)"},
    {O::progress, 0, "progress", "", Values::none, "", false, in(C::blame),
     "for git's sake: changes nothing"},
    {O::no_progress, 0, "no-progress", "", Values::none, "", false, in(C::blame),
     "for git's sake: changes nothing"},
    {O::since, 0, "since", "TIME", Values::none, "", false, in(C::blame),
     "mark what is older than TIME with ^"},
    {O::since, 0, "after", "TIME", Values::none, "", false, in(C::blame), "the same as --since"},
    {O::first_parent, 0, "first-parent", "", Values::none, "", false, in(C::blame),
     "follow only the first parent of a merge"},
    {O::ignore_rev, 0, "ignore-rev", "REV", Values::none, "", true, in(C::blame),
     "look through this commit"},
    {O::ignore_revs, 0, "ignore-revs-file", "FILE", Values::files, "", true, in(C::blame),
     "look through the commits that FILE lists"},
    {O::porcelain, 'p', "porcelain", "", Values::none, "", false, in(C::blame),
     "for programs: git's form with headers baton-..."},
    {O::line_porcelain, 0, "line-porcelain", "", Values::none, "", false, in(C::blame),
     "the same with a commit's headers for each line"},
    {O::incremental, 0, "incremental", "", Values::none, "", false, in(C::blame),
     "for programs: git's other form, without the lines' text"},
    {O::annotate, 'c', "", "", Values::none, "", false, in(C::blame),
     "rows as git annotate has them"},
    {O::blank_border, 'b', "", "", Values::none, "", false, in(C::blame),
     "no id where a line is older than what was asked for"},
    {O::color_lines, 0, "color-lines", "", Values::none, "", false, in(C::blame),
     "colour rows that say the same as the one before"},
    {O::color_by_age, 0, "color-by-age", "", Values::none, "", false, in(C::blame),
     "colour rows by how old they are"},
    {O::bare, 's', "", "", Values::none, "", false, in(C::blame),
     "neither author, time nor prompt"},
    {O::whole_id, 'l', "", "", Values::none, "", false, in(C::blame), "whole commit ids"},
    {O::abbrev, 0, "abbrev", "[=N]", Values::none, "", false, in(C::blame),
     "commit ids with N digits"},
    {O::whole_id, 0, "no-abbrev", "", Values::none, "", false, in(C::blame), "the same as -l"},
    {O::show_email, 'e', "show-email", "", Values::none, "", false, in(C::blame),
     "the author's address instead of the name"},
    {O::raw_time, 't', "", "", Values::none, "", false, in(C::blame),
     "times as seconds since 1970"},
    {O::show_name, 'f', "show-name", "", Values::none, "", false, in(C::blame),
     "the path that a line was written in"},
    {O::show_number, 'n', "show-number", "", Values::none, "", false, in(C::blame),
     "the number that a line had in its commit"},

    {O::to, 0, "to", "DIR", Values::directories, "", false, in(C::export_tree),
     "the folder to write into"},
    {O::git, 0, "git", "BRANCH", Values::none, "", false, in(C::export_tree), "the branch to make"},
    {O::unmasked, 0, "unmasked", "", Values::none, "", false, in(C::cat, C::export_tree),
     "write secrets as they are in the files"},
    {O::format, 0, "format", "FORM", Values::words, "md|json|html|prompt", false, in(C::handoff),
     "Markdown, JSON, one HTML page, or Markdown for an agent that goes on"},
    {O::budget, 0, "budget", "SIZE", Values::none, "", false, in(C::gc),
     "thin versions until the store is no larger (500m, 2g); git config baton.budget sets it"},
    {O::budget, 0, "budget", "TOKENS", Values::none, "", false, in(C::handoff),
     "at most so long; a token is four bytes. Says what is left out"},
    {O::verify, 0, "verify", "FILE", Values::files, "", false, in(C::handoff),
     "hold a handoff made before (md, json; - for the standard input) against the record"},
    {O::scope, 0, "scope", "GLOB", Values::files, "", true, in(C::handoff, C::check),
     "what may be touched: a path, a folder or a glob; the same as baton.scope"},
    {O::check_format, 0, "format", "FORM", Values::words, "text|json|github", false, in(C::check),
     "for people, programs, or as annotations of GitHub"},
    {O::fail_on, 0, "fail-on", "LIST", Values::none, "", true, in(C::check),
     "the judgements that fail, with commas between them; all, none"},
    {O::review_since, 0, "since", "REV", Values::addresses, "", false, in(C::pr),
     "only what came after: a commit, a mark, a turn, a step, or the file of an earlier handoff"},
    {O::update, 0, "update", "FILE", Values::files, "", false, in(C::pr),
     "the body as it is; - for the standard input"},
    {O::html, 0, "html", "FILE", Values::files, "", false, in(C::pr),
     "write the review as one page as well, with the trace of each step"},

    {O::bundle, 0, "bundle", "FILE", Values::files, "", false, kReading,
     "read what 'baton bundle' wrote instead of a store"},
    {O::cite, 0, "cite", "ADDRESS", Values::addresses, "", true, in(C::note),
     "what the note is about: a step, turn or session"},
    {O::close, 0, "close", "NOTE", Values::none, "", false, in(C::note),
     "this note is settled; TEXT says how"},
    {O::list, 0, "list", "", Values::none, "", false, in(C::note), "list the notes"},

    {O::local, 0, "local", "", Values::none, "", false, in(C::init, C::uninstall),
     "this project's personal settings instead of your user's"},
    {O::all, 0, "all", "", Values::none, "", false, in(C::uninstall),
     "remove the hooks even if other repositories use them"},
    {O::closed, 0, "all", "", Values::none, "", false, in(C::task), "list closed tasks too"},
    {O::purge, 0, "purge", "", Values::none, "", false, in(C::uninstall),
     "delete the record and its pins as well"},
    {O::dry_run, 0, "dry-run", "", Values::none, "", false,
     in(C::init, C::uninstall, C::rewind, C::undo, C::redo, C::restore, C::fork, C::gc),
     "say what would be written, write nothing"},

    {O::json, 0, "json", "", Values::none, "", false, kGoingBack, "answer as JSON (docs/json.md)"},
    {O::session, 0, "session", "SESSION", Values::sessions, "", false, in(C::rewind),
     "only what this session did"},
    {O::turn, 0, "turn", "TURN", Values::addresses, "", false, in(C::rewind),
     "only what this turn did"},
    {O::step, 0, "step", "STEP", Values::addresses, "", false, in(C::rewind),
     "only what this step did, or to one file of it (c7f2.14:PATH)"},
    {O::hunk, 0, "hunk", "NUMBERS", Values::none, "", true, in(C::rewind),
     "only these hunks of it (1,3-4); --dry-run numbers them"},
    {O::branch, 0, "branch", "NAME", Values::none, "", false, in(C::fork), "the branch to make"},
    {O::paths, 0, "paths", "PATHSPEC", Values::files, "", true, in(C::rewind, C::undo, C::redo),
     "only such files; the same as -- PATHSPEC"},
    {O::force, 'f', "force", "", Values::none, "", false, in(C::rewind),
     "go on over work that no step owns and commands that run"},
    {O::force, 'f', "force", "", Values::none, "", false, in(C::undo, C::redo),
     "put the files back as they were whatever came since, and while commands run"},
    {O::force, 'f', "force", "", Values::none, "", false, in(C::restore),
     "go on while commands run"},
    {O::force, 'f', "force", "", Values::none, "", false, in(C::checkpoint),
     "take a name that stands for other files"},
    {O::merge, 0, "merge", "", Values::none, "", false, in(C::rewind, C::undo, C::redo),
     "write conflicts into the files, between markers"},
    {O::index, 0, "index", "", Values::none, "", false, in(C::rewind, C::undo, C::redo, C::restore),
     "bring git's index along"},
    {O::source, 's', "source", "TARGET", Values::addresses, "", false, in(C::restore),
     "the moment to take the files from"},
    {O::worktree, 0, "worktree", "DIR", Values::directories, "", false, in(C::fork),
     "where the new worktree goes; beside this one by default"},
    {O::message, 'm', "message", "TEXT", Values::none, "", false, in(C::checkpoint),
     "what the checkpoint is for"},

    {O::skills, 0, "skills", "", Values::none, "", false, in(C::init),
     "teach the agents, by a skill of theirs, when and how to ask baton"},
    {O::to_agent, 0, "to", "AGENT", Values::agents, "", false, in(C::handoff),
     "print the command that starts AGENT on the task with the handoff"},
    {O::run, 0, "run", "", Values::none, "", false, in(C::handoff), "with --to: run that command"},
    {O::at, 0, "at", "MARK", Values::addresses, "", false, in(C::handoff),
     "as it stood then: a mark of --list, a turn, a step or a time; MARK..MARK, what was dropped"},
    {O::marks, 0, "list", "", Values::none, "", false, in(C::handoff),
     "list the marks: turn ends, compactions and session ends"},
    {O::markdown, 0, "markdown", "", Values::none, "", false, bit(C::help),
     "as a page of the documents"},
};

constexpr bool rows_follow_ids() {
  size_t at = 1;
  for (const CommandRow& row : kCommands) {
    if (static_cast<size_t>(row.id) != at++) return false;
  }
  return at <= 64;
}
static_assert(rows_follow_ids(), "command_row() finds rows by id");

}  // namespace

std::span<const CommandRow> all_commands() {
  return kCommands;
}
std::span<const OptionRow> all_options() {
  return kOptions;
}

const CommandRow* find_command(std::string_view name) {
  for (const CommandRow& row : kCommands) {
    if (row.name.view() == name) return &row;
  }
  return nullptr;
}

const CommandRow& command_row(CommandId id) {
  return kCommands[static_cast<size_t>(id) - 1];
}

std::string_view group_title(Group group) {
  switch (group) {
    case Group::start:
      return "start and stop";
    case Group::read:
      return "look";
    case Group::take:
      return "take along";
    case Group::back:
      return "go back";
    case Group::care:
      return "care";
    case Group::plumbing:
      return "plumbing";
  }
  return "";
}

bool takes(const CommandRow& command, const OptionRow& option) {
  return option.commands == 0 || (option.commands & bit(command.id)) != 0;
}

}  // namespace baton::cli
