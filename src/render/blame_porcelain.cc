// git's porcelain with headers of ours. What git prints is passed on byte for byte: a reader of
// git's form skips headers that it does not know.

#include <algorithm>

#include "base/bytes.h"
#include "diff/unified.h"
#include "render/blame.h"
#include "render/changes.h"
#include "render/text.h"

namespace baton::render {
namespace {

class Porcelain {
 public:
  Porcelain(const Style& style, const BlameView& view) : style_(style), view_(view) {
    safe_ = masked_texts(style, view.blame.lines);
    texts_ = split(safe_, '\n');
  }

  std::string from_git(std::string_view git) {
    size_t number = 0;
    bool heading = true;
    while (!git.empty()) {
      size_t end = git.find('\n');
      std::string_view line = git.substr(0, end);
      git.remove_prefix(end == std::string_view::npos ? git.size() : end + 1);
      if (heading) {
        auto parts = split(line, ' ');
        auto final_line = parts.size() >= 3 ? parse_int(parts[2]) : std::nullopt;
        number = final_line && *final_line > 0 ? static_cast<size_t>(*final_line) : 0;
        heading = false;
      }
      if (line.starts_with('\t')) {
        heading = true;
        headers(number);
        if (is_masked(number)) {
          out_ += "\t" + std::string(texts_[number - 1]) + "\n";
          continue;
        }
      }
      out_ += line;
      out_ += '\n';
    }
    return std::move(out_);
  }

  // The same form for a file that git does not know.
  std::string without_git(size_t id_digits, bool each) {
    bool first = true;
    for (size_t i = 1; i <= lines(); i++) {
      if (!view_.shows(i)) continue;
      out_ += std::string(id_digits, '0') + " " + std::to_string(i) + " " + std::to_string(i);
      bool begins = i == 1 || !view_.shows(i - 1);
      if (begins) {
        size_t last = i;
        while (last < lines() && view_.shows(last + 1)) last++;
        out_ += " " + std::to_string(last - i + 1);
      }
      out_ += '\n';
      if (first || each) not_committed();
      first = false;
      headers(i);
      std::string_view text = view_.blame.lines[i - 1].text;
      out_ += "\t" + std::string(is_masked(i) ? texts_[i - 1] : text) + "\n";
    }
    return std::move(out_);
  }

 private:
  size_t lines() const { return view_.blame.lines.size(); }

  bool is_masked(size_t number) const {
    return number >= 1 && number <= lines() && number <= texts_.size() &&
           texts_[number - 1] != view_.blame.lines[number - 1].text;
  }

  void not_committed() {
    // git takes the time of the question; where lines were recorded, theirs answers the same each
    // time.
    Micros newest = 0;
    for (const auto& by : view_.blame.authorships) newest = std::max(newest, by.seen);
    std::string time = std::to_string((newest ? newest : style_.now) / kSecond);
    for (const char* who : {"author", "committer"}) {
      std::string name(who);
      out_ += name + " Not Committed Yet\n" + name + "-mail <not.committed.yet>\n" + name +
              "-time " + time + "\n" + name + "-tz +0000\n";
    }
    std::string path = diff::quote_path(view_.path);
    out_ += "summary Version of " + path + " from " + path + "\nfilename " + path + "\n";
  }

  void header(std::string_view name, std::string_view value) {
    std::string text = first_line(clean(style_, value));
    if (!text.empty()) out_ += "baton-" + std::string(name) + " " + text + "\n";
  }

  void hand(const std::string& name, const std::shared_ptr<const attribution::Hand>& hand) {
    if (!hand) return;
    const model::Owner& owner = hand->owner;
    header(name, owner.step.empty() ? std::string(to_string(owner.kind)) : owner.step.address());
  }

  void headers(size_t number) {
    if (view_.binary) number = 1;
    if (number == 0 || number > lines()) return;
    const attribution::Authorship& line = view_.blame.of(view_.blame.lines[number - 1]);
    const model::Owner& owner = line.owner;
    // What only git knows stays as git has it.
    bool ours = owner.kind == model::OwnerKind::step || owner.kind == model::OwnerKind::outside ||
                line.was || line.mover || line.reformatter || !owner.candidates.empty();
    if (!ours) return;
    header("owner", to_string(owner.kind));
    if (owner.evidence != model::Evidence::none) header("evidence", to_string(owner.evidence));
    header("rule", owner.rule);
    header("step", owner.step.address());
    if (line.turn) {
      std::string address = line.turn_step().session + ":" + std::to_string(line.turn);
      header("turn", address);
      header("agent", line.turn_step().agent);
      if (auto turn = view_.turns.find(address); turn != view_.turns.end()) {
        header("model", turn->second.model);
        header("prompt", turn->second.prompt);
      }
    }
    std::string candidates;
    for (const model::StepRef& step : owner.candidates) {
      candidates += (candidates.empty() ? "" : " ") + step.address();
    }
    header("candidates", candidates);
    if (line.seen) header("time", std::to_string(line.seen / kSecond));
    if (line.path != view_.path) header("path", line.path);
    hand("was", line.was);
    hand("mover", line.mover);
    if (line.mover) header("arrival", to_string(line.arrival));
    hand("reformatter", line.reformatter);
  }

  const Style& style_;
  const BlameView& view_;
  std::string safe_;
  std::vector<std::string_view> texts_;
  std::string out_;
};

}  // namespace

std::string blame_porcelain(const Style& style, const BlameView& view, std::string_view from_git,
                            size_t id_digits, bool each) {
  Porcelain porcelain(style, view);
  return from_git.empty() ? porcelain.without_git(id_digits, each) : porcelain.from_git(from_git);
}

}  // namespace baton::render
