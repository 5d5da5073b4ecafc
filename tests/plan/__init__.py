"""Reading by plans: no client sees that it is not graphql-core that answers."""
