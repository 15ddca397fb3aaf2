"""What a model makes of a prompt: words it does not know are dropped and reported, where it has a word list."""

from __future__ import annotations

import re
from difflib import get_close_matches

WORD = re.compile(r"[^\W\d_]+", re.UNICODE)
ALIKE = 0.7  # of difflib's ratio: "lighthose" and "trees" are near enough, "bike" is no "brick"


class Language:
    """The words a model knows; None means any."""

    def __init__(self, words: list[str] | None = None) -> None:
        self.words = None if words is None else frozenset(words)

    def unknown(self, prompt: str) -> list[str]:
        """The words of ``prompt`` that the model does not know, in order, each once."""
        if self.words is None:
            return []
        return list(dict.fromkeys(w for w in WORD.findall(prompt) if w.lower() not in self.words))

    def near(self, word: str) -> str | None:
        """The known word that is most like ``word``; None if none is near, and where the model lists no words."""
        # Sorted, since a set's order, and so the choice among equals, changes from run to run.
        found = get_close_matches(word.lower(), sorted(self.words or ()), n=1, cutoff=ALIKE)
        return found[0] if found else None

    def clean(self, prompt: str) -> str:
        """The prompt as the text encoder gets it."""
        if self.words is None:
            return prompt.strip()
        return " ".join(w.lower() for w in WORD.findall(prompt) if w.lower() in self.words)
