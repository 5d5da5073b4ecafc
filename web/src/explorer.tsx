// GraphiQL comes here.
