#pragma once

// What the rules of docs/attribution.md share; each has a file of its own. Only for this folder's
// derive*.cc, and what counts versions.

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "attribution/history.h"

namespace baton::attribution {

constexpr uint32_t kOpen = UINT32_MAX;  // a line that is not explained yet

constexpr int kMaxDepth = 32;            // timelines that rest on each other
constexpr size_t kMaxTries = 24;         // versions that open lines are held against
constexpr size_t kMaxEventPaths = 64;    // with more paths only whole files are compared
constexpr size_t kMaxTurnVersions = 24;  // of a turn, before a version
constexpr size_t kMaxSourceBytes = size_t{4} << 20;  // of one file that lines may come from
// Lines that were put back need so many letters together, or stand between lines that stood there
// then.
constexpr uint32_t kMinPutBack = 20;
constexpr uint32_t kMinPutBackBetween = 8;
// A copy is believed less easily than a move: it takes nothing away that would speak for it.
constexpr uint32_t kMinCopyLetters = 60;
constexpr uint32_t kMinCopyLines = 3;
constexpr int kMinRename = 50;    // percent alike, as git's
constexpr size_t kMaxRivals = 8;  // versions that may have brought a line

// Of what the line says, without its whitespace.
uint32_t line_hash(std::string_view line);

bool is_git(const index::LineVersion& version);

Origin origin_of(const Timeline& timeline, const index::LineVersion& version);

// The version of that number that a look saw, or a base.
std::optional<size_t> change_at(const Timeline& timeline, int64_t q);

// Whether one act may have made both changes: what one look saw, the steps of one session, or what
// nobody is known to have done.
bool in_one_hand(const index::LineVersion& a, const index::LineVersion& b);

// How many versions came before that number: what a version may rest on, so that none rests on
// itself.
size_t earlier_versions(const Timeline& timeline, int64_t q);

// How many of another path's versions the version may rest on: those before it, but none of a file
// that was seen first and is a copy of it.
size_t versions_for(const Timeline& from, const index::LineVersion& version);

// The open lines as runs [first, second).
std::vector<std::pair<uint32_t, uint32_t>> open_runs(const Frame& marks);

}  // namespace baton::attribution
