"""The store: PostgreSQL through asyncpg, plain SQL, one module per noun. It knows nothing of GraphQL."""
