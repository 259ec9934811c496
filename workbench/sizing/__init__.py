"""How much memory and time a training will take, worked out without torch from a model's folder, settings and texts."""
