#!/usr/bin/env python3
"""run.py AGENT SCENARIO --out DIR: runs a real coding agent against a scripted model, offline.

The agent (claude-code, codex, codex-plain) comes from setup.sh; the model is model.mjs.  Both run
in network, mount and process namespaces of their own: there is no way out but the loopback
device, nothing outlives the run, and the user's own agent settings are out of sight.  The agent
gets an empty environment and, unless --home names one, a new HOME.

What hears of the agent's doings: --baton PATH runs `PATH init` first; --hook COMMAND is
registered for every event; --capture registers capture.py.  They can be combined.

In DIR afterwards: home/ and repo/ (unless named), requests.jsonl (what the model was sent and
what it said), captured.jsonl (with --capture), stdout.N and stderr.N of each run of the agent,
result.json.
"""
import argparse
import fcntl
import json
import os
import pathlib
import platform
import shlex
import signal
import socket
import struct
import subprocess
import sys
import time
import urllib.request

import gen_scenario
import make_repo

HERE = pathlib.Path(__file__).resolve().parent
AGENTS = pathlib.Path(os.environ.get("BATON_AGENTS_DIR")
                      or pathlib.Path.home() / ".cache" / "baton-agents")
ARCH = {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
RUST = {"x64": "x86_64-unknown-linux-musl", "arm64": "aarch64-unknown-linux-musl"}.get(ARCH, ARCH)
MODULES = AGENTS / "node_modules"
NODE = MODULES / f"node-linux-{ARCH}" / "bin" / "node"
PROGRAMS = {
    "claude-code": MODULES / "@anthropic-ai" / f"claude-code-linux-{ARCH}" / "claude",
    "codex": MODULES / "@openai" / f"codex-linux-{ARCH}" / "vendor" / RUST / "bin" / "codex",
}
VERSIONS = {"claude-code": "2.1.330", "codex": "0.169.0"}
# Codex talks to newer models in code mode: one tool that takes JavaScript, which calls the rest.
MODELS = {"claude-code": None, "codex": "gpt-6.1-sol", "codex-plain": "gpt-5.5"}
PORT = 8930  # free in every run's own network
RUN_SECONDS = 120

CLAUDE_EVENTS = """SessionStart SessionEnd UserPromptSubmit PreToolUse PostToolUse
    PostToolUseFailure PostToolBatch PermissionRequest PermissionDenied Stop StopFailure
    SubagentStart SubagentStop PreCompact PostCompact Notification TaskCreated TaskCompleted
    InstructionsLoaded CwdChanged""".split()
CODEX_EVENTS = """SessionStart SessionEnd UserPromptSubmit PreToolUse PermissionRequest
    PostToolUse PreCompact PostCompact SubagentStart SubagentStop Stop Interrupt""".split()


def program_of(agent):
    return PROGRAMS["codex" if agent.startswith("codex") else agent]


def missing():
    """Why no agent can be run here, or None."""
    for path in [NODE, *PROGRAMS.values()]:
        if not path.exists():
            return f"{path} is missing: run tests/agents/setup.sh"
    tried = subprocess.run([*unshare(), "true"], capture_output=True, text=True)
    if tried.returncode != 0:
        return f"namespaces cannot be made here: {tried.stderr.strip()}"
    return None


def check_versions():
    for agent, wanted in VERSIONS.items():
        env = {"HOME": str(AGENTS / "home"), "PATH": "/usr/bin:/bin"}
        found = subprocess.run([PROGRAMS[agent], "--version"], env=env, check=True,
                               capture_output=True, text=True).stdout
        if wanted not in found.split():
            raise SystemExit(f"{agent}: version {wanted} is wanted, found {found.strip()}")
        print(f"{agent} {wanted}")


def unshare():
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    return ["unshare", *user, "--net", "--mount", "--pid", "--fork", "--mount-proc",
            "--kill-child", "--propagation", "private", "--"]


def load_scenario(scenario):
    """A scenario by name, by path, or as it is."""
    if isinstance(scenario, dict):
        return scenario
    if scenario in gen_scenario.VARIANTS:
        return gen_scenario.generate(**gen_scenario.VARIANTS[scenario])
    path = pathlib.Path(scenario)
    if not path.suffix:
        path = HERE / "scenarios" / f"{scenario}.json"
    return json.loads(path.read_text())


def run(agent, scenario, out, repo=None, home=None, hook=None, baton=None, capture=False,
        resume=None, init_args=()):
    """Runs `agent` through `scenario`; returns what result.json holds.

    `repo` is used as it is if it exists, else made.  `resume` is the session to go on with from
    the first run on.
    """
    out = pathlib.Path(out).resolve()
    out.mkdir(parents=True, exist_ok=True)
    repo = pathlib.Path(repo or out / "repo").resolve()
    home = pathlib.Path(home or out / "home").resolve()
    scenario = load_scenario(scenario)
    if not repo.exists():
        make_repo.make_repo(repo, scenario)
    home.mkdir(parents=True, exist_ok=True)
    for stale in ["requests.jsonl", "captured.jsonl", "result.json"]:
        (out / stale).unlink(missing_ok=True)
    (out / "scenario.json").write_text(json.dumps(scenario))
    task = {
        "agent": agent, "out": str(out), "repo": str(repo), "home": str(home), "hook": hook,
        "baton": str(pathlib.Path(baton).resolve()) if baton else None, "capture": capture,
        "resume": resume, "init_args": list(init_args),
    }
    env = {**os.environ, "BATON_AGENTS_DIR": str(AGENTS)}
    inside = [*unshare(), sys.executable, str(HERE / "run.py"), "--inside", json.dumps(task)]
    done = subprocess.run(inside, env=env, stdin=subprocess.DEVNULL)
    result = out / "result.json"
    if done.returncode != 0 or not result.exists():
        raise RuntimeError(f"run of {agent} failed with status {done.returncode}, see {out}")
    return json.loads(result.read_text())


def requests_of(out):
    """What the model was sent in a run: the log's entries for the two model endpoints."""
    lines = pathlib.Path(out, "requests.jsonl").read_text().splitlines()
    return [entry for entry in map(json.loads, lines) if "body" in entry]


def words_of(value):
    """Every string in a request's body, for assertions on what reached the model."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        value = [v for k, v in value.items() if k not in ("tools", "id", "call_id", "model")]
    return "\n".join(map(words_of, value)) if isinstance(value, list) else ""


# ------------------------------------------------------------------- inside the namespaces


def loopback_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        get_flags, set_flags, up = 0x8913, 0x8914, 1
        request = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(s, get_flags, request))[1]
        fcntl.ioctl(s, set_flags, struct.pack("16sh14x", b"lo", flags | up))


def hide_own_settings():
    own = pathlib.Path.home()
    folders = [own / ".claude", own / ".codex", own / ".agents",
               pathlib.Path("/etc/claude-code"), pathlib.Path("/etc/codex")]
    for folder in folders:
        if folder.is_dir():
            subprocess.run(["mount", "-t", "tmpfs", "none", str(folder)], check=True)
    for file in [own / ".claude.json", own / ".gitconfig"]:
        if file.is_file():
            subprocess.run(["mount", "--bind", "/dev/null", str(file)], check=True)


def clean_env(task):
    tmp = pathlib.Path(task["out"], "tmp")
    tmp.mkdir(exist_ok=True)
    return {
        "HOME": task["home"], "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8",
        "TERM": "dumb", "USER": "robin", "SHELL": "/bin/bash", "TMPDIR": str(tmp),
        "NO_COLOR": "1", "NO_PROXY": "127.0.0.1",
    }


def hook_table(task, events, root):
    """The `hooks` object of either agent's settings."""
    commands = {}
    for event in events:
        lines = []
        if task["capture"]:
            lines.append(shlex.join([os.path.realpath(sys.executable), "-I", "-S",
                                     str(HERE / "capture.py"), event,
                                     task["out"] + "/captured.jsonl", str(root)]))
        if task["hook"]:
            lines.append(task["hook"])
        commands[event] = lines
    return {event: [{"hooks": [{"type": "command", "command": line, "timeout": 20}]}
                    for line in lines] for event, lines in commands.items() if lines}


class Claude:
    def __init__(self, task, scenario):
        self.task = task
        self.env = {
            **clean_env(task), "ANTHROPIC_BASE_URL": f"http://127.0.0.1:{PORT}",
            "ANTHROPIC_API_KEY": "none", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "DISABLE_TELEMETRY": "1", "DISABLE_AUTOUPDATER": "1", "DISABLE_ERROR_REPORTING": "1",
        }
        if scenario.get("plan"):
            self.env["CLAUDE_CODE_ENABLE_TODO_TOOLS"] = "1"  # off by default with newer models
        folder = pathlib.Path(task["home"], ".claude")
        folder.mkdir(exist_ok=True)
        settings = {"permissions": {"allow": ["Bash", "Read", "Edit", "Write"]}}
        for rule, key in [("deny", "refuse"), ("ask", "ask")]:
            if key in scenario:
                settings["permissions"][rule] = [f"Bash({scenario[key]}:*)"]
        hooks = hook_table(task, CLAUDE_EVENTS, folder / "projects")
        if hooks:
            settings["hooks"] = hooks
        if not (folder / "settings.json").exists():
            (folder / "settings.json").write_text(json.dumps(settings, indent=2) + "\n")

    def command(self, prompt, resume):
        return [program_of("claude-code"), "-p", prompt, "--output-format", "stream-json",
                "--verbose", "--permission-mode", "acceptEdits",
                *(["--resume", resume] if resume else [])]

    @staticmethod
    def session_of(line):
        return line.get("session_id")


class Codex:
    def __init__(self, task, scenario):
        self.task = task
        folder = pathlib.Path(task["home"], ".codex")
        (folder / "rules").mkdir(parents=True, exist_ok=True)
        self.env = {**clean_env(task), "MODEL_KEY": "none", "CODEX_HOME": str(folder)}
        config = f"""model = "{MODELS[task["agent"]]}"
model_provider = "scripted"
approval_policy = "never"
sandbox_mode = "danger-full-access"
check_for_update_on_startup = false

[model_providers.scripted]
name = "scripted"
base_url = "http://127.0.0.1:{PORT}/v1"
env_key = "MODEL_KEY"
wire_api = "responses"
supports_websockets = false
request_max_retries = 1
stream_max_retries = 1

[features]
plugins = false

[analytics]
enabled = false

[projects."{task["repo"]}"]
trust_level = "trusted"
"""
        if scenario.get("plan"):
            config += "\n[tools.update_plan]\nenabled = true\n"  # off by default
        if not (folder / "config.toml").exists():
            (folder / "config.toml").write_text(config)
        if "refuse" in scenario:
            (folder / "rules" / "default.rules").write_text(
                f'prefix_rule(pattern = ["{scenario["refuse"]}"], decision = "forbidden", '
                'justification = "not in this repository")\n')
        hooks = hook_table(task, CODEX_EVENTS, folder / "sessions")
        if hooks and not (folder / "hooks.json").exists():
            (folder / "hooks.json").write_text(json.dumps({"hooks": hooks}, indent=2) + "\n")

    def command(self, prompt, resume):
        # Hooks that nobody has looked at and trusted are passed over without a word.
        return [program_of("codex"), "exec", "--json", "--dangerously-bypass-hook-trust",
                *(["resume", resume] if resume else []), prompt]

    @staticmethod
    def session_of(line):
        return line.get("thread_id") if line.get("type") == "thread.started" else None


def start_model(task):
    command = [NODE, HERE / "model.mjs", "--scenario", task["out"] + "/scenario.json",
               "--log", task["out"] + "/requests.jsonl", "--repo", task["repo"],
               "--port", str(PORT)]
    model = subprocess.Popen([str(c) for c in command])
    for _ in range(200):
        if model.poll() is not None:
            break
        try:
            model_state()
            return model
        except OSError:
            time.sleep(0.05)
    raise SystemExit("the scripted model does not start")


def model_state():
    with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/state", timeout=5) as answer:
        return json.load(answer)


def wait_or_interrupt(process, interrupt):
    """Waits for the agent; with an `interrupt` kills it that long after the turn was answered."""
    deadline = time.monotonic() + RUN_SECONDS
    kill_at = None
    while process.poll() is None:
        now = time.monotonic()
        if kill_at is None and interrupt:
            if any(script["next"] >= interrupt["turn"] for script in model_state()):
                kill_at = now + interrupt["after"]
        if kill_at is not None and now >= kill_at:
            process.send_signal(getattr(signal, "SIG" + interrupt["signal"]))
            kill_at = now + 10
        if now > deadline:
            process.kill()
            raise SystemExit(f"the agent did not end within {RUN_SECONDS} s")
        time.sleep(0.02)
    return process.returncode


def inside(task):
    loopback_up()
    hide_own_settings()
    out = pathlib.Path(task["out"])
    scenario = json.loads((out / "scenario.json").read_text())
    agent = (Claude if task["agent"] == "claude-code" else Codex)(task, scenario)
    if task["baton"]:
        with open(out / "init.out", "w") as log:
            subprocess.run([task["baton"], "init", *task["init_args"]], env=agent.env,
                           cwd=task["repo"], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                           check=True)
    start_model(task)
    result = {"agent": task["agent"], "model": MODELS[task["agent"]], "runs": []}
    session = task["resume"]
    for number, part in enumerate(scenario["runs"]):
        resume = session if part.get("resume") or (number == 0 and task["resume"]) else None
        began = time.time()
        with open(out / f"stdout.{number}", "w") as stdout, \
                open(out / f"stderr.{number}", "w") as stderr:
            process = subprocess.Popen(
                [str(word) for word in agent.command(part["prompt"], resume)], env=agent.env,
                cwd=task["repo"], stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr)
            status = wait_or_interrupt(process, part.get("interrupt"))
        for line in (out / f"stdout.{number}").read_text().splitlines():
            try:
                session = agent.session_of(json.loads(line)) or session
            except ValueError:
                pass
        result["runs"].append({"status": status, "session": session, "began": began,
                               "seconds": round(time.time() - began, 2)})
    result["scripts"] = model_state()
    (out / "result.json").write_text(json.dumps(result, indent=1) + "\n")


def main():
    if sys.argv[1:2] == ["--inside"]:
        return inside(json.loads(sys.argv[2]))
    if sys.argv[1:] == ["--check"]:
        return check_versions()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("agent", choices=MODELS)
    parser.add_argument("scenario", help="a name in scenarios/, or a file")
    parser.add_argument("--out", required=True)
    parser.add_argument("--repo", help="used as it is if it exists")
    parser.add_argument("--home")
    parser.add_argument("--baton", help="run its init first")
    parser.add_argument("--hook", help="a command for every event")
    parser.add_argument("--capture", action="store_true")
    parser.add_argument("--resume", help="a session to go on with")
    args = parser.parse_args()
    why_not = missing()
    if why_not:
        raise SystemExit(why_not)
    result = run(**vars(args))
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
