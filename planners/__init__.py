"""Planners: PDDL tasks from texts and from an environment's state, solved, validated, carried out."""
