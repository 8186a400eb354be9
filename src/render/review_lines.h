#pragma once

// What a pull request's body says of one thing: an attempt, a run of tests, a risk. Recorded text
// stands in code spans. A line has neither the mark of a list before it nor its end.

#include <string>
#include <string_view>
#include <vector>

#include "handoff/pull_request.h"
#include "render/handoff_citations.h"
#include "render/outward.h"
#include "render/style.h"

namespace baton::render {

class ReviewLines {
 public:
  // `block_bytes`: of one quoted text.
  ReviewLines(const Style& style, const handoff::PullRequest& request, const Outward& outward,
              size_t block_bytes);

  // The command that shows everything.
  std::string all() const;
  // Recorded text as a span, in at most `max` columns (0: all of it).
  std::string span(std::string_view text, size_t max = 0) const;
  std::string short_span(std::string_view text) const;
  // A whole text as a block; a long one is cut, and the line behind it says where the rest is.
  std::string quoted(std::string_view text, const handoff::Citation& source) const;

  std::string session(const handoff::SessionLine& session) const;
  std::string change(const handoff::ChangeLine& change) const;
  std::string change(const handoff::IntentFile& file) const;
  std::string verification() const;

  std::vector<std::string> constraints() const;
  std::vector<std::string> plan() const;
  std::vector<std::string> others() const;
  std::vector<std::string> runs() const;
  std::vector<std::string> not_checked() const;
  std::vector<std::string> attempts() const;
  std::vector<std::string> open() const;
  std::vector<std::string> assumptions() const;
  std::vector<std::string> notes() const;
  std::vector<std::string> risks() const;
  std::vector<std::string> rollback() const;
  std::vector<std::string> commits() const;
  std::vector<std::string> context() const;
  std::vector<std::string> reads() const;
  std::vector<std::string> commands() const;
  std::vector<std::string> diff() const;
  std::string diff_title() const;

 private:
  std::string spans(const std::vector<std::string>& texts, size_t max) const;
  std::string line_spans(const std::vector<std::string>& lines) const;
  std::string error_spans(std::string_view error) const;
  std::string others_in(const handoff::ChangeLine& change) const;
  std::string source(const std::string& place) const;
  std::string tree() const;
  std::string run(const handoff::TestLine& run) const;
  std::string attempt(const handoff::AttemptLine& attempt) const;

  const Style& style_;
  const handoff::PullRequest& request_;
  const handoff::Handoff& handoff_;
  const Outward& outward_;
  size_t block_bytes_;
};

}  // namespace baton::render
