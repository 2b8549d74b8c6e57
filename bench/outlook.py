"""Write a small Outlook message (.msg): a compound file that holds MAPI properties, as [MS-CFB] and [MS-OXMSG] say."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

_SECTOR, _SMALL_SECTOR, _CUTOFF = 512, 64, 4096
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_STREAM, _STORAGE, _ROOT = 2, 1, 5
_UNICODE, _BINARY, _LONG = 0x1F, 0x102, 0x03
_SUBJECT, _BODY, _HTML, _SENDER, _SENDER_MAIL = 0x37, 0x1000, 0x1013, 0xC1A, 0xC1F
_DATA, _LONG_NAME, _METHOD = 0x3701, 0x3707, 0x3705
_NAME, _MAIL = 0x3001, 0x39FE


@dataclass
class _Node:
    name: str
    content: bytes | None = None
    children: list[_Node] = field(default_factory=list)


def msg_bytes(
    subject: str, body: str, *, sender: tuple[str, str], to: tuple[str, str], attachments: dict[str, bytes]
) -> bytes:
    """Give the bytes of a message with a plain body."""
    root = _storage(
        "Root Entry",
        {_SUBJECT: subject, _BODY: body, _SENDER: sender[0], _SENDER_MAIL: sender[1]},
        struct.pack("<8x4I8x", 1, len(attachments), 1, len(attachments)),
    )
    root.children.append(_storage("__recip_version1.0_#00000000", {_NAME: to[0], _MAIL: to[1]}, bytes(8)))
    for number, (name, content) in enumerate(attachments.items()):
        values: dict[int, str | bytes | int] = {_LONG_NAME: name, _DATA: content, _METHOD: 1}
        root.children.append(_storage(f"__attach_version1.0_#{number:08X}", values, bytes(8)))
    return _compound(root)


def _storage(name: str, values: dict[int, str | bytes | int], head: bytes) -> _Node:
    """Give a storage with its properties: short ones in the table, others in streams of their own."""
    node, table = _Node(name), head
    for tag, value in values.items():
        if isinstance(value, int):
            table += struct.pack("<HHIII", _LONG, tag, 6, value, 0)
            continue
        kind, raw = (_UNICODE, value.encode("utf-16-le")) if isinstance(value, str) else (_BINARY, value)
        node.children.append(_Node(f"__substg1.0_{tag:04X}{kind:04X}", raw))
        table += struct.pack("<HHIII", kind, tag, 6, len(raw) + (2 if kind == _UNICODE else 0), 0)
    node.children.append(_Node("__properties_version1.0", table))
    return node


class _Space:
    """Sectors of one size and the chains that join them."""

    def __init__(self, sector: int) -> None:
        self._sector = sector
        self.chains: list[int] = []
        self.body = b""

    def add(self, content: bytes) -> int:
        """Put content into the next free sectors; give the first."""
        start = len(self.chains)
        count = -(-len(content) // self._sector)
        self.chains += [*range(start + 1, start + count), _END]
        self.body += content.ljust(count * self._sector, b"\0")
        return start


def _compound(root: _Node) -> bytes:
    """Lay out a compound file: streams under 4 kB share the stream of the root entry."""
    nodes: list[tuple[_Node, int, int, int]] = []  # node, left, right and child entry

    def number(node: _Node) -> int:
        place = len(nodes)
        nodes.append((node, _FREE, _FREE, _FREE))
        # Siblings hang one below the other to the right: a tree that readers accept, though not a balanced one.
        following = _FREE
        for child in sorted(node.children, key=lambda one: (len(one.name), one.name.upper()), reverse=True):
            entry = number(child)
            nodes[entry] = (*nodes[entry][:2], following, nodes[entry][3])
            following = entry
        nodes[place] = (node, _FREE, _FREE, following)
        return place

    number(root)
    large, small = _Space(_SECTOR), _Space(_SMALL_SECTOR)
    places = {
        id(node): (small if len(node.content) < _CUTOFF else large).add(node.content)
        for node, *_ in nodes
        if node.content
    }
    places[id(root)] = large.add(small.body)
    entries = b""
    for node, left, right, child in nodes:
        start = places.get(id(node), _END)
        size = len(small.body) if node is root else len(node.content or b"")
        name = node.name.encode("utf-16-le")
        kind = _ROOT if node is root else _STORAGE if node.content is None else _STREAM
        entries += struct.pack("<64sHBB3I16x4x16xIQ", name, len(name) + 2, kind, 1, left, right, child, start, size)
    directory = large.add(entries)
    small_table = large.add(struct.pack(f"<{len(small.chains)}I", *small.chains))
    table = len(large.chains)
    sectors = 1
    while table + sectors > sectors * _SECTOR // 4:
        sectors += 1
    chains = [*large.chains, *[_FAT] * sectors]
    chains += [_FREE] * (sectors * _SECTOR // 4 - len(chains))
    small_sectors = -(-4 * len(small.chains) // _SECTOR)
    fields = (0x3E, 3, 0xFFFE, 9, 6, 0, sectors, directory, 0, _CUTOFF, small_table, small_sectors, _END, 0)
    header = struct.pack("<8s16x5H6x9I", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", *fields)
    header += struct.pack("<109I", *range(table, table + sectors), *[_FREE] * (109 - sectors))
    return header + large.body + struct.pack(f"<{len(chains)}I", *chains)
