"""Writing a file so that it is there whole or not at all."""

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from geo.errors import BadInput


@contextmanager
def replaced_whole(path: Path) -> Iterator[Path]:
    """Give a path beside ``path`` to write to, and move it into place at the end; after an error nothing changes.

    Raises
    ------
    BadInput
        ``no-such-folder`` or ``cannot-write``.
    """
    if not path.parent.is_dir():
        raise BadInput("no-such-folder", place={"file": path.name}, name=str(path.parent))
    if path.is_dir():
        raise BadInput("cannot-write", place={"file": path.name}, name=path.name, reason=os.strerror(errno.EISDIR))
    try:
        with tempfile.TemporaryDirectory(prefix=f".{path.stem}-", dir=path.parent) as private:
            draft = Path(private) / path.name
            yield draft
            with draft.open("rb") as written:
                os.fsync(written.fileno())
            draft.replace(path)
    except OSError as failure:
        reason = os.strerror(failure.errno) if failure.errno else type(failure).__name__
        raise BadInput("cannot-write", place={"file": path.name}, name=path.name, reason=reason) from failure
