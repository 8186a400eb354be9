"""Reads a rendered handoff back and holds each statement against what was played."""
import re

CITED = re.compile(r"(?<![0-9a-f`])([0-9a-f]{4,64})(?:([.:])(\d+))?(?=[\],])")
SPAN = re.compile(r"(`+)(.+?)(?<!`)\1(?!`)")


def check_statements(story, text):
    """(what is false, what no rule here can read)."""
    wrong = []
    for line in text.split("\n"):
        bare = SPAN.sub("", line)
        for cited in re.findall(r"\[([0-9a-f]{4}[^\]]*)\]", bare):
            for address in cited.split(", "):
                if not exists(story, address):
                    wrong.append(f"no such place: {address}: {line}")
    return wrong, []


def exists(story, address):
    match = CITED.fullmatch(address) or re.fullmatch(r"([0-9a-f]{4})(?:([.:])(\d+))?", address)
    if not match:
        return False
    for actor in story.actors:
        if actor.hash.startswith(match[1]):
            last = {None: 0, ".": actor.count, ":": actor.turn}[match[2]]
            return match[2] is None or 1 <= int(match[3]) <= last
    return False
