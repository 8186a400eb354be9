#pragma once

// Answers to whole questions, one struct a question.

#include <string>
#include <vector>

#include "model/note.h"
#include "model/session.h"

namespace baton::model {

struct TurnView {
  Turn turn;
  std::vector<Step> steps;        // in order of their beginning; subagents' steps among them
  std::vector<Message> messages;  // by time
  Plan plan;                      // as it stood at the end of the turn
  std::vector<Note> notes;        // that belong to it, by time
};

struct SessionView {
  Session session;
  std::vector<TurnView> turns;
  std::vector<Session> subagents;
};

struct StepView {
  Step step;
  Turn turn;               // without its steps
  std::string words;       // the agent's words before it, "" if none
  std::string input;       // the call's input, JSON text as recorded
  std::string output;      // what the tool answered; whole
  std::string error;       // whole
  Plan plan;               // as it stood after it
  Position before, after;  // states of the files around it
  std::vector<EventPlace> events;
};

struct Hit {
  enum class Kind : uint8_t { prompt, message, command, output, path, note } kind = Kind::prompt;
  std::string session;
  int64_t session_key = 0;
  std::string agent;
  int turn = 0, step = 0;  // 0: not inside one
  std::string note;        // Kind::note: its id
  Micros time = 0;
  // A stretch of the text around the first match, and where the matches are in it (byte offsets).
  std::string excerpt;
  std::vector<std::pair<size_t, size_t>> marks;  // begin, end
  std::string address() const;
};
std::string_view to_string(Hit::Kind kind);

struct SearchView {
  std::vector<Hit> hits;  // newest first
  bool more = false;      // the limit cut them
};

struct AgentHeard {
  std::string agent;
  int sessions = 0;
  int64_t events = 0;
  Micros last = 0;
  std::string last_event;
  // Every event name ever heard, with its newest time and count; `known` false: no adapter knows
  // it.
  struct Event {
    std::string name;
    int64_t count = 0;
    Micros last = 0;
    bool known = true;
  };
  std::vector<Event> events_heard;
};

// Something that could not be recorded.
struct Gap {
  std::string session;  // address
  std::string agent;
  Micros time = 0;
  std::string what;  // payload, object, manifest, pass, transcript, lock, journal
  std::string why;
  std::string event;
  std::string worktree;
};

struct Skipped {
  std::string worktree;
  std::string path;
  std::string reason;
  Micros time = 0;
};

struct WorktreeView {
  std::string id;
  std::string root;          // newest known, "" if none was heard
  std::string branch, head;  // when it was last looked at
  Micros last_pass = 0;      // newest complete look at the whole of it, 0: none
  bool complete = true;      // whether the newest whole look was complete
  int64_t transitions = 0;
};

struct StatusView {
  int sessions = 0, turns = 0, steps = 0;
  int64_t events = 0, transitions = 0;
  std::vector<AgentHeard> agents;  // newest first
  std::vector<Session> running;    // running or open, newest first, no subagents
  std::vector<WorktreeView> worktrees;
  std::vector<Gap> gaps;  // newest first, at most kMaxGapsShown
  int64_t gap_count = 0;
  std::vector<Skipped> skipped;  // still so, by path, at most kMaxSkippedShown
  int64_t skipped_count = 0;
  std::optional<TestRun> last_test;  // kind test, newest
  bool last_test_fresh = false;      // nothing changed in its worktree since it began, but by it
  bool last_test_unknown = false;    // what changed may have changed before it: nobody looked
  std::optional<Turn> last_turn;     // newest with a prompt of a person
  std::vector<PlanItem> open_items;  // of the newest session that has a plan
  std::vector<std::string> damaged;  // journals with lines that could not be read: what and where
};

// One version of a path on a worktree's timeline.
struct PathVersion {
  Change change;         // q 0: the base
  bool base = false;     // from a base record: was there when recording began, or after a gap
  bool interim = false;  // no look saw it: see index::add_interims
};

struct StateEntry {
  std::string path;
  std::string mode;  // "100644", "100755", "120000"
  ObjectId id;
  bool withheld = false;
  bool operator==(const StateEntry&) const = default;
};

// The files of a worktree at one position, by path.
struct State {
  Position position;
  std::string base_commit, base_tree;  // "" if the base is not in git
  std::vector<StateEntry> entries;
  bool complete = true;  // false: part of it was never looked at
};

// A prompt behind a commit.
struct CommitPrompt {
  Turn turn;
  std::vector<StepRef> steps;
  std::vector<std::string> paths;
  Evidence evidence = Evidence::exact;  // weakest of the changes counted
};

struct CommitView {
  std::string commit;
  StepRef made_by;                       // the step that ran `git commit`, if any
  std::vector<CommitPrompt> prompts;     // in order
  std::vector<std::string> paths;        // all that the commit changes
  std::vector<std::string> unexplained;  // no recorded version explains the content
};

}  // namespace baton::model
