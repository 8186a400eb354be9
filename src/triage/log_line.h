#pragma once

// What a terminal and a CI add to the lines of a program's output.

#include <string>
#include <string_view>

namespace baton::triage {

// Little-endian, as PowerShell writes what is redirected to a file; what is not ASCII becomes '?'.
std::string from_utf16(std::string_view text);

// Without colours, titles and carriage returns: ESC [ ... letter, and ESC ] ... BEL.
std::string without_escapes(std::string_view line);

// Without what a log puts before each line: the time (RFC 3339, in brackets or not), with a job's
// and a step's name and tabs before it as `gh run view --log` writes them; the name of a container
// and a bar, as docker compose does; valgrind's ==PID==; and GitHub's and Azure's ##[error]. Blanks
// that the program itself wrote stay: a stack's lines are told apart by them.
std::string_view without_log_prefix(std::string_view line);

}  // namespace baton::triage
