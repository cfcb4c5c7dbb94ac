"""MongoDB to answers: columns, figures, GraphQL, the page. Knows no Kafka."""
