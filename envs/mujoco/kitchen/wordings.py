"""How people ask for things in a kitchen: names, classes, and sentences with gaps."""

from embodied.envs.mujoco.kitchen.sights import COOKABLE, SLICEABLE

NAMES: dict[str, tuple[str, ...]] = {
    "Mug": ("mug", "coffee mug", "tea mug"),
    "Cup": ("cup", "glass", "drinking glass"),
    "Plate": ("plate", "dinner plate"),
    "Bowl": ("bowl", "soup bowl", "salad bowl"),
    "Pan": ("pan", "frying pan", "skillet"),
    "Pot": ("pot", "cooking pot", "saucepan"),
    "Kettle": ("kettle", "tea kettle"),
    "Apple": ("apple",),
    "Tomato": ("tomato",),
    "Potato": ("potato", "spud"),
    "Egg": ("egg",),
    "Bread": ("bread", "loaf of bread", "loaf"),
    "Lettuce": ("lettuce", "head of lettuce"),
    "WineBottle": ("wine bottle", "bottle of wine", "wine"),
    "SoapBottle": ("soap bottle", "dish soap", "bottle of soap"),
    "PaperTowelRoll": ("paper towel roll", "paper towels", "kitchen roll"),
    "DishSponge": ("sponge", "dish sponge"),
    "Vase": ("vase", "flower vase"),
    "DiningTable": ("dining table", "table", "kitchen table"),
    "Fridge": ("fridge", "refrigerator"),
    "SinkBasin": ("sink", "kitchen sink"),
    "Microwave": ("microwave", "microwave oven"),
    "Cabinet": ("cabinet", "cupboard"),
    "GarbageCan": ("garbage can", "trash can", "bin"),
    "Chair": ("chair",),
    "Drawer": ("drawer",),
}
"""Type -> its plain name and synonyms."""

CLASSES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "food": (SLICEABLE, ("something to eat", "the food", "something edible", "a snack")),
    "vegetable": (("Potato", "Tomato", "Lettuce"), ("the vegetable", "the veggie")),
    "raw": (COOKABLE, ("something that can be cooked", "the food")),
    "drink": (("Mug", "Cup"), ("something to drink from", "the drinking vessel", "a drink")),
    "serve": (("Plate", "Bowl"), ("something to serve food on", "the tableware")),
    "cookware": (("Pan", "Pot", "Kettle"), ("the cookware", "something to cook with")),
    "bottle": (("WineBottle", "SoapBottle"), ("the bottle",)),
}
"""Class -> its types, and how it is said."""

DIRTY = (
    "whatever is dirty",
    "the dirty thing",
    "the dirty one",
    "the dirty dish",
    "what is soiled",
)
INSIDE = ("whatever is {p}", "the thing {p}", "what lies {p}")
OPEN = ("whatever stands open", "the open one", "the place with the open door")

# Of ten sentences the fourth and the ninth calibrate, the fifth and the tenth judge.
PLAIN: dict[str, tuple[str, ...]] = {
    "pick_and_place": (
        "put {x} {in} {r}",
        "place {x} {in} {r}",
        "move {x} so that it is {in} {r}",
        "set {x} down {in} {r}",
        "lay {x} {in} {r}",
    ),
    "delivery": (
        "bring me {x}",
        "give me {x}",
        "hand me {x}",
        "fetch {x}",
        "get me {x}",
    ),
    "cut": (
        "cut {x}",
        "slice {x}",
        "chop {x}",
        "cut up {x}",
        "cut {x} with the knife",
    ),
    "clean": (
        "clean {x}",
        "wash {x}",
        "rinse {x}",
        "wash {x} in the sink",
        "clean {x} in the sink",
    ),
    "cook": (
        "cook {x} in {t}",
        "heat {x} in {t}",
        "warm {x} in {t}",
        "make {x} hot in {t}",
        "heat up {x} in {t}",
    ),
}
VARIED: dict[str, tuple[str, ...]] = {
    "pick_and_place": (
        "could you put {x} {in} {r}, please",
        "{x} belongs {in} {r}",
        "I would like {x} to be {in} {r}",
        "please leave {x} {in} {r}",
        "make sure that {x} ends up {in} {r}",
        "take {x} and place it {in} {r}",
        "{x} should go {in} {r}",
        "store {x} {in} {r}",
        "pick {x} up and set it down {in} {r}",
        "let me find {x} {in} {r} later",
    ),
    "delivery": (
        "could you pass me {x}",
        "I need {x} in my hand",
        "please go and get {x}",
        "I want to hold {x}",
        "would you bring {x} over here",
        "pick up {x} for me",
        "let me have {x}",
        "carry {x} to me",
        "grab {x} and come here",
        "deliver {x} to me, please",
    ),
    "cut": (
        "could you chop up {x}, please",
        "I want {x} in slices",
        "take a knife to {x}",
        "{x} should be sliced",
        "please cut {x} into pieces",
        "turn {x} into slices",
        "make slices of {x}",
        "dice {x}",
        "I need {x} cut",
        "would you slice up {x} for me",
    ),
    "clean": (
        "could you wash {x}, please",
        "I want {x} to be clean",
        "get the dirt off {x}",
        "{x} needs a rinse",
        "please scrub {x} under the tap",
        "make {x} clean again",
        "hold {x} under running water",
        "give {x} a wash",
        "see that {x} gets washed",
        "rinse the stains off {x}",
    ),
    "cook": (
        "could you cook {x}, please",
        "I want {x} hot",
        "{x} should be heated",
        "please make {x} warm",
        "would you heat {x} for me",
        "get {x} cooked",
        "warm {x} up",
        "prepare {x} by heating it",
        "heat {x} through",
        "let {x} get hot",
    ),
}
WORDY = (
    "I just came home and I am tired. {s}. Take your time",
    "leave {d} alone; {s}",
    "don't bother with {d} now: {s}",
    "forget about {d} for the moment. {s}",
    "guests are coming soon, and {d} can wait: {s}",
    "there is a lot to do here, I know, yet first of all: {s}",
    "never mind {d}: {s}",
    "my hands are full, so here is what I ask: {s}. I will see to {d} myself",
    "{s}. And don't touch {d}",
    "{d} is not what this is about: {s}",
)
IMPLICIT: dict[str, tuple[tuple[str, str], ...]] = {
    "pick_and_place": (),  # where to is always said
    "delivery": (
        ("food", "I am hungry"),
        ("drink", "I am thirsty"),
        ("food", "I could eat something"),
        ("drink", "I would like to drink something, bring me what I need"),
        ("food", "my stomach is growling, bring me something"),
        ("drink", "I want to pour myself some water"),
    ),
    "cut": (
        ("food", "prepare some slices of what is there"),
        ("vegetable", "let us have something green or red for the salad, sliced"),
        ("food", "there should be something sliced to nibble at"),
        ("food", "use a knife on whatever can be sliced"),
        ("food", "slice whatever food there is"),
    ),
    "clean": (
        ("dirty", "do the washing up"),
        ("dirty", "something here is dirty, see to it"),
        ("dirty", "there are stains to be washed off"),
        ("dirty", "wash up, please"),
        ("dirty", "one of these needs cleaning, take care of it"),
    ),
    "cook": (
        ("drink", "warm up something to drink"),
        ("raw", "make me a hot meal"),
        ("drink", "I would like a hot drink"),
        ("raw", "prepare something warm to eat"),
        ("raw", "cook whatever there is"),
        ("drink", "heat up my drink"),
        ("raw", "make something hot for dinner"),
        ("drink", "I am cold, heat me something to drink"),
        ("drink", "get me a warm drink"),
        ("raw", "I want a warm meal"),
    ),
}
"""Class of what is meant, and the sentence."""


def split(sentences: tuple, stream: str) -> tuple:
    """The sentences of a list that are for a stream: of five, three are learned from."""
    wanted = {"train": (0, 1, 2), "calibrate": (3,), "test": (4,)}[stream]
    return tuple(one for k, one in enumerate(sentences) if k % 5 in wanted)
