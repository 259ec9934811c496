"""The window's colours, in pairs that can be read: text on its ground has a contrast of at least 4.5 (WCAG AA)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Colours:
    """One scheme; ground is behind everything, paper behind texts, tints behind marked words."""

    ground: str
    paper: str
    raised: str
    text: str
    muted: str
    border: str
    accent: str
    on_accent: str
    chosen: str
    good: str
    warning: str
    bad: str
    inserted: str
    deleted: str


LIGHT = Colours(
    ground="#f4f5f7",
    paper="#ffffff",
    raised="#ffffff",
    text="#1c2128",
    muted="#57606a",
    border="#d0d5dc",
    accent="#2357c4",
    on_accent="#ffffff",
    chosen="#dce7fd",
    good="#1a7037",
    warning="#855300",
    bad="#b3261e",
    inserted="#d8f5df",
    deleted="#ffe3e0",
)

DARK = Colours(
    ground="#15181d",
    paper="#1c2026",
    raised="#23282f",
    text="#e5e9ef",
    muted="#9ca6b4",
    border="#3a414c",
    accent="#82abff",
    on_accent="#0c1424",
    chosen="#273a60",
    good="#61c77c",
    warning="#e0b050",
    bad="#ff8d85",
    inserted="#173b25",
    deleted="#4b2022",
)


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours (#rrggbb) by WCAG 2.2, from 1 to 21."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
