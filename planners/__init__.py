"""Planners: what turns goals into plans. Nothing is here yet but the name."""
