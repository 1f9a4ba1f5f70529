"""Environments on MuJoCo."""
