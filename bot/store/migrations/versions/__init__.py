"""One module a step of the schema, each with its way back."""
