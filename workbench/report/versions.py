"""Versions of what a report rests on, asked of the installation without loading anything."""

import platform
from importlib.metadata import PackageNotFoundError, version

from workbench import __version__

_PACKAGES = ("torch", "transformers", "trl", "numpy")


def versions() -> dict[str, str]:
    """Return names and versions of the workbench, Python and the libraries that compute."""
    found = {"workbench": __version__, "Python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found
