#pragma once

// A handoff that was made before, held against the record: whether each citation exists and says
// what the statement says, and what went out of date since. Reads back what handoff_json.h and
// handoff_markdown.h write; the latter in any of its forms.

#include <string>
#include <string_view>
#include <vector>

#include "handoff/handoff.h"
#include "index/index.h"
#include "render/style.h"

namespace baton::render {

constexpr size_t kMaxVerifiedBytes = 64u << 20;

struct VerifyFinding {
  enum class Kind : uint8_t {
    missing,  // the citation leads nowhere
    altered,  // it exists and says something else
    stale,    // it was so, and is not any more
  } kind = Kind::missing;
  std::string where;  // "tests[2]", "line 14"
  std::string what;
  handoff::Citation citation;
};
std::string_view to_string(VerifyFinding::Kind kind);

struct Verified {
  std::string form;  // json, md
  int statements = 0, citations = 0;
  std::vector<VerifyFinding> findings;
};

// The sessions that the text cites, in order. ErrorKind::usage for a text that is no handoff.
Result<std::vector<std::string>> cited_sessions(std::string_view text);
// `present`: the handoff of these sessions as things stand now.
Result<Verified> verify_handoff(const Style& style, index::Index& index,
                                const handoff::Handoff& present, std::string_view text);

std::string verified_text(const Style& style, const Verified& verified);
std::string verified_json(const Style& style, const Verified& verified);

}  // namespace baton::render
