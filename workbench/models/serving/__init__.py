"""A model of this machine behind an OpenAI-compatible server: completions, chats, log-probabilities, scores of tokens."""
