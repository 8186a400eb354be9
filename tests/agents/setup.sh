#!/bin/sh
# Installs the coding agents that the end-to-end tests drive, at pinned versions, outside the
# source tree: into $BATON_AGENTS_DIR, by default ~/.cache/baton-agents.  No install script of
# theirs is run; the programs are used as they lie in the packages.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
agents=${BATON_AGENTS_DIR:-$HOME/.cache/baton-agents}

mkdir -p "$agents"
cp "$here/package.json" "$here/package-lock.json" "$here/.npmrc" "$agents/"
if ! cmp -s "$here/package-lock.json" "$agents/installed-lock.json"; then
  rm -f "$agents/installed-lock.json"
  (cd "$agents" && npm ci --no-progress --loglevel=error)
  cp "$here/package-lock.json" "$agents/installed-lock.json"
fi
BATON_AGENTS_DIR=$agents python3 "$here/run.py" --check
