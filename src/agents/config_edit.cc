#include "agents/config_edit.h"

#include <algorithm>

#include "base/json.h"

namespace baton::agents {
namespace {

// ---------------------------------------------------------------- what is written

// A small JSON value to be written: a scalar (its text) or a container.
struct Item {
  std::string key;     // of a member; empty for an element
  std::string scalar;  // JSON text; empty for a container
  char open = 0;       // '{' or '['
  std::vector<Item> children;
};

Item scalar(std::string key, std::string json_text) {
  return {std::move(key), std::move(json_text), 0, {}};
}

Item text_item(std::string key, std::string_view value) {
  std::string quoted;
  json::quote(quoted, value);
  return scalar(std::move(key), std::move(quoted));
}

Item container(std::string key, char open, std::vector<Item> children) {
  return {std::move(key), {}, open, std::move(children)};
}

Item group_item(const HookEntry& entry) {
  Item handler = container({}, '{',
                           {text_item("type", "command"), text_item("command", entry.command),
                            scalar("timeout", std::to_string(entry.timeout_s))});
  return container({}, '{', {container("hooks", '[', {std::move(handler)})});
}

Item event_item(const HookEntry& entry) {
  return container(entry.event, '[', {group_item(entry)});
}

// ---------------------------------------------------------------- the file's own style

struct Style {
  std::string newline = "\n";
  std::string unit = "  ";
  std::string colon = ": ";
  std::string gap = " ";  // after a comma within a line
};

bool has_newline(std::string_view text) {
  return text.find_first_of("\r\n") != text.npos;
}

// The white space a position's line begins with.
std::string_view line_indent(std::string_view text, size_t position) {
  size_t begin = position;
  while (begin > 0 && text[begin - 1] != '\n' && text[begin - 1] != '\r') --begin;
  if (begin == 0 && text.starts_with("\xef\xbb\xbf")) begin = 3;
  size_t end = begin;
  while (end < position && (text[end] == ' ' || text[end] == '\t')) ++end;
  return text.substr(begin, end - begin);
}

bool is_first_on_line(std::string_view text, size_t position) {
  while (position > 0 && (text[position - 1] == ' ' || text[position - 1] == '\t')) --position;
  return position == 0 || text[position - 1] == '\n' || text[position - 1] == '\r';
}

bool is_inline(const ConfigText& config, ConfigIndex index) {
  std::string_view text = config.text();
  const ConfigNode& node = config.node(index);
  if (node.first != kNoNode) {
    size_t from = node.begin + 1;
    return !has_newline(text.substr(from, config.node(node.first).start() - from));
  }
  if (has_newline(text.substr(node.begin, node.end - node.begin))) return false;
  return node.parent != kNoNode && is_inline(config, node.parent);
}

// One step of indentation, from the first container whose child begins a line further right.
std::optional<std::string> indent_unit(const ConfigText& config) {
  std::string_view text = config.text();
  ConfigIndex index = ConfigText::root();
  for (int steps = 0; index != kNoNode && steps < 1000; ++steps) {
    const ConfigNode& node = config.node(index);
    if (node.first != kNoNode && !is_inline(config, index)) {
      size_t child = config.node(node.first).start();
      std::string_view outer = line_indent(text, node.begin);
      std::string_view inner = line_indent(text, child);
      if (is_first_on_line(text, child) && inner.size() > outer.size() &&
          inner.starts_with(outer)) {
        return std::string(inner.substr(outer.size()));
      }
    }
    // The next node in the order of the text.
    ConfigIndex next = node.first;
    for (ConfigIndex up = index; next == kNoNode && up != kNoNode; up = config.node(up).parent) {
      next = config.node(up).next;
    }
    index = next;
  }
  return std::nullopt;
}

Style style_of(const ConfigText& config) {
  Style style;
  std::string_view text = config.text();
  size_t line_end = text.find('\n');
  if (line_end != text.npos && line_end > 0 && text[line_end - 1] == '\r') style.newline = "\r\n";
  if (config.blank()) return style;
  style.unit = indent_unit(config).value_or(style.unit);
  const ConfigNode& root = config.node(ConfigText::root());
  if (!root.is_object() || root.first == kNoNode) return style;
  const ConfigNode& member = config.node(root.first);
  std::string_view colon = text.substr(member.key_end, member.begin - member.key_end);
  constexpr size_t kLongestColon = 4;
  if (colon.size() <= kLongestColon && colon.find_first_not_of(" :") == colon.npos) {
    style.colon = colon;
  }
  if (is_inline(config, ConfigText::root()) && style.colon == ":") style.gap.clear();
  return style;
}

void render(std::string& out, const Item& item, const Style& style, const std::string& indent,
            bool one_line) {
  if (!item.key.empty()) {
    json::quote(out, item.key);
    out += style.colon;
  }
  if (!item.open) {
    out += item.scalar;
    return;
  }
  out += item.open;
  std::string inner = indent + style.unit;
  for (size_t i = 0; i < item.children.size(); ++i) {
    if (i) out += ',';
    if (!one_line)
      out += style.newline + inner;
    else if (i)
      out += style.gap;
    render(out, item.children[i], style, inner, one_line);
  }
  if (!one_line) out += style.newline + indent;
  out += item.open == '{' ? '}' : ']';
}

// ---------------------------------------------------------------- adding

// Where a line's last comment ends that follows `position` with nothing but blanks between.
size_t after_comments_of_line(std::string_view text, size_t position) {
  size_t end = position;
  while (auto piece = trivia_at(text, position)) {
    if (has_newline(text.substr(piece->begin, piece->end - piece->begin))) break;
    if (piece->kind != Trivia::Kind::space) end = piece->end;
    position = piece->end;
  }
  return end;
}

// Where the last comment between two positions ends; `from` if there is none.
size_t after_comments(std::string_view text, size_t from, size_t to) {
  size_t end = from;
  while (from < to) {
    auto piece = trivia_at(text, from);
    if (!piece) break;
    if (piece->kind != Trivia::Kind::space) end = piece->end;
    from = piece->end;
  }
  return end;
}

class Appender {
 public:
  explicit Appender(const ConfigText& config) : config_(config), style_(style_of(config)) {}

  // Adds the items behind the last child of the container. Behind it means behind the comments of
  // its line too: they are about it.
  void append(ConfigIndex index, const std::vector<Item>& items) {
    if (config_.node(index).first == kNoNode)
      append_to_empty(index, items);
    else
      append_to_filled(index, items);
  }

  // The document itself, where there is only white space.
  void create(const Item& root) {
    std::string written;
    render(written, root, style_, {}, false);
    insert(config_.text().size(), written + style_.newline);
  }

  std::vector<ConfigEdit> take() { return std::move(edits_); }

 private:
  void insert(size_t position, std::string text) {
    edits_.push_back({position, position, std::move(text)});
  }

  void append_to_filled(ConfigIndex index, const std::vector<Item>& items) {
    std::string_view text = config_.text();
    const ConfigNode& node = config_.node(index);
    const ConfigNode& last = config_.node(node.last);
    bool one_line = is_inline(config_, index);
    bool trailing_comma = last.comma != kNoPosition;
    size_t anchor = trailing_comma ? last.comma + 1 : last.end;
    if (!trailing_comma) insert(anchor, ",");
    std::string written;
    std::string indent(child_indent(index));
    for (size_t i = 0; i < items.size(); ++i) {
      if (i) written += ',';
      written += one_line ? style_.gap : style_.newline + indent;
      render(written, items[i], style_, indent, one_line);
    }
    if (trailing_comma) written += ',';
    insert(one_line ? anchor : after_comments_of_line(text, anchor), std::move(written));
  }

  void append_to_empty(ConfigIndex index, const std::vector<Item>& items) {
    std::string_view text = config_.text();
    const ConfigNode& node = config_.node(index);
    bool one_line = is_inline(config_, index);
    size_t close = node.end - 1;
    size_t position = after_comments(text, node.begin + 1, close);
    std::string outer(line_indent(text, node.begin));
    std::string indent = outer + style_.unit;
    std::string written;
    for (size_t i = 0; i < items.size(); ++i) {
      if (i) written += ',';
      if (!one_line)
        written += style_.newline + indent;
      else if (i)
        written += style_.gap;
      render(written, items[i], style_, indent, one_line);
    }
    if (!one_line && !has_newline(text.substr(position, close - position))) {
      written += style_.newline + outer;
    }
    insert(position, std::move(written));
  }

  std::string_view child_indent(ConfigIndex index) const {
    std::string_view text = config_.text();
    const ConfigNode& node = config_.node(index);
    size_t last = config_.node(node.last).start();
    if (is_first_on_line(text, last)) return line_indent(text, last);
    return line_indent(text, config_.node(node.first).start());
  }

  const ConfigText& config_;
  Style style_;
  std::vector<ConfigEdit> edits_;
};

// ---------------------------------------------------------------- taking out

// Whether cutting the text that ends at `end` would put what follows it into the line comment
// that may stand before the cut.
bool follows_line_comment(std::string_view text, size_t from, size_t to) {
  bool line_comment = false;
  while (from < to) {
    auto piece = trivia_at(text, from);
    if (!piece) break;
    if (piece->kind != Trivia::Kind::space)
      line_comment = piece->kind == Trivia::Kind::line_comment;
    from = piece->end;
  }
  return line_comment;
}

bool starts_line(std::string_view text, size_t position) {
  return position < text.size() && (text[position] == '\n' || text[position] == '\r');
}

// Cuts one child out of its container, with its comma and the white space before it.
std::string without_child(const ConfigText& config, ConfigIndex index) {
  std::string_view text = config.text();
  const ConfigNode& child = config.node(index);
  const ConfigNode& parent = config.node(child.parent);
  bool has_previous = child.previous != kNoNode;
  size_t before = has_previous ? config.node(child.previous).comma + 1 : parent.begin + 1;
  size_t begin = after_comments(text, before, child.start());
  // The white space right before the child is what lies behind the last comment.
  size_t end = child.end;
  std::vector<ConfigEdit> cuts;
  if (child.next != kNoNode) {
    size_t next = config.node(child.next).start();
    std::string_view between = text.substr(child.comma + 1, next - child.comma - 1);
    bool same_line = between.find_first_not_of(" \t") == between.npos;
    if (same_line && child.comma == child.end) {
      cuts.push_back({child.start(), next, {}});
      return apply_edits(text, std::move(cuts));
    }
    cuts.push_back({child.comma, child.comma + 1, {}});
  } else if (child.comma != kNoPosition) {
    cuts.push_back({child.comma, child.comma + 1, {}});
  } else if (has_previous) {
    size_t comma = config.node(child.previous).comma;
    cuts.push_back({comma, comma + 1, {}});
  } else {
    // The only child: without comments the container closes up.
    std::string_view rest = text.substr(end, parent.end - 1 - end);
    bool bare = begin == parent.begin + 1 && std::all_of(rest.begin(), rest.end(), is_config_space);
    if (bare) end = parent.end - 1;
  }
  if (child.comma != kNoPosition && !has_previous && child.next == kNoNode) {
    std::string_view rest = text.substr(child.comma + 1, parent.end - 2 - child.comma);
    bool bare = begin == parent.begin + 1 && child.comma == child.end &&
                std::all_of(rest.begin(), rest.end(), is_config_space);
    if (bare) {
      cuts.clear();
      end = parent.end - 1;
    }
  }
  size_t after = end;
  if (!cuts.empty() && cuts.front().begin == end) after = cuts.front().end;
  if (follows_line_comment(text, before, child.start()) && !starts_line(text, after)) {
    begin = child.start();
  }
  cuts.push_back({begin, end, {}});
  return apply_edits(text, std::move(cuts));
}

bool has_comment_inside(const ConfigText& config, ConfigIndex container_index) {
  // Only the container's own level: between its brackets and children.
  std::string_view text = config.text();
  const ConfigNode& node = config.node(container_index);
  size_t from = node.begin + 1;
  auto gap_has_comment = [&](size_t begin, size_t end) {
    return after_comments(text, begin, end) != begin;
  };
  for (ConfigIndex i = node.first; i != kNoNode; i = config.node(i).next) {
    const ConfigNode& child = config.node(i);
    if (gap_has_comment(from, child.start())) return true;
    from = child.end;
    if (child.comma != kNoPosition) {
      if (gap_has_comment(from, child.comma)) return true;
      from = child.comma + 1;
    }
  }
  return gap_has_comment(from, node.end - 1);
}

// What to cut so that a handler goes: itself, or the group, event and "hooks" that only hold it.
ConfigIndex removal_root(const ConfigText& config, const HookSite& site,
                         const CreatedParts* created) {
  auto only_child = [&](ConfigIndex index) {
    const ConfigNode& node = config.node(index);
    return node.previous == kNoNode && node.next == kNoNode;
  };
  if (!only_child(site.node)) return site.node;
  ConfigIndex handlers = config.node(site.node).parent;
  ConfigIndex group = config.node(handlers).parent;
  ConfigIndex event = config.node(group).parent;
  bool may_drop_event = !created || created->has_event(site.event);
  if (!only_child(group) || !may_drop_event || has_comment_inside(config, event)) return group;
  ConfigIndex hooks = config.node(event).parent;
  bool may_drop_hooks = !created || created->hooks;
  if (!only_child(event) || !may_drop_hooks || has_comment_inside(config, hooks)) return event;
  return hooks;
}

Result<std::string> without_site(std::string_view text, std::string_view name,
                                 const CommandTest& test, const CreatedParts* created,
                                 const std::function<bool(const HookSite&)>& goes, bool& found) {
  ConfigText config = TRY(ConfigText::parse(text, name));
  std::vector<HookSite> sites = find_hooks(config, test);
  if (sites.size() > kMaxOwnHooks) {
    return fail(ErrorKind::limit, "more than " + std::to_string(kMaxOwnHooks) +
                                      " hooks of baton in '" + std::string(name) + "'");
  }
  auto last = std::find_if(sites.rbegin(), sites.rend(), goes);
  found = last != sites.rend();
  if (!found) return std::string(text);
  return without_child(config, removal_root(config, *last, created));
}

// ---------------------------------------------------------------- putting in

// Takes out our handlers that are hidden, repeated or not wanted any more, and brings the commands
// of the others up to date.
Result<std::string> with_current_hooks(std::string_view text, std::string_view name,
                                       const std::vector<HookEntry>& entries,
                                       const CommandTest& is_ours) {
  auto wanted = [&](const HookSite& site) {
    auto same = [&](const HookEntry& entry) { return entry.event == site.event; };
    return site.effective && std::any_of(entries.begin(), entries.end(), same);
  };
  std::string current(text);
  bool found = true;
  while (found) {
    current = TRY(without_site(
        current, name, is_ours, nullptr, [&](const HookSite& site) { return !wanted(site); },
        found));
  }
  for (const HookEntry& entry : entries) {
    for (found = true; found;) {
      int kept = 0;
      ConfigText config = TRY(ConfigText::parse(current, name));
      for (const HookSite& site : find_hooks(config, is_ours)) kept += site.event == entry.event;
      if (kept < 2) break;
      current = TRY(without_site(
          current, name, is_ours, nullptr,
          [&](const HookSite& site) { return site.event == entry.event; }, found));
    }
  }
  ConfigText config = TRY(ConfigText::parse(current, name));
  std::vector<ConfigEdit> renames;
  for (const HookSite& site : find_hooks(config, is_ours)) {
    for (const HookEntry& entry : entries) {
      if (entry.event != site.event || entry.command == site.command) continue;
      const ConfigNode& old = config.node(site.command_node);
      std::string quoted;
      json::quote(quoted, entry.command);
      renames.push_back({old.begin, old.end, std::move(quoted)});
    }
  }
  return apply_edits(current, std::move(renames));
}

Status add_missing(const ConfigText& config, const std::vector<HookEntry>& entries,
                   const CommandTest& is_ours, HookChange& change) {
  Appender appender(config);
  if (config.blank()) {
    std::vector<Item> events;
    for (const HookEntry& entry : entries) events.push_back(event_item(entry));
    appender.create(container({}, '{', {container("hooks", '{', std::move(events))}));
    change.created.hooks = true;
    for (const HookEntry& entry : entries) change.created.events.push_back(entry.event);
    change.insertions = appender.take();
    return {};
  }
  ConfigIndex root = ConfigText::root();
  if (!config.node(root).is_object()) return config.wrong(root, "expected an object");
  ConfigIndex hooks = config.member(root, "hooks");
  if (hooks != kNoNode && !config.node(hooks).is_object()) {
    return config.wrong(hooks, "\"hooks\" is not an object");
  }
  std::vector<HookSite> present = find_hooks(config, is_ours);
  std::vector<Item> new_events;
  for (const HookEntry& entry : entries) {
    auto same = [&](const HookSite& site) { return site.event == entry.event; };
    ConfigIndex event = config.member(hooks, entry.event);
    if (event == kNoNode) {
      new_events.push_back(event_item(entry));
      change.created.events.push_back(entry.event);
    } else if (!config.node(event).is_array()) {
      return config.wrong(event, "\"" + entry.event + "\" is not a list");
    } else if (std::none_of(present.begin(), present.end(), same)) {
      appender.append(event, {group_item(entry)});
    }
  }
  if (hooks == kNoNode) {
    appender.append(root, {container("hooks", '{', std::move(new_events))});
    change.created.hooks = true;
  } else if (!new_events.empty()) {
    appender.append(hooks, new_events);
  }
  change.insertions = appender.take();
  return {};
}

}  // namespace

bool CreatedParts::has_event(std::string_view event) const {
  return std::find(events.begin(), events.end(), event) != events.end();
}

void CreatedParts::add(const CreatedParts& other) {
  hooks |= other.hooks;
  for (const std::string& event : other.events) {
    if (!has_event(event)) events.push_back(event);
  }
}

std::string apply_edits(std::string_view text, std::vector<ConfigEdit> edits) {
  std::stable_sort(edits.begin(), edits.end(),
                   [](const ConfigEdit& a, const ConfigEdit& b) { return a.begin < b.begin; });
  std::string out;
  size_t at = 0;
  for (const ConfigEdit& edit : edits) {
    out += text.substr(at, edit.begin - at);
    out += edit.text;
    at = edit.end;
  }
  out += text.substr(at);
  return out;
}

std::vector<HookSite> find_hooks(const ConfigText& config, const CommandTest& test) {
  std::vector<HookSite> sites;
  if (config.blank()) return sites;
  ConfigIndex root = ConfigText::root();
  if (!config.node(root).is_object()) return sites;
  auto children = [&](ConfigIndex index, auto&& each) {
    if (index == kNoNode) return;
    int position = 0;
    for (ConfigIndex i = config.node(index).first; i != kNoNode; i = config.node(i).next) {
      each(i, position++);
    }
  };
  auto handler_at = [&](ConfigIndex event, bool effective, int group, ConfigIndex group_node,
                        ConfigIndex node, int position) {
    ConfigIndex command = config.member(node, "command");
    if (command == kNoNode || !config.node(command).is_string()) return;
    ConfigIndex type = config.member(node, "type");
    if (type != kNoNode && config.string_at(type) != "command") return;
    HookSite site;
    site.command = config.string_at(command);
    if (!test(site.command)) return;
    site.event = config.node(event).key;
    site.group = group;
    site.handler = position;
    site.effective = effective;
    site.node = node;
    site.command_node = command;
    site.line = config.line_of(config.node(command).begin);
    ConfigIndex timeout = config.member(node, "timeout");
    site.timeout_s = config.integer_at(timeout);
    site.plain = config.member(group_node, "matcher") == kNoNode;
    children(node, [&](ConfigIndex member, int) {
      const std::string& key = config.node(member).key;
      site.plain &= key == "type" || key == "command" || key == "timeout";
    });
    if (timeout != kNoNode && !site.timeout_s) site.plain = false;
    sites.push_back(std::move(site));
  };
  children(root, [&](ConfigIndex hooks, int) {
    if (config.node(hooks).key != "hooks" || !config.node(hooks).is_object()) return;
    bool hooks_effective = config.member(root, "hooks") == hooks;
    children(hooks, [&](ConfigIndex event, int) {
      if (!config.node(event).is_array()) return;
      bool effective = hooks_effective && config.member(hooks, config.node(event).key) == event;
      children(event, [&](ConfigIndex group, int group_position) {
        ConfigIndex handlers = config.member(group, "hooks");
        if (handlers == kNoNode || !config.node(handlers).is_array()) return;
        children(handlers, [&](ConfigIndex handler, int position) {
          handler_at(event, effective, group_position, group, handler, position);
        });
      });
    });
  });
  return sites;
}

Result<HookChange> put_hooks(std::string_view text, std::string_view name,
                             const std::vector<HookEntry>& entries, const CommandTest& is_ours) {
  HookChange change;
  std::string current = TRY(with_current_hooks(text, name, entries, is_ours));
  ConfigText config = TRY(ConfigText::parse(current, name));
  TRY(add_missing(config, entries, is_ours, change));
  change.text = apply_edits(current, change.insertions);
  return change;
}

Result<std::string> remove_hooks(std::string_view text, std::string_view name,
                                 const CommandTest& is_ours, const CreatedParts* created) {
  std::string current(text);
  bool found = true;
  while (found) {
    current = TRY(
        without_site(current, name, is_ours, created, [](const HookSite&) { return true; }, found));
  }
  return current;
}

bool is_empty_config(std::string_view text) {
  auto config = ConfigText::parse(text, "");
  if (!config) return false;
  if (config->blank()) return true;
  const ConfigNode& root = config->node(ConfigText::root());
  if (!root.is_object() || root.first != kNoNode) return false;
  return !config->first_extension();
}

}  // namespace baton::agents
