"""Other files made of good ones: bytes changed anywhere, or parts changed with the format kept, to reach what is behind it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np

from tmc.net.checkpoint.reading import KEY, Checkpoint
from tmc.net.checkpoint.writing import DIGEST

ODD: tuple[Any, ...] = (
    None, True, False, -1, 0, 1, 2, 3.5, 10**6, 2**31, 2**63, 10**30, 1e308, "", "x", "\ud800", "\n", "a" * 5000, "9" * 4000,
    [], {}, [[]], [0], [1, 2, 3], [[[[]]]] * 3, {"x": {}}, "grid", "line", "wide", "scalar",
)  # fmt: skip
KINDS = ("F16", "BF16", "F32", "F64", "I8", "U8", "I16", "U16", "I32", "I64", "U64", "BOOL", "F8_E4M3", "x")
ARRAYS = ("<f8", "<f4", "<f2", ">i4", "|i1", "|u1", "|b1", "<i8", "|O", "<U3", "|V4", "<c8", "<M8[s]", "|S3", ">f8")
WORDS = """machine learner use tape bounds start state test example query data is on at not otherwise write move left right up down
stay top bottom accept reject stuck steps work line grid of in $x $y ( ) , | . : * ^ + 0 1 _ '#' '' ''' " "std.tm" n m d 99999999999
-> s t f next mark way # \t \x00 \ufeff \u00e9 s(1) f(next) f(f(next)) f(g(next),next) t(0|1,left,accept) loop""".split(" ")
FOREIGN = """blank: 'start state:' input: table: synonyms: {R: a} {write: 1, L: b} {L} [0,1]: L R accept: reject: source code: |
&a *a !!x --- ... ? ~ null # ; $INITIAL_TAPE: * ** ! l r d g halt halt-reject 0 1 _ init: accept: name: // , < > - a,1,1,1
b,_,_,_,-,<,> 1RB 0LA --- _ 1RZ 9RY <state id="0"> <initial/> <final/> </state> <transition> <from>0</from> <to>1</to>
<read/> <read>~</read> <read>!1</read> <write>~</write> <move>S</move> </transition> <tapes>3</tapes> <tapes>99</tapes>
<note> <!-- --> <![CDATA[ ]]> &amp; &#0; <!DOCTYPE <read tape="2">x</read> DTM( MNTM( NTM( n_tapes=3, n_tapes=10**9, **x,
set() {('q0','1','R')} [('q0',(('1','R'),('1','N')))] "q0": { } [ ] ( ) '\\d' f'{x}' b'x' 1e999 -1 None True \u00e9 \ud800
\x00 \ufeff \u3000 \u0301""".split()


def any_bytes(random: Random, content: bytes) -> bytes:
    """Bits flipped, parts cut, doubled, moved, blanked."""
    changed = bytearray(content)
    for _ in range(random.choice((1, 1, 1, 2, 5, 20))):
        size = len(changed)
        at, length = random.randrange(size + 1), random.choice((1, 1, 2, 4, 8, 100, 5000))
        kind = random.randrange(7)
        if kind <= 2 and at < size:
            changed[at] ^= 1 << random.randrange(8)
        elif kind == 3:
            del changed[at : at + length]
        elif kind == 4:
            changed[at:at] = changed[random.randrange(size + 1) :][:length]
        elif kind == 5:
            changed[at : at + length] = random.choice((b"\0", b"\xff", b"{", b"9", b"[")) * length
        else:
            changed[at : at + 8] = random.choice((0, 1, 2**31, 2**63 - 1, 2**64 - 1, random.randrange(2**20))).to_bytes(8, "little")
    return bytes(changed if random.random() < 0.9 else changed[: random.randrange(len(changed) + 1)])


# --- checkpoints


def checkpoint(random: Random, content: bytes) -> bytes:
    """A checkpoint with its metadata, its table of tensors or its tensors changed; the digest is often made to fit."""
    length = int.from_bytes(content[:8], "little")
    header, data = json.loads(content[8 : 8 + length]), bytearray(content[8 + length :])
    about = json.loads(header["__metadata__"][KEY])
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        kind = random.randrange(4)
        if kind == 0:
            about = elsewhere(random, about)
        elif kind == 1:
            _change_entry(random, header)
        else:
            _change_numbers(random, header, data)
    if random.random() < 0.7:
        _sign(header, bytes(data), about)
    text = json.dumps({**header, "__metadata__": {KEY: json.dumps(about)}}).encode()
    return len(text).to_bytes(8, "little") + text + bytes(data)


def elsewhere(random: Random, document: Any) -> Any:
    """The document with one value, somewhere in it, changed."""
    if not isinstance(document, dict | list) or not document or random.random() < 0.1:
        return _odd(random, document)
    copy = document.copy()
    key = random.choice(list(document) if isinstance(document, dict) else range(len(document)))
    kind = random.random()
    if kind < 0.1:
        del copy[key]
    elif kind < 0.15 and isinstance(copy, list):
        copy.insert(key, copy[random.randrange(len(copy))])
    else:
        copy[key] = elsewhere(random, document[key])
    return copy


def _odd(random: Random, value: Any) -> Any:
    if type(value) is int and random.random() < 0.5:
        return value + random.choice((-1, 1, 1000, -value, 2**40))
    return random.choice(ODD)


def _change_entry(random: Random, header: dict[str, Any]) -> None:
    names = [name for name in header if name != "__metadata__"]
    name = random.choice(names)
    entry, kind = header[name], random.randrange(5)
    if not isinstance(entry, dict) or not isinstance(entry.get("shape"), list) or "data_offsets" not in entry:
        kind = max(kind, 3)  # it was changed before
    if kind == 0:
        entry["dtype"] = random.choice(KINDS)
    elif kind == 1:
        entry["shape"] = random.choice(
            (entry["shape"][::-1], [*entry["shape"], 1], [2**40, 2**40], [0], [], [-1], elsewhere(random, [1]))
        )
    elif kind == 2:
        entry["data_offsets"] = random.choice(([0, 0], [0, 2**62], [4, 0], _offsets(header[random.choice(names)]), None))
    elif kind == 3:
        header[random.choice((*names, "W", "memory.weight", "recurrent.2.weight.rows", "x\n"))] = header.pop(name)
    else:
        header[name] = elsewhere(random, entry)


def _offsets(entry: Any) -> Any:
    return entry.get("data_offsets") if isinstance(entry, dict) else None


def _change_numbers(random: Random, header: dict[str, Any], data: bytearray) -> None:
    """Change some numbers of a tensor: sorted the other way, doubled, out of range, NaN."""
    entry = header[random.choice([name for name in header if name != "__metadata__"])]
    size = {"F32": 4, "F64": 8, "I64": 8, "I32": 4, "U16": 2, "I8": 1}.get(
        str(entry.get("dtype") if isinstance(entry, dict) else "")
    )
    try:
        begin, end = entry["data_offsets"]
        count = (min(end, len(data)) - begin) // size
        for _ in range(random.choice((1, 1, 3, min(count, 100)))):
            at = begin + size * random.randrange(count)
            other = begin + size * random.randrange(count)
            new = random.choice(
                (bytes(size), b"\xff" * size, b"\x7f" * size, bytes(data[other : other + size]), random.randbytes(size))
            )
            data[at : at + size] = new
    except (TypeError, ValueError, KeyError):
        return


def _sign(header: dict[str, Any], data: bytes, about: Any) -> None:
    """Make the digest that of the tensors as they are now, if they can be read."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    text = json.dumps(header).encode()
    try:
        about[DIGEST] = Checkpoint("", load(len(text).to_bytes(8, "little") + text + data), {}).digest
    except (SafetensorError, TypeError, ValueError, KeyError, AttributeError):
        return


# --- data sets


def archive(random: Random, content: bytes) -> bytes:
    """An archive with arrays of other kinds, shapes and values, or headers that claim what is not there."""
    with zipfile.ZipFile(io.BytesIO(content)) as read:
        members = {name: read.read(name) for name in read.namelist()}
    for _ in range(random.choice((1, 1, 2, 3))):
        name = random.choice(list(members) or ["X_train.npy"])
        kind = random.randrange(6)
        if kind == 0:
            members.pop(name, None)
        elif kind == 1:
            members[name] = _array(random)
        elif kind == 2:
            members[random.choice(("X_test.npy", "y_test.npy", "X_train.npy", "../x.npy", "a\nb.npy", ""))] = members.get(name, b"")
        elif kind == 3:
            members[name] = any_bytes(random, members.get(name, b""))
        else:
            members[name] = _claimed(random)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", random.choice((0, 0, 8, 12, 14))) as written:
        for name, member in members.items():
            written.writestr(zipfile.ZipInfo(name) if name else "x", member, compresslevel=1)
    return any_bytes(random, out.getvalue()) if random.random() < 0.2 else out.getvalue()


def _array(random: Random) -> bytes:
    shape = tuple(random.choice((0, 1, 2, 3, 6)) for _ in range(random.choice((0, 1, 2, 2, 3))))
    kind = random.choice(ARRAYS)
    out = io.BytesIO()
    array = np.zeros(shape, dtype=kind)
    if array.size and array.dtype.kind in "iuf":
        array.reshape(-1)[:] = random.choice((0, 1, 2, 127, *((np.nan, np.inf, 0.5, -1) if array.dtype.kind == "f" else ())))
    np.lib.format.write_array(out, array, version=random.choice(((1, 0), (2, 0), (3, 0))), allow_pickle=True)
    return out.getvalue()


def _claimed(random: Random) -> bytes:
    shape = random.choice(
        ("(6, 3)", "(1000000000000,)", "(2, 2, 2)", "(-1, 3)", "()", "(10**9, 10**9)", "(True, 3)", "('a',)", "(6.0, 3)")
    )
    text = f"{{'descr': '{random.choice(ARRAYS)}', 'fortran_order': {random.choice(('True', 'False', '1'))}, 'shape': {shape}, }}\n"
    if random.random() < 0.2:
        text = any_bytes(random, text.encode()).decode("latin1")
    header = text.encode("latin1", errors="replace")
    version = random.choice((1, 2, 3, 4))
    size = random.choice((len(header), len(header), len(header) + 100, 60000))
    return (
        b"\x93NUMPY"
        + bytes([version, 0])
        + size.to_bytes(2 if version == 1 else 4, "little")
        + header
        + bytes(random.randrange(40))
    )


# --- machines


def machine(random: Random, content: bytes) -> bytes:
    """A text with words and lines put in, taken out, doubled and moved."""
    return _words(random, content, WORDS)


def foreign(random: Random, content: bytes) -> bytes:
    """A text of another program, changed so."""
    return _words(random, content, FOREIGN)


def _words(random: Random, content: bytes, known: list[str]) -> bytes:
    lines = content.decode("utf-8", errors="replace").split("\n")
    for _ in range(random.choice((1, 1, 2, 4, 8))):
        at = random.randrange(len(lines))
        kind = random.randrange(6)
        if kind == 0:
            lines.insert(at, random.choice(lines))
        elif kind == 1 and len(lines) > 1:
            del lines[at]
        else:
            words = lines[at].split(" ")
            place = random.randrange(len(words))
            words[place : place + random.randrange(2)] = [
                random.choice((random.choice(known), *random.choice(lines).split(" ")[:4]))
            ]
            lines[at] = " ".join(words)
    return "\n".join(lines).encode("utf-8", errors="replace")


Mutation = Callable[[Random, bytes], bytes]
MUTATIONS: dict[str, Mutation] = {"checkpoint": checkpoint, "archive": archive, "machine": machine}


def mutated(kind: str, random: Random, content: bytes) -> bytes:
    """Another file of this kind."""
    if random.random() < 0.3:
        return any_bytes(random, content)
    return MUTATIONS.get(kind, foreign)(random, content)
