"""What embodied calls once, before it looks the first name up."""

from embodied.registry import Registry


def plugin(registries: dict[str, Registry]) -> None:
    """Add the names; nothing is imported before somebody asks for one."""
    registries["rewards"].register("redness", "embodied_redness.reward:Redness")
    registries["encoders"].register("colour", "embodied_redness.encoder:load")
