"""The types of objects, with AI2-THOR's names and flags."""

from dataclasses import dataclass

SLICES = {
    "Apple": ("AppleSliced", 3),
    "Tomato": ("TomatoSliced", 3),
    "Potato": ("PotatoSliced", 3),
    "Bread": ("BreadSliced", 3),
    "Lettuce": ("LettuceSliced", 3),
    "Egg": ("EggCracked", 1),
}
"""Whole -> what slicing it yields, and how many."""

CARRIED = {
    "Mug": 2,
    "Cup": 2,
    "Plate": 2,
    "Bowl": 2,
    "Pan": 1,
    "Pot": 1,
    "Kettle": 1,
    "Apple": 2,
    "Tomato": 2,
    "Potato": 2,
    "Egg": 2,
    "Bread": 1,
    "Lettuce": 1,
    "Knife": 1,
    "ButterKnife": 1,
    "Fork": 2,
    "Spoon": 2,
    "Spatula": 1,
    "Ladle": 1,
    "DishSponge": 1,
    "SaltShaker": 1,
    "PepperShaker": 1,
    "WineBottle": 1,
    "SoapBottle": 1,
    "PaperTowelRoll": 1,
    "Vase": 1,
}
"""Types that can be carried, and how many of each a kitchen can have at most."""

KNIVES = ("Knife", "ButterKnife")


@dataclass(frozen=True)
class Kind:
    """What can be done with objects of a type, in AI2-THOR's words."""

    pickupable: bool = False
    receptacle: bool = False
    openable: bool = False
    toggleable: bool = False
    sliceable: bool = False
    cookable: bool = False
    dirtyable: bool = False
    breakable: bool = False
    canFillWithLiquid: bool = False
    isHeatSource: bool = False
    isColdSource: bool = False
    moveable: bool = False
    materials: tuple[str, ...] = ()


def _kind(words: str = "", *materials: str) -> Kind:
    return Kind(**dict.fromkeys(words.split(), True), materials=materials)


_VESSEL = "pickupable receptacle dirtyable canFillWithLiquid"

# Deviations from AI2-THOR: Egg, Tomato and Bread cook whole; nothing breaks or fills.
KINDS: dict[str, Kind] = {
    "Apple": _kind("pickupable sliceable", "Food"),
    "AppleSliced": _kind("pickupable", "Food"),
    "Bowl": _kind(_VESSEL, "Ceramic"),
    "Bread": _kind("pickupable sliceable cookable", "Food"),
    "BreadSliced": _kind("pickupable cookable", "Food"),
    "ButterKnife": _kind("pickupable", "Metal"),
    "Cabinet": _kind("receptacle openable"),
    "Chair": _kind("receptacle moveable"),
    "CoffeeMachine": _kind("receptacle toggleable isHeatSource moveable"),
    "CounterTop": _kind("receptacle"),
    "Cup": _kind(_VESSEL, "Glass"),
    "DiningTable": _kind("receptacle moveable"),
    "DishSponge": _kind("pickupable", "Sponge"),
    "Drawer": _kind("receptacle openable"),
    "Egg": _kind("pickupable sliceable cookable", "Food"),
    "EggCracked": _kind("pickupable cookable", "Food"),
    "Faucet": _kind("toggleable"),
    "Floor": _kind("receptacle"),
    "Fork": _kind("pickupable", "Metal"),
    "Fridge": _kind("receptacle openable isColdSource"),
    "GarbageCan": _kind("receptacle moveable"),
    "HousePlant": _kind("moveable canFillWithLiquid"),
    "Kettle": _kind("pickupable canFillWithLiquid", "Metal"),
    "Knife": _kind("pickupable", "Metal"),
    "Ladle": _kind("pickupable", "Metal"),
    "Lettuce": _kind("pickupable sliceable", "Food"),
    "LettuceSliced": _kind("pickupable", "Food"),
    "LightSwitch": _kind("toggleable"),
    "Microwave": _kind("receptacle openable toggleable isHeatSource moveable", "Metal", "Glass"),
    "Mug": _kind(_VESSEL, "Ceramic"),
    "Pan": _kind("pickupable receptacle dirtyable", "Metal"),
    "PaperTowelRoll": _kind("pickupable", "Paper"),
    "PepperShaker": _kind("pickupable", "Glass"),
    "Plate": _kind("pickupable receptacle dirtyable", "Ceramic"),
    "Pot": _kind(_VESSEL, "Metal"),
    "Potato": _kind("pickupable sliceable cookable", "Food"),
    "PotatoSliced": _kind("pickupable cookable", "Food"),
    "SaltShaker": _kind("pickupable", "Glass"),
    "Shelf": _kind("receptacle"),
    "Sink": _kind(),
    "SinkBasin": _kind("receptacle"),
    "SoapBottle": _kind("pickupable", "Plastic"),
    "Spatula": _kind("pickupable", "Plastic"),
    "Spoon": _kind("pickupable", "Metal"),
    "StoveBurner": _kind("receptacle isHeatSource"),
    "StoveKnob": _kind("toggleable"),
    "Toaster": _kind("receptacle toggleable isHeatSource moveable", "Metal"),
    "Tomato": _kind("pickupable sliceable cookable", "Food"),
    "TomatoSliced": _kind("pickupable cookable", "Food"),
    "Vase": _kind("pickupable", "Ceramic"),
    "Window": _kind(),
    "WineBottle": _kind("pickupable canFillWithLiquid", "Glass"),
}


def kind_of(name: str) -> str:
    """The type of an object of the model: `Mug_0` -> `Mug`."""
    return name.partition("_")[0]
