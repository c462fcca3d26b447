"""Numbers for words, and how many entries hold each; a number is given anew once nothing holds its word."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_FIRST = 1_024


class Words:
    """``seen`` holds, by a word's number, how many entries hold the word; look nothing up there by -1."""

    def __init__(self) -> None:
        self.seen: NDArray[np.int32] = np.zeros(_FIRST, np.int32)
        self._number: dict[str, int] = {}
        self._word: list[str] = []
        self._free: list[int] = []

    def __len__(self) -> int:
        return len(self._number)

    def word(self, number: int) -> str:
        """The word of a number."""
        return self._word[number]

    def numbers(self, words: Sequence[str]) -> NDArray[np.int32]:
        """The number of each word; -1 for one that no entry holds."""
        return np.array([self._number.get(word, -1) for word in words], np.int32)

    def take(self, words: Sequence[str]) -> NDArray[np.int32]:
        """The numbers of the words of an entry, each of which is held once more; each word comes once."""
        taken = np.array([self._number[word] if word in self._number else self._new(word) for word in words], np.int32)
        self.seen[taken] += 1
        return taken

    def leave(self, numbers: NDArray[np.int32]) -> None:
        """An entry that held the words of these numbers is gone."""
        self.seen[numbers] -= 1
        for number in numbers[self.seen[numbers] <= 0].tolist():
            del self._number[self._word[number]]
            self._word[number] = ""
            self._free.append(number)

    def _new(self, word: str) -> int:
        if self._free:
            number = self._free.pop()
            self._word[number] = word
        else:
            number = len(self._word)
            self._word.append(word)
            if number >= len(self.seen):
                self.seen = np.concatenate([self.seen, np.zeros(len(self.seen), np.int32)])
        self._number[word] = number
        return number
