"""A hook or a command under strace: which of its system calls change something, and what if one of them
fails."""
import json
import re
import subprocess
import time

from support.scratch import BATON

# Every call with which a hook could change or lock a file.
CHANGING = ("write", "pwrite64", "writev", "pwritev2", "rename", "renameat", "renameat2", "truncate",
            "ftruncate", "fallocate", "unlink", "unlinkat", "rmdir", "mkdir", "mkdirat", "link",
            "linkat", "symlink", "symlinkat", "chmod", "fchmod", "fchmodat", "flock", "fdatasync",
            "fsync", "openat", "creat", "copy_file_range", "sendfile")
SETTLED = 0.03  # seconds behind the last change, from which on its stamp is trusted
LINE = re.compile(r"^(?P<call>\w+)\((?P<rest>.*)")


def run_under(strace, world, payload, agent="claude-code"):
    """The hook's process under strace with these options."""
    log = world.base / "strace.log"
    done = subprocess.run(["strace", "-o", str(log), *strace, BATON, "hook", agent],
                          input=json.dumps(payload).encode(), cwd=payload["cwd"], env=world.env,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return done, log.read_text(errors="replace").splitlines()


def slow_hook(world, payload, agent="claude-code"):
    """The hook on a disk so slow that its pass is cut by its budget."""
    calls = "newfstatat,statx,lstat,stat"
    done, _ = run_under(["-f", "-e", f"trace={calls}", "-e", f"inject={calls}:delay_enter=4000"],
                        world, payload, agent)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b""), done


def run_command(world, words, *strace):
    """The same of a command of baton's."""
    log = world.base / "strace.log"
    done = subprocess.run(["strace", "-o", str(log), *strace, BATON, *words], cwd=world.repo,
                          env=world.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return done, log.read_text(errors="replace").splitlines()


def own_calls(lines):
    """[(call, number among its kind, rest of its line)] of the first process, of a log made with -f."""
    own = lines[0].split()[0]
    counts = {}
    for line in lines:
        process, _, text = line.partition(" ")
        found = LINE.match(text.strip())
        if process != own or not found:
            continue  # git's own calls are git's matter
        call = found["call"]
        counts[call] = counts.get(call, 0) + 1
        yield call, counts[call], found["rest"]


def is_changing(call, rest):
    return call != "openat" or "O_CREAT" in rest


def changing_calls(world, payload, agent="claude-code"):
    """[(call, number among its kind)] of the calls by which the hook changes something, in order."""
    done, lines = run_under(["-f", "-e", "trace=" + ",".join(CHANGING)], world, payload, agent)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b""), done
    return [(call, number) for call, number, rest in own_calls(lines) if is_changing(call, rest)]


def meets(call, number, fault):
    """strace's options by which this one call meets the fault: "kill" or an error's name."""
    what = "signal=SIGKILL" if fault == "kill" else f"error={fault}"
    return ["-e", f"trace={call}", "-e", f"inject={call}:{what}:when={number}"]


def assert_met(lines, fault, where):
    sign = "killed by SIGKILL" if fault == "kill" else "(INJECTED)"
    assert any(sign in line for line in lines), (where, lines)


def inject(world, payload, call, number, fault, agent="claude-code"):
    """Runs the hook so that this one call meets the fault."""
    done, lines = run_under(meets(call, number, fault), world, payload, agent)
    assert_met(lines, fault, (call, number))
    if fault != "kill":
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b""), (call, number, done)


def inject_into(world, words, call, number, fault):
    """The same of a command."""
    done, lines = run_command(world, words, *meets(call, number, fault))
    assert_met(lines, fault, (call, number))
    return done


def stage(world, base, **env):
    """A copy of the world in which the look at it is recorded, so that nothing is new to the next command."""
    copy = world.copy_to(base)
    copy.env.update(env)
    look(copy)
    return copy


def look(world):
    time.sleep(SETTLED)
    world.baton("diff", check=True)
