"""Adapt a frozen encoder to one's own environment: a small part is trained beside its weights."""
