"""Planners: PDDL tasks from text and from an environment's state, solved, checked, carried out."""
