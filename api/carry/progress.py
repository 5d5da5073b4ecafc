"""How far it is: a bar where somebody watches, nothing elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from api.console import errors


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.0f} rows/s" if task.speed else "")


@contextmanager
def shown(doing: str, total: int) -> Iterator[Callable[[int], None]]:
    """Within the block, what is told of rows moves the bar on standard error."""
    if not errors.is_terminal:
        yield lambda _: None
        return
    columns = (TextColumn(doing), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
    with Progress(*columns, console=errors) as bar:
        rows = bar.add_task(doing, total=total)
        yield lambda more: bar.advance(rows, more)
