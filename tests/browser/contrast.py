"""Contrasts of the widget as on screen (WCAG 2): of text, placeholders too, and of the icons of its controls."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator

# Each with its contrast against the nearest opaque ground behind it, what is transparent mixed with it.
CONTRASTS = """(root) => {
    const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const rgba = (color) => {
        context.clearRect(0, 0, 1, 1);
        context.fillStyle = color;
        context.fillRect(0, 0, 1, 1);
        return [...context.getImageData(0, 0, 1, 1).data];
    };
    const over = (top, ground) => top.map((v, i) => (i === 3 ? 255 : (v * top[3] + ground[i] * (255 - top[3])) / 255));
    const groundOf = (element) => {
        if (!element) return [255, 255, 255, 255];
        const color = rgba(getComputedStyle(element).backgroundColor);
        return color[3] === 255 ? color : over(color, groundOf(element.parentElement));
    };
    const light = (color) => {
        const linear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        const [r, g, b] = color.map((v) => linear(v / 255));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
    };
    const ratio = (element, color) => {
        let opacity = 1;
        for (let e = element; e && e !== root; e = e.parentElement) opacity *= Number(getComputedStyle(e).opacity);
        const ground = groundOf(element);
        const [r, g, b, alpha] = rgba(color);
        const [one, other] = [light(over([r, g, b, alpha * opacity], ground)), light(ground)];
        return Math.max(one, other) / Math.min(one, other);
    };
    const seen = (element) => element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });
    const idle = ":disabled, [aria-disabled=true], [aria-disabled=true] *, [aria-hidden=true], [aria-hidden=true] *";
    const texts = [...root.querySelectorAll("*")].filter((element) => {
        const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
        const typed = element.matches("textarea, input:not([type=range], [type=color])") && element.value;
        return (own || typed) && seen(element) && !element.matches(idle);
    });
    const offered = [...root.querySelectorAll("input, textarea")]
        .filter((field) => field.placeholder && !field.value && seen(field) && !field.matches(idle));
    const icons = [...root.querySelectorAll("button:enabled:not([aria-disabled=true]) .sd-icon")].filter(seen);
    return {
        texts: [
            ...texts.map((element) => [
                element.textContent.trim() || element.value,
                ratio(element, getComputedStyle(element).color),
            ]),
            ...offered.map((field) => {
                const { color, opacity } = getComputedStyle(field, "::placeholder");
                const [r, g, b, alpha] = rgba(color);
                return [field.placeholder, ratio(field, `rgb(${r} ${g} ${b} / ${(alpha / 255) * Number(opacity)})`)];
            }),
        ],
        icons: icons.map((icon) => {
            const button = icon.closest("button");
            const name = button.getAttribute("aria-label") ?? button.textContent;
            return [name, ratio(icon, getComputedStyle(icon).stroke)];
        }),
    };
}"""
TEXT, ICON = 4.5, 3.0
"""The least contrasts that WCAG 2 asks for, level AA."""


def too_faint(root: Locator) -> list[tuple[str, float]]:
    """The texts and icons of a widget that are seen and cannot be read well, with their contrast."""
    found: dict[str, Any] = root.evaluate(CONTRASTS)
    assert len(found["texts"]) > 5 and len(found["icons"]) > 5, "the widget is not there"
    return [
        *((text, round(ratio, 2)) for text, ratio in found["texts"] if ratio < TEXT),
        *((label, round(ratio, 2)) for label, ratio in found["icons"] if ratio < ICON),
    ]
