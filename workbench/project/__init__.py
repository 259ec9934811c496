"""The owner of a project: makes run folders from the store and collects their results into it."""

from workbench.project.project import Project

__all__ = ["Project"]
