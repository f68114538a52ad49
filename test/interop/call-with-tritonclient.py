"""The unmodified tritonclient against the gateway: prints one JSON object of what it saw."""

import json
import sys

import numpy
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException


def pixels(rows, binary):
    tensor = triton.InferInput("pixels", list(rows.shape), "FP32")
    tensor.set_data_from_numpy(rows, binary_data=binary)
    return tensor


def refusal(call):
    try:
        call()
    except InferenceServerException as error:
        return [error.status(), error.message()]
    return None


host, key = sys.argv[1], sys.argv[2]


def bearer():
    # A new one each time: infer() writes its own headers into the dict that it is given.
    return {"authorization": f"Bearer {key}"}


client = triton.InferenceServerClient(host)
rows = numpy.arange(8, dtype=numpy.float32).reshape(2, 4)
words = numpy.array(["château".encode(), b"\xff\x00"], dtype=object)
counts = numpy.array([[-(2**63), 2**63 - 1]], dtype=numpy.int64)


def sums(binary_in, binary_out, **options):
    answer = client.infer(
        "sums",
        [pixels(rows, binary_in)],
        outputs=[triton.InferRequestedOutput("sums", binary_data=binary_out)],
        headers=bearer(),
        **options,
    )
    return answer.as_numpy("sums").tolist()


def echo():
    inputs = [triton.InferInput("words", [2], "BYTES"), triton.InferInput("counts", [1, 2], "INT64")]
    inputs[0].set_data_from_numpy(words)
    inputs[1].set_data_from_numpy(counts)
    answer = client.infer("echo", inputs, request_id="seven", headers=bearer())
    same = (answer.as_numpy("words") == words).all() and (answer.as_numpy("counts") == counts).all()
    return [answer.get_response()["id"], bool(same)]


print(
    json.dumps(
        {
            "live": client.is_server_live(),
            "ready": client.is_server_ready(),
            "extensions": client.get_server_metadata()["extensions"],
            "modelReady": client.is_model_ready("sums", headers=bearer()),
            "unapprovedReady": client.is_model_ready("waiting", headers=bearer()),
            "metadata": client.get_model_metadata("sums", headers=bearer()),
            "defaults": client.infer("sums", [pixels(rows, True)], headers=bearer()).as_numpy("sums").tolist(),
            "json": sums(False, False),
            "jsonToBinary": sums(False, True),
            "binaryToJson": sums(True, False),
            "version": sums(True, True, model_version="1"),
            "gzip": sums(True, True, request_compression_algorithm="gzip"),
            "deflate": sums(True, True, request_compression_algorithm="deflate"),
            "echo": echo(),
            "wrongShape": refusal(
                lambda: client.infer("sums", [pixels(rows.reshape(4, 2), True)], headers=bearer())
            ),
            "unknown": refusal(lambda: client.infer("none", [pixels(rows, True)], headers=bearer())),
            "unapproved": refusal(lambda: client.infer("waiting", [pixels(rows, True)], headers=bearer())),
            "keyless": refusal(lambda: client.infer("sums", [pixels(rows, True)])),
        }
    )
)
