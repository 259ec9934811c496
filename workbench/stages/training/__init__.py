"""Training stages: supervised fine-tuning, the preference model, and PPO against it."""
