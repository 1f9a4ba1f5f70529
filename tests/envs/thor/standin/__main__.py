"""The stand-in's process: answers actions until it is told to stop."""

import argparse
import os

from tests.envs.thor.standin.faults import Faults
from tests.envs.thor.standin.scenes import load_scenes
from tests.envs.thor.standin.wire import connect
from tests.envs.thor.standin.world import World


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("-screen-width", type=int, default=300)
    parser.add_argument("-screen-height", type=int, default=300)
    arguments, _ = parser.parse_known_args()
    faults = Faults.from_environment(os.environ)
    faults.strike("start", None)
    scenes = load_scenes(os.environ.get("STANDIN_SCENES"))
    world = World(scenes, arguments.screen_width, arguments.screen_height)
    wire = connect(os.environ)
    reply = world.hello()
    while action := wire.exchange(*reply):
        faults.strike(action["action"], wire)
        reply = world.act(action)


if __name__ == "__main__":
    main()
