"""Two clocks beside each other."""

from __future__ import annotations

from api.doctor.finding import Finding, fail, ok, warn

FAR = 60.0
"""Seconds by which no clock that somebody looks after is off."""


def clock(name: str, off: float, tolerated: float) -> Finding:
    """How a clock stands to the one of this machine: `off` is what it is ahead, in seconds."""
    told = f"{abs(off):.1f} seconds {'ahead of' if off > 0 else 'behind'} this machine's"
    remedy = "let both machines keep their time by NTP, such as with chrony"
    if abs(off) > FAR:
        return fail(name, told, remedy)
    return warn(name, told, remedy) if abs(off) > tolerated else ok(name, told)
