// One line told in full, and why a step did what it did.

#include <algorithm>

#include "base/bytes.h"
#include "render/blame.h"
#include "render/changes.h"
#include "render/log.h"
#include "render/text.h"
#include "render/when.h"

namespace baton::render {
namespace {

constexpr size_t kPromptLines = 40;
constexpr size_t kWordsLines = 12;
constexpr size_t kNameWidth = 12;

// "name       value", the value's other lines below it.
std::string fact(const Style& style, std::string_view indent, std::string_view name,
                 std::string_view value, Look look = Look::plain, size_t most = 0) {
  if (trim(value).empty()) return {};
  std::string deep = std::string(indent) + std::string(kNameWidth, ' ');
  std::string text = block(style, trim(value), deep, most, look);
  std::string head = std::string(indent) + style.paint(Look::faint, pad(name, kNameWidth));
  return head + text.substr(deep.size());
}

std::string hand_text(const Style& style, const attribution::Hand& hand) {
  std::string text = owner_text(style, hand.owner);
  if (text.starts_with("by ")) text.erase(0, 3);
  if (!hand.owner.step.empty()) text += ", " + hand.owner.step.agent;
  if (hand.seen) text += ", " + full_time(hand.seen);
  return text;
}

std::string commit_line(const Style& style, const attribution::Authorship& line,
                        const GitLine* git) {
  std::string author = line.author;
  if (git && !git->mail.empty()) author += " <" + git->mail + ">";
  return line.commit.substr(0, 12) + "  " + first_line(clean(style, author)) + "  " +
         full_time(line.author_time * kSecond).substr(0, 10) + "  " +
         first_line(clean(style, line.summary));
}

}  // namespace

std::string why_text(const Style& style, const attribution::Why& why, std::string_view indent) {
  std::string text;
  std::string who = why.turn.agent.empty() ? why.step.ref.agent : why.turn.agent;
  if (!why.turn.model.empty()) who += " (" + first_line(clean(style, why.turn.model)) + ")";
  if (why.step.began) who += ", " + full_time(why.step.began);
  text += fact(style, indent, "agent", who, Look::agent);
  std::string call = first_line(clean(style, why.step.tool));
  if (!why.step.command.empty()) call += ": " + first_line(clean(style, why.step.command));
  text += fact(style, indent, "call", call + ", " + std::string(to_string(why.step.outcome)));
  std::string prompt = why.turn.prompt.empty() ? "(not heard)" : clean(style, why.turn.prompt);
  text += fact(style, indent, "prompt", why.turn.address());
  text += block(style, trim(prompt), std::string(indent) + std::string(kNameWidth, ' '),
                kPromptLines, Look::prompt);
  if (why.asked_by) {
    text += fact(style, indent, "asked by", why.asked_by->address());
    text += block(style, trim(clean(style, why.asked_by->prompt)),
                  std::string(indent) + std::string(kNameWidth, ' '), kPromptLines, Look::prompt);
  }
  text += fact(style, indent, "words", clean(style, why.words), Look::plain, kWordsLines);
  for (const std::string& item : why.planned) {
    text += fact(style, indent, "plan", "[>] " + clean(style, item));
  }
  if (why.next_test) {
    const model::TestRun& run = *why.next_test;
    text += fact(style, indent, "next test",
                 run.step.address() + " " + run_name(style, run) + ": " + verdict_text(style, run));
    for (const std::string& name : run.failing) {
      text += fact(style, indent, "", "failing: " + first_line(clean(style, name)), Look::bad);
    }
  } else {
    text += fact(style, indent, "next test", "none ran after it", Look::warn);
  }
  return text;
}

std::string blame_line_text(const Style& style, const BlameView& view, size_t number) {
  if (number == 0 || number > view.blame.lines.size()) return {};
  std::string safe = masked_texts(style, view.blame.lines);
  auto texts = split(safe, '\n');
  const attribution::Authorship& line = view.blame.of(view.blame.lines[number - 1]);
  const GitLine* git = view.git_of(number - 1);

  std::string place = shown_path(style, view.path) + ":" + std::to_string(number);
  if (!view.moment.empty()) place += "  after " + view.moment;
  if (!view.revision.empty()) place += "  in " + view.revision.substr(0, 12);
  std::string text = style.paint(Look::path, place) + "\n";
  std::string shown(number <= texts.size() ? texts[number - 1] : std::string_view());
  text += "    " + neutral(shown) + "\n\n";

  const model::Owner& owner = line.owner;
  std::string whose = owner_text(style, owner);
  if (whose.starts_with("by ")) whose.erase(0, 3);
  text += fact(style, "", "owner", whose);
  if (line.seen) text += fact(style, "", "written", full_time(line.seen));
  if (!line.path.empty() && line.path != view.path) {
    text += fact(style, "", "in", shown_path(style, line.path), Look::path);
  }
  if (line.was) text += fact(style, "", "was", hand_text(style, *line.was));
  if (line.mover) {
    std::string word(to_string(line.arrival));
    text += fact(style, "", word == "written" ? "moved" : word, hand_text(style, *line.mover));
  }
  if (line.reformatter) {
    text += fact(style, "", "reformatted", hand_text(style, *line.reformatter));
  }
  if (!line.commit.empty()) text += fact(style, "", "commit", commit_line(style, line, git));
  for (const auto& why : view.whys) {
    if (why.step.ref == owner.step) text += why_text(style, why, "");
  }
  if (!owner.step.empty()) {
    text +=
        "\n" +
        style.paint(Look::faint, "'baton show " + owner.step.address() + "' shows the whole step") +
        "\n";
  }
  return text;
}

}  // namespace baton::render
