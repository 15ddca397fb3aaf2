"""Two dozen little scenes, composed by hand out of what crayon knows; ``bench scenes`` paints them."""

from __future__ import annotations

from dataclasses import dataclass

from ..crayon.vocabulary import concept_of
from ..masks import Mask
from ..scene import Region, Scene
from .outlines import SIZE, around, land, patch, sharp

Part = tuple[str, Mask]  # a prompt and where


@dataclass(frozen=True)
class Sketch:
    """A scene as it is thought of. background: its prompt. parts: land, sea and all things, the lowest first. style: of
    all prompts, or ""."""

    title: str
    background: str
    parts: tuple[Part, ...]
    style: str = ""
    seed: int = 1

    def scene(self) -> Scene:
        """The scene on a canvas of SIZE x SIZE pixels."""
        regions = [
            Region(self.styled(prompt), mask, id=f"{number}-{prompt.replace(' ', '-')}")
            for number, (prompt, mask) in enumerate(self.parts)
        ]
        return Scene((SIZE, SIZE), self.styled(self.background), regions, seed=self.seed)

    def styled(self, prompt: str) -> str:
        return f"{prompt} {self.style}" if self.style else prompt


def thing(prompt: str, x: float, foot: float, tall: float, wide: float | None = None) -> Part:
    """What ``prompt`` names, in a loose outline of its own; the rest as in ``outlines.around``."""
    concept = concept_of(prompt)
    if concept is None:
        raise ValueError(f"prompt {prompt!r} names nothing that crayon can draw")
    return prompt, around(concept, x, foot, tall, wide)


def sketches() -> tuple[Sketch, ...]:
    """The scenes, in the order of the page."""
    return (
        Sketch(
            "Summer house",
            "sky",
            (
                ("grass", land(172, 160, 154, 162, 174)),
                thing("sun", 212, 78, 62),
                thing("cloud", 76, 62, 40),
                thing("tree", 196, 214, 112),
                thing("red house", 92, 220, 104),
            ),
        ),
        Sketch(
            "A day at the beach",
            "sky",
            (
                ("sea", land(112, 111, 112)),
                ("sand", land(176, 192, 206, 214)),
                thing("white boat", 104, 146, 58),
                thing("sun", 46, 62, 50),
                thing("yellow umbrella", 64, 230, 84),
                thing("palm tree", 190, 232, 132),
                thing("ball", 128, 244, 40),
            ),
        ),
        Sketch(
            "Last light",
            "sunset",
            (
                ("sea", land(146, 145, 146)),
                ("rock", land(252, 250, 214, 196, 190)),
                thing("lighthouse", 206, 206, 166, 84),
                thing("red boat", 84, 186, 84),
                thing("bird", 128, 66, 40),
            ),
        ),
        Sketch(
            "First snow",
            "sky",
            (
                ("snow", land(158, 150, 160, 152)),
                thing("pine tree", 46, 196, 116),
                thing("brown house", 120, 194, 92),
                thing("snowman", 202, 238, 112),
            ),
        ),
        Sketch(
            "Northern lights",
            "aurora",
            (
                ("snow", land(186, 178, 184, 192)),
                thing("pine tree", 48, 214, 118),
                thing("pine tree", 202, 222, 132),
                thing("red house", 124, 222, 76),
            ),
        ),
        Sketch(
            "Three of a kind",
            "sky",
            (
                thing("mountain", 186, 118, 78, 124),
                ("sea", land(96, 95, 96)),
                ("ice", land(140, 150, 142, 154)),
                thing("penguin", 54, 226, 92),
                thing("penguin", 128, 242, 118),
                thing("penguin", 204, 222, 84),
            ),
        ),
        Sketch(
            "Under the sea",
            "underwater",
            (
                ("sand", land(206, 214, 200, 210)),
                ("rock", patch((0, 256), (0, 172), (34, 164), (62, 200), (74, 250))),
                thing("fish", 84, 84, 58),
                thing("yellow fish", 194, 60, 40),
                thing("purple fish", 200, 132, 50),
                thing("turtle", 138, 228, 74),
            ),
        ),
        Sketch(
            "Lift-off",
            "space",
            (
                ("rock", land(216, 206, 212, 202)),
                thing("moon", 56, 82, 60),
                thing("rocket", 138, 196, 152, 88),
                thing("robot", 218, 236, 82),
            ),
        ),
        Sketch(
            "After the rain",
            "sky",
            (
                thing("rainbow", 128, 176, 140),
                ("flower field", land(162, 156, 164, 158)),
                thing("rabbit", 74, 234, 100),
                thing("butterfly", 190, 190, 62),
            ),
        ),
        Sketch(
            "The old mill",
            "sky",
            (
                ("wheat", land(170, 160, 166, 176)),
                ("dirt", patch((150, 172), (168, 172), (206, 214), (232, 262), (158, 262))),
                thing("cloud", 62, 66, 42),
                thing("bird", 206, 76, 40),
                thing("windmill", 112, 196, 140),
            ),
        ),
        Sketch(
            "Up and away",
            "sky",
            (
                thing("mountain", 84, 212, 104, 160),
                ("forest", land(196, 186, 192, 184)),
                thing("balloon", 80, 110, 96),
                thing("yellow balloon", 196, 150, 116),
                thing("purple balloon", 146, 66, 56),
            ),
        ),
        Sketch(
            "Castle hill",
            "sunset",
            (
                ("grass", land(210, 184, 158, 156, 184, 212)),
                ("cobblestone", patch((118, 164), (138, 164), (142, 200), (178, 258), (104, 258), (112, 204))),
                thing("castle", 128, 176, 124),
                thing("tree", 40, 236, 82),
                thing("pine tree", 220, 240, 96),
            ),
        ),
        Sketch(
            "The night train",
            "night sky",
            (
                ("grass", land(168, 160, 166, 158)),
                ("dirt", sharp((0, 212), (256, 212), (256, 234), (0, 234))),
                thing("moon", 202, 78, 60),
                thing("red train", 116, 218, 104),
                thing("pine tree", 228, 206, 92, 52),
            ),
        ),
        Sketch(
            "Autumn walk",
            "forest",
            (
                ("autumn leaves", land(160, 168, 158, 166)),
                thing("orange tree", 72, 208, 150),
                thing("dog", 160, 236, 98),
                thing("mushroom", 224, 242, 46),
            ),
        ),
        Sketch(
            "The dragon's castle",
            "storm",
            (
                ("rock", land(150, 160, 156, 148)),
                ("lava", patch((96, 182), (150, 180), (190, 262), (40, 262))),
                thing("black castle", 128, 188, 134),
                thing("red bird", 40, 76, 42),
            ),
        ),
        Sketch(
            "Noon in the desert",
            "sky",
            (
                ("sand", land(150, 164, 152, 140, 150)),
                thing("sun", 52, 74, 62),
                thing("cactus", 202, 226, 122),
                thing("elephant", 96, 228, 88),
                thing("cactus", 38, 180, 44),
            ),
        ),
        Sketch(
            "Mushroom wood",
            "forest",
            (
                ("grass", land(176, 168, 178, 170)),
                thing("owl", 202, 104, 72),
                thing("mushroom", 82, 226, 116),
                thing("purple mushroom", 170, 238, 78),
                thing("rabbit", 226, 240, 74, 48),
            ),
        ),
        Sketch(
            "The toy room",
            "brick",
            (
                ("wood", land(172, 172)),
                thing("robot", 62, 222, 124),
                thing("train", 168, 216, 78),
                thing("yellow ball", 128, 246, 50),
                thing("star", 180, 92, 62),
            ),
        ),
        Sketch(
            "In the kitchen",
            "tiles",
            (
                ("wood", land(188, 188)),
                thing("cat", 92, 222, 140),
                thing("blue fish", 196, 236, 46),
                thing("tulip", 206, 182, 96),
            ),
        ),
        Sketch(
            "Main street",
            "sky",
            (
                ("cobblestone", land(170, 170)),
                ("road", land(204, 204)),
                thing("pink house", 48, 194, 96, 88),
                thing("yellow house", 128, 194, 108, 80),
                thing("blue house", 208, 194, 96, 88),
                thing("car", 116, 244, 58),
            ),
        ),
        Sketch(
            "The harbour",
            "sky",
            (
                thing("blue mountain", 176, 152, 82, 140),
                ("sea", land(132, 131, 132)),
                ("wood", land(226, 224)),
                thing("red boat", 66, 196, 112),
                thing("yellow boat", 186, 212, 90),
            ),
            "watercolour",
        ),
        Sketch(
            "My garden",
            "sky",
            (
                ("grass", land(160, 154, 160)),
                thing("sun", 44, 70, 56),
                thing("pink house", 116, 206, 110),
                thing("flower", 206, 232, 124),
                thing("cat", 40, 238, 74),
            ),
            "crayon",
        ),
        Sketch(
            "Level one",
            "sky",
            (
                ("brick", land(192, 192)),
                thing("cloud", 64, 58, 38),
                thing("castle", 196, 196, 98),
                thing("turtle", 70, 198, 62),
                thing("star", 124, 110, 52),
            ),
            "pixel art",
        ),
        Sketch(
            "Everyone is asleep",
            "sky",
            (
                ("snow", land(164, 172, 162, 170)),
                thing("moon", 196, 74, 54),
                thing("yellow house", 76, 214, 100),
                thing("pine tree", 160, 204, 104),
                thing("snowman", 220, 236, 84),
            ),
            "night",
        ),
    )
