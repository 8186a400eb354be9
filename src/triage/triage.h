#pragma once

// From the text of a failure back to what may have caused it: each place that it names, as it
// stands in one state of the files, with the step and prompt that wrote the line, what had been
// tried there and dropped, and what verified it. The likeliest first, with the reason for the
// order. Nothing here says that a line is wrong: only who changed it, when, and whether anything
// has tested it since.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "attribution/blame.h"
#include "git/repository.h"
#include "index/index.h"
#include "triage/frames.h"

namespace baton::triage {

constexpr size_t kMaxFiles = 200;      // that are blamed
constexpr size_t kMaxCandidates = 10;  // of an ambiguous path that are named
constexpr size_t kMaxDropped = 5;      // attempts shown of one line

struct Options {
  std::string root;    // of the worktree
  std::string prefix;  // the asker's folder from there
  std::string worktree;
  const git::Repository* repository = nullptr;
  ObjectId revision;  // empty: the files as they are now
};

// How the last run of the tests that began after the line was written stands to it.
enum class Verified : uint8_t {
  never,   // none ran
  passed,  // and the file is as it was then
  stale,   // it passed, and the file was changed since
  failed,
  unknown,  // its verdict is not known
};
std::string_view to_string(Verified verified);

// A line that stood at this place and was taken away again.
struct Dropped {
  attribution::Hand writer, remover;
  std::string text;
  std::string rule, error;  // of the attempt it belongs to, if it is one (handoff/attempts.h)
};

struct Cause {
  std::string path;  // from the worktree's root
  int line = 0;
  std::string text;        // of the line
  std::string matched_by;  // path, suffix, name: how the text's path led to this one
  attribution::Authorship blamed;
  Verified verified = Verified::never;  // of lines that a step or a person wrote
  std::optional<model::TestRun> run;
  std::vector<Dropped> dropped;
  // Where the text names it: the trace and the distance from the failure, of the nearest.
  size_t trace = 0, depth = 0;
  int times = 1;
  std::string function;
  bool defined = false;  // the text names a test that is defined here, and no line of its file
  std::string reason;    // for its place in the order
};

struct Unmapped {
  Place place;
  std::string reason;
  std::vector<std::string> candidates;  // of an ambiguous one
};

struct Triage {
  std::vector<Trace> traces;
  std::vector<Cause> causes;                 // the likeliest first
  std::vector<Unmapped> unmapped;            // in the order of the text
  size_t left_out = 0;                       // places that the text names before all of these
  std::map<std::string, model::Turn> turns;  // the prompts, by address
};

Result<Triage> triage(index::Index& index, std::string_view text, const Options& options);

}  // namespace baton::triage
