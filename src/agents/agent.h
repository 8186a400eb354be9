#pragma once

// What an agent says, translated. An adapter is passive: it turns one payload of its agent into a
// `Heard`, keeps nothing, opens nothing, decides nothing. The recorder uses it to know what to look
// at, the index to know what happened; both see the same translation of the same bytes, so a better
// adapter improves old records too.
//
// The facts about each agent's payloads are in docs/agents/<id>.md and were taken from recorded
// payloads (tests/fixtures/<id>).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/time.h"

namespace baton::agents {

// The moments of a session that every agent has in some form.
enum class Moment : uint8_t {
  unknown,  // an event this version does not know: kept verbatim
  session_start,
  session_end,
  prompt,  // the user (or a parent, for a subagent) said something
  tool_before,
  tool_after,  // with its outcome
  tool_batch,  // outcomes of several calls at once; may close calls that had no after-event
  turn_end,
  turn_failed,  // the turn died (API error)
  interrupt,    // the user stopped the turn
  compact_before,
  compact_after,
  subagent_start,
  subagent_end,
  permission,  // the agent asks its user, or was refused
  plan_item,   // an item of the plan was made or finished
  notice,      // anything else that is worth a line: instructions loaded, model switched
};
std::string_view to_string(Moment moment);

// What kind of work a tool does. It decides what the recorder looks at.
enum class ToolClass : uint8_t {
  other,
  read,   // names the paths it reads
  edit,   // names the paths it changes ("file tool")
  shell,  // may change anything
  search,
  plan,
  subagent,
  web,
  mcp,  // a tool of a server: may change anything, treated like shell when observing
};
std::string_view to_string(ToolClass tool_class);

// One replacement of text in one file.
struct TextEdit {
  std::string old_text;
  std::string new_text;
  bool all = false;  // every occurrence
  // Hunks of a patch only. Their texts are whole lines, each ended by a newline; an empty old_text
  // is a pure addition.
  std::string marks;    // what each line of the hunk is: ' ' in both texts, '-' old, '+' new
  std::string anchor;   // the line that the hunk's header names: it comes before the hunk ("" none)
  bool at_end = false;  // the hunk's old lines are the last of the file
  size_t line = 0;      // unified diffs: number of the first old line, from 1 (0: not said)
};

// What an edit tool says it does to one path.
struct FileEdit {
  enum class Kind : uint8_t { write, edit, patch, remove, move };
  Kind kind = Kind::edit;
  std::string path;     // absolute, or relative to the event's cwd, as the agent said it
  std::string move_to;  // Kind::move, and Kind::patch with a rename
  std::string content;  // Kind::write: the whole new content
  // Kind::edit, in order (none: the call names the path and does not say what it changes);
  // Kind::patch: one a hunk, context included.
  std::vector<TextEdit> edits;
  // What the tool's answer says the content was before (only in the after-event of some agents).
  // Its line ends may have been made LF (Claude Code does), whatever the file has.
  std::optional<std::string> original;
  bool created = false;        // the tool says the file is new
  bool user_modified = false;  // the user changed the proposal before it was applied
};

struct PlanItem {
  std::string id;  // the agent's own id, or the position ("1", "2", ...)
  std::string text;
  std::string status;  // pending, in_progress, completed, deleted; "" if the call does not say
};

enum class OutcomeKind : uint8_t {
  none,  // no outcome in this event
  ok,
  failed,       // it ran and failed, or could not run (wrong arguments, text not found)
  refused,      // a policy or the user said no: it did not run
  interrupted,  // stopped by the user; it may have run, in part or not at all
  background,   // started, still running
  unknown,      // it ended; nothing tells how
};
std::string_view to_string(OutcomeKind kind);

struct Outcome {
  OutcomeKind kind = OutcomeKind::none;
  std::optional<int> exit_status;  // shell tools; unknown is not 0
  std::string output;              // what the model or the tool's answer shows, text
  std::string error;
  std::optional<int64_t> duration_ms;
  std::string background_id;
  bool unbegun = false;  // failed before it did anything: arguments, text not found, file not read
};

struct ToolCall {
  std::string id;    // the agent's id of the call: joins before, after, batch and session file
  std::string name;  // as the agent says it
  ToolClass tool_class = ToolClass::other;
  std::string command;             // shell
  std::string workdir;             // shell: if other than the event's cwd
  bool background = false;         // shell: asked to run in the background
  std::string description;         // what the agent says the call is for
  std::vector<std::string> reads;  // paths a read tool names
  std::vector<FileEdit> edits;     // edit tools
  std::vector<PlanItem> plan;      // plan tools: the items this call names
  bool plan_is_whole = false;      // `plan` replaces the plan (update_plan, TodoWrite)
  std::string plan_text;           // plan mode: the plan as prose, or the plan file's text
  // `subagent_id` is the id of the session that was started, as Heard::session has it.
  std::string subagent_type, subagent_id, subagent_prompt;
  // The call only carries others, which are heard by themselves (Codex's code mode): not a step.
  // Its failure is the failure of a carried call that nothing else closed.
  bool carrier = false;
  Outcome outcome;
};

// Something that a session was given to work under, by nobody's prompt.
struct Given {
  enum class Kind : uint8_t {
    instructions,  // a file of them was loaded
    hook,          // a hook's output was put before the model
    handoff,       // what baton told; never from an adapter
  };
  Kind kind = Kind::instructions;
  std::string name;  // the file as the agent names it; the hook's event
  std::string why;   // whose instructions they are, in the agent's word ("Project")
  std::string text;  // what a hook added
};
std::string_view to_string(Given::Kind kind);

struct Heard {
  Moment moment = Moment::unknown;
  std::string event;    // the agent's own name of the event
  std::string session;  // id of the session this belongs to: of the subagent, if inside one
  std::string parent;   // id of the session that started this one (subagents), else ""
  std::string subagent_type;
  std::string turn;  // the agent's own id of the turn, if it has one
  std::string cwd;
  std::string session_file;  // the agent's file of this session ("" if it does not say)
  std::string model;
  std::string permission_mode;
  std::string source;  // session start: startup, resume, clear, compact, fork; end: reason;
                       // compaction: trigger
  std::string text;    // prompt; last message of a turn; compaction summary; notice
  std::vector<ToolCall> calls;    // one for before/after, several for a batch; a synthetic prompt
                                  // may tell that a background call ended
  bool synthetic_prompt = false;  // a prompt that no person typed (loop wake-up, task notice)
  std::vector<Given> given;
};

// A line of an agent's session file, translated. One line may say several things.
struct FileFact {
  enum class Kind : uint8_t {
    none,
    prompt,       // text
    message,      // the agent's words to the user; text
    thinking,     // text
    tool_call,    // call
    tool_result,  // call.id, call.outcome. A later one counts if the one before was `background`
                  // or `unknown`; what an after-event of a hook said counts before it
    plan,         // call.plan
    model,        // text: model name
    tokens,       // tokens
    compaction,   // text: the summary, may be empty
    title,        // text
    interrupted,
    subagent,    // call.subagent_id, call.id
    read_guess,  // call.id, call.reads: what the agent thinks a command reads
    given,       // given
  };
  Kind kind = Kind::none;
  Micros time = 0;
  std::string id;       // unique where the agent gives one: the same fact in a copy (fork, resume)
                        // has the same id, so facts are counted once per (kind, id)
  std::string session;  // the session the line says it belongs to; "" if it does not say
  std::string turn;  // the agent's id of the turn. The file of a fork or a subagent may begin with
                     // a copy of its parent's: facts of another session's turns are not its own
  std::string text;
  ToolCall call;
  Given given;
  struct Tokens {
    int64_t input = 0, cached_input = 0, output = 0, reasoning = 0;
    std::string response;  // usage is counted once per response id
  } tokens;
};

// An agent product. Objects are static and immutable.
class Agent {
 public:
  virtual std::string_view id() const = 0;    // claude-code, codex
  virtual std::string_view name() const = 0;  // Claude Code, Codex
  // Translates one hook payload. `event` is the name given on the command line, "" if the payload
  // itself names it. Never fails: what it does not know has Moment::unknown.
  virtual Heard hear(std::string_view event, const json::Value& payload) const = 0;
  // Translates one line of a session file (already parsed). Unknown lines give nothing.
  virtual std::vector<FileFact> read_line(const json::Value& line) const = 0;
  // Whether a line of a session file is worth keeping (vendors' prompts, whole model requests and
  // bookkeeping are not).
  virtual bool keeps_line(const json::Value& line) const = 0;
  // The text of a kept line without the parts that are the vendor's or opaque (instructions inside
  // a record that is kept, signatures, encrypted reasoning): their strings become "". Mostly the
  // text itself; also if it is not JSON.
  virtual std::string trim_line(std::string_view text) const = 0;
  // Names of the hook events this agent is known to send, for `doctor`.
  virtual std::vector<std::string_view> events() const = 0;
  // The member of payloads and session lines that repeats the whole file as it was before an edit,
  // "" if there is none. The record knows that content anyway, so reading for the index leaves it
  // out.
  virtual std::string_view file_member() const { return {}; }
  // The JSON that puts `context` before the model at this moment; "" if it cannot.
  virtual std::string injection(Moment moment, std::string_view context) const = 0;
  // Bytes of context that the agent takes whole.
  virtual size_t injection_limit() const = 0;

 protected:
  ~Agent() = default;
};

// By id or alias ("claude"); null if there is no such agent.
const Agent* find_agent(std::string_view id_or_alias);
// All, in the order in which they are listed to people.
std::vector<const Agent*> all_agents();

// What the path's content is after the edit, given its bytes before ("" if it does not exist), as
// the agent's own tool would compute it: Kind::edit as Claude Code does, Kind::patch as Codex does.
// ErrorKind::negative if the edit does not fit (text not found or found several times, hunk does
// not match, nothing to go by); ErrorKind::limit if it would take too long. Kind::remove gives "".
Result<std::string> apply_edit(const FileEdit& edit, std::string_view before);
// The content before, given the content after. It is certain: applying the edit to it gives
// `after`, and no other content near by does. ErrorKind::negative otherwise.
Result<std::string> revert_edit(const FileEdit& edit, std::string_view after);
// The same, also for patches whose hunks have no line numbers: their new lines must fit in one
// place only. Context that Codex matched loosely stays as the file has it.
Result<std::string> guess_before(const FileEdit& edit, std::string_view after);

// Lines that an edit replaces: `removed` ones from number `begin` (from 0) by `added` new ones.
struct PlacedRun {
  size_t begin = 0, removed = 0, added = 0;
};
// Which lines of the content before it the edit itself says to change, in order: the marks of a
// patch's hunks tell it, and a replacement whose new text is the old one with lines before or after
// it. ErrorKind::negative if it does not tell.
Result<std::vector<PlacedRun>> places_of(const FileEdit& edit, std::string_view before);

}  // namespace baton::agents
