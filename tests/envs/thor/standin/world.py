"""One action in, metadata and pictures out."""

import random
from dataclasses import replace
from typing import Any

import numpy as np

from tests.envs.thor.standin import household
from tests.envs.thor.standin.agent import HEIGHT, Eyes, Pose, free_spots, is_free
from tests.envs.thor.standin.household import Refusal
from tests.envs.thor.standin.picture import FAR, colour_of, draw
from tests.envs.thor.standin.scenes import Scene, Thing
from tests.envs.thor.standin.wire import Images

MOVES = {"MoveAhead": (1, 0), "MoveBack": (-1, 0), "MoveRight": (0, 1), "MoveLeft": (0, -1)}
TURNS = {"RotateRight": 1, "RotateLeft": -1}
LOOKS = {"LookDown": 30, "LookUp": -30}
_UNKNOWN = "Invalid action: "


class World:
    def __init__(self, scenes: dict[str, Scene], width: int, height: int) -> None:
        self.scenes, self.width, self.height = scenes, width, height
        self.scene, self.things = "FloorPlan0", list[Thing]()
        self.settings: dict[str, Any] = {}
        self.pose = Pose(0, 0)
        self.cameras: list[dict[str, Any]] = []

    def hello(self) -> tuple[dict[str, Any], Images]:
        return self._reply({"action": "Initialize", "sequenceId": 0}, None, None)

    def act(self, action: dict[str, Any]) -> tuple[dict[str, Any], Images]:
        answer, refusal = None, None
        try:
            answer = self._do(action)
            household.work(self)
        except Refusal as error:
            refusal = error
        return self._reply(action, answer, refusal)

    def hand(self) -> np.ndarray:
        forward = self.pose.axes()[2]
        return self.pose.eye + forward * 0.5 - [0, 0.2, 0]

    def held(self) -> Thing | None:
        return next((thing for thing in self.things if thing.data["isPickedUp"]), None)

    def sees(self, thing: Thing) -> bool:
        return thing.data["isPickedUp"] or self._eyes().sees(self.pose, thing)

    def _eyes(self) -> Eyes:
        shown = [thing for thing in self.things if not thing.data["isPickedUp"]]
        reach = self.settings.get("visibilityDistance", 1.5)
        return Eyes(shown, reach, self.settings.get("fieldOfView", 90))

    def _do(self, action: dict[str, Any]) -> Any:
        name = action["action"]
        if name in household.VERBS:
            return household.do(self, action)
        if name in MOVES:
            return self._move(*MOVES[name], action)
        if name in TURNS:
            step = action.get("degrees") or self.settings.get("rotateStepDegrees", 90)
            self.pose = replace(self.pose, yaw=(self.pose.yaw + TURNS[name] * step) % 360)
            return self._carry()
        if name in LOOKS:
            horizon = self.pose.horizon + LOOKS[name]
            if not -30 <= horizon <= 60:
                raise Refusal("can't look further up or down")
            self.pose = replace(self.pose, horizon=horizon)
            return self._carry()
        method = getattr(self, f"_do_{name}", None)
        if method is None:
            raise Refusal(_UNKNOWN + name, "InvalidAction")
        return method(action)

    def _do_Pass(self, action: dict[str, Any]) -> None:
        pass

    def _do_GetScenesInBuild(self, action: dict[str, Any]) -> list[str]:
        return sorted(self.scenes)

    def _do_Reset(self, action: dict[str, Any]) -> None:
        self.scene = action["sceneName"]
        self.things, self.cameras = self.scenes[self.scene](), []

    def _do_ChangeResolution(self, action: dict[str, Any]) -> None:
        self.width, self.height = action["x"], action["y"]

    def _do_Initialize(self, action: dict[str, Any]) -> dict[str, float]:
        if (grid := action.get("gridSize", 0.25)) <= 0:
            raise Refusal(f"gridSize must be above 0, not {grid}")
        self.settings = action
        spots = free_spots(self.things, self._grid())
        self.pose = min(spots, key=lambda pose: pose.x**2 + pose.z**2)
        return {"cameraNearPlane": 0.1, "cameraFarPlane": FAR}

    def _do_Crouch(self, action: dict[str, Any]) -> None:
        self._stand(False)

    def _do_Stand(self, action: dict[str, Any]) -> None:
        self._stand(True)

    def _do_Teleport(self, action: dict[str, Any]) -> None:
        place = action.get("position") or {"x": self.pose.x, "z": self.pose.z}
        pose = replace(
            self.pose,
            x=place["x"],
            z=place["z"],
            yaw=(action.get("rotation") or {}).get("y", self.pose.yaw),
            horizon=action.get("horizon", self.pose.horizon),
            standing=action.get("standing", self.pose.standing),
        )
        if not action.get("forceAction") and not is_free(pose, self.things):
            raise Refusal("Collided with something at the target: cannot teleport there")
        self.pose = pose
        self._carry()

    def _do_GetReachablePositions(self, action: dict[str, Any]) -> list[dict[str, float]]:
        spots = free_spots(self.things, self._grid())
        return [{"x": spot.x, "y": HEIGHT, "z": spot.z} for spot in spots]

    def _do_GetInteractablePoses(self, action: dict[str, Any]) -> list[dict[str, Any]]:
        found = [thing for thing in self.things if thing.id == action.get("objectId")]
        if not found:
            raise Refusal(f"{action.get('objectId')} is not in the scene", "InvalidArgument")
        eyes = self._eyes()
        spots = free_spots(self.things, self._grid())
        return [
            {"x": pose.x, "y": HEIGHT, "z": pose.z, "standing": True}
            | {"rotation": pose.yaw, "horizon": pose.horizon}
            for spot in spots
            for pose in eyes.views(spot, found[0])
        ]

    def _do_SetObjectPoses(self, action: dict[str, Any]) -> None:
        self._new_ids()
        loose = {t.data["name"]: t for t in self.things if _is_loose(t)}
        listed = {pose["objectName"]: pose for pose in action["objectPoses"]}
        self.things = [t for t in self.things if not _is_loose(t) or t.data["name"] in listed]
        for name, pose in listed.items():
            if name not in loose:
                raise Refusal(f"No Pickupable or Moveable object of name {name} found in scene.")
            thing, place = loose[name], np.array([pose["position"][axis] for axis in "xyz"])
            step = place - thing.position
            if np.abs(step).max() > 1e-3 and not thing.data["isPickedUp"]:
                thing.low, thing.high = thing.low + step, thing.high + step
                thing.position, thing.rotation = place, dict(pose["rotation"])
                thing.parents = []
        for thing in loose.values():
            if not thing.parents:
                household.settle(self, thing)
        self._new_ids()

    def _do_InitialRandomSpawn(self, action: dict[str, Any]) -> None:
        rng = random.Random(action.get("randomSeed", 0))
        places = [t for t in self.things if t.data["receptacle"] and not t.data["pickupable"]]
        places = [t for t in places if not t.data["openable"] and t.kind != "Floor"]
        for thing in [t for t in self.things if t.data["pickupable"]]:
            before = thing.position, thing.low, thing.high, list(thing.parents)
            try:
                household.put(self, thing, rng.choice(places), force=True)
            except Refusal:
                thing.position, thing.low, thing.high, thing.parents = before

    def _do_AddThirdPartyCamera(self, action: dict[str, Any]) -> None:
        camera = {key: action[key] for key in ("position", "rotation")}
        fov = action.get("fieldOfView", 90)
        number = len(self.cameras)
        self.cameras.append({**camera, "fieldOfView": fov, "thirdPartyCameraId": number})

    def _move(self, ahead: int, right: int, action: dict[str, Any]) -> None:
        step = action.get("moveMagnitude") or self._grid()
        pose = self.pose.moved(ahead * step, right * step)
        if not is_free(pose, self.things):
            raise Refusal("something is blocking the agent from moving")
        self.pose = pose
        self._carry()

    def _stand(self, standing: bool) -> None:
        if self.pose.standing == standing:
            raise Refusal(f"agent is already {'standing' if standing else 'crouching'}")
        self.pose = replace(self.pose, standing=standing)
        self._carry()

    def _carry(self) -> None:
        if held := self.held():
            household.move(self, held, self.hand())

    def _grid(self) -> float:
        return float(self.settings.get("gridSize", 0.25))

    def _new_ids(self) -> None:
        for thing in self.things:
            thing.make_id()

    def _reply(
        self, action: dict[str, Any], answer: Any, refusal: Refusal | None
    ) -> tuple[dict[str, Any], Images]:
        objects = self._objects()
        held = self.held()
        ids = self.settings.get("renderInstanceSegmentation", False)
        agent = {
            "agentId": 0,
            "screenWidth": self.width,
            "screenHeight": self.height,
            "depthFormat": "Meters",
            "sceneName": self.scene,
            "lastAction": action["action"],
            "lastActionSuccess": refusal is None,
            "errorMessage": str(refusal or ""),
            "errorCode": refusal.code if refusal else "",
            "actionReturn": answer,
            "agent": self.pose.to_json(),
            "fov": self.settings.get("fieldOfView", 90.0),
            "objects": objects,
            "inventoryObjects": [{"objectId": held.id, "objectType": held.kind}] if held else [],
            "colors": [{"name": t.id, "color": list(colour_of(t.id))} for t in self.things * ids],
            "thirdPartyCameras": self.cameras,
            "isSceneAtRest": True,
        }
        metadata = {"agents": [agent], "thirdPartyCameras": self.cameras}
        metadata |= {"activeAgentId": 0, "sequenceId": action["sequenceId"]}
        return metadata, self._images(ids) if action.get("renderImage", True) else []

    def _objects(self) -> list[dict[str, Any]]:
        inside: dict[int, list[str]] = {}
        for thing in self.things:
            for place in thing.parents:
                inside.setdefault(id(place), []).append(thing.id)
        eyes = self._eyes()
        return [self._object(thing, eyes, inside.get(id(thing), [])) for thing in self.things]

    def _object(self, thing: Thing, eyes: Eyes, inside: list[str]) -> dict[str, Any]:
        seen = thing.data["isPickedUp"] or eyes.sees(self.pose, thing)
        here = np.array([self.pose.x, HEIGHT, self.pose.z])
        box = {"center": (thing.low + thing.high) / 2, "size": thing.high - thing.low}
        return thing.data | {
            "position": _point(thing.position),
            "rotation": dict(thing.rotation),
            "axisAlignedBoundingBox": {key: _point(value) for key, value in box.items()},
            "objectOrientedBoundingBox": None,
            "distance": float(np.linalg.norm(thing.position - here)),
            "visible": seen,
            "isInteractable": seen,
            "parentReceptacles": [place.id for place in thing.parents] or None,
            "receptacleObjectIds": inside if thing.data["receptacle"] else None,
            "controlledObjects": [place.id for place in thing.controls] or None,
        }

    def _images(self, ids: bool) -> Images:
        fov = self.settings.get("fieldOfView", 90)
        if not self.things:
            return [("image", bytes(self.width * self.height * 3))]
        picture = draw(self.pose, self.things, self.width, self.height, fov)
        images = [("image", picture.rgb.tobytes())]
        if self.settings.get("renderDepthImage"):
            images.append(("image_depth", picture.depth.tobytes()))
        if ids:
            images.append(("image_ids", picture.ids.tobytes()))
        for camera in self.cameras:
            place, turn = camera["position"], camera["rotation"]
            pose = Pose(place["x"], place["z"], turn["y"], turn["x"])
            view = draw(pose, self.things, self.width, self.height, camera["fieldOfView"])
            images.append(("image-thirdParty-camera", view.rgb.tobytes()))
        return images


def _is_loose(thing: Thing) -> bool:
    return thing.data["pickupable"] or thing.data["moveable"]


def _point(vector: np.ndarray) -> dict[str, float]:
    return dict(zip("xyz", map(float, vector), strict=True))
