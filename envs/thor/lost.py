"""The error that a Unity can no longer be spoken to; it needs no ai2thor."""


class UnityLost(Exception):
    """Unity died, said nothing in time or what cannot be read; the message says which."""
