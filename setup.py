"""Finds the packages; everything else about the distribution stands in pyproject.toml."""

from pathlib import Path

from setuptools import find_packages, setup

# Folders beside `embodied/` that are imported as `embodied.<folder>` (see package-dir).
MAPPED = ("assets", "envs", "planners", "policies")

packages = find_packages(include=["embodied", "embodied.*"])
for folder in MAPPED:
    if Path(folder, "__init__.py").exists():
        packages += [f"embodied.{folder}"]
        packages += [f"embodied.{folder}.{name}" for name in find_packages(folder)]

setup(packages=packages)
