"""The handoff as a reader of JSON gets it."""
import json

import jsonschema

from support.scratch import ROOT

SCHEMA = json.loads((ROOT / "docs" / "handoff.schema.json").read_text())


def handoff(of, *words, cwd=None):
    """That of a world, or of the world of an agent; it is as the schema says."""
    made = getattr(of, "world", of).json("handoff", *words, cwd=cwd)
    jsonschema.validate(made, SCHEMA)
    return made
