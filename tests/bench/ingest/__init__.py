"""How fast a backlog goes from Kafka into MongoDB: ingest, and beside it MongoDB's Kafka sink connector."""
