"""A procedurally generated kitchen with AI2-THOR's actions and metadata."""
