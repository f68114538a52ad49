"""The digest tree of DIGEST-TREE.md. `digest-tree.py FILE` prints a file's; without a file, the vectors."""
import hashlib, json, sys

LEAF = 65536

def root(leaves):
    if len(leaves) == 0: return hashlib.sha256(b"").digest()
    if len(leaves) == 1: return leaves[0]
    left = 1
    while left * 2 < len(leaves): left *= 2
    return hashlib.sha256(b"\1" + root(leaves[:left]) + root(leaves[left:])).digest()

def tree(data):
    return root([hashlib.sha256(b"\0" + data[at:at + LEAF]).digest() for at in range(0, len(data), LEAF)]).hex()

def sample(size):
    """SHA-256 of 0, 1, 2, … as 8 bytes, big-endian, one after the other: cut to size."""
    return b"".join(hashlib.sha256(n.to_bytes(8, "big")).digest() for n in range(size // 32 + 1))[:size]

if len(sys.argv) > 1:
    print(tree(open(sys.argv[1], "rb").read()))
else:
    sizes = [0, 1, LEAF - 1, LEAF, LEAF + 1, 2 * LEAF, 3 * LEAF, 5 * LEAF + 7, 16 * LEAF, 64 * LEAF, 65 * LEAF + 1]
    print(json.dumps([{"sizeBytes": n, "sha256": hashlib.sha256(sample(n)).hexdigest(), "sha256Tree": tree(sample(n))} for n in sizes], indent=2))
