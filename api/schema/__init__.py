"""The graph: one module per noun. `query`, `mutation` and `subscription` gather them; `graph` builds the schema.

A type holds the record it shows; its stored fields are read from that record by name (`stored`), its edges go
through the loaders of the operation.
"""
