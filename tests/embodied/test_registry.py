import sys
from collections.abc import Callable
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest

from embodied import registry
from embodied.errors import EmbodiedError, MissingDependency
from embodied.registry import REGISTRIES, Registry

BUILT_IN = [(kind, name) for kind, table in REGISTRIES.items() for name in table.table]

calls: list[str] = []


def good_plugin(registries: dict[str, Registry]) -> None:
    calls.append("good")
    assert "from-plugin" not in registries["envs"].names()  # may look up while it loads
    registries["envs"].register("from-plugin", "math:pi")


def bad_plugin(registries: dict[str, Registry]) -> None:
    raise ValueError("no such robot")


@pytest.fixture
def plugins(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Makes functions of this file the installed plug-ins, for tables of the test's own."""

    def install(*functions: str) -> None:
        points = EntryPoints(
            EntryPoint(name, f"{__name__}:{name}", registry.PLUGIN_GROUP) for name in functions
        )
        calls.clear()
        monkeypatch.setattr(registry, "entry_points", lambda group: points.select(group=group))
        monkeypatch.setattr(registry, "REGISTRIES", {"envs": Registry("environment", {})})
        monkeypatch.setattr(registry, "_plugins_loaded", False)

    return install


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """Writes an importable module, and gives its name."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(source: str) -> str:
        (tmp_path / "made_for_test.py").write_text(source)
        monkeypatch.delitem(sys.modules, "made_for_test", raising=False)
        return "made_for_test"

    return write


@pytest.mark.parametrize(("kind", "name"), BUILT_IN)
def test_every_built_in_name_loads(kind: str, name: str) -> None:
    assert REGISTRIES[kind].load(name) is not None


def test_nothing_is_imported_before_it_is_loaded(module: Callable[[str], str]) -> None:
    table = Registry("thing", {"made": f"{module('value = 7')}:value"})
    assert table.names() == ("made",)
    assert "made_for_test" not in sys.modules
    assert table.load("made") == 7


def test_unknown_name_lists_choices_and_nearest() -> None:
    table = Registry("thing", {"circle": "math:pi", "growth": "math:e"})
    with pytest.raises(EmbodiedError, match=r"thing 'circel'.*'circle'\?.*circle, growth"):
        table.load("circel")


@pytest.mark.parametrize("target", ["math:tau2", "no_such_module:x", "json.no_such_part:x"])
def test_target_that_does_not_exist_is_one_clear_line(target: str) -> None:
    with pytest.raises(EmbodiedError, match=r"'broken' points to .* does not exist") as caught:
        Registry("thing", {"broken": target}).load("broken")
    assert not isinstance(caught.value, MissingDependency)


def test_missing_optional_dependency_names_the_extra(
    module: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "open3d", None)  # as if it were not installed
    table = Registry("thing", {"scan": f"{module('import open3d.io')}:x"})
    with pytest.raises(MissingDependency, match=r"open3d.*embodied-vlm\[scenes\]"):
        table.load("scan")


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("import embodied.no_such_part", ModuleNotFoundError),
        ("[].no_such_attribute", AttributeError),
        ("from json import no_such_name", ImportError),
    ],
)
def test_bug_inside_a_target_keeps_its_traceback(
    source: str, error: type[Exception], module: Callable[[str], str]
) -> None:
    with pytest.raises(error):
        Registry("thing", {"buggy": f"{module(source)}:x"}).load("buggy")


def test_registered_name_loads() -> None:
    table = Registry("thing", {})
    table.register("circle", "math:pi")
    table.register("circle", "math:pi")  # the same again is no conflict
    assert table.load("circle") == pytest.approx(3.14159, abs=1e-5)


def test_register_refuses_to_replace() -> None:
    table = Registry("thing", {"circle": "math:pi"})
    with pytest.raises(EmbodiedError, match=r"'circle' is already registered as 'math:pi'"):
        table.register("circle", "math:e")
    assert table.table == {"circle": "math:pi"}


@pytest.mark.parametrize("target", ["math", "math:", ":pi", ""])
def test_register_refuses_what_is_no_target(target: str) -> None:
    with pytest.raises(EmbodiedError, match="module:attribute"):
        Registry("thing", {}).register("circle", target)


def test_plugins_load_once_at_the_first_look_up(plugins: Callable[..., None]) -> None:
    plugins("good_plugin")
    table = registry.REGISTRIES["envs"]
    assert table.table == {}
    assert table.names() == ("from-plugin",)
    assert table.load("from-plugin") == pytest.approx(3.14159, abs=1e-5)
    assert calls == ["good"]


def test_failing_plugin_is_named_at_every_look_up(plugins: Callable[..., None]) -> None:
    plugins("good_plugin", "bad_plugin")
    for _ in range(2):
        registry.REGISTRIES["envs"].table.clear()
        with pytest.raises(EmbodiedError, match=r"'bad_plugin'.*ValueError: no such robot"):
            registry.REGISTRIES["envs"].names()
