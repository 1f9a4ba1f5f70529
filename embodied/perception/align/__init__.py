"""Align an image tower to the meaning of sentences, on pictures whose truth a simulator knows."""
