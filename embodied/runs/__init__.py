"""A run's life on disk: its folder, checkpoints, metrics, videos, and how it shows itself.

One noun per module: `folder`, `checkpoint` (on `tree` and `disk`), `rng`, `metrics` (on
`events`), `progress`, `video`, `statistics`, `interrupt`. Nothing is imported here, so that
`embodied --help` stays fast.
"""
