"""Files and folders that appear whole or not at all."""

from __future__ import annotations

import ctypes
import errno
import glob
import os
import re
import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from sco_network.errors import InputError, Problem

try:
    import fcntl
except ImportError:  # Windows, which has no such locks
    fcntl = None  # type: ignore[assignment]


@contextmanager
def replaced_folder(out: Path) -> Iterator[Path]:
    """Yield an empty folder that takes the place of `out` once all in it is written.

    The two change places in one step where the system can, so that whatever kills the process
    leaves the old folder or the new one. Others write the old one aside for a moment; should
    they be killed just then, the next call puts it back. Hidden folders that killed processes
    left behind are taken away; those of processes that still write are let be.

    Where `out` is a symbolic link, the folder that it leads to is replaced.
    """
    out = _followed(out)
    if os.path.ismount(out):  # as in a container that has its own disk for results
        message = "a disk is mounted here, and cannot change places with a folder"
        raise _unwritable(out, message, "Choose a folder in it with --out")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        clear_leftovers(out)
        fresh = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except OSError as error:
        hint = "Choose another --out"
        raise _unwritable(out, f"cannot write here: {error.strerror}", hint) from error
    try:
        with _claim(fresh):
            fresh.chmod(0o755)
            yield fresh
            _put_in_place(fresh, out)
    except OSError as error:
        raise _unwritable(
            out, f"writing failed: {error.strerror}", "Nothing was changed"
        ) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def clear_leftovers(out: Path) -> None:
    """Take away what killed processes left beside `out`, or put it back where `out` is missing."""
    for left in sorted(out.parent.glob(f".{glob.escape(out.name)}-*")):
        if not left.is_dir() or not _LEFT.match(left.name[len(out.name) + 1 :]):
            continue
        with suppress(OSError), _claim(left):
            if left.name.endswith(_ASIDE) and not out.exists():
                left.rename(out)
            else:
                shutil.rmtree(left, ignore_errors=True)


_ASIDE = ".old"
_LEFT = re.compile(rf"-[a-z0-9_]{{8}}({re.escape(_ASIDE)})?\Z")  # as mkdtemp names folders


@contextmanager
def _claim(folder: Path) -> Iterator[None]:
    """Hold a folder as this process's own; the system lets go of it when the process ends.

    Raises
    ------
    BlockingIOError
        Where another process holds it.
    """
    if fcntl is None:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def _put_in_place(fresh: Path, out: Path) -> None:
    """Make `fresh` be `out`; what `out` was is `fresh` then, or gone."""
    try:
        fresh.rename(out)  # nothing there, or an empty folder
    except OSError as error:
        if error.errno not in {errno.ENOTEMPTY, errno.EEXIST}:
            raise
        if not _exchanged(fresh, out):
            aside = fresh.with_name(fresh.name + _ASIDE)
            out.rename(aside)
            fresh.rename(out)
            shutil.rmtree(aside, ignore_errors=True)


def _exchanged(one: Path, other: Path) -> bool:
    """Let two folders change places in one step; False where the system cannot."""
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None) if fcntl else None
    if call is None:
        return False
    here, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE of Linux
    return bool(call(here, os.fsencode(one), here, os.fsencode(other), exchange) == 0)


@contextmanager
def path_to_replace(path: Path) -> Iterator[Path]:
    """Yield the path of a new file that takes the place of `path` once all of it is written.

    Where `path` is a symbolic link, the file that it leads to is replaced.
    """
    path = _followed(path)
    refuse_unwritable(path)
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
    other = path.exists() and not path.is_file()  # a folder, or a device such as /dev/null
    if other or not folder.is_dir() or not os.access(folder, os.W_OK):
        raise _unwritable(path, "a file cannot be written here", "Choose another name")


def refuse_foreign(folder: Path, marker: str) -> None:
    """Refuse to replace a folder with anything in it but an earlier result, which holds the marker.

    Raises
    ------
    InputError
        Where the folder holds something else, or is none.
    """
    names = _content(folder)
    if names and marker not in names:
        message = "this is not a folder of earlier results, so it is not replaced"
        raise _unwritable(folder, message, "Choose another one with --out")


def refuse_other_content(folder: Path, known: Collection[str] = ()) -> None:
    """Refuse to replace a folder with anything in it but the files named.

    Raises
    ------
    InputError
        Where the folder holds something else, or is none.
    """
    others = [name for name in _content(folder) if name not in known]
    if others:
        message = f"the folder holds other things ({', '.join(others[:3])}), so it is not replaced"
        raise _unwritable(folder, message, "Choose another --out")


def _content(folder: Path) -> list[str]:
    """Return the names in a folder that is to be replaced; none where there is no folder yet."""
    try:
        return sorted(path.name for path in folder.iterdir())
    except FileNotFoundError:
        return []
    except NotADirectoryError as error:
        hint = "Choose another --out"
        raise _unwritable(folder, "this is a file, not a folder", hint) from error
    except OSError as error:
        message = f"the folder cannot be read: {error.strerror}"
        raise _unwritable(folder, message, "Choose another --out") from error


def _followed(path: Path) -> Path:
    """Return where a path leads, whatever of it is a symbolic link."""
    return Path(os.path.realpath(path))


def _unwritable(path: Path, message: str, hint: str) -> InputError:
    return InputError([Problem(str(path), None, "", message, hint)])
