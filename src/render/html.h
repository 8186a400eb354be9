#pragma once

// HTML out of text, and out of the Markdown that baton writes itself (handoffs, bodies of pull
// requests): headings, list items, paragraphs, code spans, fenced blocks, bold words and folded
// parts. Recorded text stands in code there, so everything of it goes through html_text().

#include <functional>
#include <string>
#include <string_view>

namespace baton::render {

// The text with what HTML gives a meaning to written as references: safe between tags and in quoted
// attributes.
std::string html_text(std::string_view text);

// `link` gives the fragment that an address ("c7f2.14", "c7f2:3", "c7f2") leads to, "" for none.
std::string html_of_markdown(std::string_view markdown,
                             const std::function<std::string(std::string_view)>& link);

}  // namespace baton::render
