"""Build the ONNX graph of an e5 file: fused attention, 4-bit or int8 matrices, mean pooling, L2.

The graph is written by hand rather than traced, so that operators are fused and the stored 4-bit weights
stay as they are. It knows no padding: texts go through it one by one.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from ingest.models.e5 import BLOCK, E5File, Matrix

Precision = Literal["float32", "int8", "int4"]
_OPSET = 17
_FUSED = "com.microsoft"
_NORM_AND_BIAS = ("aln.b", "aln.w", "fi.b")
# Channels reach about this many standard deviations from their mean.
_REACH = 3


class _Graph:
    def __init__(self, file: E5File, precision: Precision) -> None:
        self.file = file
        self.precision = precision
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self._count = 0

    def constant(self, array: NDArray[Any], name: str) -> str:
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def add(self, op: str, inputs: list[str], domain: str = "", outputs: int = 1, **attributes: Any) -> str:
        self._count += 1
        names = [f"{op}_{self._count}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(op, inputs, names, domain=domain, **attributes))
        return names[0]

    def vector(self, name: str) -> str:
        tensor = self.file.tensors[name]
        return self.constant(np.asarray(tensor, np.float32), name)

    def matmul(
        self, x: str, names: list[str], inner: int, outer: int, spread: NDArray[np.float32] | None = None
    ) -> str:
        """Multiply by the transposed matrices ``names``, each (outer, inner), side by side.

        :param spread: the size that each channel of ``x`` reaches, (inner,). All of ``x`` is rounded to int8 with one
            step, which a few huge channels make coarse, so channels are first divided by their size and weights
            multiplied by it (SmoothQuant, Xiao et al. 2023, equation 4 with alpha = 1).
        """
        label = "+".join(names)
        n = outer * len(names)
        if self.precision == "int4":
            parts = [tensor for name in names if isinstance(tensor := self.file.tensors[name], Matrix)]
            blocks = inner // BLOCK
            nibbles = np.concatenate([p.nibbles.reshape(outer, blocks, BLOCK) for p in parts])
            scales = np.concatenate([p.scales.reshape(outer, blocks) for p in parts])
            packed = nibbles[..., 0::2] | (nibbles[..., 1::2] << 4)
            return self.add(
                "MatMulNBits",
                [
                    x,
                    self.constant(packed, f"{label}.q4"),
                    self.constant(scales.astype(np.float32).reshape(-1), f"{label}.scale"),
                ],
                _FUSED,
                K=inner,
                N=n,
                bits=4,
                block_size=BLOCK,
                accuracy_level=4,
            )
        weight = np.concatenate([self.file.weights(name, (outer, inner)) for name in names])
        if self.precision == "float32":
            return self.add("MatMul", [x, self.constant(weight.T, label)])
        if spread is not None:
            spread = np.maximum(spread, 1e-5)
            x = self.add("Mul", [x, self.constant(1 / spread, f"{label}.spread")])
            weight = weight * spread
        scale = np.maximum(np.abs(weight).max(axis=1), 1e-8) / 127
        quantized = np.rint(weight / scale[:, None]).astype(np.int8).T
        return self.add(
            "DynamicQuantizeMatMul",
            [
                x,
                self.constant(quantized, f"{label}.q8"),
                self.constant(scale.astype(np.float32), f"{label}.scale"),
                self.constant(np.zeros(n, np.int8), f"{label}.zero"),
            ],
            _FUSED,
        )

    def embed(self, ids: str) -> str:
        file = self.file
        table = file.tensors["emb.word"]
        h = file.hidden
        if isinstance(table, Matrix):
            # 4-bit rows are looked up and dequantised one token at a time: 54 MB instead of 384.
            rows = self.constant(_pairs(table, file.vocabulary, h), "emb.q4")
            scales = self.constant(table.scales.reshape(file.vocabulary, h // BLOCK), "emb.scale")
            byte = self.add("Cast", [self.add("Gather", [rows, ids])], to=TensorProto.INT32)
            sixteen = self.constant(np.array(16, np.int32), "sixteen")
            high = self.add("Div", [byte, sixteen])
            low = self.add("Sub", [byte, self.add("Mul", [high, sixteen])])
            nibbles = self.add("Concat", [low, high], axis=-1)
            centred = self.add(
                "Sub",
                [self.add("Cast", [nibbles], to=TensorProto.FLOAT), self.constant(np.array(8, np.float32), "eight")],
            )
            scale = self.add("Cast", [self.add("Gather", [scales, ids])], to=TensorProto.FLOAT)
            scaled = self.add("Mul", [centred, self.add("Unsqueeze", [scale, self.constant(np.array([3]), "axis3")])])
            words = self.add("Reshape", [scaled, self.constant(np.array([0, 0, h]), "rows")])
        else:
            words = self.add("Gather", [self.constant(table.reshape(-1, h), "emb.word"), ids])
        length = self.add("Slice", [self.add("Shape", [ids]), *self._ints(1, 2)])
        zero = self._ints(0)[0]
        positions = file.weights("emb.pos", (file.positions, h)) + file.weights("emb.type", (file.types, h))[0]
        position = self.add("Slice", [self.constant(positions, "emb.pos"), zero, length])
        return self.add(
            "LayerNormalization",
            [self.add("Add", [words, position]), self.vector("emb.ln.w"), self.vector("emb.ln.b")],
            epsilon=file.epsilon,
        )

    def _ints(self, *values: int) -> list[str]:
        names = []
        for value in values:
            name = f"int{value}"
            if all(w.name != name for w in self.weights):
                self.constant(np.array([value], np.int64), name)
            names.append(name)
        return names

    def layer(self, x: str, number: int) -> str:
        file, p = self.file, f"l{number}"
        h, f = file.hidden, file.intermediate
        qkv = self.matmul(x, [f"{p}.q.w", f"{p}.k.w", f"{p}.v.w"], h, h)
        bias = np.concatenate([np.asarray(file.tensors[f"{p}.{n}.b"], np.float32) for n in "qkv"])
        query = self.add("Split", [qkv], outputs=3, axis=-1)
        parts = [query, query[:-1] + "1", query[:-1] + "2"]
        attended = self.add(
            "MultiHeadAttention",
            [*parts, self.constant(bias, f"{p}.qkv.b")],
            _FUSED,
            num_heads=file.heads,
        )
        projected = self.matmul(attended, [f"{p}.ao.w"], h, h)
        x = self._normalized(projected, x, f"{p}.aln", f"{p}.ao.b")
        outer_spread, inner_spread = self._spreads(p)
        outer = self.matmul(x, [f"{p}.fi.w"], h, f, outer_spread)
        inner = self.add("BiasGelu", [outer, self.vector(f"{p}.fi.b")], _FUSED)
        return self._normalized(self.matmul(inner, [f"{p}.fo.w"], f, h, inner_spread), x, f"{p}.oln", f"{p}.fo.b")

    def _spreads(self, layer: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Estimate, without data, what the channels before each matrix of a feed-forward block reach.

        Layer normalisation gives each channel its bias as mean and its weight as standard deviation; with channels
        taken as independent, these go through the first matrix.
        """
        mean, deviation, bias = (np.asarray(self.file.tensors[f"{layer}.{n}"], np.float32) for n in _NORM_AND_BIAS)
        weight = self.file.weights(f"{layer}.fi.w", (self.file.intermediate, self.file.hidden))
        inner_deviation = np.sqrt(weight**2 @ deviation**2)
        inner_mean = np.maximum(weight @ mean + bias, 0)
        return np.abs(mean) + _REACH * np.abs(deviation), inner_mean + _REACH * inner_deviation

    def _normalized(self, x: str, residual: str, norm: str, bias: str) -> str:
        return self.add(
            "SkipLayerNormalization",
            [x, residual, self.vector(f"{norm}.w"), self.vector(f"{norm}.b"), self.vector(bias)],
            _FUSED,
            epsilon=self.file.epsilon,
        )

    def pool(self, x: str) -> str:
        mean = self.add("ReduceMean", [x], axes=[1], keepdims=0)
        return self.add("LpNormalization", [mean], axis=-1, p=2)


def _pairs(table: Matrix, rows: int, width: int) -> NDArray[np.uint8]:
    """Pack nibbles as stored in Q4_0: (rows, width / 32, 16), byte j holding j low and j + 16 high."""
    nibbles = table.nibbles.reshape(rows, width // BLOCK, BLOCK)
    return (nibbles[..., :16] | (nibbles[..., 16:] << 4)).astype(np.uint8)


def write_onnx(file: E5File, path: Path, precision: Precision = "int8") -> None:
    """Write the model as ONNX.

    Input ``input_ids``, int64, (texts, tokens), for texts of one length; output ``embedding``, float32,
    (texts, hidden), L2-normalised. With int8 the vectors of one call depend on each other a little.
    """
    graph = _Graph(file, precision)
    x = graph.embed("input_ids")
    for number in range(file.layers):
        x = graph.layer(x, number)
    embedding = graph.pool(x)
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "e5",
            [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["texts", "tokens"])],
            [helper.make_tensor_value_info(embedding, TensorProto.FLOAT, ["texts", file.hidden])],
            graph.weights,
        ),
        opset_imports=[helper.make_opsetid("", _OPSET), helper.make_opsetid(_FUSED, 1)],
        ir_version=8,
    )
    onnx.save(model, path)
