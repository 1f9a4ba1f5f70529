"""Is a reward any good? Measured on states whose truth is known, before any training."""
