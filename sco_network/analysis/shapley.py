"""Games of coalition: the value of every set of scenarios, shares and interactions.

A set of scenarios gains `v(S)` (`gains`). Where members of S conflict, or one lacks its companion,
S counts as the one of its largest compatible parts that gains most: of rivals the better is
built, and a proposal without what it requires adds nothing. Largest means that no member of S
could be added.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import combinations
from math import factorial

import numpy as np

from sco_network.routing.impedance import Floats
from sco_network.routing.space import ScenarioSpace

from .gains import Measure


class Game:
    """The value of every set of members; sets are bits, in the order of the space's members."""

    def __init__(self, space: ScenarioSpace, measure: Measure) -> None:
        self.space = space
        self.measure = measure
        self.ids = space.ids
        self.n = len(self.ids)
        self.masks = [space.mask([name]) for name in self.ids]
        self.everyone = (1 << self.n) - 1
        rules = space.rules
        self._excludes = [
            sum(1 << j for j, other in enumerate(self.masks) if rules.conflict(mask, other))
            for mask in self.masks
        ]
        self._needs_company = any(rules.lacks_companion(mask, mask) for mask in self.masks)
        self.parts = cache(self._parts)

    def atoms(self, members: int) -> int:
        """Return the atoms of a set of members."""
        mask = 0
        for i in bits(members):
            mask |= self.masks[i]
        return mask

    def allows(self, members: int) -> bool:
        """Return whether a set can be applied as it is."""
        if any(self._excludes[i] & members for i in bits(members)):
            return False
        return not self._needs_company or self.space.allows(self.atoms(members))

    def _parts(self, members: int) -> tuple[int, ...]:
        """Return the largest compatible parts of a set."""
        if self.allows(members):
            return (members,)
        rules, atoms = self.space.rules, self.atoms(members)
        for i in bits(members):
            if rules.lacks_companion(self.masks[i], atoms):
                return self.parts(members & ~(1 << i))
        i = next(i for i in bits(members) if self._excludes[i] & members)
        j = bits(self._excludes[i] & members)[0]
        found = {*self.parts(members & ~(1 << i)), *self.parts(members & ~(1 << j))}
        return tuple(sorted(p for p in found if not any(p & q == p != q for q in found)))

    def value(self, members: int, known: Callable[[int], float]) -> float:
        """Return what a set gains, given what compatible sets gain."""
        return max(known(part) for part in self.parts(members))


def bits(members: int) -> list[int]:
    """Return the numbers of the bits that are set.

    >>> bits(0b1101)
    [0, 2, 3]
    """
    return [i for i in range(members.bit_length()) if members >> i & 1]


def shapley(value: Floats) -> Floats:
    """Return the Shapley value of each of n players from the values of all 2ⁿ sets.

    φᵢ = Σ over sets S without i of |S|! (n − |S| − 1)! / n! · (v(S + i) − v(S)).

    Two players are worth 1 and 2 alone, and 5 together; they share what is over:

    >>> shapley(np.array([0.0, 1.0, 2.0, 5.0]))
    array([2., 3.])
    """
    n = len(value).bit_length() - 1
    sets = np.arange(len(value))
    size = np.array([int(s).bit_count() for s in sets])
    weight = np.array([factorial(s) * factorial(n - s - 1) / factorial(n) for s in range(n)])
    found = np.empty(n)
    for i in range(n):
        without = sets[sets >> i & 1 == 0]
        gain = value[without | 1 << i] - value[without]
        found[i] = (weight[size[without]] * gain).sum()
    return found


def interactions(value: Floats) -> Floats:
    """Return the Shapley interaction index of each pair, n × n, from the values of all sets.

    Iᵢⱼ = Σ over sets S without i and j of |S|! (n − |S| − 2)! / (n − 1)! ·
    (v(S + i + j) − v(S + i) − v(S + j) + v(S)).

    >>> interactions(np.array([0.0, 1.0, 2.0, 5.0]))[0, 1]
    np.float64(2.0)
    """
    n = len(value).bit_length() - 1
    sets = np.arange(len(value))
    size = np.array([int(s).bit_count() for s in sets])
    weight = [factorial(s) * factorial(n - s - 2) / factorial(n - 1) for s in range(n - 1)]
    found = np.zeros((n, n))
    for i, j in combinations(range(n), 2):
        a, b = 1 << i, 1 << j
        rest = sets[sets & (a | b) == 0]
        joint = value[rest | a | b] - value[rest | a] - value[rest | b] + value[rest]
        found[i, j] = found[j, i] = (np.array(weight)[size[rest]] * joint).sum()
    return found
