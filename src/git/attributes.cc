#include "git/attributes.h"

#include <algorithm>
#include <optional>
#include <ranges>

#include "base/bytes.h"
#include "git/quote.h"
#include "os/env.h"
#include "os/file.h"

namespace baton::git {
namespace {

constexpr std::string_view kBlank = " \t\r\n";
constexpr std::string_view kMacro = "[attr]";
constexpr std::string_view kBuiltIn = "[attr]binary -diff -merge -text\n";

// The attributes that convert, in the order of their numbers in names_.
enum : uint32_t { kText, kCrlf, kEol, kIdent, kFilter, kEncoding, kConverting };
constexpr std::string_view kConvertingNames[kConverting] = {
    "text", "crlf", "eol", "ident", "filter", "working-tree-encoding"};

bool is_name(std::string_view name) {
  if (name.empty() || name.starts_with('-')) return false;
  return std::ranges::all_of(name, [](char c) {
    return c == '-' || c == '.' || c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z');
  });
}

std::string_view skip_blank(std::string_view text) {
  size_t at = text.find_first_not_of(kBlank);
  return at == std::string_view::npos ? std::string_view() : text.substr(at);
}

std::string_view word(std::string_view text) {
  return text.substr(0, text.find_first_of(kBlank));
}

}  // namespace

Attributes Attributes::load(const Repository& repository, const Config& config) {
  return Attributes(repository, config);
}

Attributes::Attributes(const Repository& repository, const Config& config)
    : root_(repository.worktree_root), config_(config), root_level_(std::make_unique<Level>()) {
  fold_case_ = config_.get_bool("core.ignorecase").value_or(false);
  if (auto value = config_.get("core.autocrlf")) {
    if (lower_ascii(*value) == "input") {
      auto_crlf_ = AutoCrlf::input;
    } else if (config_bool(*value).value_or(false)) {
      auto_crlf_ = AutoCrlf::yes;
    }
  }
  text_is_crlf_ =
      auto_crlf_ == AutoCrlf::yes ||
      (auto_crlf_ == AutoCrlf::no && lower_ascii(config_.get("core.eol").value_or("")) == "crlf");
  for (std::string_view name : kConvertingNames) names_.emplace_back(name);

  auto built_in = std::make_unique<AttributesFile>();
  built_in->text = kBuiltIn;
  parse(*built_in, true);
  general_.push_back(std::move(built_in));
  auto add = [&](const std::string& path) {
    auto file = std::make_unique<AttributesFile>();
    if (read_file(*file, path, true, true)) general_.push_back(std::move(file));
  };
  if (!config_bool(os::env("GIT_ATTR_NOSYSTEM").value_or("")).value_or(false)) {
    add("/etc/gitattributes");
  }
  if (!config_.get("core.attributesfile")) {
    auto home = os::env("XDG_CONFIG_HOME");
    add(os::join(home ? *home : os::join(os::home_directory(), ".config"), "git/attributes"));
  } else if (auto path = config_.get_path("core.attributesfile")) {
    add(*path);
  }
  read_file(root_level_->file, root_ + "/.gitattributes", true, false);
  auto info = std::make_unique<AttributesFile>();
  if (read_file(*info, repository.common_dir + "/info/attributes", true, true)) {
    info_ = std::move(info);
  }

  // A macro's strongest definition holds everywhere.
  if (info_) find_macros(*info_);
  find_macros(root_level_->file);
  for (const auto& file : general_ | std::views::reverse) find_macros(*file);
}

uint32_t Attributes::attribute(std::string_view name) {
  auto found = std::ranges::find(names_, name);
  if (found == names_.end()) {
    names_.emplace_back(name);
    return static_cast<uint32_t>(names_.size() - 1);
  }
  return static_cast<uint32_t>(found - names_.begin());
}

bool Attributes::read_file(AttributesFile& file, const std::string& path, bool macros,
                           bool follow) {
  // In the tree a link is not followed, as git does not.
  auto stat = os::stat_file(path, follow);
  if (!stat || stat->type != os::FileType::regular) return false;
  auto text = os::read_file(path, kMaxPatternFileBytes);
  if (!text) return false;
  file.text = std::move(*text);
  parse(file, macros);
  return !file.rules.empty();
}

void Attributes::parse(AttributesFile& file, bool macros) {
  std::string_view rest = file.text;
  if (rest.starts_with("\xef\xbb\xbf")) rest.remove_prefix(3);
  while (!rest.empty()) {
    size_t newline = rest.find('\n');
    std::string_view line = rest.substr(0, newline);
    rest.remove_prefix(newline == std::string_view::npos ? rest.size() : newline + 1);
    if (line.ends_with('\r') && newline != std::string_view::npos) line.remove_suffix(1);
    parse_line(file, line.substr(0, line.find('\0')), macros);
  }
}

// A line that has anything wrong counts for nothing.
void Attributes::parse_line(AttributesFile& file, std::string_view line, bool macros) {
  if (line.size() >= kMaxAttributeLine) return;
  line = skip_blank(line);
  if (line.empty() || line.starts_with('#')) return;

  Rule rule;
  std::string_view name = word(line);
  std::string_view states = line.substr(name.size());
  std::optional<std::string> unquoted;
  if (line.starts_with('"')) {
    std::string_view rest;
    unquoted = unquote(line, rest);
    if (unquoted) {
      name = *unquoted;
      states = rest;
    }
  }
  std::string_view macro;
  if (name.size() > kMacro.size() && name.starts_with(kMacro)) {
    if (!macros) return;
    macro = word(skip_blank(name.substr(kMacro.size())));
    if (!is_name(macro)) return;
    rule.is_macro = true;
  } else if (name.starts_with('!')) {
    return;
  }

  for (states = skip_blank(states); !states.empty(); states = skip_blank(states)) {
    std::string_view item = word(states);
    states.remove_prefix(item.size());
    Setting setting;
    setting.state = State::set;
    size_t equals = item.find('=');
    std::string_view key = item.substr(0, equals);
    if (equals != std::string_view::npos) {
      setting.state = State::text;
      setting.text = item.substr(equals + 1);
    }
    if (key.starts_with('-') || key.starts_with('!')) {
      setting.state = key.starts_with('-') ? State::unset : State::unspecified;
      setting.text = {};
      key.remove_prefix(1);
    }
    if (!is_name(key)) return;
    setting.attribute = attribute(key);
    rule.settings.push_back(setting);
  }
  if (rule.is_macro) {
    rule.macro = attribute(macro);
  } else {
    if (unquoted) {
      file.unquoted.push_back(std::move(*unquoted));
      name = file.unquoted.back();
    }
    rule.pattern = PathPattern::parse(name);
  }
  file.rules.push_back(std::move(rule));
}

void Attributes::find_macros(const AttributesFile& file) {
  for (const Rule& rule : file.rules | std::views::reverse) {
    if (!rule.is_macro) continue;
    if (macros_.size() <= rule.macro) macros_.resize(rule.macro + 1);
    if (!macros_[rule.macro]) macros_[rule.macro] = &rule;
  }
}

const Attributes::Level* Attributes::level(std::string_view rel_dir) {
  if (rel_dir.empty()) return root_level_.get();
  std::string key(rel_dir);
  if (auto found = levels_.find(key); found != levels_.end()) return found->second;
  size_t slash = rel_dir.rfind('/');
  const Level* here =
      level(slash == std::string_view::npos ? std::string_view() : rel_dir.substr(0, slash));
  if (!nested_known_ || std::ranges::binary_search(nested_, rel_dir)) {
    auto own = std::make_unique<Level>();
    if (read_file(own->file, root_ + "/" + key + "/.gitattributes", false, false)) {
      own->above = here;
      own->file.base_size = key.size() + 1;
      here = own.get();
      owned_levels_.push_back(std::move(own));
    }
  }
  levels_.emplace(std::move(key), here);
  return here;
}

void Attributes::nested_files(std::vector<std::string> rel_dirs) {
  nested_ = std::move(rel_dirs);
  std::ranges::sort(nested_);
  nested_known_ = true;
  levels_.clear();
}

bool Attributes::filter_is_configured(std::string_view name) {
  std::string prefix = "filter." + std::string(name) + ".";
  for (const char* part : {"clean", "smudge", "process"}) {
    auto command = config_.get(prefix + part);
    if (command && !command->empty()) return true;
  }
  return false;
}

bool Attributes::converts(const AttributesFile& file) {
  for (const Rule& rule : file.rules) {
    for (const Setting& setting : rule.settings) {
      bool positive = setting.state == State::set || setting.state == State::text;
      if (setting.attribute >= kConverting || !positive) continue;
      if (setting.attribute == kFilter &&
          (setting.state != State::text || !filter_is_configured(setting.text))) {
        continue;
      }
      return true;
    }
  }
  return false;
}

bool Attributes::any_conversion_configured() {
  if (auto_crlf_ != AutoCrlf::no) return true;
  for (const auto& file : general_) {
    if (converts(*file)) return true;
  }
  if (info_ && converts(*info_)) return true;
  if (converts(root_level_->file)) return true;
  for (const std::string& dir : nested_) {
    const Level* nested = level(dir);
    if (nested != root_level_.get() && converts(nested->file)) return true;
  }
  return false;
}

void Attributes::assign(const std::vector<Setting>& settings, std::vector<Setting>& found) {
  // The last word of a line on an attribute counts, as the last line does.
  for (const Setting& setting : settings | std::views::reverse) {
    Setting& slot = found[setting.attribute];
    if (slot.state != State::unknown) continue;
    slot = setting;
    if (setting.state == State::set && setting.attribute < macros_.size() &&
        macros_[setting.attribute]) {
      assign(macros_[setting.attribute]->settings, found);
    }
  }
}

void Attributes::apply(const AttributesFile& file, std::string_view path,
                       std::vector<Setting>& found) {
  for (const Rule& rule : file.rules | std::views::reverse) {
    // A pattern for directories only never matches: attributes belong to files.
    if (rule.is_macro || rule.pattern.directory_only || !rule.pattern.can_match(path)) continue;
    if (rule.pattern.matches(path, file.base_size, fold_case_)) assign(rule.settings, found);
  }
}

std::vector<Attributes::Setting> Attributes::evaluate(std::string_view rel_path) {
  size_t slash = rel_path.rfind('/');
  const Level* here =
      level(slash == std::string_view::npos ? std::string_view() : rel_path.substr(0, slash));
  std::vector<Setting> found(names_.size());
  if (info_) apply(*info_, rel_path, found);
  for (; here; here = here->above) apply(here->file, rel_path, found);
  for (const auto& file : general_ | std::views::reverse) apply(*file, rel_path, found);
  return found;
}

std::string Attributes::value(std::string_view rel_path, std::string_view attribute_name) {
  std::vector<Setting> found = evaluate(rel_path);
  uint32_t number = attribute(attribute_name);
  if (number >= found.size()) return "unspecified";
  switch (found[number].state) {
    case State::set:
      return "set";
    case State::unset:
      return "unset";
    case State::text:
      return std::string(found[number].text);
    default:
      return "unspecified";
  }
}

Conversion Attributes::conversion(std::string_view rel_path) {
  std::vector<Setting> found = evaluate(rel_path);
  auto text_is = [&](uint32_t which, std::string_view text) {
    return found[which].state == State::text && found[which].text == text;
  };
  if (found[kIdent].state == State::set) return Conversion::any;
  if (found[kFilter].state == State::text && filter_is_configured(found[kFilter].text)) {
    return Conversion::any;
  }
  const Setting& encoding = found[kEncoding];
  if (encoding.state == State::text && !encoding.text.empty()) {
    std::string name = lower_ascii(encoding.text);
    if (name != "utf-8" && name != "utf8") return Conversion::any;
  }

  enum { undefined, binary, text, text_lf, text_crlf, automatic, auto_lf, auto_crlf };
  auto action_of = [&](uint32_t which) {
    switch (found[which].state) {
      case State::set:
        return text;
      case State::unset:
        return binary;
      case State::text:
        if (found[which].text == "input") return text_lf;
        if (found[which].text == "auto") return automatic;
        return undefined;
      default:
        return undefined;
    }
  };
  auto action = action_of(kText);
  if (action == undefined) action = action_of(kCrlf);
  if (action == binary) return Conversion::none;
  if (text_is(kEol, "lf")) {
    action = action == automatic ? auto_lf : text_lf;
  } else if (text_is(kEol, "crlf")) {
    action = action == automatic ? auto_crlf : text_crlf;
  }
  switch (action) {
    case text:
    case automatic:
      return text_is_crlf_ ? Conversion::any : Conversion::line_ends;
    case undefined:
      if (auto_crlf_ == AutoCrlf::no) return Conversion::none;
      return auto_crlf_ == AutoCrlf::yes ? Conversion::any : Conversion::line_ends;
    case text_crlf:
    case auto_crlf:
      return Conversion::any;
    default:
      return Conversion::line_ends;
  }
}

}  // namespace baton::git
