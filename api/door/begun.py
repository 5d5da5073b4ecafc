"""Work that is begun before anything is made ready for its having to wait: most of it never has to."""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from typing import Any, Generic, TypeVar

Done = TypeVar("Done")


class Begun(Generic[Done]):
    """The work, done as far as it goes without waiting, in the task that makes this; to await it is to go on with it.

    What the work raises before it waits is raised at once.
    """

    __slots__ = ("_waited_for", "_work", "done", "waits")

    def __init__(self, work: Coroutine[Any, Any, Done]) -> None:
        self._work = work
        self.waits = True
        """Whether there is more to do; if not, `done` is what it has given."""
        try:
            self._waited_for = work.send(None)
        except StopIteration as end:
            self.waits = False
            self.done: Done = end.value

    def __await__(self) -> Generator[Any, Any, Done]:
        while self.waits:
            try:
                heard = yield self._waited_for
            except BaseException as error:  # noqa: BLE001  # the work has to hear of whatever it is
                self._go_on(self._work.throw, error)
            else:
                self._go_on(self._work.send, heard)
        return self.done

    def _go_on(self, step: Any, said: Any) -> None:
        try:
            self._waited_for = step(said)
        except StopIteration as end:
            self.waits = False
            self.done = end.value
