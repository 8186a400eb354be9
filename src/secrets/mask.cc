#include "secrets/mask.h"

#include <algorithm>

#include "base/bytes.h"
#include "secrets/anchors.h"
#include "secrets/assignment.h"
#include "secrets/block.h"
#include "secrets/command.h"
#include "secrets/command_form.h"
#include "secrets/judge.h"
#include "secrets/key_name.h"
#include "secrets/rounds.h"
#include "secrets/rules.h"
#include "secrets/shape.h"

namespace baton::secrets {
namespace {

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
    arrive(text_.size());
    return std::move(found_);
  }

 private:
  // Where to go on: behind what was found, or at the next byte.
  size_t visit(const anchors::Entry& entry, size_t at) {
    arrive(at);
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
      case Anchor::encoded_key:
        return add("private-key", encoded_private_key(text_, at));
      case Anchor::option:
        return add("password", password_option(text_, at));
      case Anchor::long_option:
        return add("secret", secret_option(text_, at));
      case Anchor::piped:
        return add("password", piped_secret(text_, at));  // it may stand before
      case Anchor::htpasswd:
        return add("password", htpasswd_argument(text_, at));
      case Anchor::command_form:
        if (ahead_.empty() || at >= ahead_.back().end) {
          ahead_ = secrets_of_form(text_, at, kCommandForms[entry.rule].view());
        }
        return 0;
      case Anchor::user:
        return add("user-password", user_option(text_, at));
    }
    return 0;
  }

  // Takes what a command's name told of before the text came to it: what stands between is looked
  // at first.
  void arrive(size_t at) {
    while (!ahead_.empty() && ahead_.front().begin <= at) {
      add("secret", ahead_.front());
      ahead_.erase(ahead_.begin());
    }
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
    if (!is_secret_value(value, {Strength::strong, Place::setting, Family::password})) return 0;
    return add("password", Span{begin, end});
  }

  size_t add(const Value& value) { return add(rule_name(value.key), Span{value.begin, value.end}); }

  size_t add(std::string_view rule, std::optional<Span> span) {
    if (!span || span->end <= span->begin) return 0;
    // What a command reads from its standard input stands before what told of it.
    auto next = std::ranges::upper_bound(found_, span->begin, {}, &Finding::offset);
    if (next != found_.begin() && span->begin < next[-1].offset + next[-1].length) return 0;
    if (next != found_.end() && span->end > next->offset) return 0;
    if (holds_mark(text_, span->begin, span->end)) return 0;
    // A vendor's token inside says more than the name beside it.
    std::string_view inner = token_inside(*span);
    found_.insert(next, {span->begin, span->end - span->begin, inner.empty() ? rule : inner});
    covered_ = std::max(covered_, span->end);
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
  std::vector<Span> ahead_;  // secrets of one command, in order
  RunEnds runs_;
  size_t covered_ = 0;   // the end of the last finding
  size_t name_end_ = 0;  // the end of the last name that was looked at
};

}  // namespace

std::vector<Finding> find(std::string_view text) {
  return Scanner(text).run();
}

std::optional<std::string> mask(std::string_view text) {
  return mask_by(text, find);
}

std::optional<std::string> mask_member(std::string_view key, std::string_view value) {
  return mask_member_by(key, value, find);
}

}  // namespace baton::secrets
