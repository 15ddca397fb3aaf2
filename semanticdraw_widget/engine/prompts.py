"""What a model makes of a prompt: words it does not know are dropped and reported, where it has a word list."""

from __future__ import annotations

import re

WORD = re.compile(r"[^\W\d_]+", re.UNICODE)


class Language:
    """The words a model knows; None means any."""

    def __init__(self, words: list[str] | None = None) -> None:
        self.words = None if words is None else frozenset(words)

    def unknown(self, prompt: str) -> list[str]:
        """The words of ``prompt`` that the model does not know, in order, each once."""
        if self.words is None:
            return []
        return list(dict.fromkeys(w for w in WORD.findall(prompt) if w.lower() not in self.words))

    def clean(self, prompt: str) -> str:
        """The prompt as the text encoder gets it."""
        if self.words is None:
            return prompt.strip()
        return " ".join(w.lower() for w in WORD.findall(prompt) if w.lower() in self.words)
