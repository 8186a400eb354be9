#include "cli/picker.h"

#include <algorithm>

#include "base/bytes.h"
#include "cli/changes.h"
#include "cli/exit.h"
#include "cli/rewind_plan.h"
#include "index/queries.h"
#include "os/keys.h"
#include "os/screen.h"
#include "render/picker.h"
#include "render/text.h"

namespace baton::cli {
namespace {

using os::Key;

constexpr int kEscapeMs = 50;             // a sequence's bytes come together
constexpr size_t kMostChanges = 500;      // of a turn whose lines are counted and shown
constexpr size_t kMostPreview = 5'000;    // lines
constexpr size_t kLongestFilter = 1'000;  // bytes

enum class Choice : uint8_t { before, after, session, turn, look };

struct Way {
  Choice choice;
  const char* name;
};
constexpr Way kWays[] = {
    {Choice::before, "all files, as before this prompt"},
    {Choice::after, "all files, as after it"},
    {Choice::session, "only what its session did from here on"},
    {Choice::turn, "only what this prompt did"},
    {Choice::look, "look only"},
};

// The command line of a choice; what else was asked for (--force, --dry-run, paths) stays.
Invocation chosen_command(const Invocation& asked, const model::Turn& turn, Choice choice) {
  Invocation command = asked;
  auto set = [&](OptionId id, std::string value) {
    command.options[static_cast<size_t>(id)] = {std::move(value)};
  };
  std::string address = turn.address();
  switch (choice) {
    case Choice::before:
      command.words = {address + "^"};
      break;
    case Choice::after:
      command.words = {address};
      break;
    case Choice::session:
      command.words = {address + "^"};
      set(OptionId::session, turn.session);
      break;
    case Choice::turn:
      set(OptionId::turn, address);
      break;
    case Choice::look:
      command = {};
      command.command = CommandId::show;
      command.words = {address};
      command.pathspecs = asked.values(OptionId::paths);
      command.pathspecs.insert(command.pathspecs.end(), asked.pathspecs.begin(),
                               asked.pathspecs.end());
      break;
  }
  return command;
}

std::vector<render::TextLine> lines_of(std::string_view text, render::Look look, size_t columns) {
  std::vector<render::TextLine> lines;
  if (text.empty()) return lines;
  for (std::string& line : render::wrap(text, columns)) lines.push_back({look, std::move(line)});
  return lines;
}

void limit(std::vector<render::TextLine>& lines) {
  if (lines.size() <= kMostPreview) return;
  auto more = static_cast<int64_t>(lines.size() - kMostPreview);
  lines.resize(kMostPreview);
  lines.push_back({render::Look::faint, "… " + render::count(more, "more line")});
}

class Picker {
 public:
  Picker(Front& front, index::Index& index, os::Screen& screen, std::vector<model::Turn> turns)
      : front_(front),
        index_(index),
        screen_(screen),
        asked_(front.asked()),
        style_(front.style()) {
    fill(std::move(turns));
    filter();
  }

  Result<Invocation> run() {
    for (;;) {
      size_ = screen_.size();
      style_.width = size_.columns;
      keep_on_screen();
      load_shown();
      draw();
      auto key = TRY(next_key());
      if (!key) continue;
      if (key->kind == Key::Kind::interrupt) return left();
      if (choosing_) {
        if (auto chosen = choose(*key)) return std::move(*chosen);
      } else {
        if (key->kind == Key::Kind::escape) return left();
        move(*key);
        if (left_) return left();
      }
    }
  }

 private:
  static std::unexpected<Error> left() { return fail(ErrorKind::negative, "nothing was changed"); }

  // The next key; nothing if something else is worth a new look at the screen. What takes its time
  // is done while no key comes.
  Result<std::optional<Key>> next_key() {
    for (;;) {
      if (auto key = keys_.next(false)) return key;
      bool working = !keys_.waits() && has_work();
      std::string bytes;
      switch (screen_.wait(keys_.waits() ? kEscapeMs : working ? 0 : -1, bytes)) {
        case os::Screen::Woken::bytes:
          keys_.feed(bytes);
          break;
        case os::Screen::Woken::quiet:
          if (auto key = keys_.next(true)) return key;
          if (!working) break;
          TRY(work());
          return std::nullopt;
        case os::Screen::Woken::changed:
          forget_previews();  // they were made for another width
          return std::nullopt;
        case os::Screen::Woken::closed:
          return left();
      }
    }
  }

  void draw() {
    screen_.draw(choosing_ ? render::choice_lines(style_, choices_, size_.columns, size_.rows)
                           : render::picker_lines(style_, view_, size_.columns, size_.rows));
  }

  // --- what is shown

  Status load(render::PickerRow& row) {
    if (row.loaded) return {};
    row.turn = TRY(index::turn(index_, row.turn.session_key, row.turn.number));
    row.line = render::first_line(render::clean(style_, row.turn.prompt));
    row.loaded = true;
    return {};
  }

  size_t list_rows() const { return render::picker_parts(view_, size_.rows).list; }

  void load_shown() {
    if (choosing_) return;
    for (size_t i = 0; i < list_rows() && view_.top + i < view_.passing.size(); ++i) {
      (void)load(view_.rows[view_.passing[view_.top + i]]);
    }
  }

  // Rows of the screen whose lines are not counted yet, then the preview.
  render::PickerRow* uncounted() {
    for (size_t i = 0; i < list_rows() && view_.top + i < view_.passing.size(); ++i) {
      render::PickerRow& row = view_.rows[view_.passing[view_.top + i]];
      if (!row.sum) return &row;
    }
    return nullptr;
  }
  bool has_preview() const { return render::picker_parts(view_, size_.rows).preview > 0; }
  bool has_work() {
    if (choosing_) return !previewed_;
    return uncounted() || (has_preview() && !previewed_ && view_.chosen());
  }
  Status work() {
    if (choosing_) return preview_choice();
    if (render::PickerRow* row = uncounted()) {
      auto changes = changes_of(row->turn);
      row->sum = changes ? render::change_sum(*changes) : render::ChangeSum{0, 0, false, true};
      return {};
    }
    view_.preview = preview_of(view_.chosen()->turn);
    previewed_ = true;
    return {};
  }

  // What a turn changed; nothing where that is too much to be looked at in passing.
  std::optional<std::vector<render::FileChange>> changes_of(const model::Turn& turn) {
    index::Address address;
    address.kind = index::Address::Kind::turn;
    address.session_key = turn.session_key;
    address.turn = turn.number;
    auto changes = index::changes_of(index_, address);
    if (!changes || changes->size() > kMostChanges) return std::nullopt;
    return load_changes(index_, *changes, {});
  }

  std::vector<render::TextLine> preview_of(const model::Turn& turn) {
    auto changes = changes_of(turn);
    auto lines = render::prompt_preview(
        style_, turn, changes.value_or(std::vector<render::FileChange>{}), size_.columns);
    if (!changes) {
      lines.push_back({render::Look::faint, "too many changes to show here: look only does"});
    }
    limit(lines);
    return lines;
  }

  void forget_previews() {
    previewed_ = false;
    view_.preview.clear();
    choices_.preview.clear();
    view_.preview_top = choices_.preview_top = 0;
  }

  // --- the list

  void fill(std::vector<model::Turn> turns) {
    view_.rows.clear();
    for (model::Turn& turn : turns) view_.rows.push_back({std::move(turn), false, {}, {}});
  }

  // What came since the list was made; the same prompt stays under the cursor.
  void reload() {
    if (!index_.update()) return;
    auto turns = index::turn_heads(index_, front_.worktree());
    if (!turns) return;
    std::string address = view_.chosen() ? view_.chosen()->turn.address() : "";
    view_.passing.clear();
    fill(std::move(*turns));
    filter();
    for (size_t i = 0; i < view_.passing.size(); ++i) {
      if (view_.rows[view_.passing[i]].turn.address() == address) view_.cursor = i;
    }
  }

  // Every word of the filter stands in the prompt, the address, the agent, the branch or a path.
  bool passes(render::PickerRow& row, const std::vector<std::string>& words) {
    if (words.empty()) return true;
    (void)load(row);
    const model::Turn& turn = row.turn;
    std::string text = turn.address() + "\n" + turn.agent + "\n" + turn.branch + "\n" + turn.prompt;
    for (const std::string& path : turn.paths) (text += "\n") += path;
    text = lower_ascii(text);
    return std::ranges::all_of(words,
                               [&](const std::string& word) { return contains(text, word); });
  }

  void filter() {
    std::vector<std::string> words;
    for (std::string_view word : split(view_.filter, ' ')) {
      if (!word.empty()) words.push_back(lower_ascii(word));
    }
    std::optional<size_t> chosen;
    if (view_.chosen()) chosen = view_.passing[view_.cursor];
    view_.passing.clear();
    for (size_t i = 0; i < view_.rows.size(); ++i) {
      if (passes(view_.rows[i], words)) view_.passing.push_back(i);
    }
    auto again = std::ranges::find(view_.passing, chosen.value_or(SIZE_MAX));
    bool stays = again != view_.passing.end();
    view_.cursor = stays ? static_cast<size_t>(again - view_.passing.begin()) : 0;
    forget_previews();
  }

  void keep_on_screen() {
    size_t rows = std::max<size_t>(1, list_rows());
    if (view_.cursor < view_.top) view_.top = view_.cursor;
    if (view_.cursor >= view_.top + rows) view_.top = view_.cursor - rows + 1;
    size_t last_top = view_.passing.size() > rows ? view_.passing.size() - rows : 0;
    view_.top = std::min(view_.top, last_top);
  }

  void go_to(size_t row) {
    if (view_.passing.empty() || row == view_.cursor) return;
    view_.cursor = row;
    forget_previews();
  }

  void move(const Key& key) {
    size_t last = view_.passing.empty() ? 0 : view_.passing.size() - 1;
    size_t page = std::max<size_t>(1, list_rows());
    size_t at = view_.cursor;
    switch (key.kind) {
      case Key::Kind::up:
        return go_to(at > 0 ? at - 1 : 0);
      case Key::Kind::down:
        return go_to(std::min(at + 1, last));
      case Key::Kind::page_up:
        return go_to(at > page ? at - page : 0);
      case Key::Kind::page_down:
        return go_to(std::min(at + page, last));
      case Key::Kind::home:
        return go_to(0);
      case Key::Kind::end:
        return go_to(last);
      case Key::Kind::left:
      case Key::Kind::right:
        return scroll(key.kind == Key::Kind::right, view_.preview.size(), view_.preview_top,
                      render::picker_parts(view_, size_.rows).preview);
      case Key::Kind::text:
        if (view_.filter.size() + key.text.size() > kLongestFilter) return;
        view_.filter += key.text;
        return filter();
      case Key::Kind::backspace:
        while (!view_.filter.empty()) {
          auto byte = static_cast<unsigned char>(view_.filter.back());
          view_.filter.pop_back();
          if ((byte & 0xC0) != 0x80) break;
        }
        return filter();
      case Key::Kind::clear:
        view_.filter.clear();
        return filter();
      case Key::Kind::reload:
        return reload();
      case Key::Kind::enter:
        return begin_choosing();
      default:
        return;
    }
  }

  static void scroll(bool down, size_t size, size_t& top, size_t room) {
    size_t step = std::max<size_t>(1, room / 2);
    size_t last = size > room ? size - room : 0;
    top = down ? std::min(top + step, last) : top > step ? top - step : 0;
  }

  // --- what to do about it

  void begin_choosing() {
    if (!view_.chosen()) return;
    const render::PickerRow& row = *view_.chosen();
    choices_ = {};
    choices_.about = row.turn.address() + "  " + row.line;
    for (const Way& way : kWays) {
      choices_.choices.push_back(
          {way.name, render::clean(style_, command_line(command_of(way.choice)))});
    }
    choosing_ = true;
    previewed_ = false;
    ground_.reset();
    // What was typed before they can be seen is no answer to them, but for the way out.
    std::string typed;
    while (screen_.wait(0, typed) == os::Screen::Woken::bytes) {
    }
    keys_.feed(typed);
    while (auto key = keys_.next(true)) left_ = left_ || key->kind == Key::Kind::interrupt;
    draw();
  }

  Invocation command_of(Choice choice) const {
    return chosen_command(asked_, view_.chosen()->turn, choice);
  }

  std::optional<Invocation> choose(const Key& key) {
    size_t last = std::size(kWays) - 1, at = choices_.cursor;
    auto go = [&](size_t to) {
      if (to != at) {
        choices_.cursor = to;
        choices_.preview.clear();
        choices_.preview_top = 0;
        previewed_ = false;
      }
      return std::nullopt;
    };
    switch (key.kind) {
      case Key::Kind::escape:
        choosing_ = false;
        forget_previews();
        return std::nullopt;
      case Key::Kind::enter:
        return command_of(kWays[at].choice);
      case Key::Kind::up:
        return go(at > 0 ? at - 1 : 0);
      case Key::Kind::down:
        return go(std::min(at + 1, last));
      case Key::Kind::home:
        return go(0);
      case Key::Kind::end:
        return go(last);
      case Key::Kind::text: {
        auto number = parse_int(key.text);
        if (number && *number >= 1 && *number <= static_cast<int64_t>(last) + 1) {
          return go(static_cast<size_t>(*number) - 1);
        }
        return std::nullopt;
      }
      case Key::Kind::left:
      case Key::Kind::right:
      case Key::Kind::page_up:
      case Key::Kind::page_down:
        scroll(key.kind == Key::Kind::right || key.kind == Key::Kind::page_down,
               choices_.preview.size(), choices_.preview_top,
               render::choice_parts(choices_, size_.rows).preview);
        return std::nullopt;
      default:
        return std::nullopt;
    }
  }

  // What --dry-run of the same command tells.
  Status preview_choice() {
    previewed_ = true;
    Choice choice = kWays[choices_.cursor].choice;
    render::Style plain = style_;
    plain.color = false;
    if (choice == Choice::look) {
      choices_.preview = preview_of(view_.chosen()->turn);
      return {};
    }
    Invocation command = command_of(choice);
    command.options[static_cast<size_t>(OptionId::dry_run)] = {""};
    front_.ask_instead(std::move(command));
    auto seen = look_ahead(plain);
    front_.ask_instead(asked_);
    if (!seen) {
      choices_.preview = lines_of(error_text(seen.error()), render::Look::warn, size_.columns);
      return {};
    }
    auto& lines = choices_.preview;
    if (seen->refusal)
      lines = lines_of(error_text(*seen->refusal), render::Look::warn, size_.columns);
    auto told = lines_of(seen->text, render::Look::plain, size_.columns);
    std::ranges::move(told, std::back_inserter(lines));
    if (seen->files.size() <= kMostChanges) {
      auto difference = render::diff_lines(plain, seen->files);
      if (!difference.empty()) lines.emplace_back();
      std::ranges::move(difference, std::back_inserter(lines));
    }
    limit(lines);
    return {};
  }

  Result<Preview> look_ahead(const render::Style& plain) {
    if (!ground_) ground_ = TRY(Ground::look(front_, "rewind"));
    Planned planned = TRY(plan_rewind(front_, *ground_));
    return preview(front_, plain, *ground_, planned);
  }

  Front& front_;
  index::Index& index_;
  os::Screen& screen_;
  Invocation asked_;
  render::Style style_;
  os::KeyReader keys_;
  os::Screen::Size size_{};
  render::PickerView view_;
  render::ChoiceView choices_;
  bool choosing_ = false;
  bool left_ = false;
  bool previewed_ = false;  // what is under the cursor
  std::optional<Ground> ground_;
};

}  // namespace

Result<Invocation> pick_rewind(Front& front) {
  TRY(front.place());
  TRY(asked_rollback_paths(front));
  index::Index& index = *TRY(front.index());
  auto turns = TRY(index::turn_heads(index, front.worktree()));
  if (turns.empty()) {
    return fail(ErrorKind::negative, "no prompt was recorded in this worktree",
                "'baton log' lists those of the others");
  }
  os::Screen screen = TRY(os::Screen::open());
  return Picker(front, index, screen, std::move(turns)).run();
}

}  // namespace baton::cli
