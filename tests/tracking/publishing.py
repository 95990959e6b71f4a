"""A publication that is going to be killed; started as a process of its own, it prints each run it begins.

Arguments: the address of the store, and the folder of a suite.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bythebook.records.run import Identity
from bythebook.tracking import Context, publish
from bythebook.tracking.child import Child

if __name__ == "__main__":
    describe = Child.describe

    def announced(child: Child, identity: Identity) -> None:
        print(child.id, flush=True)
        describe(child, identity)

    Child.describe = announced
    publish(sys.argv[1], [Path(sys.argv[2])], None, Context(None, False, "publish"), lambda key: None)
