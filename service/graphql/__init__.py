"""The API: Strawberry types, inputs and resolvers over service.figures."""

import service.graphql.enums  # noqa: F401  enums are dressed before any type that has one is made
