"""The model: a small Llama in JAX, with packed rows in which questions share their context."""

import jax
import jax.numpy as jnp
import numpy as np

CONFIG = {"layers": 5, "width": 128, "heads": 4, "ffn": 384, "vocabulary": 1024, "context": 512, "theta": 10000.0, "eps": 1e-5}
MATRICES = ["q", "k", "v", "o", "gate", "up", "down"]


def initial(seed, c=CONFIG):
    """Matrices are (layers, inputs, outputs)."""
    rng = np.random.default_rng(seed)
    w, f, n = c["width"], c["ffn"], c["layers"]
    shapes = {"q": (w, w), "k": (w, w), "v": (w, w), "o": (w, w), "gate": (w, f), "up": (w, f), "down": (f, w)}
    params = {name: rng.normal(0, shape[0] ** -0.5, (n, *shape)) for name, shape in shapes.items()}
    params["o"] *= (2 * n) ** -0.5
    params["down"] *= (2 * n) ** -0.5
    params["embed"] = rng.normal(0, 0.05, (c["vocabulary"], w))
    params |= {"norm_attn": np.ones((n, w)), "norm_ffn": np.ones((n, w)), "norm_out": np.ones(w)}
    return {name: jnp.asarray(value, jnp.float32) for name, value in params.items()}


def norm(x, weight, eps):
    return x * jax.lax.rsqrt(jnp.mean(x * x, -1, keepdims=True) + eps) * weight


def rotation(positions, c):
    size = c["width"] // c["heads"]
    angle = positions[..., None] * c["theta"] ** (-jnp.arange(0, size, 2) / size)
    return jnp.cos(angle)[:, :, None, :], jnp.sin(angle)[:, :, None, :]


def rotate(x, cos, sin):
    """Pairs are (i, i + half); the export permutes rows for engines that pair neighbours."""
    a, b = jnp.split(x, 2, -1)
    return jnp.concatenate([a * cos - b * sin, a * sin + b * cos], -1)


def apply_matrix(params, lora, name, x):
    y = x @ params[name]
    if lora is not None and name in lora:
        a, b = lora[name]
        y = y + (x @ a) @ b
    return y


def hidden(params, tokens, positions, allowed, lora=None, c=CONFIG):
    """`allowed` is (rows, length, length): what each token may look at."""
    rows, length = tokens.shape
    cos, sin = rotation(positions.astype(jnp.float32), c)
    size = c["width"] // c["heads"]
    bias = jnp.where(allowed, 0.0, -1e9)[:, None]

    def layer(x, parts):
        p, l = parts
        h = norm(x, p["norm_attn"], c["eps"])
        q, k, v = (apply_matrix(p, l, name, h).reshape(rows, length, c["heads"], size) for name in "qkv")
        q, k, v = (jnp.swapaxes(part, 1, 2) for part in (rotate(q, cos, sin), rotate(k, cos, sin), v))
        scores = jnp.exp(jnp.minimum(q @ jnp.swapaxes(k, -1, -2) * size**-0.5, 60.0) + bias)
        mixed = (scores @ v) / jnp.sum(scores, -1, keepdims=True)
        mixed = jnp.swapaxes(mixed, 1, 2).reshape(rows, length, c["width"])
        x = x + apply_matrix(p, l, "o", mixed)
        h = norm(x, p["norm_ffn"], c["eps"])
        inner = jax.nn.silu(apply_matrix(p, l, "gate", h)) * apply_matrix(p, l, "up", h)
        return x + apply_matrix(p, l, "down", inner), None

    x = params["embed"][tokens]
    for i in range(c["layers"]):
        p = {name: value[i] for name, value in params.items() if name not in ("embed", "norm_out")}
        l = None if lora is None else {name: (a[i], b[i]) for name, (a, b) in lora.items()}
        x, _ = layer(x, (p, l))
    return norm(x, params["norm_out"], c["eps"])


def mask(group, branch):
    """A token sees earlier tokens of its group that stand in the shared prefix or in its own branch."""
    order = jnp.tril(jnp.ones((group.shape[1], group.shape[1]), bool))
    same = group[:, :, None] == group[:, None, :]
    visible = (branch[:, None, :] == 0) | (branch[:, :, None] == branch[:, None, :])
    return order[None] & same & visible


def loss(params, batch, lora=None, c=CONFIG):
    x = hidden(params, batch["tokens"], batch["positions"], mask(batch["group"], batch["branch"]), lora, c)
    x = x.reshape(-1, c["width"])[batch["at"]]
    logits = x @ params["embed"].T
    target = jnp.take_along_axis(logits, batch["target"][:, None], 1)[:, 0]
    each = jax.nn.logsumexp(logits, -1) - target
    return jnp.sum(each * batch["weight"]) / jnp.sum(batch["weight"])


def muon_direction(m, steps=5):
    """The nearest orthogonal matrix by Newton-Schulz steps."""
    tall = m.shape[-2] > m.shape[-1]
    x = jnp.swapaxes(m, -1, -2) if tall else m
    x = x / (jnp.linalg.norm(x, axis=(-2, -1), keepdims=True) + 1e-7)
    for _ in range(steps):
        g = x @ jnp.swapaxes(x, -1, -2)
        x = 3.4445 * x + (-4.7750 * g + 2.0315 * g @ g) @ x
    return jnp.swapaxes(x, -1, -2) if tall else x


def optimiser_state(params):
    zeros = {name: jnp.zeros_like(value) for name, value in params.items()}
    return {"m": zeros, "v": dict(zeros), "t": jnp.zeros((), jnp.int32)}


def update(params, grads, state, rate):
    """Muon for the matrices, Adam for embeddings and norms. `rate` is between 0 and 1."""
    t = state["t"] + 1
    new, m_new, v_new = {}, {}, {}
    for name, p in params.items():
        g = grads[name]
        if name in MATRICES:
            m = 0.95 * state["m"][name] + g
            v = state["v"][name]
            scale = 0.2 * max(p.shape[-1], p.shape[-2]) ** 0.5
            p = p * (1 - rate * 0.001) - rate * 0.006 * scale * muon_direction(g + 0.95 * m)
        else:
            m = 0.9 * state["m"][name] + 0.1 * g
            v = 0.98 * state["v"][name] + 0.02 * g * g
            step = (m / (1 - 0.9**t)) / (jnp.sqrt(v / (1 - 0.98**t)) + 1e-8)
            p = p - rate * 0.003 * step
        new[name], m_new[name], v_new[name] = p, m, v
    return new, {"m": m_new, "v": v_new, "t": t}
