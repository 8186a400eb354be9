#pragma once

// What nobody checked: skipped tests, and checks that the repository has, or that a setting names,
// and that no step ran.

#include "handoff/facts.h"

namespace baton::handoff {

// Reads a few files of the worktree at its root: Makefile, package.json, CI files; and, where a
// script of tests was run by its name, the names of the scripts beside it.
std::vector<NotCheckedLine> find_not_checked(const Facts& facts);

// Whether it reads this file.
bool names_checks(std::string_view path);

}  // namespace baton::handoff
