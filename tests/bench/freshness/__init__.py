"""From Kafka's append to visible in GraphQL while reports stream in, and what that does to queries and to restarts."""
