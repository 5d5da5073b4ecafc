"""FASTER READING: a query is made into a plan once, and the plan is carried out level by level.

The graph stays as `api/schema/` says it; nothing is declared a second time. What graphql-core would do for each object
by itself, a plan does for all objects of a level together:

- `making` goes once through a selection and makes a tree of steps of it, with what every object has in common;
- `steps` are that tree: how a field gets its value, for all the objects that it is asked of;
- `completing` turns values into what the answer holds, by their types;
- `pages` are lists: one statement a level, whose rows PostgreSQL writes as JSON where nobody looks into them;
- `inside` has the lists in such rows read by the statement of their parents, and `objects` single objects: what is
  asked by most is one statement, however deep;
- `written` and `found` say of which lists and objects that can be;
- `planner` keeps the plans and has them carried out.

A plan says nothing of errors. Whatever goes wrong in one, and whatever none can be made of, is executed by graphql-core
from the beginning, so that there is one place that says what is wrong. `tests/plan` holds that no client sees which of
the two has answered.
"""

from __future__ import annotations

from api.plan.planner import Answer, Planner

__all__ = ["Answer", "Planner"]
