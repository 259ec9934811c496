"""Language models behind OpenAI-compatible endpoints: a thin client, replicas, and ways to read a label."""
