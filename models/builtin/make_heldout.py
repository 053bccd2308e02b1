"""Writes `eval/heldout.jsonl`."""

import json
from pathlib import Path

from synth import heldout

if __name__ == "__main__":
    path = Path(__file__).parent / "eval" / "heldout.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in heldout.rows()))
