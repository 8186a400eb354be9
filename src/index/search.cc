// Searching the full text: what the user's words mean, and stretches of text to show.

#include <algorithm>

#include "base/bytes.h"
#include "index/notes.h"
#include "index/queries.h"
#include "index/query_rows.h"

namespace baton::index {
namespace {

constexpr size_t kBefore = 60, kAfter = 140;  // bytes of an excerpt around the first match
constexpr size_t kMaxWords = 32;
constexpr size_t kMaxMarks = 20;

struct Word {
  std::string text;
  bool prefix = false;
};

// Whether there is anything in it that the index keeps.
bool has_letters(std::string_view text) {
  return std::ranges::any_of(text, [](char c) {
    return isalnum(static_cast<unsigned char>(c)) || static_cast<unsigned char>(c) >= 0x80;
  });
}

std::vector<Word> read_words(std::string_view text) {
  std::vector<Word> words;
  size_t at = 0;
  while (at < text.size() && words.size() < kMaxWords) {
    if (text[at] == ' ' || text[at] == '\t' || text[at] == '\n') {
      ++at;
      continue;
    }
    Word word;
    if (text[at] == '"') {
      size_t end = text.find('"', at + 1);
      if (end == text.npos) end = text.size();
      word.text = text.substr(at + 1, end - at - 1);
      at = std::min(end + 1, text.size());
      if (at < text.size() && text[at] == '*') {
        word.prefix = true;
        ++at;
      }
    } else {
      size_t end = text.find_first_of(" \t\n\"", at);
      if (end == text.npos) end = text.size();
      word.text = text.substr(at, end - at);
      at = end;
      if (word.text.ends_with('*')) {
        word.prefix = true;
        word.text.pop_back();
      }
    }
    if (has_letters(word.text)) words.push_back(std::move(word));
  }
  return words;
}

std::string match_expression(const std::vector<Word>& words,
                             const std::vector<model::Hit::Kind>& kinds) {
  std::string expression;
  if (!kinds.empty()) {
    expression += '{';
    for (model::Hit::Kind kind : kinds) {
      expression += model::to_string(kind);
      expression += ' ';
    }
    expression += "} : (";
  }
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) expression += " AND ";
    expression += '"';
    for (char c : words[i].text) {
      if (c == '"') expression += '"';
      if (c != '\0') expression += c;
    }
    expression += '"';
    if (words[i].prefix) expression += " *";
  }
  if (!kinds.empty()) expression += ')';
  return expression;
}

bool is_word_byte(char c) {
  return isalnum(static_cast<unsigned char>(c)) || static_cast<unsigned char>(c) >= 0x80;
}

// The pieces between signs, as the index cuts them.
std::vector<std::string> pieces(std::string_view text) {
  std::vector<std::string> list;
  std::string piece;
  for (char c : text) {
    if (is_word_byte(c)) {
      piece += static_cast<char>(tolower(static_cast<unsigned char>(c)));
    } else if (!piece.empty()) {
      list.push_back(std::move(piece));
      piece.clear();
    }
  }
  if (!piece.empty()) list.push_back(std::move(piece));
  return list;
}

// Where the word (all its pieces in a row) stands in the text.
void find_marks(std::string_view text, const std::string& lower, const Word& word,
                std::vector<std::pair<size_t, size_t>>& marks) {
  std::vector<std::string> parts = pieces(word.text);
  if (parts.empty()) return;
  size_t from = 0;
  while (marks.size() < kMaxMarks) {
    size_t begin = lower.find(parts[0], from);
    if (begin == std::string::npos) return;
    from = begin + 1;
    if (begin > 0 && is_word_byte(text[begin - 1])) continue;
    size_t at = begin;
    bool all = true;
    for (size_t i = 0; i < parts.size() && all; ++i) {
      if (i > 0) {
        while (at < text.size() && !is_word_byte(text[at])) ++at;
      }
      all = lower.compare(at, parts[i].size(), parts[i]) == 0;
      at += parts[i].size();
      bool last = i + 1 == parts.size();
      if (all && !(last && word.prefix) && at < text.size() && is_word_byte(text[at])) all = false;
    }
    if (!all) continue;
    if (word.prefix) {
      while (at < text.size() && is_word_byte(text[at])) ++at;
    }
    marks.emplace_back(begin, at);
    from = at;
  }
}

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

void make_excerpt(model::Hit& hit, std::string_view text, const std::vector<Word>& words) {
  std::string lower = lower_ascii(text);
  std::vector<std::pair<size_t, size_t>> marks;
  for (const Word& word : words) find_marks(text, lower, word, marks);
  std::ranges::sort(marks);
  size_t first = marks.empty() ? 0 : marks.front().first;
  size_t begin = first > kBefore ? first - kBefore : 0;
  size_t end = std::min(text.size(), first + kAfter);
  // Begin with a whole word, if one begins soon.
  if (begin > 0) {
    size_t blank = text.find(' ', begin);
    if (blank != std::string_view::npos && blank + 1 < first) begin = blank + 1;
  }
  while (begin > 0 && is_continuation(text[begin])) --begin;
  while (end < text.size() && is_continuation(text[end])) ++end;
  hit.excerpt = text.substr(begin, end - begin);
  size_t done = 0;
  for (const auto& [from, to] : marks) {
    if (from < begin + done || to > end) continue;
    hit.marks.emplace_back(from - begin, to - begin);
    done = to - begin;
  }
}

struct Row {
  int64_t key = 0, session = 0, source = 0;
  int turn = 0, step = 0;
  model::Hit::Kind kind{};
  const model::Note* note = nullptr;  // Kind::note
};

// The notes by the event that wrote them.
class NotesFound {
 public:
  explicit NotesFound(Index& index) : index_(index) {}

  Result<const model::Note*> find(int64_t session, int64_t event) {
    if (!loaded_) notes_ = TRY(notes(index_));
    loaded_ = true;
    Statement* row =
        TRY(db(index_).cached("SELECT id FROM note_events WHERE session = ? AND event = ?"));
    row->bind(session, event);
    std::string id = TRY(row->step()) ? row->str(0) : "";
    row->reset();
    auto found = std::ranges::find(notes_, id, &model::Note::id);
    return found == notes_.end() ? nullptr : &*found;
  }

 private:
  Index& index_;
  bool loaded_ = false;
  std::vector<model::Note> notes_;
};

// The text that was found; an empty one if it cannot be had any more.
Result<std::string> text_of(Index& index, const Row& row) {
  Database& database = db(index);
  Statement* find = nullptr;
  switch (row.kind) {
    case model::Hit::Kind::prompt:
      find = TRY(database.cached("SELECT prompt FROM turns WHERE session = ? AND number = ?"));
      find->bind(row.session, row.turn);
      break;
    case model::Hit::Kind::message:
      if (row.source >= 0) {
        find = TRY(database.cached("SELECT text FROM messages WHERE session = ? AND seq = ?"));
        find->bind(row.session, row.source);
      } else {
        find =
            TRY(database.cached("SELECT last_message FROM turns WHERE session = ? AND number = ?"));
        find->bind(row.session, row.turn);
      }
      break;
    case model::Hit::Kind::command:
      find = TRY(database.cached("SELECT command FROM steps WHERE session = ? AND number = ?"));
      find->bind(row.session, row.step);
      break;
    case model::Hit::Kind::path:
      find = TRY(database.cached(
          "SELECT group_concat(path, char(10)) FROM (SELECT p.path FROM claims c JOIN paths p"
          " ON p.key = c.path WHERE c.session = ?1 AND c.step = ?2 UNION SELECT p.path FROM reads r"
          " JOIN paths p ON p.key = r.path WHERE r.session = ?1 AND r.step = ?2 UNION"
          " SELECT p.path FROM steps s JOIN transitions t ON t.session = s.session"
          " AND t.event = s.after_event JOIN paths p ON p.key = t.path WHERE s.session = ?1"
          " AND s.number = ?2)"));
      find->bind(row.session, row.step);
      break;
    case model::Hit::Kind::note:
      find = TRY(database.cached("SELECT text FROM note_events WHERE session = ? AND event = ?"));
      find->bind(row.session, row.source);
      break;
    case model::Hit::Kind::output: {
      Statement* event = TRY(database.cached(
          "SELECT coalesce(after_event, batch_event), call, error FROM steps WHERE session = ?"
          " AND number = ?"));
      event->bind(row.session, row.step);
      if (!TRY(event->step())) return std::string();
      bool known = !event->is_null(0);
      int64_t number = event->integer(0);
      std::string call = event->str(1), error = event->str(2);
      event->reset();
      if (!known) return error;
      auto read = reread(index, row.session, number);
      if (!read) return error;
      for (const auto& heard : read->heard.calls) {
        if (heard.id != call) continue;
        std::string text = heard.outcome.output;
        if (!heard.outcome.error.empty() && heard.outcome.error != text) {
          if (!text.empty()) text += '\n';
          text += heard.outcome.error;
        }
        return text;
      }
      return error;
    }
  }
  std::string text = TRY(find->step()) ? find->str(0) : "";
  find->reset();
  return text;
}

}  // namespace

Result<model::SearchView> search(Index& index, std::string_view words, const SearchFilter& filter) {
  return answer(index, [&]() -> Result<model::SearchView> {
    std::vector<Word> wanted = read_words(words);
    if (wanted.empty()) return fail(ErrorKind::usage, "no word to search for");
    model::SearchView view;
    Names names(index);
    std::vector<Row> rows;
    size_t limit = filter.limit == 0 ? SIZE_MAX : filter.limit;

    Statement find = TRY(db(index).prepare(
        "SELECT f.rowid, d.session, d.turn, d.step, d.kind, d.source, z.agent FROM fulltext f"
        " JOIN docs d ON d.key = f.rowid JOIN sessions z ON z.key = d.session"
        " WHERE fulltext MATCH ?1 AND f.rowid >= ?2 AND f.rowid <= ?3 ORDER BY f.rowid DESC"));
    int64_t low = filter.since ? *filter.since << 6 : INT64_MIN;
    int64_t high = filter.until ? (*filter.until << 6 | 63) : INT64_MAX;
    find.bind(match_expression(wanted, filter.kinds), low, high);
    Statement* touches = nullptr;
    NotesFound notes_found(index);
    while (TRY(find.step())) {
      Row row{find.integer(0), find.integer(1), find.integer(5),
              find.small(2),   find.small(3),   static_cast<model::Hit::Kind>(find.small(4))};
      std::string agent = find.str(6);
      if (row.kind == model::Hit::Kind::note) {
        row.note = TRY(notes_found.find(row.session, row.source));
        if (row.note == nullptr) continue;
        agent = row.note->author_kind == model::NoteAuthor::agent ? row.note->author : "";
      }
      int64_t session = row.note != nullptr ? row.note->session_key : row.session;
      if (filter.session && session != *filter.session) continue;
      if (!filter.agent.empty() && agent != filter.agent) continue;
      if (!filter.paths.empty()) {
        if (row.step == 0) continue;
        if (touches == nullptr) {
          touches = TRY(db(index).cached(
              "SELECT p.path FROM claims c JOIN paths p ON p.key = c.path WHERE c.session = ?1"
              " AND c.step = ?2 UNION SELECT p.path FROM reads r JOIN paths p ON p.key = r.path"
              " WHERE r.session = ?1 AND r.step = ?2 UNION SELECT p.path FROM transitions t"
              " JOIN paths p ON p.key = t.path WHERE t.owner_session = ?1 AND t.owner_step = ?2"));
        }
        touches->bind(row.session, row.step);
        bool any = false;
        while (!any && TRY(touches->step())) any = filter.paths.matches(touches->text(0));
        touches->reset();
        if (!any) continue;
      }
      if (rows.size() >= limit) {
        view.more = true;
        break;
      }
      rows.push_back(row);
    }
    find.reset();
    for (const Row& row : rows) {
      model::Hit hit;
      const SessionName* name = TRY(names.session(row.session));
      hit.kind = row.kind;
      hit.session = name->address;
      hit.session_key = row.session;
      hit.agent = name->agent;
      hit.turn = row.turn;
      hit.step = row.step;
      hit.time = row.key >> 6;
      if (row.note != nullptr) {
        hit.session = row.note->session;
        hit.session_key = row.note->session_key;
        hit.agent =
            row.note->author_kind == model::NoteAuthor::agent ? row.note->author : std::string();
        hit.turn = row.note->turn;
        hit.step = row.note->step.step;
        hit.note = row.note->id;
      }
      make_excerpt(hit, TRY(text_of(index, row)), wanted);
      view.hits.push_back(std::move(hit));
    }
    // Texts of the same microsecond stand in the order in which they were read.
    std::ranges::stable_sort(view.hits, [](const model::Hit& a, const model::Hit& b) {
      return std::tuple(-a.time, a.session, a.step, a.turn, a.kind) <
             std::tuple(-b.time, b.session, b.step, b.turn, b.kind);
    });
    return view;
  });
}

}  // namespace baton::index
