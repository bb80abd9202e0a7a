"""How much memory is free, asked before a job starts that might need more."""

from __future__ import annotations

import sys
from pathlib import Path

import psutil

from sco_network.errors import InputError, Problem

CGROUPS = Path("/sys/fs/cgroup")
OWN_CGROUP = Path("/proc/self/cgroup")


def require_memory(
    needed: float,
    what: str,
    remedy: str = "Take fewer terminals or fewer --jobs, or a machine with more memory",
) -> None:
    """Refuse a job that does not fit into the free memory.

    Parameters
    ----------
    needed
        Bytes that the job takes at its peak.
    what
        The job, as the subject of a sentence.
    remedy
        What to do instead.

    Raises
    ------
    InputError
        Where less is free; says how much the job needs and how much there is, in GB (10⁹ bytes).
    """
    free = free_memory()
    if needed > free:
        message = f"{what} needs {needed / 1e9:,.2f} GB, and {free / 1e9:,.2f} GB are free"
        raise InputError([Problem("memory", None, "", message, remedy)])


def free_memory() -> float:
    """Return how many bytes this process may still take.

    The least of what the machine has, what the control groups around the process (containers,
    batch systems) leave, and what the limit of its address space (`ulimit -v`) leaves.
    """
    machine = float(psutil.virtual_memory().available)
    return max(0.0, min(machine, left_in_cgroups(), _left_in_address_space()))


def left_in_cgroups(own: Path = OWN_CGROUP, root: Path = CGROUPS) -> float:
    """Return the bytes left in the tightest control group around this process; inf without one.

    Linux, `memory` controller, versions 1 and 2. Inside a container the path of the group may
    be that of the host and not be there; the container's limit then stands at the root. The
    inactive part of the file cache counts as free: the kernel gives it up first.
    """
    try:
        lines = own.read_text(encoding="utf-8").splitlines()
    except OSError:
        return float("inf")
    left = [float("inf")]
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if not controllers:
            base, names = root, ("memory.max", "memory.current", "inactive_file")
        elif "memory" in controllers.split(","):
            base = root / "memory"
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
        else:
            continue
        group = base / path.lstrip("/")
        around = [group, *(g for g in group.parents if g.is_relative_to(base))]
        left += [_left_in(folder, *names) for folder in around]
    return min(left)


def _left_in(group: Path, limit_file: str, used_file: str, cache: str) -> float:
    try:
        limit = (group / limit_file).read_text(encoding="ascii").strip()
        used = int((group / used_file).read_text(encoding="ascii"))
        stat = (group / "memory.stat").read_text(encoding="ascii")
    except OSError:
        return float("inf")
    rows = dict(line.split() for line in stat.splitlines())
    return float("inf") if limit == "max" else int(limit) - used + int(rows.get(cache, 0))


def _left_in_address_space() -> float:
    if sys.platform == "win32":
        return float("inf")
    import resource

    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit == resource.RLIM_INFINITY:
        return float("inf")
    return float(limit - psutil.Process().memory_info().vms)
