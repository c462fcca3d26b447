"""Rivals of ``stories``, written from their published descriptions. Each is given all texts at once."""

import re
from collections import Counter
from collections.abc import Sequence
from math import log

import numpy as np
from numpy.typing import NDArray

from tocsin.analysis.text.languages import detect
from tocsin.analysis.text.lexicon import stop_words
from tocsin.analysis.text.linking import average_link

Matrix = NDArray[np.float32]
_WORD = re.compile(r"\w\w+")
_SENTENCE = re.compile(r"(?<=[.!?。！？])\s+|\n+")
_NAME = re.compile(r"(?<![.!?]\s)(?<!^)\b[A-Z]\w+(?:\s+[A-Z]\w+)*", re.MULTILINE)
_TAGS = 5
_SENTENCES = 5


def tfidf(texts: Sequence[str]) -> Matrix:
    """Cosine similarities ``(n, n)``: sublinear counts, smooth inverse document frequency, without stop words."""
    counts = [Counter(_words(text)) for text in texts]
    rarity = _rarity(counts)
    column = {word: number for number, word in enumerate(rarity)}
    found = np.zeros((len(texts), len(column)), dtype=np.float32)
    for row, words in enumerate(counts):
        for word, count in words.items():
            found[row, column[word]] = (1 + log(count)) * rarity[word]
    found /= np.linalg.norm(found, axis=1, keepdims=True) + 1e-9
    similar: Matrix = found @ found.T
    return similar


def average(similar: Matrix, least: float) -> list[int]:
    """Labels ``(n,)`` by average link down to a similarity."""
    return _labels(average_link(similar, least), len(similar))


def taranis(texts: Sequence[str], tries: Sequence[float]) -> dict[float, list[int]]:
    """Labels ``(n,)`` by threshold: names as tags, Louvain communities of tags that stand together, and within each
    community the texts whose mean best-sentence similarity over the first five sentences reaches the threshold; no
    text with fewer than five tags joins another. It encodes sentences with a neural model, for which a half is the
    threshold; this one weighs their words, for which that would be far too much.
    """
    from networkx import Graph
    from networkx.algorithms.community import louvain_communities

    tags = [_tags(text) for text in texts]
    graph: Graph[str] = Graph()
    for listed in tags:
        ordered = sorted(listed)
        for i, one in enumerate(ordered):
            for other in ordered[i + 1 :]:
                weight = graph.get_edge_data(one, other, {"weight": 0})["weight"]
                graph.add_edge(one, other, weight=weight + 1)
    communities = louvain_communities(graph, weight="weight", seed=1)
    home = {tag: number for number, community in enumerate(communities) for tag in community}
    events: dict[int, list[int]] = {}
    for number, listed in enumerate(tags):
        if len(listed) >= _TAGS:
            votes = Counter(home[tag] for tag in listed if tag in home)
            if votes:
                events.setdefault(votes.most_common(1)[0][0], []).append(number)
    sentences = _sentence_vectors(texts)
    pairs = [
        (_best_sentences(sentences[one], sentences[other]), one, other)
        for members in events.values()
        for i, one in enumerate(members)
        for other in members[i + 1 :]
    ]
    return {least: _joined([pair for pair in pairs if pair[0] >= least], len(texts)) for least in tries}


def _joined(pairs: Sequence[tuple[float, int, int]], n: int) -> list[int]:
    """Labels of what pairs tie together."""
    parent = list(range(n))

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    for _, one, other in pairs:
        parent[root(other)] = root(one)
    return [root(number) for number in range(n)]


def _tags(text: str) -> set[str]:
    """Capitalised names within sentences, as a stand-in for named entities."""
    return {match.group().lower() for match in _NAME.finditer(text)}


def _sentence_vectors(texts: Sequence[str]) -> list[list[dict[str, float]]]:
    listed = [[one for one in _SENTENCE.split(text) if one.strip()][:_SENTENCES] for text in texts]
    rarity = _rarity([Counter(_words(text)) for text in texts])
    found = []
    for sentences in listed:
        vectors = []
        for sentence in sentences:
            vector = {word: rarity[word] for word in set(_words(sentence)) if word in rarity}
            norm = sum(value * value for value in vector.values()) ** 0.5
            if norm:
                vectors.append({word: value / norm for word, value in vector.items()})
        found.append(vectors)
    return found


def _best_sentences(ours: Sequence[dict[str, float]], theirs: Sequence[dict[str, float]]) -> float:
    if not ours or not theirs:
        return 0.0
    best = [max(sum(value * other.get(word, 0) for word, value in one.items()) for other in theirs) for one in ours]
    return sum(best) / len(best)


def _rarity(counts: Sequence[Counter[str]]) -> dict[str, float]:
    among = Counter(word for words in counts for word in words)
    return {word: log((1 + len(counts)) / (1 + count)) + 1 for word, count in among.items()}


def _words(text: str) -> list[str]:
    stop = stop_words(detect("", text[:2_000], "")[0])
    return [word for word in _WORD.findall(text.lower()) if word not in stop]


def _labels(clusters: Sequence[Sequence[int]], n: int) -> list[int]:
    found = [0] * n
    for label, members in enumerate(clusters):
        for member in members:
            found[member] = label
    return found
