"""Files and folders that appear whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from sco_network.errors import InputError, Problem


@contextmanager
def replaced_folder(out: Path) -> Iterator[Path]:
    """Yield an empty folder that takes the place of `out` once all in it is written."""
    out = out.absolute()
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except OSError as error:
        hint = "Choose another --out"
        raise _unwritable(out, f"cannot write here: {error.strerror}", hint) from error
    try:
        fresh.chmod(0o755)
        yield fresh
        old = fresh.with_name(fresh.name + "-old")
        if out.exists():
            out.rename(old)
        fresh.rename(out)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        raise _unwritable(
            out, f"writing failed: {error.strerror}", "Nothing was changed"
        ) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


@contextmanager
def path_to_replace(path: Path) -> Iterator[Path]:
    """Yield the path of a new file that takes the place of `path` once all of it is written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}-") as folder:
            fresh = Path(folder) / path.name
            yield fresh
            fresh.replace(path)
    except OSError as error:
        raise _unwritable(
            path, f"writing failed: {error.strerror}", "Nothing was changed"
        ) from error


@contextmanager
def file_to_replace(path: Path) -> Iterator[TextIO]:
    """Yield a new UTF-8 file that takes the place of `path` once all of it is written."""
    with path_to_replace(path) as fresh, fresh.open("w", encoding="utf-8", newline="") as file:
        yield file


def replaced_file(path: Path, content: str | bytes) -> None:
    """Write a file so that a reader sees the old or the new one, never a part."""
    with file_to_replace(path) as fresh:
        fresh.buffer.write(content.encode("utf-8") if isinstance(content, str) else content)


def refuse_unwritable(path: Path) -> None:
    """Refuse, before long work, a file that could not be written after it."""
    folder = next(p for p in path.absolute().parents if p.exists())
    if path.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
        raise _unwritable(path, "a file cannot be written here", "Choose another name")


def refuse_other_content(folder: Path, known: frozenset[str]) -> None:
    """Refuse to replace a folder that holds anything but the files named, or a file."""
    if folder.is_file():
        raise _unwritable(folder, "this is a file, not a folder", "Choose another --out")
    others = (
        sorted(p.name for p in folder.iterdir() if p.name not in known) if folder.exists() else []
    )
    if others:
        shown = ", ".join(others[:3])
        raise _unwritable(
            folder,
            f"the folder holds other things ({shown}), so it is not replaced",
            "Choose another --out",
        )


def _unwritable(path: Path, message: str, hint: str) -> InputError:
    return InputError([Problem(str(path), None, "", message, hint)])
