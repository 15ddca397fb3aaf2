"""The animals, and the snowman: cat, dog, rabbit, bird, owl, penguin, fish, turtle, butterfly, elephant.

Those that sit face us; those seen from the side look to the left, into the light.
"""

from __future__ import annotations

from ..sheet import CREAM, INK, Color, Rng, Sheet, brightness, contrast, jitter, mirrored, mix, tone
from .kind import Kind
from .palette import unlike

DUSK: Color = (62, 38, 92)  # what shadows lean to
BLUSH: Color = (244, 150, 156)
ORANGE: Color = (248, 150, 40)
RED: Color = (212, 50, 52)
GOLD: Color = (250, 200, 70)
BLUE: Color = (52, 112, 206)


def deep(color: Color, share: float = 0.3) -> Color:
    """``color`` in the shade: darker and richer, where plain darkening looks dirty."""
    rich = tuple(int(255 * (c / 255) ** (1 + 1.5 * share) * (1 - 0.55 * share)) for c in color)
    return mix((rich[0], rich[1], rich[2]), DUSK, share * 0.4)


def second(color: Color) -> Color:
    """A tone that parts and markings of ``color`` show up in on it: darker, or lighter on black."""
    if brightness(color) > 225:
        return mix(color, (150, 164, 204), 0.4)
    return mix(color, (176, 178, 196), 0.3) if brightness(color) < 70 else deep(color, 0.27)


def pale(color: Color) -> Color:
    """The light fur or down of an animal of ``color``; a warmer tone on a white one."""
    return (240, 220, 202) if brightness(color) > 225 else mix(color, CREAM, 0.82)


def eye(s: Sheet, x: float, y: float, rx: float, ry: float, iris: Color = INK) -> None:
    """A big eye that stretches with the drawing, unlike ``Sheet.eye``."""
    s.ellipse(x, y, rx, ry, CREAM, 0)
    s.ellipse(x, y + ry * 0.04, rx * 0.82, ry * 0.86, iris, 0.1)
    if iris != INK:
        s.ellipse(x, y + ry * 0.04, rx * 0.5, ry * 0.66, INK, 0)
    s.ellipse(x - rx * 0.26, y - ry * 0.3, rx * 0.32, ry * 0.3, (255, 255, 255), 0)


def cat(s: Sheet, rng: Rng, color: Color) -> None:
    fur = jitter(rng, color)
    mark, light = second(fur), pale(fur)
    tail = [(0.66, 0.86), (0.8, 0.84), (0.83, 0.74), (0.8, 0.62), (0.9, 0.56), (0.99, 0.66), (0.99, 0.84), (0.9, 0.96)]
    s.curve([*tail, (0.66, 0.98)], mark, 0.2)
    s.ellipse(0.89, 0.64, 0.09, 0.08, fur, 0.2)
    s.curve(mirrored([(0.5, 0.5), (0.7, 0.58), (0.81, 0.78), (0.8, 0.94), (0.66, 1.0), (0.5, 0.995)]), fur, 0.3, True)
    s.ellipse(0.5, 0.61, 0.29, 0.1, mark, 0)
    s.ellipse(0.5, 0.77, 0.17, 0.16, light, 0.15)
    for out in (-1, 1):
        s.ellipse(0.5 + out * 0.16, 0.94, 0.15, 0.06, light, 0.2)
        s.curve(
            [(0.5 + out * u, v) for u, v in ((0.42, 0.0), (0.46, 0.12), (0.44, 0.4), (0.06, 0.22), (0.28, 0.06))], fur
        )
        s.polygon([(0.5 + out * u, v) for u, v in ((0.39, 0.07), (0.4, 0.28), (0.17, 0.19))], BLUSH, 0.2)
    s.curve(
        mirrored([(0.5, 0.115), (0.72, 0.14), (0.9, 0.25), (0.995, 0.42), (0.88, 0.56), (0.68, 0.64), (0.5, 0.655)]),
        fur,
        0.25,
        True,
    )
    for x, top, low in ((0.34, 0.128, 0.23), (0.5, 0.115, 0.27), (0.66, 0.128, 0.23)):
        s.curve(
            [(x - 0.045, top), (x + 0.045, top), (x + 0.03, (top + low) / 2), (x, low), (x - 0.03, (top + low) / 2)],
            mark,
            0,
        )
    s.ellipse(0.39, 0.52, 0.16, 0.105, light, 0.1)
    s.ellipse(0.61, 0.52, 0.16, 0.105, light, 0.1)
    for x in (0.28, 0.72):
        eye(s, x, 0.375, 0.135, 0.115, unlike(fur, (126, 202, 70), GOLD))
    s.curve([(0.41, 0.435), (0.5, 0.425), (0.59, 0.435), (0.5, 0.505)], (232, 104, 122), 0.1)
    s.line([(0.37, 0.545), (0.43, 0.565), (0.5, 0.5), (0.57, 0.565), (0.63, 0.545)], 0.03, INK)


def dog(s: Sheet, rng: Rng, color: Color) -> None:
    fur = jitter(rng, color)
    mark, light = second(fur), pale(fur)
    s.line([(0.7, 0.92), (0.9, 0.8), (0.93, 0.66)], 0.13, fur, curved=True)
    s.curve(mirrored([(0.5, 0.5), (0.7, 0.58), (0.83, 0.8), (0.86, 0.96), (0.68, 1.0), (0.5, 1.0)]), fur, 0.3, True)
    s.curve(mirrored([(0.5, 0.6), (0.62, 0.64), (0.64, 0.8), (0.5, 0.9)]), light, 0.15)
    for out in (-1, 1):
        s.ellipse(0.5 + out * 0.19, 0.94, 0.16, 0.06, light, 0.2)
    s.box(0.26, 0.6, 0.74, 0.69, unlike(fur, RED, BLUE), 0.2, 0.5)
    s.ellipse(0.5, 0.705, 0.07, 0.06, GOLD, 0.3, True)
    s.curve(mirrored([(0.5, 0.0), (0.74, 0.03), (0.88, 0.22), (0.84, 0.48), (0.7, 0.62)]), fur, 0.25, True)
    s.curve([(0.53, 0.28), (0.56, 0.12), (0.7, 0.08), (0.83, 0.2), (0.82, 0.36), (0.66, 0.42)], mark, 0.1)
    s.curve(mirrored([(0.5, 0.04), (0.545, 0.2), (0.63, 0.38), (0.72, 0.5), (0.65, 0.62)]), light, 0.15)
    for out in (-1, 1):
        ear = ((0.2, 0.03), (0.36, 0.05), (0.48, 0.25), (0.5, 0.46), (0.43, 0.57), (0.33, 0.48), (0.32, 0.26))
        s.curve([(0.5 + out * u, v) for u, v in ear], mix(mark, fur, 0.35), 0.2)
    for x in (0.32, 0.68):
        eye(s, x, 0.28, 0.095, 0.085)
    s.curve(mirrored([(0.5, 0.52), (0.58, 0.53), (0.59, 0.61), (0.5, 0.66)]), (236, 96, 112), 0.15)
    s.line([(0.32, 0.5), (0.4, 0.545), (0.5, 0.51), (0.6, 0.545), (0.68, 0.5)], 0.035, INK)
    s.curve(mirrored([(0.5, 0.365), (0.6, 0.37), (0.62, 0.42), (0.5, 0.48)]), INK, 0.3, True)
    s.line([(0.5, 0.46), (0.5, 0.51)], 0.035, INK)


def rabbit(s: Sheet, rng: Rng, color: Color) -> None:
    fur = jitter(rng, color)
    light = pale(fur)
    s.ellipse(0.88, 0.86, 0.12, 0.08, light, 0.25, True)
    s.curve(mirrored([(0.5, 0.6), (0.74, 0.66), (0.92, 0.84), (0.88, 0.96), (0.7, 1.0), (0.5, 0.995)]), fur, 0.3, True)
    s.ellipse(0.5, 0.71, 0.3, 0.05, deep(fur), 0)
    s.ellipse(0.5, 0.84, 0.24, 0.12, light, 0.15)
    for out in (-1, 1):
        ear = ((0.09, 0.42), (0.08, 0.18), (0.15, 0.03), (0.27, 0.0), (0.37, 0.07), (0.38, 0.25), (0.32, 0.44))
        s.curve([(0.5 + out * u, v) for u, v in ear], fur, 0.15)
        inner = ((0.16, 0.4), (0.15, 0.2), (0.22, 0.06), (0.3, 0.1), (0.3, 0.25), (0.26, 0.4))
        s.curve([(0.5 + out * u, v) for u, v in inner], BLUSH, 0.2)
        s.ellipse(0.5 + out * 0.25, 0.955, 0.2, 0.045, light, 0.2)
        s.ellipse(0.5 + out * 0.14, 0.775, 0.11, 0.055, deep(fur, 0.15), 0.3, True)
    face = [(0.5, 0.33), (0.76, 0.355), (0.93, 0.45), (0.998, 0.57), (0.88, 0.67), (0.7, 0.72), (0.5, 0.73)]
    s.curve(mirrored(face), fur, 0.25, True)
    s.box(0.42, 0.63, 0.58, 0.715, (255, 255, 255), 0.1, 0.25)
    s.ellipse(0.37, 0.615, 0.17, 0.06, light, 0.1)
    s.ellipse(0.63, 0.615, 0.17, 0.06, light, 0.1)
    for x in (0.26, 0.74):
        eye(s, x, 0.495, 0.13, 0.088)
    for x in (0.14, 0.86):
        s.ellipse(x, 0.61, 0.08, 0.035, BLUSH, 0.1)
    s.curve([(0.4, 0.555), (0.5, 0.545), (0.6, 0.555), (0.5, 0.61)], (236, 104, 130), 0.1)


def bird(s: Sheet, rng: Rng, color: Color) -> None:
    coat = jitter(rng, color)
    wing, breast = second(coat), unlike(coat, (252, 200, 136), CREAM, (232, 120, 70))
    beak = unlike(coat, ORANGE, (250, 214, 70), (224, 84, 50))
    for x in (0.42, 0.6):
        s.line([(x, 0.84), (x, 0.965), (x - 0.07, 0.965)], 0.065, deep(beak, 0.2))
    s.curve([(0.64, 0.5), (0.86, 0.28), (0.97, 0.2), (0.995, 0.32), (0.98, 0.5), (0.76, 0.78)], wing, 0.2)
    s.curve([(0.2, 0.19), (0.03, 0.33), (0.015, 0.385), (0.2, 0.42)], beak, 0.15)
    s.curve([(0.04, 0.38), (0.18, 0.36), (0.2, 0.48), (0.11, 0.46)], deep(beak), 0.1)
    back = [(0.38, 0.0), (0.56, 0.08), (0.67, 0.26), (0.84, 0.46), (0.82, 0.72), (0.62, 0.9), (0.38, 0.9), (0.16, 0.76)]
    s.curve([*back, (0.13, 0.52), (0.14, 0.24), (0.23, 0.05)], coat, 0.25, True)
    s.curve([(0.135, 0.46), (0.28, 0.46), (0.4, 0.64), (0.6, 0.88), (0.38, 0.9), (0.17, 0.755)], breast, 0.2)
    s.curve([(0.38, 0.48), (0.54, 0.36), (0.72, 0.43), (0.85, 0.62), (0.7, 0.76), (0.5, 0.74), (0.4, 0.62)], wing, 0.25)
    s.curve([(0.43, 0.48), (0.55, 0.4), (0.69, 0.46), (0.75, 0.56), (0.62, 0.62), (0.48, 0.59)], tone(coat, 1.25), 0.3)
    eye(s, 0.33, 0.25, 0.1, 0.11)
    s.ellipse(0.29, 0.415, 0.065, 0.045, unlike(coat, BLUSH, (226, 100, 112)), 0.1)


def owl(s: Sheet, rng: Rng, color: Color) -> None:
    coat = jitter(rng, color)
    mark, light = second(coat), pale(coat)
    for x in (0.36, 0.64):
        s.ellipse(x, 0.96, 0.14, 0.045, ORANGE, 0.2)
    s.curve(
        mirrored(
            [(0.5, 0.1), (0.72, 0.07), (0.9, 0.0), (0.93, 0.18), (0.97, 0.48), (0.94, 0.76), (0.74, 0.95), (0.5, 0.97)]
        ),
        coat,
        0.25,
        True,
    )
    s.ellipse(0.5, 0.73, 0.26, 0.2, light, 0.2)
    for y, xs in ((0.66, (0.34, 0.5, 0.66)), (0.77, (0.42, 0.58)), (0.87, (0.5,))):
        for x in xs:
            s.polygon([(x - 0.06, y - 0.035), (x + 0.06, y - 0.035), (x, y + 0.05)], coat, 0.1)
    for out in (-1, 1):
        half = ((0.4, 0.46), (0.5, 0.56), (0.49, 0.78), (0.3, 0.96), (0.24, 0.84), (0.3, 0.64))
        s.curve([(0.5 + out * u, v) for u, v in half], mix(mark, coat, 0.55), 0.2)
    for x in (0.27, 0.73):
        s.ellipse(x, 0.34, 0.245, 0.2, mark, 0)
    for x in (0.27, 0.73):
        s.ellipse(x, 0.34, 0.21, 0.17, light, 0.15)
        s.ellipse(x, 0.34, 0.165, 0.134, unlike(coat, GOLD, ORANGE), 0.15)
        s.ellipse(x, 0.34, 0.115, 0.094, INK, 0)
        s.ellipse(x - 0.04, 0.305, 0.045, 0.036, (255, 255, 255), 0)
    s.curve([(0.42, 0.42), (0.58, 0.42), (0.5, 0.57)], ORANGE, 0.3)


def penguin(s: Sheet, rng: Rng, color: Color) -> None:
    coat = jitter(rng, color)
    mark = second(coat)
    white = (206, 220, 238) if brightness(coat) > 225 else (250, 250, 248)
    beak = unlike(coat, ORANGE, (226, 84, 40), GOLD)
    for x in (0.3, 0.7):
        s.ellipse(x, 0.945, 0.2, 0.055, beak, 0.25)
    for out in (-1, 1):
        flipper = ((0.28, 0.4), (0.42, 0.48), (0.5, 0.66), (0.47, 0.76), (0.36, 0.7))
        s.curve([(0.5 + out * u, v) for u, v in flipper], mark, 0.2)
    s.curve(
        mirrored([(0.5, 0.0), (0.7, 0.04), (0.82, 0.2), (0.82, 0.36), (0.9, 0.6), (0.86, 0.84), (0.68, 0.95)]),
        coat,
        0.25,
        True,
    )
    s.curve(mirrored([(0.5, 0.4), (0.64, 0.47), (0.71, 0.66), (0.67, 0.85), (0.5, 0.92)]), white, 0.12)
    s.curve(mirrored([(0.5, 0.2), (0.62, 0.14), (0.74, 0.22), (0.72, 0.36), (0.5, 0.45)]), white, 0.1)
    for x in (0.34, 0.66):
        s.ellipse(x, 0.25, 0.075, 0.058, INK, 0)
        s.ellipse(x - 0.02, 0.232, 0.028, 0.022, (255, 255, 255), 0)
        s.ellipse(0.5 + (x - 0.5) * 1.25, 0.345, 0.06, 0.03, BLUSH, 0)
    s.curve(mirrored([(0.5, 0.285), (0.62, 0.31), (0.6, 0.35), (0.5, 0.4)]), beak, 0.3, True)


def fish(s: Sheet, rng: Rng, color: Color) -> None:
    scale = jitter(rng, color)
    fin = second(scale)
    stripe = (112, 190, 220) if brightness(scale) > 225 else CREAM
    s.curve([(0.7, 0.5), (0.86, 0.22), (1.0, 0.1), (0.95, 0.5), (1.0, 0.9), (0.86, 0.78)], fin, 0.25)
    s.curve([(0.2, 0.24), (0.3, 0.06), (0.46, 0.0), (0.62, 0.05), (0.74, 0.18), (0.72, 0.36)], fin, 0.25)
    s.curve([(0.3, 0.8), (0.38, 0.94), (0.5, 1.0), (0.62, 0.95), (0.68, 0.72)], fin, 0.25)
    body = [(0.0, 0.52), (0.1, 0.26), (0.3, 0.11), (0.5, 0.13), (0.7, 0.33), (0.82, 0.5), (0.7, 0.67), (0.5, 0.87)]
    s.curve([*body, (0.3, 0.89), (0.1, 0.76)], scale, 0.28, True)
    s.curve([(0.3, 0.115), (0.42, 0.115), (0.475, 0.5), (0.42, 0.885), (0.3, 0.885), (0.355, 0.5)], stripe, 0.15)
    s.curve([(0.61, 0.22), (0.69, 0.315), (0.72, 0.5), (0.69, 0.685), (0.61, 0.78), (0.64, 0.5)], stripe, 0.15)
    s.curve([(0.38, 0.58), (0.56, 0.48), (0.62, 0.6), (0.54, 0.74), (0.42, 0.7)], fin, 0.3)
    eye(s, 0.19, 0.4, 0.085, 0.12)
    s.line([(0.03, 0.64), (0.1, 0.67), (0.17, 0.63)], 0.035, mix(contrast(scale), scale, 0.25), curved=True)


def turtle(s: Sheet, rng: Rng, color: Color) -> None:
    shell = jitter(rng, color)
    skin = unlike(shell, (226, 204, 112), (124, 182, 96))
    mark, shine = second(shell), tone(shell, 1.3) if brightness(shell) < 225 else (255, 255, 255)
    s.polygon([(0.84, 0.7), (1.0, 0.84), (1.0, 0.9), (0.84, 0.95)], skin, 0.1)
    for x, shade in ((0.42, 0.35), (0.7, 0.35), (0.31, 0.0), (0.81, 0.0)):
        s.box(x - 0.09, 0.66, x + 0.09, 1.0, deep(skin, shade), 0.2, 0.4)
    head = [
        (0.005, 0.36),
        (0.04, 0.16),
        (0.16, 0.08),
        (0.29, 0.15),
        (0.35, 0.42),
        (0.38, 0.8),
        (0.24, 0.78),
        (0.2, 0.62),
    ]
    s.curve([*head, (0.05, 0.54)], skin, 0.25, True)
    dome = [(0.23, 0.74), (0.26, 0.42), (0.39, 0.11), (0.6, 0.0), (0.81, 0.11), (0.95, 0.42), (0.97, 0.74)]
    s.curve([*dome, (0.6, 0.8)], mark, 0.25, True)
    plates = (
        [(0.5, 0.25), (0.7, 0.25), (0.78, 0.45), (0.7, 0.64), (0.5, 0.64), (0.42, 0.45)],
        [(0.43, 0.11), (0.6, 0.03), (0.77, 0.11), (0.7, 0.2), (0.5, 0.2)],
        [(0.4, 0.14), (0.46, 0.24), (0.38, 0.43), (0.27, 0.44), (0.32, 0.25)],
        [(0.8, 0.14), (0.74, 0.24), (0.82, 0.43), (0.93, 0.44), (0.88, 0.25)],
        [(0.27, 0.49), (0.38, 0.48), (0.46, 0.64), (0.25, 0.64)],
        [(0.93, 0.49), (0.82, 0.48), (0.74, 0.64), (0.95, 0.64)],
    )
    for i, plate in enumerate(plates):
        s.polygon(plate, shell if i else shine, 0.25)
    s.box(0.19, 0.66, 1.0, 0.81, shell, 0.25, 0.5)
    s.box(0.23, 0.755, 0.96, 0.81, mark, 0.1, 0.5)
    eye(s, 0.16, 0.28, 0.08, 0.108)
    s.line([(0.07, 0.44), (0.13, 0.475), (0.2, 0.445)], 0.03, deep(skin, 0.6), curved=True)


def butterfly(s: Sheet, rng: Rng, color: Color) -> None:
    wing = jitter(rng, color)
    edge, spot = second(wing), unlike(wing, (255, 226, 120), (250, 120, 60))
    for out in (-1, 1):
        s.line([(0.5 + out * 0.02, 0.26), (0.5 + out * 0.06, 0.14), (0.5 + out * 0.12, 0.08)], 0.045, INK)
        s.ellipse(0.5 + out * 0.12, 0.08, 0.04, 0.046, INK)
        low = ((0.02, 0.52), (0.26, 0.52), (0.42, 0.66), (0.4, 0.9), (0.24, 1.0), (0.1, 0.86))
        high = ((0.02, 0.56), (0.08, 0.3), (0.28, 0.03), (0.46, 0.02), (0.5, 0.24), (0.42, 0.52), (0.24, 0.62))
        for points, (cx, cy) in ((low, (0.22, 0.72)), (high, (0.27, 0.33))):
            s.curve([(0.5 + out * u, v) for u, v in points], edge, 0.1)
            inner = [(cx + (u - cx) * 0.8, cy + (v - cy) * 0.8) for u, v in points]
            s.curve([(0.5 + out * u, v) for u, v in inner], wing, 0.35)
        s.ellipse(0.5 + out * 0.33, 0.24, 0.085, 0.1, CREAM, 0.1)
        s.ellipse(0.5 + out * 0.33, 0.24, 0.05, 0.06, spot, 0.1)
        s.ellipse(0.5 + out * 0.25, 0.77, 0.075, 0.085, spot, 0.15)
    s.ellipse(0.5, 0.58, 0.075, 0.3, (74, 52, 60), 0.35)
    s.ellipse(0.5, 0.29, 0.085, 0.1, (74, 52, 60), 0.4, True)
    for y in (0.52, 0.66):
        s.box(0.435, y, 0.565, y + 0.055, GOLD, 0.2, 0.5)


def elephant(s: Sheet, rng: Rng, color: Color) -> None:
    skin = jitter(rng, color)
    mark = second(skin)
    s.line([(0.93, 0.36), (0.965, 0.52), (0.96, 0.66)], 0.06, mark, curved=True)
    for x in (0.45, 0.72):
        s.box(x - 0.09, 0.6, x + 0.09, 0.97, mark, 0.2, 0.3)
    for x in (0.56, 0.84):
        s.box(x - 0.1, 0.55, x + 0.1, 1.0, skin, 0.2, 0.3)
        for nail in (-0.055, 0.01):
            s.ellipse(x + nail, 0.965, 0.03, 0.03, CREAM, 0)
    s.curve(
        [(0.4, 0.3), (0.6, 0.12), (0.84, 0.16), (0.96, 0.4), (0.95, 0.68), (0.7, 0.78), (0.44, 0.74)], skin, 0.2, True
    )
    head = [(0.06, 0.3), (0.16, 0.06), (0.34, 0.0), (0.5, 0.12), (0.54, 0.36), (0.42, 0.58), (0.24, 0.62)]
    trunk = [(0.2, 0.84), (0.12, 0.99), (0.02, 0.95), (0.0, 0.84), (0.06, 0.8), (0.07, 0.6)]
    s.curve([*head, *trunk], skin, 0.25, True)
    s.ellipse(0.27, 0.46, 0.06, 0.055, mix(unlike(skin, BLUSH, (226, 100, 112)), skin, 0.25), 0.1)
    s.curve([(0.2, 0.56), (0.31, 0.6), (0.28, 0.74), (0.2, 0.8), (0.22, 0.68)], CREAM, 0.2)
    s.curve([(0.36, 0.12), (0.5, 0.03), (0.66, 0.12), (0.7, 0.36), (0.6, 0.6), (0.46, 0.62), (0.36, 0.42)], mark, 0.2)
    s.curve(
        [(0.42, 0.18), (0.52, 0.11), (0.61, 0.18), (0.63, 0.36), (0.56, 0.52), (0.47, 0.52), (0.41, 0.38)],
        mix(BLUSH, skin, 0.1),
        0.2,
    )
    eye(s, 0.21, 0.32, 0.065, 0.085)


def snowman(s: Sheet, rng: Rng, color: Color) -> None:
    snow = jitter(rng, color, 4)
    coal = contrast(snow)
    wool = unlike(snow, RED, (40, 150, 130))
    hat = INK if brightness(snow) > 70 else (120, 124, 160)
    shade = (186, 200, 226) if brightness(snow) > 225 else deep(snow, 0.25)
    s.ellipse(0.5, 0.79, 0.5, 0.21, shade, 0)
    s.ellipse(0.48, 0.78, 0.47, 0.2, snow, 0.22, True)
    s.ellipse(0.5, 0.56, 0.37, 0.17, shade, 0)
    s.ellipse(0.485, 0.55, 0.345, 0.16, snow, 0.22, True)
    s.ellipse(0.5, 0.32, 0.3, 0.17, shade, 0)
    s.ellipse(0.49, 0.315, 0.28, 0.16, snow, 0.22, True)
    for out in (-1, 1):
        s.line([(0.5 + out * 0.3, 0.52), (0.5 + out * 0.4, 0.47)], 0.07, (116, 78, 46))
        s.ellipse(0.5 + out * 0.41, 0.465, 0.09, 0.055, wool, 0.3, True)
    for y in (0.63, 0.74, 0.85):
        s.ellipse(0.5, y, 0.055, 0.034, coal, 0.2)
    s.polygon([(0.56, 0.46), (0.76, 0.46), (0.74, 0.68), (0.6, 0.68)], deep(wool), 0.15)
    s.box(0.2, 0.42, 0.8, 0.52, wool, 0.25, 0.5)
    for x in (0.36, 0.62):
        if coal != INK:
            s.ellipse(x, 0.275, 0.085, 0.056, CREAM, 0)
        s.ellipse(x, 0.275, 0.062, 0.042, INK, 0)
        s.ellipse(x - 0.018, 0.262, 0.022, 0.015, (255, 255, 255), 0)
    s.line([(0.36, 0.38), (0.42, 0.405), (0.52, 0.41), (0.6, 0.385)], 0.04, coal, curved=True)
    s.polygon([(0.5, 0.295), (0.53, 0.37), (0.2, 0.36)], unlike(snow, ORANGE, (224, 84, 40)), 0.25)
    s.box(0.26, 0.0, 0.74, 0.2, hat, 0.25, 0.2)
    s.box(0.26, 0.115, 0.74, 0.175, wool, 0.2)
    s.box(0.12, 0.165, 0.88, 0.22, hat, 0.25, 0.5)


ANIMALS: dict[str, Kind] = {
    "cat": Kind(cat, 0.86, "orange"),
    "dog": Kind(dog, 0.86, "brown"),
    "rabbit": Kind(rabbit, 0.66, "gray"),
    "bird": Kind(bird, 1.1, "blue"),
    "owl": Kind(owl, 0.8, "brown"),
    "penguin": Kind(penguin, 0.72, "black"),
    "fish": Kind(fish, 1.4, "orange"),
    "turtle": Kind(turtle, 1.35, "green"),
    "butterfly": Kind(butterfly, 1.15, "purple"),
    "elephant": Kind(elephant, 1.25, "gray"),
    "snowman": Kind(snowman, 0.62, "white"),
}
