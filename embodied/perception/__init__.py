"""Perception: frames and words go in, typed signals come out."""
