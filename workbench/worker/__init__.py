"""The process that works a run folder: loads the models, walks the stage, saves, tells."""
