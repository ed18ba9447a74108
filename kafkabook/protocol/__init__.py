"""What brokers, the controller and clients say to each other: frozen requests and responses by Kafka's API names."""
