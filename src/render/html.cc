#include "render/html.h"

#include <algorithm>
#include <optional>

#include "base/bytes.h"

namespace baton::render {
namespace {

size_t run_of(std::string_view text, size_t at, char c) {
  size_t end = at;
  while (end < text.size() && text[end] == c) end++;
  return end - at;
}

// Where the run of `length` ticks that closes a span begins, npos if nothing closes it.
size_t closing(std::string_view line, size_t at, size_t length) {
  while (at < line.size()) {
    size_t tick = line.find('`', at);
    if (tick == std::string_view::npos) break;
    size_t run = run_of(line, tick, '`');
    if (run == length) return tick;
    at = tick + run;
  }
  return std::string_view::npos;
}

class Converter {
 public:
  Converter(std::string_view markdown, const std::function<std::string(std::string_view)>& link)
      : lines_(split(markdown, '\n')), link_(link) {}

  std::string text() {
    for (size_t i = 0; i < lines_.size(); i++) {
      std::string_view line = lines_[i];
      std::string_view bare = line.substr(std::min(line.find_first_not_of(' '), line.size()));
      size_t ticks = run_of(bare, 0, '`');
      if (ticks >= 3 && bare.substr(ticks) == "text") {
        i = block(i, line.size() - bare.size(), bare.substr(0, ticks));
      } else if (line.starts_with("<!--")) {
        continue;
      } else if (line == "<details>" || line == "</details>") {
        close();
        out_ += std::string(line) + "\n";
      } else if (line.starts_with("<summary>") && line.ends_with("</summary>")) {
        out_ += "<summary>" + html_text(line.substr(9, line.size() - 19)) + "</summary>\n";
      } else if (line.starts_with("#")) {
        size_t level = run_of(line, 0, '#');
        close();
        std::string tag = level == 1 ? "h2" : "h3";
        out_ += "<" + tag + ">" + spans(trim(line.substr(level))) + "</" + tag + ">\n";
      } else if (line.starts_with("- ")) {
        item(line.substr(2));
      } else if (bare.empty()) {
        end_paragraph();
      } else if (in_item_ && line.starts_with("  ")) {
        out_ += "<br>" + spans(bare);
      } else {
        paragraph(line);
      }
    }
    close();
    return std::move(out_);
  }

 private:
  void item(std::string_view text) {
    end_paragraph();
    if (in_item_)
      out_ += "</li>\n";
    else
      out_ += "<ul>\n";
    in_item_ = true;
    out_ += "<li>" + spans(text);
  }
  void paragraph(std::string_view text) {
    end_list();
    out_ += in_paragraph_ ? "<br>" : "<p>";
    in_paragraph_ = true;
    out_ += spans(text);
  }
  void end_paragraph() {
    if (in_paragraph_) out_ += "</p>\n";
    in_paragraph_ = false;
  }
  void end_list() {
    if (in_item_) out_ += "</li>\n</ul>\n";
    in_item_ = false;
  }
  void close() {
    end_paragraph();
    end_list();
  }

  // The fenced block whose fence is line `at`; gives the line that ends it.
  size_t block(size_t at, size_t indent, std::string_view fence) {
    end_paragraph();
    out_ += "<pre class=\"said\">";
    for (at++; at < lines_.size(); at++) {
      std::string_view line = lines_[at];
      size_t blanks = std::min({run_of(line, 0, ' '), indent, line.size()});
      line.remove_prefix(blanks);
      if (line == fence) break;
      out_ += html_text(line) + "\n";
    }
    out_ += "</pre>\n";
    return at;
  }

  // One line: code spans, bold words, citations, all else as text.
  std::string spans(std::string_view line) {
    std::string out;
    bool bold = false;
    for (size_t at = 0; at < line.size();) {
      if (line[at] == '`') {
        size_t length = run_of(line, at, '`');
        size_t end = closing(line, at + length, length);
        if (end != std::string_view::npos) {
          std::string_view code = line.substr(at + length, end - at - length);
          bool blank = code.find_first_not_of(' ') == std::string_view::npos;
          if (!blank && code.size() > 2 && code.starts_with(' ') && code.ends_with(' ')) {
            code = code.substr(1, code.size() - 2);
          }
          out += "<code>" + html_text(code) + "</code>";
          at = end + length;
          continue;
        }
      }
      if (line.substr(at).starts_with("**")) {
        out += bold ? "</strong>" : "<strong>";
        bold = !bold;
        at += 2;
        continue;
      }
      if (line[at] == '[') {
        size_t end = line.find(']', at);
        if (end != std::string_view::npos) {
          out += citations(line.substr(at, end - at + 1));
          at = end + 1;
          continue;
        }
      }
      out += html_text(line.substr(at++, 1));
    }
    if (bold) out += "</strong>";
    return out;
  }

  // "[c7f2.14, c7f2.15]", each a link if it leads somewhere.
  std::string citations(std::string_view text) {
    std::string out = "[";
    std::string_view inside = text.substr(1, text.size() - 2);
    while (true) {
      size_t comma = inside.find(", ");
      std::string_view each = inside.substr(0, comma);
      std::string fragment = link_(each);
      out += fragment.empty()
                 ? html_text(each)
                 : "<a href=\"#" + html_text(fragment) + "\">" + html_text(each) + "</a>";
      if (comma == std::string_view::npos) break;
      out += ", ";
      inside.remove_prefix(comma + 2);
    }
    return out + "]";
  }

  std::vector<std::string_view> lines_;
  const std::function<std::string(std::string_view)>& link_;
  std::string out_;
  bool in_item_ = false, in_paragraph_ = false;
};

}  // namespace

std::string html_text(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  for (char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string html_of_markdown(std::string_view markdown,
                             const std::function<std::string(std::string_view)>& link) {
  return Converter(markdown, link).text();
}

}  // namespace baton::render
