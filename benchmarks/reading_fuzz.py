"""Read damaged files of every form for minutes: each is read or refused, its offsets hold, none takes long.

    python benchmarks/reading_fuzz.py [--seconds 600] [--seed 1] [--slow 10]

Sound files of every form are cut, flipped and repeated, outside and inside their zip, and read under right and wrong
names. Ends with 1 when anything else than a refusal comes out, or one file takes longer than --slow seconds; such files
are kept in the folder it names. The short version of this run is in ``tests/heqing/reading/test_any_bytes.py``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seconds", type=float, default=600)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--slow", type=float, default=10)
    said = asked.parse_args()
    from tests.heqing.reading.received import damaged, some_of_each, spoken

    from heqing.errors import BadFileError
    from heqing.reading import decode, read

    chance = Random(said.seed)  # noqa: S311 - no secret hangs on it
    files = some_of_each()
    names = [*files, "x.doc", "x.wps", "x.png", "x.md", "x"]
    outcomes: Counter[str] = Counter()
    faults = 0
    slowest = (0.0, "")
    folder = Path(tempfile.mkdtemp(prefix="heqing-fuzz-"))
    until = time.monotonic() + said.seconds
    while time.monotonic() < until:
        kind = chance.choice(list(files))
        raw = damaged(files[kind], chance)
        name = kind if chance.random() < 0.8 else chance.choice(names)
        began = time.monotonic()
        try:
            found = read(decode(raw, name))
            for words, start, end in spoken(found):
                if found.text[start:end] != words:
                    raise AssertionError(f"{words!r} does not stand at {start}")
        except BadFileError as error:
            outcomes[f"{Path(kind).suffix} refused: {error.code}"] += 1
        except Exception:  # noqa: BLE001 - what a fuzz run is for
            faults += 1
            kept = folder / f"fault{faults}{Path(name).suffix}"
            kept.write_bytes(raw)
            print(f"FAILED {kept}\n{traceback.format_exc()}", flush=True)
        else:
            outcomes[f"{Path(kind).suffix} read"] += 1
        took = time.monotonic() - began
        slowest = max(slowest, (took, kind))
        if took > said.slow:
            faults += 1
            (folder / f"slow{faults}{Path(name).suffix}").write_bytes(raw)
    for outcome, count in sorted(outcomes.items()):
        print(f"{outcome:40} {count}")
    print(f"{outcomes.total()} files; slowest {slowest[0]:.2f} s ({slowest[1]}); {faults} faults in {folder}")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
