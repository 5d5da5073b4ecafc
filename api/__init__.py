"""The server. A request comes in at `door`, meets the graph in `schema`, and reads through `loaders` from `db`.
A query that was asked before is carried out by its plan, of `plan`.

An answer is asked for in `schema/response`, run in `generation`, rests on `grounding`, and is written by a model
from `models`.
`app` is where the parts meet; `settings` are the knobs; `errors` is what may be refused; `observe` is what happened,
of which `telemetry` makes log lines and metrics.
"""
