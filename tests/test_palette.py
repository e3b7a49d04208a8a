"""The colours of charts stand out on both grounds and are told apart, also by colour-blind readers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations, pairwise

import pytest

from logreport.figures import NEUTRAL, PALETTE

LIGHT = "#ffffff"
DARK = "#171b21"

#: The first colours, which are told apart best: few charts show more.
FIRST = 8

Triple = tuple[float, float, float]
Matrix = tuple[Triple, Triple, Triple]

#: How each kind of sight sees linear sRGB: the matrices of severity 1.0 from Machado, Oliveira and Fernandes, "A
#: Physiologically-based Model for Simulation of Color Vision Deficiency", IEEE TVCG 15(6), 2009.
SIGHTS: dict[str, Matrix] = {
    "normal": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}

#: OKLab: linear sRGB to cone responses, and their cube roots to lightness and two opponent axes.
TO_CONES: Matrix = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
TO_OKLAB: Matrix = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)

each_sight = pytest.mark.parametrize("sight", SIGHTS)
each_ground = pytest.mark.parametrize("ground", [LIGHT, DARK])
each_colour = pytest.mark.parametrize("colour", [*PALETTE, NEUTRAL])


def linear(colour: str) -> Triple:
    """Linear sRGB, as WCAG 2.x defines it: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return expanded(red), expanded(green), expanded(blue)


def expanded(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.x: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    return dot((0.2126, 0.7152, 0.0722), linear(colour))


def dot(one: Triple, other: Triple) -> float:
    return one[0] * other[0] + one[1] * other[1] + one[2] * other[2]


def times(matrix: Matrix, vector: Triple) -> Triple:
    first, second, third = (dot(row, vector) for row in matrix)
    return first, second, third


def seen(colour: str, sight: str) -> Triple:
    """The colour as this sight sees it, in OKLab (Björn Ottosson, 2020: https://bottosson.github.io/posts/oklab/).

    The simulation is the one of Machado, Oliveira and Fernandes (2009), on linear RGB, cut to what a screen can show.
    """
    red, green, blue = (min(max(channel, 0.0), 1.0) for channel in times(SIGHTS[sight], linear(colour)))
    long, medium, short = (cone ** (1 / 3) for cone in times(TO_CONES, (red, green, blue)))
    return times(TO_OKLAB, (long, medium, short))


def distance(one: str, other: str, sight: str) -> float:
    """How far two colours are apart, in hundredths of OKLab's lightness from black to white."""
    return 100 * math.dist(seen(one, sight), seen(other, sight))


def nearest(pairs: Sequence[tuple[str, str]], sight: str) -> tuple[float, tuple[str, str]]:
    """The smallest distance, and the pair that has it, so that a failure names the two colours."""
    return min((distance(*pair, sight), pair) for pair in pairs)


@each_ground
@each_colour
def test_every_colour_stands_out_three_to_one_on_both_grounds(colour: str, ground: str) -> None:
    """WCAG 2.x, success criterion 1.4.11, "Non-text Contrast": what a chart shows needs 3:1 against what is beside."""
    assert contrast(colour, ground) >= 3.0


@pytest.mark.parametrize(
    ("sight", "least"), [("normal", 12.2), ("protanopia", 9.8), ("deuteranopia", 7.6), ("tritanopia", 7.6)]
)
def test_any_two_of_the_first_eight_are_told_apart_by_every_reader(sight: str, least: float) -> None:
    apart, pair = nearest(list(combinations(PALETTE[:FIRST], 2)), sight)
    assert apart >= least, pair


@each_sight
def test_any_two_of_the_first_four_are_told_apart_better(sight: str) -> None:
    apart, pair = nearest(list(combinations(PALETTE[:4], 2)), sight)
    assert apart >= 9.8, pair


@each_sight
def test_neighbours_among_the_first_eight_are_far_apart(sight: str) -> None:
    apart, pair = nearest(list(pairwise(PALETTE[:FIRST])), sight)
    assert apart >= 12.0, pair


@each_sight
def test_the_last_colours_repeat_none_before_them(sight: str) -> None:
    apart, pair = nearest(list(combinations(PALETTE, 2)), sight)
    assert apart >= 5.3, pair


@each_sight
def test_the_neutral_colour_is_no_colour_of_the_palette(sight: str) -> None:
    apart, pair = nearest([(NEUTRAL, colour) for colour in PALETTE], sight)
    assert apart >= 5.8, pair
