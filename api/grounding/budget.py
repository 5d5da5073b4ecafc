"""Who gets how many tokens: each section has a share, and lends what it does not need."""

from __future__ import annotations

from collections.abc import Mapping

from api.grounding.found import Section

SHARES: dict[Section, int] = {
    Section.PROFILE: 20,
    Section.KNOWLEDGE: 40,
    Section.SUMMARY: 10,
    Section.CONVERSATION: 30,
}
"""Parts in a hundred of the room for contexts, while every section has something to say."""


def allowances(needs: Mapping[Section, int], room: int) -> dict[Section, int]:
    """The tokens of each section: its need where its share covers it, else its share of what the others leave.

    This is weighted max-min fairness: nobody can get more without somebody who has less losing some.
    """
    given = dict.fromkeys(needs, 0)
    hungry = {section for section, need in needs.items() if need > 0}
    while hungry:
        parts = sum(SHARES[section] for section in hungry)
        shares = {section: room * SHARES[section] // parts for section in hungry}
        content = {section for section in hungry if needs[section] <= shares[section]}
        if not content:
            return given | shares
        for section in content:
            given[section] = needs[section]
            room -= needs[section]
        hungry -= content
    return given
