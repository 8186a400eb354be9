#include "render/stats.h"

#include "render/json.h"
#include "render/text.h"

namespace baton::render {
namespace {

using attribution::Stats;
using attribution::StatsBy;
using attribution::StatsRow;
using attribution::StatsSums;

constexpr size_t kMostAbout = 40;

std::string with_failed(int64_t number, std::string_view noun, int64_t failed) {
  std::string text = count(number, noun);
  if (failed) text += " (" + std::to_string(failed) + " failed)";
  return text;
}

void write_sums(json::Writer& json, const StatsSums& sums) {
  json.member("prompts", sums.prompts);
  json.member("steps", sums.steps).member("failed_steps", sums.failed_steps);
  json.member("commands", sums.commands).member("failed_commands", sums.failed_commands);
  json.member("tests", sums.tests).member("failed_tests", sums.failed_tests);
  json.member("files", sums.files);
  json.key("lines").begin_object().member("written", sums.lines.written);
  json.member("kept", sums.lines.kept).member("reworked", sums.lines.reworked);
  json.member("removed", sums.lines.removed).member("deleted", sums.lines.deleted).end_object();
  if (sums.tokens.known()) {
    json.key("tokens").begin_object().member("input", sums.tokens.input);
    json.member("cached_input", sums.tokens.cached_input).member("output", sums.tokens.output);
    json.member("reasoning", sums.tokens.reasoning).end_object();
  }
}

std::vector<Table::Cell> cells_of(const StatsSums& sums, bool tokens) {
  auto number = [](int64_t value) {
    return Table::Cell{std::to_string(value), value ? Look::plain : Look::faint, true};
  };
  std::vector<Table::Cell> cells = {number(sums.lines.written),  number(sums.lines.kept),
                                    number(sums.lines.reworked), number(sums.lines.removed),
                                    number(sums.lines.deleted),  number(sums.files),
                                    number(sums.prompts),        number(sums.steps),
                                    number(sums.failed_steps),   number(sums.tests)};
  if (tokens) {
    cells.push_back(sums.tokens.known() ? number(sums.tokens.input + sums.tokens.output)
                                        : Table::Cell{"", Look::plain, true});
  }
  return cells;
}

}  // namespace

std::string stats_text(const Style& style, const Stats& stats) {
  const StatsSums& total = stats.total;
  std::string text = count(stats.sessions, "session") + ", " + count(total.prompts, "prompt") +
                     ", " + with_failed(total.steps, "step", total.failed_steps) + ", " +
                     with_failed(total.commands, "command", total.failed_commands) + ", " +
                     with_failed(total.tests, "test run", total.failed_tests) + "\n";
  text += count(total.lines.written, "line") + " written: " + std::to_string(total.lines.kept) +
          " kept, " + std::to_string(total.lines.reworked) + " reworked, " +
          std::to_string(total.lines.removed) + " removed; " + std::to_string(total.lines.deleted) +
          " taken away; " + count(total.files, "file") +
          (stats.revision.empty() ? "" : "; as of " + stats.revision.substr(0, 8)) + "\n";
  bool tokens = total.tokens.known();
  if (tokens) {
    text += "tokens: " + std::to_string(total.tokens.input) + " in";
    if (total.tokens.cached_input) {
      text += " (" + std::to_string(total.tokens.cached_input) + " cached)";
    }
    text += ", " + std::to_string(total.tokens.output) + " out\n";
  }
  if (stats.rows.empty()) return text;

  Table table;
  bool about = stats.by == StatsBy::session || stats.by == StatsBy::prompt;
  std::vector<Table::Cell> head = {{std::string(to_string(stats.by)), Look::faint}};
  if (about) head.push_back({"", Look::faint});
  for (const char* name : {"written", "kept", "reworked", "removed", "taken", "files", "prompts",
                           "steps", "failed", "tests", "tokens"}) {
    if (std::string_view(name) == "tokens" && !tokens) continue;
    head.push_back({name, Look::faint, true});
  }
  head.push_back({""});
  table.row(std::move(head));
  for (const StatsRow& row : stats.rows) {
    std::string name = row.name.empty() ? "(unknown)" : first_line(clean(style, row.name));
    std::vector<Table::Cell> cells = {{name, about ? Look::address : Look::agent}};
    if (about) cells.push_back({row.agent, Look::agent});
    for (Table::Cell& cell : cells_of(row.sums, tokens)) cells.push_back(std::move(cell));
    std::string words = first_line(clean(style, row.about));
    cells.push_back({style.full ? words : fit(words, kMostAbout), Look::faint});
    table.row(std::move(cells));
  }
  return text + "\n" + table.text(style);
}

std::string stats_json(const Style& style, const Stats& stats) {
  JsonAnswer answer("stats");
  json::Writer& json = answer.writer();
  optional_member(json, "revision", stats.revision);
  json.member("by", to_string(stats.by)).member("sessions", stats.sessions);
  json.key("total").begin_object();
  write_sums(json, stats.total);
  json.end_object().key("rows").begin_array();
  for (const StatsRow& row : stats.rows) {
    json.begin_object().member("name", row.name);
    optional_member(json, "agent", row.agent);
    optional_member(json, "about", row.about);
    write_sums(json, row.sums);
    json.end_object();
  }
  json.end_array();
  return answer.finish(style);
}

}  // namespace baton::render
