#!/usr/bin/env python3
"""Writes sealed-stream-v1.json: SPEC.md read a second time, in another language over another library.

Needs the Python package "cryptography". Run it from this folder; the output must not change.
"""

import hashlib
import json

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

CHUNK = 1024 * 1024
TAG = 16
HEADER = 56
LABEL = b"castellan/sealed-stream/v1\0"

DATA_KEY = bytes(range(32))
OTHER_KEY = bytes(range(1, 33))
CONTEXT = b'{"dataKey":"1","path":"model.onnx"}'
OTHER_CONTEXT = b'{"dataKey":"1","path":"other.onnx"}'
SALT = bytes(range(100, 124))
OTHER_SALT = bytes(range(101, 125))


def plaintext(length):
    return (bytes(range(251)) * (length // 251 + 1))[:length]


def seal(data_key, context, salt, message):
    info = LABEL + hashlib.sha512(context).digest()
    okm = HKDF(algorithm=hashes.SHA512(), length=76, salt=salt, info=info).derive(data_key)
    aead, base_nonce, commitment = AESGCM(okm[:32]), okm[32:44], okm[44:]
    sealed = salt + commitment
    for index in range(len(message) // CHUNK + 1):
        nonce = bytes(a ^ b for a, b in zip(base_nonce, index.to_bytes(12, "big")))
        sealed += aead.encrypt(nonce, message[index * CHUNK : (index + 1) * CHUNK], None)
    return sealed


def chunk_span(index):
    return HEADER + index * (CHUNK + TAG), HEADER + (index + 1) * (CHUNK + TAG)


def edited(sealed, edits):
    for edit in edits:
        if "flipBit" in edit:
            at, bit = divmod(edit["flipBit"], 8)
            sealed = sealed[:at] + bytes([sealed[at] ^ (1 << bit)]) + sealed[at + 1 :]
        elif "zero" in edit:
            start, end = edit["zero"]
            sealed = sealed[:start] + bytes(end - start) + sealed[end:]
        elif "cutTo" in edit:
            sealed = sealed[: edit["cutTo"]]
        elif "append" in edit:
            sealed += bytes.fromhex(edit["append"])
        elif "dropChunk" in edit:
            start, end = chunk_span(edit["dropChunk"])
            sealed = sealed[:start] + sealed[end:]
        elif "swapChunks" in edit:
            (a, b), (c, d) = (chunk_span(index) for index in edit["swapChunks"])
            sealed = sealed[:a] + sealed[c:d] + sealed[b:c] + sealed[a:b] + sealed[d:]
        elif "repeatChunk" in edit:
            start, end = chunk_span(edit["repeatChunk"])
            sealed = sealed[:end] + sealed[start:]
        elif "overwriteChunk" in edit:
            (start, end), (a, b) = chunk_span(edit["overwriteChunk"]), chunk_span(edit["withChunk"])
            sealed = sealed[:start] + sealed[a:b] + sealed[end:]
        elif "takeCommitmentOfDataKey" in edit:
            other = seal(bytes.fromhex(edit["takeCommitmentOfDataKey"]), CONTEXT, SALT, b"")
            sealed = sealed[:24] + other[24:HEADER] + sealed[HEADER:]
        elif "takeHeaderOfSalt" in edit:
            other = seal(DATA_KEY, CONTEXT, bytes.fromhex(edit["takeHeaderOfSalt"]), b"")
            sealed = other[:HEADER] + sealed[HEADER:]
        else:
            raise ValueError(edit)
    return sealed


def vector(name, length, expect="ok", edits=(), open_key=DATA_KEY, open_context=CONTEXT):
    sealed = seal(DATA_KEY, CONTEXT, SALT, plaintext(length))
    given = edited(sealed, edits)
    result = {
        "name": name,
        "dataKey": DATA_KEY.hex(),
        "context": CONTEXT.hex(),
        "salt": SALT.hex(),
        "plaintextBytes": length,
        "sealedSha256": hashlib.sha256(sealed).hexdigest(),
        "edits": list(edits),
        "editedSha256": hashlib.sha256(given).hexdigest(),
        "openDataKey": open_key.hex(),
        "openContext": open_context.hex(),
        "expect": expect,
    }
    if len(sealed) < 256:
        result["sealed"] = sealed.hex()
    return result


def sweep(name, length, kind, start, end, expect):
    """One edit at each place of a range: every bit from `start` to `end`, or every length."""
    sealed = seal(DATA_KEY, CONTEXT, SALT, plaintext(length))
    return {
        "name": name,
        "dataKey": DATA_KEY.hex(),
        "context": CONTEXT.hex(),
        "salt": SALT.hex(),
        "plaintextBytes": length,
        "sealedSha256": hashlib.sha256(sealed).hexdigest(),
        "each": kind,
        "from": start,
        "below": end,
        "expect": expect,
    }


ONE = HEADER + CHUNK + TAG  # where the second chunk starts
TWO = ONE + CHUNK + TAG
LONG = 2 * CHUNK + 5
VECTORS = [
    vector("empty", 0),
    vector("one byte", 1),
    vector("a sentence's length", 120),
    vector("one byte less than a chunk", CHUNK - 1),
    vector("a chunk, and an empty last one", CHUNK),
    vector("one byte more than a chunk", CHUNK + 1),
    vector("two chunks and a bit", 2 * CHUNK + 5),
    vector("many chunks", 9 * CHUNK + 7),
    vector("many chunks, and an empty last one", 4 * CHUNK),
    vector("wrong data key", 120, "commitment", open_key=OTHER_KEY),
    vector("wrong context", 120, "commitment", open_context=OTHER_CONTEXT),
    vector("empty context instead of the right one", 120, "commitment", open_context=b""),
    vector("wrong data key, many chunks", LONG, "commitment", open_key=OTHER_KEY),
    vector("wrong context, many chunks", LONG, "commitment", open_context=OTHER_CONTEXT),
    vector("wrong context, no plaintext", 0, "commitment", open_context=OTHER_CONTEXT),
    vector("a longer context that begins like the right one", 120, "commitment", open_context=CONTEXT + b"\0"),
    vector(
        "commitment of another data key",
        120,
        "commitment",
        [{"takeCommitmentOfDataKey": OTHER_KEY.hex()}],
    ),
    vector(
        "commitment of another data key, opened with that key",
        120,
        "chunk",
        [{"takeCommitmentOfDataKey": OTHER_KEY.hex()}],
        open_key=OTHER_KEY,
    ),
    vector("no commitment at all", 120, "commitment", [{"zero": [24, HEADER]}]),
    vector("first bit of the salt flipped", 120, "commitment", [{"flipBit": 0}]),
    vector("last bit of the salt flipped", 120, "commitment", [{"flipBit": 24 * 8 - 1}]),
    vector("first bit of the commitment flipped", 120, "commitment", [{"flipBit": 24 * 8}]),
    vector("last bit of the commitment flipped", 120, "commitment", [{"flipBit": HEADER * 8 - 1}]),
    vector("header of another object under the same key", 120, "chunk", [{"takeHeaderOfSalt": OTHER_SALT.hex()}]),
    vector("first bit of the ciphertext flipped", 120, "chunk", [{"flipBit": HEADER * 8}]),
    vector("last bit of the tag flipped", 120, "chunk", [{"flipBit": (HEADER + 120 + TAG) * 8 - 1}]),
    vector("tag of an empty object flipped", 0, "chunk", [{"flipBit": HEADER * 8 + 3}]),
    vector("bit in the second chunk flipped", 2 * CHUNK + 5, "chunk", [{"flipBit": (ONE + 77) * 8}]),
    vector("bit in the last chunk flipped", 2 * CHUNK + 5, "chunk", [{"flipBit": TWO * 8}]),
    vector("first two chunks swapped", 2 * CHUNK + 5, "chunk", [{"swapChunks": [0, 1]}]),
    vector("first chunk dropped", 2 * CHUNK + 5, "chunk", [{"dropChunk": 0}]),
    vector("second chunk dropped", 2 * CHUNK + 5, "chunk", [{"dropChunk": 1}]),
    vector("first chunk repeated", LONG, "chunk", [{"repeatChunk": 0}]),
    vector("second chunk repeated", LONG, "chunk", [{"repeatChunk": 1}]),
    vector("last chunk repeated", LONG, "chunk", [{"repeatChunk": 2}]),
    vector("empty last chunk repeated", CHUNK, "chunk", [{"repeatChunk": 1}]),
    vector("first chunk in place of the second", LONG, "chunk", [{"overwriteChunk": 1, "withChunk": 0}]),
    vector("last chunk in place of the first", LONG, "chunk", [{"overwriteChunk": 0, "withChunk": 2}]),
    vector("swapped, and swapped back", LONG, "ok", [{"swapChunks": [0, 1]}, {"swapChunks": [0, 1]}]),
    vector("nothing at all", 120, "truncated", [{"cutTo": 0}]),
    vector("cut within the salt", 120, "truncated", [{"cutTo": 23}]),
    vector("cut within the commitment", 120, "truncated", [{"cutTo": 55}]),
    vector("only a header", 120, "truncated", [{"cutTo": HEADER}]),
    vector("cut within the only tag", 0, "truncated", [{"cutTo": HEADER + TAG - 1}]),
    vector("cut to where a tag of 4 bytes would end", 0, "truncated", [{"cutTo": HEADER + 4}]),
    vector("cut by a byte", 120, "chunk", [{"cutTo": HEADER + 120 + TAG - 1}]),
    vector("cut to the length of an empty object", 120, "chunk", [{"cutTo": HEADER + TAG}]),
    vector("cut after the first full chunk", 2 * CHUNK + 5, "truncated", [{"cutTo": ONE}]),
    vector("cut before the empty last chunk", CHUNK, "truncated", [{"cutTo": ONE}]),
    vector("cut within a full chunk", 2 * CHUNK + 5, "chunk", [{"cutTo": ONE + 1000}]),
    vector("cut before the tag of the first chunk", LONG, "chunk", [{"cutTo": ONE - TAG}]),
    vector("cut within the tag of the first chunk", LONG, "chunk", [{"cutTo": ONE - 1}]),
    vector("cut after the second full chunk", LONG, "truncated", [{"cutTo": TWO}]),
    vector("cut to a tag that is one byte short, after full chunks", LONG, "truncated", [{"cutTo": TWO + TAG - 1}]),
    vector("cut to the length of an empty last chunk", LONG, "chunk", [{"cutTo": TWO + TAG}]),
    vector("cut by a byte, after full chunks", LONG, "chunk", [{"cutTo": TWO + 5 + TAG - 1}]),
    vector("last full chunk cut by a byte", 2 * CHUNK, "chunk", [{"cutTo": TWO - 1}]),
    vector("a byte appended", 120, "chunk", [{"append": "00"}]),
    vector("a byte appended to an empty last chunk", CHUNK, "chunk", [{"append": "00"}]),
]

SWEEPS = [
    sweep("each bit of the salt", 1, "flipBit", 0, 24 * 8, "commitment"),
    sweep("each bit of the commitment", 1, "flipBit", 24 * 8, HEADER * 8, "commitment"),
    sweep("each bit of ciphertext and tag", 3, "flipBit", HEADER * 8, (HEADER + 3 + TAG) * 8, "chunk"),
    sweep("each bit of the tag of nothing", 0, "flipBit", HEADER * 8, (HEADER + TAG) * 8, "chunk"),
    sweep("cut to each length without a whole tag", 40, "cutTo", 0, HEADER + TAG, "truncated"),
    sweep("cut to each length with room for a tag", 40, "cutTo", HEADER + TAG, HEADER + 40 + TAG, "chunk"),
    sweep("each bit around a chunk's end", CHUNK + 1, "flipBit", (ONE - 2) * 8, (ONE + 2) * 8, "chunk"),
    sweep("cut to each length around a chunk's end", CHUNK + 1, "cutTo", ONE, ONE + TAG, "truncated"),
]

with open("sealed-stream-v1.json", "w") as out:
    json.dump({"plaintext": "byte i is i mod 251", "vectors": VECTORS, "sweeps": SWEEPS}, out, indent=2)
    out.write("\n")
