"""Real Apache Kafka and MongoDB as child processes, without Docker, Java or apt."""
