"""Rows of the project as Qt models."""
