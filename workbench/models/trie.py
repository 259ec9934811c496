"""Texts that share beginnings, as a tree in which each common beginning stands once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from workbench.models.walks import shared

Tokens = tuple[int, ...]


@dataclass
class Node:
    """A stretch of tokens that stands at `depth` in its texts; its children go on after it."""

    depth: int
    tokens: Tokens
    children: list["Node"] = field(default_factory=list)
    #: Where the stretch lies when the tree is packed into one row, and where its descendants end.
    offset: int = 0
    below: int = 0

    @property
    def end(self) -> int:
        """The depth at which children begin."""
        return self.depth + len(self.tokens)

    def split(self, depth: int) -> None:
        """Cut the stretch: what stands from depth on becomes an only child."""
        cut = depth - self.depth
        lower = Node(depth, self.tokens[cut:], self.children)
        self.tokens, self.children = self.tokens[:cut], [lower]


@dataclass
class Trie:
    """Packed texts: nodes in the order in which they lie, and for each text its path."""

    nodes: list[Node]
    paths: dict[Tokens, list[Node]]
    size: int

    def index(self, text: Tokens, place: int) -> int:
        """Return where the token at a place of a text lies in the packed row."""
        node = next(node for node in self.paths[text] if place < node.end)
        return node.offset + place - node.depth


def build(texts: Sequence[Tokens], start: int = 0) -> Trie:
    """Return the tree of texts from depth start on; up to there all texts are equal and known."""
    top = Node(start, ())
    ordered = sorted(set(texts))
    for text in ordered:
        _insert(top, text)
    nodes = list(_pack(top, 0))
    paths = {text: list(_path(top, text)) for text in ordered}
    return Trie(nodes, paths, sum(len(node.tokens) for node in nodes))


def _insert(top: Node, text: Tokens) -> None:
    """Add a text that comes after all others in order: only a node's newest child can share with it."""
    node = top
    while node.children:
        newest = node.children[-1]
        common = shared(newest.tokens, text[newest.depth :])
        if not common:
            break
        if common < len(newest.tokens):
            newest.split(newest.depth + common)
        node = newest
    if node.end < len(text):
        node.children.append(Node(node.end, text[node.end :]))


def _pack(node: Node, offset: int) -> Iterator[Node]:
    node.offset = offset
    offset += len(node.tokens)
    if node.tokens:
        yield node
    for child in node.children:
        yield from _pack(child, offset)
        offset = child.below
    node.below = offset


def _path(top: Node, text: Tokens) -> Iterator[Node]:
    node = top
    while node.end < len(text):
        node = next(child for child in node.children if child.tokens[0] == text[child.depth])
        yield node
