"""Kafka to MongoDB: consume, normalise, store, set aside. Knows no GraphQL and no HTTP."""
