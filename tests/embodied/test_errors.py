import sys
import tomllib
from pathlib import Path

import pytest

from embodied.errors import DISTRIBUTION, EXTRAS, EmbodiedError, MissingDependency, unknown


@pytest.mark.parametrize("package", EXTRAS)
def test_missing_optional_package_names_its_extra(package: str) -> None:
    error = MissingDependency(package)
    assert isinstance(error, EmbodiedError)
    assert package in str(error)
    assert str(error).endswith(f"'embodied-vlm[{EXTRAS[package]}]'")
    assert "\n" not in str(error)


def test_missing_package_without_an_extra_is_installed_into_this_interpreter() -> None:
    assert MissingDependency("sentencepiece").install == (
        f"{sys.executable} -m pip install sentencepiece"
    )


def test_unknown_name_lists_choices_and_the_nearest() -> None:
    message = str(unknown("environment", "humanoid-knel", ["humanoid-stand", "humanoid-kneel"]))
    assert message == (
        "unknown environment 'humanoid-knel'. Did you mean 'humanoid-kneel'? "
        "Choices: humanoid-kneel, humanoid-stand"
    )


def test_unknown_name_far_from_all_choices_suggests_none() -> None:
    assert "Did you mean" not in str(unknown("encoder", "zzz", ["embedded", "hf"]))


def test_unknown_name_among_no_choices_says_so() -> None:
    assert str(unknown("preset", "fast", [])).endswith("Choices: none are registered")


@pytest.mark.parametrize("package", EXTRAS)
def test_extra_of_the_distribution_brings_the_package(package: str) -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    requirements = project["optional-dependencies"][EXTRAS[package]]
    assert any(r.startswith(package.replace("_", "-")) for r in requirements)
    assert project["name"] == DISTRIBUTION
