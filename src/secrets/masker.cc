#include "secrets/masker.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <algorithm>

#include "secrets/rounds.h"
#include "secrets/shape.h"

namespace baton::secrets {
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
  return mask_by(text, [this](std::string_view t) { return find(t); });
}

std::optional<std::string> Masker::mask_member(std::string_view key, std::string_view value) const {
  return mask_member_by(key, value, [this](std::string_view t) { return find(t); });
}

}  // namespace baton::secrets
