#include "secrets/mask.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <algorithm>

#include "base/bytes.h"
#include "secrets/anchors.h"
#include "secrets/assignment.h"
#include "secrets/block.h"
#include "secrets/judge.h"
#include "secrets/key_name.h"
#include "secrets/rules.h"
#include "secrets/shape.h"

namespace baton::secrets {
namespace {

constexpr std::string_view kMarkBegin = "[masked:";

// A mark may make a neighbour visible (a token that began in the middle of a word begins after a
// mark then); masking goes on until nothing is found, in this many rounds at most.
constexpr int kMaxRounds = 8;

// Tokens of this shape that are written where one is to come: ghp_xxxxxxxxxxxx.
bool is_filler(std::string_view token) {
  size_t body = token.find_last_of("-_.:");
  if (body == token.npos || body + 8 > token.size()) return false;
  return token.find_first_not_of("xX*.-_", body) == token.npos;
}

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::vector<Finding> run() {
    visit_anchors(text_,
                  [this](const anchors::Entry& entry, size_t at) { return visit(entry, at); });
    return std::move(found_);
  }

 private:
  // Where to go on: behind what was found, or at the next byte.
  size_t visit(const anchors::Entry& entry, size_t at) {
    if (at < covered_) return covered_;  // another anchor at this place found something
    switch (entry.anchor) {
      case Anchor::token:
        return token(kTokenRules[entry.rule], at);
      case Anchor::name:
        return name(at);
      case Anchor::bearer:
        if (auto value = bearer_value(text_, at)) return add(*value);
        return name(at);
      case Anchor::identified_by:
        return identified_by(at);
      case Anchor::url:
        return add("url-password", url_password(text_, at));
      case Anchor::key_begin:
        return add("private-key", private_key_from(text_, at));
      case Anchor::key_end:
        return add("private-key", private_key_before(text_, at, covered_));
      case Anchor::putty:
        return add("private-key", putty_key(text_, at));
      case Anchor::user:
        return add("user-password", user_option(text_, at));
    }
    return 0;
  }

  size_t token(const TokenRule& rule, size_t at) {
    if (at < rule.back || at - rule.back < covered_) return 0;
    size_t begin = at - rule.back;
    auto end = match_shape(rule.shape.view(), text_, begin, runs_);
    if (!end) return 0;
    std::string_view token = text_.substr(begin, *end - begin);
    if (rule.body == Body::random) {
      auto is_base64_sign = [&](size_t i) {
        return i < text_.size() && (text_[i] == '+' || text_[i] == '/');
      };
      if (is_base64_sign(begin - 1) || is_base64_sign(*end) || !looks_random(token)) return 0;
    }
    if (is_filler(token)) return 0;
    return add(rule.name.view(), Span{begin, *end});
  }

  size_t name(size_t at) {
    if (at < name_end_) return 0;  // a name may hold several anchors: secret_access_key
    name_end_ = name_end(text_, at);
    if (!may_separate(text_, name_end_)) return 0;
    auto value = secret_value(text_, {name_begin(text_, at), name_end_});
    return value ? add(*value) : 0;
  }

  // CREATE USER u IDENTIFIED BY 'x'
  size_t identified_by(size_t at) {
    constexpr std::string_view kWords = "identified b";
    if (at < kWords.size()) return 0;
    std::string_view before = text_.substr(at - kWords.size(), kWords.size());
    if (lower_ascii(before) != kWords) return 0;
    size_t begin = at + 3;
    std::string_view window = text_.substr(0, std::min(text_.size(), begin + kJudgedBytes));
    size_t end = string_end(window, begin, text_[at + 2], 0);
    std::string_view value = text_.substr(begin, end - begin);
    if (!is_secret_value(value, {Strength::strong, Place::setting, true})) return 0;
    return add("password", Span{begin, end});
  }

  size_t add(const Value& value) { return add(rule_name(value.key), Span{value.begin, value.end}); }

  size_t add(std::string_view rule, std::optional<Span> span) {
    if (!span || span->end <= span->begin || span->begin < covered_) return 0;
    // A vendor's token inside says more than the name beside it.
    std::string_view inner = token_inside(*span);
    found_.push_back({span->begin, span->end - span->begin, inner.empty() ? rule : inner});
    covered_ = span->end;
    return covered_;
  }

  // The name of the vendor's rule that the whole span fits, if there is one.
  std::string_view token_inside(const Span& span) {
    if (span.end - span.begin > 512) return {};
    std::string_view value = text_.substr(span.begin, span.end - span.begin);
    RunEnds runs;
    for (const anchors::Entry& entry : anchors::kEntries) {
      if (entry.anchor != Anchor::token) continue;
      const TokenRule& rule = kTokenRules[entry.rule];
      if (value.size() < rule.back + 3u) continue;
      if (anchors::load3(value.data() + rule.back) != entry.bytes) continue;
      if (match_shape(rule.shape.view(), value, 0, runs) == value.size()) return rule.name.view();
    }
    return {};
  }

  std::string_view text_;
  std::vector<Finding> found_;
  RunEnds runs_;
  size_t covered_ = 0;   // the end of the last finding
  size_t name_end_ = 0;  // the end of the last name that was looked at
};

std::string replace(std::string_view text, const std::vector<Finding>& findings) {
  std::string out;
  out.reserve(text.size() + findings.size() * 16);
  size_t done = 0;
  for (const Finding& finding : findings) {
    out += text.substr(done, finding.offset - done);
    out += kMarkBegin;
    out += finding.rule;
    out += ']';
    done = finding.offset + finding.length;
  }
  out += text.substr(done);
  return out;
}

template <class Find>
std::optional<std::string> mask_with(std::string_view text, Find find_in) {
  std::vector<Finding> findings = find_in(text);
  if (findings.empty()) return std::nullopt;
  std::string out = replace(text, findings);
  for (int round = 1; round < kMaxRounds; round++) {
    findings = find_in(std::string_view(out));
    if (findings.empty()) break;
    out = replace(out, findings);
  }
  return out;
}

template <class MaskText>
std::optional<std::string> mask_member_with(std::string_view key, std::string_view value,
                                            MaskText mask_text) {
  if (value.empty()) return std::nullopt;
  KeyName name = key_name(key, false);
  bool whole = name.strength == Strength::strong ||
               (name.strength == Strength::medium &&
                is_secret_value(value, {Strength::medium, Place::quoted, false}));
  if (!whole || is_reference(value)) return mask_text(value);
  return mark(rule_name(name));
}

}  // namespace

std::string mark(std::string_view rule) {
  std::string out(kMarkBegin);
  out += rule;
  out += ']';
  return out;
}

std::vector<Finding> find(std::string_view text) {
  return Scanner(text).run();
}

std::optional<std::string> mask(std::string_view text) {
  return mask_with(text, [](std::string_view t) { return find(t); });
}

std::optional<std::string> mask_member(std::string_view key, std::string_view value) {
  return mask_member_with(key, value, [](std::string_view t) { return mask(t); });
}

// Patterns of the user's

namespace {

// A pattern that takes more than this at one place of a text does not match there.
constexpr uint32_t kMatchLimit = 100'000, kDepthLimit = 1'000, kHeapLimitKib = 1'000;

struct CodeDeleter {
  void operator()(pcre2_code* code) const { pcre2_code_free(code); }
};
struct MatchDeleter {
  void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
};
struct ContextDeleter {
  void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
};

struct Pattern {
  std::string name;
  std::unique_ptr<pcre2_code, CodeDeleter> code;
};

}  // namespace

struct Masker::Impl {
  std::vector<std::unique_ptr<Pattern>> patterns;
  std::unique_ptr<pcre2_match_context, ContextDeleter> context{pcre2_match_context_create(nullptr)};

  Impl() {
    pcre2_set_match_limit(context.get(), kMatchLimit);
    pcre2_set_depth_limit(context.get(), kDepthLimit);
    pcre2_set_heap_limit(context.get(), kHeapLimitKib);
  }

  void find(std::string_view text, const Pattern& pattern, std::vector<Finding>& out) const {
    std::unique_ptr<pcre2_match_data, MatchDeleter> match(
        pcre2_match_data_create_from_pattern(pattern.code.get(), nullptr));
    if (!match) return;
    size_t at = 0;
    while (at <= text.size()) {
      int groups = pcre2_match(pattern.code.get(), reinterpret_cast<PCRE2_SPTR>(text.data()),
                               text.size(), at, 0, match.get(), context.get());
      if (groups < 0) return;
      const PCRE2_SIZE* offsets = pcre2_get_ovector_pointer(match.get());
      int group = groups > 1 && offsets[2] != PCRE2_UNSET && offsets[3] > offsets[2] ? 1 : 0;
      size_t begin = offsets[2 * group], end = offsets[2 * group + 1];
      at = std::max(static_cast<size_t>(offsets[1]), at + 1);
      if (end <= begin || holds_mark(text, begin, end)) continue;
      out.push_back({begin, end - begin, pattern.name});
    }
  }

  // Whether [begin, end) overlaps a mark that stands in the text.
  static bool holds_mark(std::string_view text, size_t begin, size_t end) {
    constexpr size_t kMaxMark = 80;
    size_t from = begin > kMaxMark ? begin - kMaxMark : 0;
    text = text.substr(0, std::min(text.size(), end + kMaxMark));
    for (size_t i = text.find(kMarkBegin, from); i < end; i = text.find(kMarkBegin, i + 1)) {
      if (text.find(']', i) >= begin) return true;
    }
    return false;
  }
};

Masker::Masker() = default;
Masker::~Masker() = default;
Masker::Masker(Masker&&) noexcept = default;
Masker& Masker::operator=(Masker&&) noexcept = default;

Status Masker::add_pattern(std::string_view name, std::string_view regex) {
  bool is_name = !name.empty() && name.size() <= 40 &&
                 std::ranges::all_of(name, [](char c) { return shape::is_alnum(c) || c == '-'; });
  if (!is_name) {
    return fail(ErrorKind::usage, "bad name of a pattern '" + std::string(name) + "'",
                "use letters, digits and '-', 40 at most");
  }
  std::string what = "pattern '" + std::string(name) + "'";
  if (regex.size() > kMaxPatternBytes) {
    return fail(ErrorKind::limit, what + " is over " + std::to_string(kMaxPatternBytes) + " bytes");
  }
  if (impl_ && impl_->patterns.size() >= kMaxPatterns) {
    return fail(ErrorKind::limit, "over " + std::to_string(kMaxPatterns) + " patterns");
  }
  int error = 0;
  PCRE2_SIZE offset = 0;
  auto pattern = std::make_unique<Pattern>();
  pattern->name = name;
  pattern->code.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(regex.data()), regex.size(),
                                    PCRE2_NEVER_BACKSLASH_C, &error, &offset, nullptr));
  if (!pattern->code) {
    char message[128] = {};
    pcre2_get_error_message(error, reinterpret_cast<PCRE2_UCHAR*>(message), sizeof message);
    return fail(ErrorKind::usage, what + ": " + message + " at byte " + std::to_string(offset));
  }
  if (!impl_) impl_ = std::make_unique<Impl>();
  impl_->patterns.push_back(std::move(pattern));
  return {};
}

std::vector<Finding> Masker::find(std::string_view text) const {
  std::vector<Finding> found = secrets::find(text);
  if (!impl_) return found;
  for (const auto& pattern : impl_->patterns) impl_->find(text, *pattern, found);
  std::ranges::sort(found, [](const Finding& a, const Finding& b) { return a.offset < b.offset; });
  // Overlapping ones become one.
  std::vector<Finding> merged;
  for (const Finding& finding : found) {
    if (!merged.empty() && finding.offset < merged.back().offset + merged.back().length) {
      size_t end =
          std::max(merged.back().offset + merged.back().length, finding.offset + finding.length);
      merged.back().length = end - merged.back().offset;
    } else {
      merged.push_back(finding);
    }
  }
  return merged;
}

std::optional<std::string> Masker::mask(std::string_view text) const {
  if (!impl_) return secrets::mask(text);
  return mask_with(text, [this](std::string_view t) { return find(t); });
}

std::optional<std::string> Masker::mask_member(std::string_view key, std::string_view value) const {
  return mask_member_with(key, value, [this](std::string_view t) { return mask(t); });
}

}  // namespace baton::secrets
