"""The API: Strawberry types, inputs and resolvers over service.figures."""
