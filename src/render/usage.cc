#include "render/usage.h"

#include <algorithm>

#include "render/json.h"
#include "render/text.h"

namespace baton::render {
namespace {

using store::Amount;
using store::Usage;
using store::Use;

const Amount& of(const Usage& usage, Use use) {
  return usage.contents[static_cast<size_t>(use)];
}

class Rows {
 public:
  // Headings always, what is below them only if there is any.
  void head(std::string_view what, uint64_t bytes, std::string_view more = {}) {
    table_.row({{std::string(what), Look::title},
                {size_text(bytes), Look::plain, true},
                {std::string(more), Look::faint}});
  }
  void below(std::string_view what, uint64_t bytes, std::string_view more) {
    if (bytes == 0) return;
    table_.row({{"  " + std::string(what)},
                {size_text(bytes), Look::plain, true},
                {std::string(more), Look::faint}});
  }
  void below(std::string_view what, const Amount& amount, std::string_view more = {}) {
    std::string counted = count(amount.count, "content");
    below(what, amount.bytes, more.empty() ? counted : counted + ", " + std::string(more));
  }
  std::string text(const Style& style) const { return table_.text(style); }

 private:
  Table table_;
};

std::string sums_text(const Style& style, const Usage& usage) {
  Rows rows;
  rows.head("contents", usage.objects());
  rows.below("versions of files", of(usage, Use::version));
  rows.below("texts", of(usage, Use::text), "of prompts, commands, output");
  rows.below("texts of session files", of(usage, Use::session_text));
  rows.below("lists", of(usage, Use::list), "of many changes at once");
  rows.below("named somewhere", of(usage, Use::other));
  rows.below("bases", usage.bases, "to unpack others");
  rows.below("left behind", usage.left_behind, "nothing needs them");
  rows.below("no contents", usage.no_record, "'baton fsck' tells whether it is damage");
  rows.below("lookup table", usage.lookup, "derived");
  rows.head("journals", usage.journals());
  for (const Usage::Agent& agent : usage.agents) {
    rows.below(agent.agent, agent.journals.bytes, count(agent.journals.count, "session"));
  }
  if (usage.session_files() > 0) rows.head("copies of session files", usage.session_files());
  for (const Usage::Agent& agent : usage.agents) {
    rows.below(agent.agent, agent.session_files.bytes, count(agent.session_files.count, "session"));
  }
  rows.head("index", usage.index, "derived");
  rows.head("worktrees", usage.worktrees, "what was last seen, derived");
  rows.head("other", usage.other);
  rows.head("all", usage.total());
  if (usage.thinned.count > 0) {
    rows.head("thinned for the budget", usage.thinned.bytes,
              count(usage.thinned.count, "content") + ", not there any more");
  }
  return rows.text(style);
}

}  // namespace

std::string usage_text(const Style& style, const Usage& usage, size_t most) {
  std::string text = sums_text(style, usage);
  if (!usage.uncertain.empty()) {
    text += style.paint(Look::warn, "not all that the record needs could be seen: " +
                                        clean(style, usage.uncertain)) +
            "\n";
  }
  Table sessions;
  for (size_t i = 0; i < std::min(most, usage.sessions.size()); i++) {
    const Usage::Session& session = usage.sessions[i];
    sessions.row({{size_text(session.bytes()), Look::plain, true},
                  {session.address, Look::address},
                  {session.agent, Look::agent},
                  {neutral(session.directory), Look::faint}});
  }
  if (!usage.sessions.empty() && most > 0) {
    text += "\n" + style.paint(Look::title, "largest sessions") + "\n" + sessions.text(style, "  ");
  }
  Table paths;
  for (size_t i = 0; i < std::min(most, usage.paths.size()); i++) {
    const Usage::Path& path = usage.paths[i];
    paths.row({{size_text(path.versions.bytes), Look::plain, true},
               {count(path.versions.count, "version"), Look::plain, true},
               {clean(style, path.path), Look::path}});
  }
  if (!usage.paths.empty() && most > 0) {
    text += "\n" + style.paint(Look::title, "largest paths") + "\n" + paths.text(style, "  ");
  }
  return text;
}

std::string usage_json(const Style& style, const Usage& usage, size_t most) {
  JsonAnswer answer("du");
  json::Writer& json = answer.writer();
  json.member("total", size_t{usage.total()}).member("journals", size_t{usage.journals()});
  json.member("session_files", size_t{usage.session_files()});
  json.member("objects", size_t{usage.objects()}).member("index", size_t{usage.index});
  json.member("worktrees", size_t{usage.worktrees}).member("other", size_t{usage.other});
  json.key("agents").begin_array();
  for (const Usage::Agent& agent : usage.agents) {
    json.begin_object().member("agent", agent.agent).member("sessions", agent.journals.count);
    json.member("journals", size_t{agent.journals.bytes});
    json.member("session_files", size_t{agent.session_files.bytes}).end_object();
  }
  json.end_array().key("contents").begin_object();
  auto amount = [&](std::string_view name, const Amount& each) {
    json.key(name).begin_object().member("count", each.count);
    json.member("bytes", size_t{each.bytes}).end_object();
  };
  amount("versions", of(usage, Use::version));
  amount("texts", of(usage, Use::text));
  amount("session_texts", of(usage, Use::session_text));
  amount("lists", of(usage, Use::list));
  amount("named", of(usage, Use::other));
  amount("bases", usage.bases);
  amount("left_behind", usage.left_behind);
  if (usage.thinned.count > 0) amount("thinned", usage.thinned);
  json.member("no_record", size_t{usage.no_record}).member("lookup", size_t{usage.lookup});
  json.end_object();
  optional_member(json, "uncertain", usage.uncertain);
  json.key("largest_sessions").begin_array();
  for (size_t i = 0; i < std::min(most, usage.sessions.size()); i++) {
    const Usage::Session& session = usage.sessions[i];
    json.begin_object();
    optional_member(json, "address", session.address);
    json.member("agent", session.agent).member("directory", session.directory);
    json.member("bytes", size_t{session.bytes()}).member("journal", size_t{session.journal});
    json.member("session_file", size_t{session.session_file});
    json.member("objects", size_t{session.objects}).end_object();
  }
  json.end_array().key("largest_paths").begin_array();
  for (size_t i = 0; i < std::min(most, usage.paths.size()); i++) {
    json.begin_object().member("path", usage.paths[i].path);
    json.member("count", usage.paths[i].versions.count);
    json.member("bytes", size_t{usage.paths[i].versions.bytes}).end_object();
  }
  json.end_array();
  return answer.finish(style);
}

}  // namespace baton::render
