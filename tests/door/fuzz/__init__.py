"""Operations that nobody has thought of, made from the schema, and asked of the whole server."""
