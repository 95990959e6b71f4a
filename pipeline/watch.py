"""Takes the digest of a file or folder of the user's own. Reads it, writes data/watched/<name>.json.

DVC runs the stage when that has changed; the digest then says to the stages after it whether anything really has.
"""

from bythebook.datasets.user.content import digest
from bythebook.documents import write_json
from pipeline import stage, watchlist


def main(name: str) -> None:
    """Writes how many files there are, and the sha256 of their names and contents."""
    write_json(stage.WATCHED / f"{name}.json", digest(watchlist.path(stage.WATCHED, name)))


if __name__ == "__main__":
    stage.run(main)
