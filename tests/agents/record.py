#!/usr/bin/env python3
"""record.py AGENT SCENARIO...: records fixtures from real agents (run.py --capture).

Writes tests/fixtures/AGENT/SCENARIO/, as described in README.md.  What belongs to an agent's
vendor (system prompts, descriptions of tools, reminders, whole model requests) is cut out; what
depends on this machine becomes a placeholder.
"""
import argparse
import json
import pathlib
import re
import shutil
import sys
import tempfile

import make_repo
import run

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "fixtures"
CUT = "[cut]"
# A longer string than this in a fixture was written by a vendor, not by a scenario.
LONG_TEXT = 1000

# Lines of Codex's session files that hold messages and outcomes; the rest is settings and state.
CODEX_EVENTS = {"task_started", "task_complete", "turn_aborted", "item_completed", "token_count"}
CODEX_ITEMS = {"message", "reasoning", "function_call", "function_call_output", "custom_tool_call",
               "custom_tool_call_output", "agent_message"}
CODEX_META = {"session_id", "id", "timestamp", "cwd", "originator", "cli_version", "source",
              "thread_source", "model_provider", "history_mode", "git", "parent_thread_id",
              "agent_nickname", "agent_role", "forked_from_id"}
CODEX_CONTEXT = {"turn_id", "root_turn_id", "cwd", "approval_policy", "model", "effort",
                 "sandbox_policy"}
CLAUDE_LINES = {"user", "assistant", "system", "attachment", "queue-operation", "last-prompt",
                "summary"}


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"


def strings(value, change):
    """`value` with every string in it (keys too) changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [strings(v, change) for v in value]
    if isinstance(value, dict):
        return {change(k): strings(v, change) for k, v in value.items()}
    return value


def cut_vendor(text):
    text = re.sub(r"\s*<system-reminder>.*?</system-reminder>", "", text, flags=re.S)
    if "[Subagent hand-back]" in text:
        text = text.split("The report follows:\n")[-1].strip()
    if text.startswith("The user doesn't want to"):
        text = f"{text.split('.')[0]}. {CUT}"
    summary = re.search(r"The user asked: .*?Work goes on\.", text, flags=re.S)
    if summary and len(text) > len(summary[0]) + 20:
        text = f"{CUT} {summary[0]}"
    if re.match(r"<\w*(instructions|context|listing)>", text) or len(text) > LONG_TEXT:
        return CUT
    return text


def reduced_claude(line):
    if line["type"] not in CLAUDE_LINES:
        return None
    if line["type"] == "attachment":  # kept because later lines name it as their parent
        line.pop("rendered", None)
        line["attachment"] = {"type": line["attachment"]["type"]}
    if line.get("subtype") == "stop_hook_summary":
        line["hookInfos"] = []
    return line


def reduced_codex(line):
    payload = line["payload"]
    kind = line["type"]
    if kind == "session_meta":
        line["payload"] = {k: v for k, v in payload.items() if k in CODEX_META}
    elif kind == "turn_context":
        line["payload"] = {k: v for k, v in payload.items() if k in CODEX_CONTEXT}
    elif kind == "event_msg":
        if payload["type"] not in CODEX_EVENTS:
            return None
    elif kind == "response_item":
        if payload["type"] not in CODEX_ITEMS or payload.get("role") in ("developer", "system"):
            return None
    elif kind == "compacted":
        line["payload"] = {"message": payload["message"], "replacement_history": []}
    elif kind != "token_usage_record":
        return None
    return line


class Places:
    """Turns this machine's paths into placeholders."""

    def __init__(self, out):
        repo, home = str(out / "repo"), str(out / "home")
        slug = re.sub(r"[^A-Za-z0-9]", "-", repo)
        self.pairs = [(repo, "@REPO@"), (home, "@HOME@"), (str(out / "tmp"), "@TMP@"),
                      (slug, "@SLUG@"), (str(out), "@OUT@")]

    def hide(self, text):
        for real, placeholder in self.pairs:
            text = text.replace(real, placeholder)
        return text


def read_events(out):
    return [json.loads(line) for line in (out / "captured.jsonl").read_text().splitlines()]


def reduce_file(path, reduce, clean):
    """The reduced lines of a session file, each with the offset at which it ended originally."""
    lines, offset = [], 0
    for raw in path.read_bytes().splitlines(keepends=True):
        offset += len(raw)
        kept = reduce(json.loads(raw))
        if kept is not None:
            lines.append((offset, clean(kept)))
    return lines


def unclosed(events, files, interrupted):
    """{call: "ran" or "interrupted"} of the shell commands that were begun and have no after-event.

    The session files say which of them ended; a refused one is in none of the sets.
    """
    begun, ended, ran = set(), set(), set()
    for event in events:
        payload = event["stdin"]
        if event["event"] == "PreToolUse" and payload["tool_name"] == "Bash":
            begun.add(payload["tool_use_id"])
        elif event["event"] in ("PostToolUse", "PostToolUseFailure"):
            ended.add(payload["tool_use_id"])
        elif event["event"] == "PostToolBatch":
            ended |= {call["tool_use_id"] for call in payload["tool_calls"]}
    for _, lines in files.values():
        for _, line in lines:
            item = line.get("payload", {}).get("item", {})
            # A command that Codex kills has -1 or 128 + the signal, whichever is noticed first.
            if item.get("type") == "CommandExecution" and 0 <= item.get("exit_code", -1) < 128:
                ran.add(item["id"])
    return {call: "ran" if call in ran else "interrupted"
            for call in begun - ended if call in ran or interrupted}


def record(agent, scenario_name, into):
    with tempfile.TemporaryDirectory(prefix="record-") as scratch:
        out = pathlib.Path(scratch).resolve()
        result = run.run(agent, scenario_name, out, capture=True)
        places = Places(out)

        def clean(value):
            return strings(value, lambda text: places.hide(cut_vendor(text)))

        reduce = reduced_claude if agent == "claude-code" else reduced_codex
        events = read_events(out)
        paths = sorted({path for event in events for path in event["sizes"]})
        files = {}
        shutil.rmtree(into, ignore_errors=True)
        into.mkdir(parents=True)
        for path in paths:
            name = f"session-{len(files) + 1}.jsonl"
            files[path] = (name, reduce_file(pathlib.Path(path), reduce, clean))
            with open(into / name, "w") as text:
                for _, line in files[path][1]:
                    text.write(compact(line))
        beside = {places.hide(str(p)): clean(json.loads(p.read_text()))
                  for p in sorted((out / "home").rglob("*.meta.json"))}

        scenario = run.load_scenario(scenario_name)
        interrupted = any("interrupt" in part for part in scenario["runs"])
        fates = unclosed(events, files, interrupted)
        with open(into / "events.jsonl", "w") as text:
            before = {}
            for event in events:
                grown = {}
                for path, size in event["sizes"].items():
                    name, lines = files[path]
                    count = sum(1 for end, _ in lines if end <= size)
                    if before.get(name) != count:
                        grown[name] = before[name] = count
                line = {"event": event["event"], "time": round(event["time"], 3)}
                if grown:
                    line["lines"] = grown
                if event["stdin"].get("tool_use_id") in fates:
                    line["fate"] = fates[event["stdin"]["tool_use_id"]]
                line["stdin"] = clean(event["stdin"])
                text.write(compact(line))

        meta = {
            "agent": "claude-code" if agent == "claude-code" else "codex",
            "version": run.VERSIONS["claude-code" if agent == "claude-code" else "codex"],
            "about": scenario["about"],
            **{key: scenario[key] for key in ("repo", "files", "expect") if key in scenario},
            "sessions": sorted({r["session"] for r in result["runs"]}),
            "session_files": {name: places.hide(path) for path, (name, _) in files.items()},
            "beside": beside,
            "tree": make_repo.tree_of(out / "repo"),
        }
        (into / "meta.json").write_text(json.dumps(meta, indent=1, ensure_ascii=False) + "\n")
        return len(events), sum(p.stat().st_size for p in into.iterdir())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("agent", choices=run.MODELS)
    parser.add_argument("scenario", nargs="+")
    parser.add_argument("--into", type=pathlib.Path, default=FIXTURES)
    args = parser.parse_args()
    why_not = run.missing()
    if why_not:
        raise SystemExit(why_not)
    for name in args.scenario:
        count, size = record(args.agent, name, args.into / args.agent / name)
        print(f"{args.agent}/{name}: {count} events, {size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
