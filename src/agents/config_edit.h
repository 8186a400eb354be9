#pragma once

// Putting baton's hooks into a configuration file, and taking them out, by text surgery: a change
// is an insertion (or cut) at a position the reader of config_jsonc.h found, so every byte that is
// not ours stays, in its place and order: comments, spacing, key order, line ends, other people's
// hooks. A parsed and rewritten file would lose all of that.
//
// Claude Code and Codex share the form:
//   { "hooks": { EVENT: [ { "matcher"?: ..., "hooks": [ { "type": "command", "command": ...,
//     "timeout": SECONDS }, ... ] }, ... ], ... } }
// An element of an event's list is a group, an element of its "hooks" a handler. Ours is a group of
// one handler at the end of each event's list: at the end, since Codex ties a user's trust to the
// position of a hook.
//
// Nothing here opens files or knows an agent.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agents/config_jsonc.h"

namespace baton::agents {

// More handlers of ours than this are nobody's configuration (each is taken out by a pass of its
// own).
constexpr size_t kMaxOwnHooks = 500;

struct HookEntry {
  std::string event;
  std::string command;  // UTF-8
  int timeout_s = 0;
};

// A command handler in a configuration.
struct HookSite {
  std::string event;
  int group = 0, handler = 0;  // positions in their lists, from 0
  std::string command;
  std::optional<int64_t> timeout_s;
  bool plain = false;      // nothing but type, command and timeout, in a group without a matcher
  bool effective = false;  // not hidden by a later member of the same name
  int line = 0;
  ConfigIndex node = kNoNode;  // the handler
  ConfigIndex command_node = kNoNode;
};

using CommandTest = std::function<bool(std::string_view command)>;

// All command handlers whose command passes the test, in the order of the text. What is not shaped
// as above is passed over.
std::vector<HookSite> find_hooks(const ConfigText& config, const CommandTest& test);

// What an installation had to create, so that removing it knows which empty containers were ours.
struct CreatedParts {
  bool hooks = false;               // the member "hooks"
  std::vector<std::string> events;  // members of it

  bool has_event(std::string_view event) const;
  void add(const CreatedParts& other);
};

// One replacement in a text: [begin, end) becomes `text`; an insertion has begin == end.
struct ConfigEdit {
  size_t begin = 0, end = 0;
  std::string text;
};
// Edits that do not overlap; those at one position keep their order.
std::string apply_edits(std::string_view text, std::vector<ConfigEdit> edits);

struct HookChange {
  std::string text;  // the whole configuration afterwards
  CreatedParts created;
  // What was inserted, against the text after outdated hooks of ours were taken out or renamed (the
  // given text itself if there were none). Only insertions.
  std::vector<ConfigEdit> insertions;
};

// The text with exactly one of our handlers for each entry: present ones are kept where they are
// (timeout and matcher are left to the user), an outdated command is replaced, further ones and
// those for events not listed are taken out, missing ones are added in the file's own style. Doing
// it twice changes nothing. An empty text becomes a new document. ErrorKind::damage, with file and
// line, if the text cannot be parsed or has another shape where our hooks go.
Result<HookChange> put_hooks(std::string_view text, std::string_view name,
                             const std::vector<HookEntry>& entries, const CommandTest& is_ours);

// The text without our handlers: their groups when nobody else's handler is in them, and containers
// that are empty then, if they are in `created` (or it is null: nobody knows), have no comment in
// them, and lost something here. For what put_hooks has added to non-empty containers this is its
// exact inverse; a container that was empty before is left as `{}` or `[]`.
Result<std::string> remove_hooks(std::string_view text, std::string_view name,
                                 const CommandTest& is_ours, const CreatedParts* created);

// Whether the document is an object without members or comments, or nothing at all.
bool is_empty_config(std::string_view text);

}  // namespace baton::agents
