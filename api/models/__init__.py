"""Language models: one module per way of reaching one. `MODELS` is the list of them."""
