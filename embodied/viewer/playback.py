"""Moments from recorded episodes."""

from __future__ import annotations

from embodied.runs.episodes import RecordedEpisodes
from embodied.viewer.simulation import Moment


class Playback:
    """Plays one of the recorded episodes, over and over.

    episode: which one. lengths: of each, in steps.
    """

    def __init__(self, recorded: RecordedEpisodes):
        self.recorded = recorded
        self.lengths = (~recorded.over).sum(0)
        self.episode = 0
        self._at = 0

    @property
    def length(self) -> int:
        return int(self.lengths[self.episode])

    def restart(self) -> Moment:
        return self.seek(0)

    def advance(self) -> Moment:
        return self.seek((self._at + 1) % self.length)

    def choose(self, episode: int) -> Moment:
        """Begin another episode."""
        self.episode = episode
        return self.restart()

    def seek(self, at: int) -> Moment:
        """Go to a step of the episode, from 0."""
        self._at = min(max(at, 0), self.length - 1)
        here = self._at, self.episode
        return Moment(
            self.recorded.qpos[here],
            self._at,
            bool(self.recorded.success[here]),
            self._at == self.length - 1,
        )
