"""Object ids that stay the same when Unity gives new ones."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Objects = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Names:
    """Translates between the ids an episode began with and those of a Unity that was restored.

    AI2-THOR makes an id from a thing's type and place, and makes all ids anew in SetObjectPoses.
    A thing's `name` stays.
    """

    to_unity: dict[str, str] = field(default_factory=dict)

    @classmethod
    def between(cls, before: Objects, now: Objects) -> "Names":
        """The ids in `before` are kept for the objects in `now`."""
        ids = {name: item["objectId"] for name, item in by_name(before).items()}
        pairs = ((ids.get(name), item["objectId"]) for name, item in by_name(now).items())
        return cls({old: new for old, new in pairs if old and old != new})

    def outward(self, action: dict[str, Any]) -> dict[str, Any]:
        """The action as this Unity understands it."""
        return _replace(action, self.to_unity) if self.to_unity else action

    def inward(self, metadata: Any) -> None:
        """Change the metadata of an event to the ids the episode began with."""
        if self.to_unity:
            back = {new: old for old, new in self.to_unity.items()}
            metadata.update(_replace(dict(metadata), back))


def by_name(objects: Objects) -> dict[str, Mapping[str, Any]]:
    """name -> object, without names that several have, such as the slices of two apples."""
    counts = Counter(item["name"] for item in objects)
    return {item["name"]: item for item in objects if counts[item["name"]] == 1}


def _replace(value: Any, table: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return table.get(value, value)
    if isinstance(value, dict):
        return {key: _replace(item, table) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_replace(item, table) for item in value]
    return value
