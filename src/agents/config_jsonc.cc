#include "agents/config_jsonc.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/chars.h"

namespace baton::agents {
namespace {

void append_utf8(std::string& out, uint32_t point) {
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xc0 | point >> 6);
    out += static_cast<char>(0x80 | (point & 0x3f));
  } else if (point < 0x10000) {
    out += static_cast<char>(0xe0 | point >> 12);
    out += static_cast<char>(0x80 | (point >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (point & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | point >> 18);
    out += static_cast<char>(0x80 | (point >> 12 & 0x3f));
    out += static_cast<char>(0x80 | (point >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (point & 0x3f));
  }
}

// Four hex digits, or nothing.
std::optional<uint32_t> hex4(std::string_view text) {
  if (text.size() < 4) return std::nullopt;
  uint32_t value = 0;
  for (char c : text.substr(0, 4)) {
    value <<= 4;
    if (is_digit(c))
      value |= static_cast<uint32_t>(c - '0');
    else if (c >= 'a' && c <= 'f')
      value |= static_cast<uint32_t>(c - 'a' + 10);
    else if (c >= 'A' && c <= 'F')
      value |= static_cast<uint32_t>(c - 'A' + 10);
    else
      return std::nullopt;
  }
  return value;
}

constexpr uint32_t kReplacement = 0xfffd;

// The character of a \u escape whose digits start `text`; `used` is moved on. Two escapes make one
// character beyond U+FFFF, half of such a pair is U+FFFD.
uint32_t unicode_escape(std::string_view text, size_t& used) {
  uint32_t point = hex4(text.substr(used)).value_or(kReplacement);
  used += 4;
  if (point < 0xd800 || point > 0xdfff) return point;
  if (point > 0xdbff || text.substr(used, 2) != "\\u") return kReplacement;
  auto low = hex4(text.substr(used + 2));
  if (!low || *low < 0xdc00 || *low > 0xdfff) return kReplacement;
  used += 6;
  return 0x10000 + ((point - 0xd800) << 10) + (*low - 0xdc00);
}

// `inside` is what stands between the quotes of a string the parser has accepted.
std::string unescape(std::string_view inside) {
  std::string out;
  size_t at = 0;
  while (at < inside.size()) {
    char c = inside[at++];
    if (c != '\\' || at == inside.size()) {
      out += c;
      continue;
    }
    char escape = inside[at++];
    switch (escape) {
      case 'b':
        out += '\b';
        break;
      case 'f':
        out += '\f';
        break;
      case 'n':
        out += '\n';
        break;
      case 'r':
        out += '\r';
        break;
      case 't':
        out += '\t';
        break;
      case 'u':
        append_utf8(out, unicode_escape(inside, at));
        break;
      default:
        out += escape;
        break;
    }
  }
  return out;
}

}  // namespace

std::optional<Trivia> trivia_at(std::string_view text, size_t position) {
  if (position >= text.size()) return std::nullopt;
  size_t end = position;
  if (is_config_space(text[position])) {
    while (end < text.size() && is_config_space(text[end])) ++end;
    return Trivia{Trivia::Kind::space, position, end};
  }
  std::string_view mark = text.substr(position, 2);
  if (mark == "//") {
    while (end < text.size() && text[end] != '\n' && text[end] != '\r') ++end;
    return Trivia{Trivia::Kind::line_comment, position, end};
  }
  if (mark == "/*") {
    size_t close = text.find("*/", position + 2);
    if (close == std::string_view::npos) return std::nullopt;
    return Trivia{Trivia::Kind::block_comment, position, close + 2};
  }
  return std::nullopt;
}

class ConfigParser {
 public:
  explicit ConfigParser(ConfigText& config) : config_(config), text_(config.text_) {}

  Status run() {
    if (config_.has_byte_order_mark()) at_ = 3;
    skip_trivia();
    if (at_ == text_.size()) {
      if (config_.first_extension_) return bad("a comment but no value");
      return {};
    }
    TRY(value(kNoNode, {}, 1));
    skip_trivia();
    if (at_ != text_.size()) return bad("something follows the value");
    return {};
  }

 private:
  struct Name {
    size_t begin = kNoPosition, end = kNoPosition;
    std::string text;
  };

  Status bad(std::string_view reason) const { return bad_at(at_, reason); }
  Status bad_at(size_t position, std::string_view reason) const {
    return fail(ErrorKind::damage, "bad configuration at " + config_.name_ + ':' +
                                       std::to_string(config_.line_of(position)) + ": " +
                                       std::string(reason));
  }

  void note_extension(size_t position) {
    if (!config_.first_extension_) config_.first_extension_ = position;
  }

  void skip_trivia() {
    while (auto piece = trivia_at(text_, at_)) {
      if (piece->kind != Trivia::Kind::space) note_extension(piece->begin);
      at_ = piece->end;
    }
  }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  Status unexpected_byte(std::string_view wanted) const {
    if (at_ >= text_.size()) return bad("the file ends too early");
    if (text_.substr(at_, 2) == "/*") return bad("a comment without its end");
    return bad("expected " + std::string(wanted));
  }

  ConfigIndex add(ConfigIndex parent, Name name, ConfigNode::Type type) {
    auto index = static_cast<ConfigIndex>(config_.nodes_.size());
    ConfigNode& node = config_.nodes_.emplace_back();
    node.type = type;
    node.begin = at_;
    node.key_begin = name.begin;
    node.key_end = name.end;
    node.key = std::move(name.text);
    node.parent = parent;
    if (parent == kNoNode) return index;
    ConfigNode& container = config_.nodes_[parent];
    node.previous = container.last;
    if (container.last == kNoNode)
      container.first = index;
    else
      config_.nodes_[container.last].next = index;
    container.last = index;
    return index;
  }

  Status value(ConfigIndex parent, Name name, int depth) {
    if (depth > kMaxConfigDepth) return bad("nested too deep");
    using Type = ConfigNode::Type;
    char c = peek();
    if (c == '{') return container(add(parent, std::move(name), Type::object), depth);
    if (c == '[') return container(add(parent, std::move(name), Type::array), depth);
    if (c == '"') {
      ConfigIndex index = add(parent, std::move(name), Type::string);
      TRY(string());
      config_.nodes_[index].end = at_;
      return {};
    }
    if (c == '-' || is_digit(c)) {
      ConfigIndex index = add(parent, std::move(name), Type::number);
      TRY(number());
      config_.nodes_[index].end = at_;
      return {};
    }
    for (std::string_view word : {"true", "false", "null"}) {
      if (text_.substr(at_, word.size()) != word) continue;
      ConfigIndex index = add(parent, std::move(name), word == "null" ? Type::null : Type::boolean);
      at_ += word.size();
      config_.nodes_[index].end = at_;
      return {};
    }
    return unexpected_byte("a value");
  }

  Status container(ConfigIndex index, int depth) {
    bool object = config_.nodes_[index].is_object();
    char close = object ? '}' : ']';
    ++at_;
    for (;;) {
      skip_trivia();
      if (peek() == close) break;
      Name name;
      if (object) name = TRY(member_name());
      TRY(value(index, std::move(name), depth + 1));
      skip_trivia();
      if (peek() == close) break;
      if (peek() != ',') return unexpected_byte(object ? "',' or '}'" : "',' or ']'");
      size_t comma = at_++;
      config_.nodes_[config_.nodes_[index].last].comma = comma;
      skip_trivia();
      if (peek() == close) note_extension(comma);
    }
    config_.nodes_[index].end = ++at_;
    return {};
  }

  Result<Name> member_name() {
    if (peek() != '"') return std::unexpected(unexpected_byte("a name in quotes").error());
    Name name;
    name.begin = at_;
    TRY(string());
    name.end = at_;
    name.text = unescape(text_.substr(name.begin + 1, name.end - name.begin - 2));
    skip_trivia();
    if (peek() != ':') return std::unexpected(unexpected_byte("':'").error());
    ++at_;
    skip_trivia();
    return name;
  }

  Status string() {
    size_t begin = at_++;
    for (;;) {
      if (at_ >= text_.size()) return bad_at(begin, "a string without its end");
      auto c = static_cast<unsigned char>(text_[at_]);
      if (c == '\n' || c == '\r') return bad_at(begin, "a string without its end");
      if (c < 0x20) return bad("a control character in a string");
      ++at_;
      if (c == '"') return {};
      if (c != '\\') continue;
      char escape = peek();
      if (escape == 'u') {
        if (!hex4(text_.substr(at_ + 1))) return bad("a bad \\u escape");
        at_ += 5;
      } else if (escape && std::string_view("\"\\/bfnrt").contains(escape)) {
        ++at_;
      } else {
        return bad("a bad escape in a string");
      }
    }
  }

  bool digits() {
    size_t begin = at_;
    while (is_digit(peek())) ++at_;
    return at_ > begin;
  }

  Status number() {
    if (peek() == '-') ++at_;
    if (peek() == '0')
      ++at_;
    else if (!digits())
      return bad("a bad number");
    if (peek() == '.') {
      ++at_;
      if (!digits()) return bad("a bad number");
    }
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      if (!digits()) return bad("a bad number");
    }
    return {};
  }

  ConfigText& config_;
  std::string_view text_;
  size_t at_ = 0;
};

Result<ConfigText> ConfigText::parse(std::string_view text, std::string_view name) {
  if (text.size() > kMaxConfigBytes) {
    return fail(ErrorKind::limit, "'" + std::string(name) + "' is larger than " +
                                      std::to_string(kMaxConfigBytes) + " bytes");
  }
  ConfigText config;
  config.text_ = text;
  config.name_ = name;
  TRY(ConfigParser(config).run());
  return config;
}

ConfigIndex ConfigText::member(ConfigIndex object, std::string_view key) const {
  if (object >= nodes_.size() || !nodes_[object].is_object()) return kNoNode;
  ConfigIndex index = nodes_[object].last;
  while (index != kNoNode && nodes_[index].key != key) index = nodes_[index].previous;
  return index;
}

std::string ConfigText::string_at(ConfigIndex index) const {
  if (index >= nodes_.size() || !nodes_[index].is_string()) return {};
  const ConfigNode& node = nodes_[index];
  return unescape(std::string_view(text_).substr(node.begin + 1, node.end - node.begin - 2));
}

bool ConfigText::is_true(ConfigIndex index) const {
  if (index >= nodes_.size()) return false;
  return nodes_[index].type == ConfigNode::Type::boolean && text_[nodes_[index].begin] == 't';
}

std::optional<int64_t> ConfigText::integer_at(ConfigIndex index) const {
  if (index >= nodes_.size() || nodes_[index].type != ConfigNode::Type::number) return std::nullopt;
  const ConfigNode& node = nodes_[index];
  return parse_int(std::string_view(text_).substr(node.begin, node.end - node.begin));
}

int ConfigText::line_of(size_t position) const {
  size_t end = std::min(position, text_.size());
  return 1 + static_cast<int>(
                 std::count(text_.begin(), text_.begin() + static_cast<ptrdiff_t>(end), '\n'));
}

std::unexpected<Error> ConfigText::wrong(ConfigIndex index, std::string_view reason) const {
  size_t position = index < nodes_.size() ? nodes_[index].start() : 0;
  return fail(ErrorKind::damage, "bad configuration at " + name_ + ':' +
                                     std::to_string(line_of(position)) + ": " +
                                     std::string(reason));
}

}  // namespace baton::agents
