"""Constitution Workbench: from a written constitution to a trained model, by Constitutional AI."""

__version__ = "0.1.0"
