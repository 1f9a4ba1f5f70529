"""A plain network's forward and backward pass, without autograd's bookkeeping."""

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

_backward = torch.ops.aten


class Mlp:
    """Linear layers with tanh or ReLU between them, over parameters that a torch module owns.

    Hidden values and slopes live in buffers that every batch of up to `rows` uses again; gradients
    are written into the parameters' `grad`, over what was there. To be called under `no_grad`.

    active: for how many layers, from the first, the activation follows; all but the last if None.
    """

    def __init__(
        self,
        layers: Sequence[nn.Linear],
        activation: type[nn.Module],
        rows: int,
        active: int | None = None,
    ):
        self.layers, self.tanh = list(layers), activation is nn.Tanh
        self._active = len(self.layers) - 1 if active is None else active
        self._last = torch.empty(0)
        self._out = [layer.weight.new_empty(rows, layer.out_features) for layer in self.layers]
        self._slope = [layer.weight.new_empty(rows, layer.in_features) for layer in self.layers]
        self._inputs: list[Tensor] = []
        for layer in self.layers:
            for parameter in (layer.weight, layer.bias):
                if parameter.grad is None:
                    parameter.grad = torch.zeros_like(parameter)

    def forward(self, x: Tensor) -> Tensor:
        """[n, inputs] -> [n, outputs]; the result is a buffer of the next call's."""
        self._inputs = []
        for i, layer in enumerate(self.layers):
            self._inputs.append(x)
            x = linear(x, layer, self.tanh and i < self._active, self._out[i][: len(x)])
            if i < self._active:
                activate(x, self.tanh)
        self._last = x
        return x

    def backward(self, slope: Tensor, *, weights: bool = True, inputs: bool = False) -> Tensor:
        """From the loss's slope at the last outputs [n, outputs] to those at all parameters.

        weights: whether the parameters' gradients are wanted. inputs: whether the slope at the
        inputs [n, inputs] is, which is then the result.
        """
        for i in reversed(range(len(self.layers))):
            layer, x = self.layers[i], self._inputs[i]
            if i < self._active:
                slope = self._through(slope, [*self._inputs, self._last][i + 1])
            if weights:
                assert layer.weight.grad is not None
                assert layer.bias.grad is not None
                torch.mm(slope.t(), x, out=layer.weight.grad)
                torch.sum(slope, 0, out=layer.bias.grad)
            if i or inputs:
                slope = torch.mm(slope, layer.weight, out=self._slope[i][: len(x)])
        return slope

    def _through(self, slope: Tensor, value: Tensor) -> Tensor:
        """The slope before an activation, from the one behind it and the activation's value."""
        if self.tanh:
            return _backward.tanh_backward.grad_input(slope, value, grad_input=slope)
        return _backward.threshold_backward.grad_input(slope, value, 0, grad_input=slope)


def linear(x: Tensor, layer: nn.Linear, doubled: bool, out: Tensor | None = None) -> Tensor:
    """A layer's output, or twice it: what `activate` wants for tanh."""
    twice = 2 if doubled else 1
    return torch.addmm(layer.bias, x, layer.weight.t(), beta=twice, alpha=twice, out=out)


def activate(x: Tensor, tanh: bool) -> None:
    """ReLU in place, or the hyperbolic tangent of half of x.

    tanh(x / 2) = 2 sigmoid(x) - 1 is a third of torch.tanh's work on a CPU, at an error of 1e-7.
    """
    if tanh:
        x.sigmoid_().mul_(2).sub_(1)
    else:
        x.relu_()


def infer(layers: Sequence[nn.Linear], tanh: bool, x: Tensor) -> Tensor:
    """Outputs only, for any number of rows: [n, inputs] -> [n, outputs]."""
    return linear(hidden(layers[:-1], tanh, x), layers[-1], False)


def hidden(layers: Sequence[nn.Linear], tanh: bool, x: Tensor) -> Tensor:
    """As `infer`, with the activation behind the last layer too."""
    for layer in layers:
        x = linear(x, layer, tanh)
        activate(x, tanh)
    return x


def linears(network: nn.Sequential, *more: nn.Linear) -> tuple[list[nn.Linear], type | None]:
    """A network's linear layers with `more` behind them, and the activation after each.

    The activation is None where the network is not such a chain of tanh or ReLU layers.
    """
    modules = list(network)
    layers, activations = modules[::2], modules[1::2]
    kinds = {type(module) for module in activations}
    plain = (
        len(kinds) == 1
        and kinds <= {nn.Tanh, nn.ReLU}
        and all(type(m) is nn.Linear and m.bias is not None for m in [*layers, *more])
        and all(a.out_features == b.in_features for a, b in pairwise([*layers, *more]))
    )
    return [*layers, *more], kinds.pop() if plain else None  # pyright: ignore


def gaussian(deviation: Tensor, log_std: Tensor) -> Tensor:
    """Log-density of a diagonal Gaussian, [n, A] in units of the standard deviation -> [n].

    log_std: [A], or [n, A] where it depends on the state.
    """
    constant = log_std.sum(-1) + 0.5 * math.log(2 * math.pi) * log_std.shape[-1]
    return deviation.square().sum(-1).mul_(-0.5).sub_(constant)
