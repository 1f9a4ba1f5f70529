"""Policies: what turns a reward into actions."""
