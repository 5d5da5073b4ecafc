"""`make bench-read`: the read path against other GraphQL servers over PostgreSQL, and what PostgreSQL allows."""
