"""Tables of the documentation, read as they are written."""

from __future__ import annotations


def rows(text: str, heading: str) -> list[list[str]]:
    """The cells of the table under the line that has these headings."""
    table = text.split(heading, 1)[1].split("\n\n", 1)[0]
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in table.splitlines()
        if line.startswith("| ")
    ]
