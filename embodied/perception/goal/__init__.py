"""Symbolic goals: words, and what is seen, to a `Goal`."""
