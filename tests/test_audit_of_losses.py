"""A loss of PyTorch and one of JAX plug into the audit, which says of each what it says of an estimator.

As in ``test_take_home``, a framework that is missing is skipped, except in the job that requires it.
"""

import sys
import time
from contextlib import nullcontext
from dataclasses import replace
from inspect import getsource

import numpy as np
import pytest
from take_home import imported

from pgcode.audit import Report, from_jax_loss, from_torch_loss
from pgcode.audit import audit as audited
from pgcode.audit.__main__ import main
from pgcode.audit._worlds import draws


def audit(estimator, **options) -> Report:
    """An audit with time without end, for a machine that does other things too; how long one takes has its own test."""
    return audited(estimator, **{"max_seconds": 1e6, **options})


def torch_loss(batch):
    torch = imported("torch")
    log_pi = batch.logits.log_softmax(-1).gather(-1, batch.actions[..., None])[..., 0]
    powers = batch.discount ** torch.arange(log_pi.shape[1], dtype=log_pi.dtype)
    return -(batch.mask * powers * batch.returns_from_step * log_pi).sum(1).mean()


def jax_loss(batch):
    jax = imported("jax")
    logs = jax.nn.log_softmax(batch.logits)
    log_pi = jax.numpy.take_along_axis(logs, batch.actions[..., None], axis=-1)[..., 0]
    powers = batch.discount ** jax.numpy.arange(log_pi.shape[1])
    return -(batch.mask * powers * batch.returns_from_step * log_pi).sum(axis=1).mean()


def test_an_audit_of_a_loss_of_pytorch_takes_less_than_a_minute():
    """Of the processor: what else runs on the machine does not count."""
    imported("torch")
    begun = time.process_time()
    assert audit(from_torch_loss(torch_loss)).verdict == "unbiased"
    assert time.process_time() - begun < 60


@pytest.mark.parametrize("single", [False, True])
def test_a_loss_of_pytorch_is_judged_as_an_estimator_is(single):
    imported("torch")
    estimator = from_torch_loss(torch_loss, dtype="float32" if single else "float64")
    report = audit(estimator, n_trajectories=1)
    assert report.verdict == "unbiased"
    assert ("single precision" in report.reason) == single
    assert audit(from_torch_loss(lambda batch: -torch_loss(batch)), n_trajectories=1).mistakes == ("downhill",)


def test_a_loss_of_jax_that_is_compiled_is_judged_within_a_minute():
    """On all batches, of the processor; uncompiled it takes nearly as long as is allowed."""
    jax = imported("jax")
    begun = time.process_time()
    with jax.enable_x64(True):
        report = audit(from_jax_loss(jax_loss, jit=True))
    assert (report.verdict, report.calls > 2000) == ("unbiased", True)
    assert time.process_time() - begun < 60


def test_a_compiled_loss_that_looks_at_values_is_told_to_do_without():
    jax = imported("jax")

    def looks(batch):
        return jax.numpy.where(batch.mask, batch.logits[..., 0], 0.0).sum() if batch.done[0, 0] else 0.0

    report = audit(from_jax_loss(looks, jit=True), n_trajectories=1)
    assert report.verdict == "not an estimator"
    assert "jit=False" in report.reason
    assert audit(from_jax_loss(looks), n_trajectories=1).verdict == "biased"


@pytest.mark.parametrize("single", [False, True])
def test_a_loss_of_jax_is_judged_as_an_estimator_is(single):
    jax = imported("jax")
    with nullcontext() if single else jax.enable_x64(True):
        report = audit(from_jax_loss(jax_loss), n_trajectories=1)
        assert report.verdict == "unbiased"
        assert ("single precision" in report.reason) == single
        assert audit(from_jax_loss(lambda batch: -jax_loss(batch)), n_trajectories=1).mistakes == ("downhill",)


def test_one_that_draws_from_the_generator_of_pytorch_is_told_so():
    """As dropout does; it is told apart from a loss that remembers, and from one with a generator of its own."""
    torch = imported("torch")
    own, calls = torch.Generator().manual_seed(0), []

    def shared(batch):
        return torch_loss(batch) * (1 + torch.rand(()))

    def dropout(batch):
        return torch.nn.functional.dropout(batch.logits, 0.5).sum()

    def its_own(batch):
        return torch_loss(batch) * (1 + torch.rand((), generator=own))

    def remembers(batch):
        calls.append(None)
        return torch_loss(batch) * len(calls)

    for loss, words in (
        (shared, "from a generator that all code shares"),
        (dropout, "from a generator that all code shares"),
        (its_own, "no generator that all code shares has moved"),
        (remembers, "no generator that all code shares has moved"),
    ):
        report = audit(from_torch_loss(loss), n_trajectories=1)
        assert report.verdict == "not an estimator"
        assert words in report.reason


def torch_terms(batch):
    torch = imported("torch")
    log_pi = batch.logits.log_softmax(-1).gather(-1, batch.actions[..., None])[..., 0]
    powers = batch.discount ** torch.arange(log_pi.shape[1], dtype=log_pi.dtype)
    return powers * batch.returns_from_step * log_pi


#: The ways in which people leave padding out, each of an array (m, T), its mask and the framework.
TORCH_MASKS = {
    "a product": lambda torch, x, mask: (x * mask).sum(),
    "a product with numbers": lambda torch, x, mask: (x * mask.to(x.dtype)).sum(),
    "an index": lambda torch, x, mask: x[mask].sum(),
    "masked_fill": lambda torch, x, mask: x.masked_fill(~mask, 0.0).sum(),
    "where": lambda torch, x, mask: torch.where(mask, x, torch.zeros_like(x)).sum(),
    "masked_select": lambda torch, x, mask: torch.masked_select(x, mask).sum(),
    "by episode": lambda torch, x, mask: sum(row[: int(n)].sum() for row, n in zip(x, mask.sum(1), strict=True)),
}


@pytest.mark.parametrize("way", TORCH_MASKS)
def test_padding_is_left_out_in_every_usual_way(way):
    torch = imported("torch")

    def loss(batch):
        return -TORCH_MASKS[way](torch, torch_terms(batch), batch.mask) / len(batch.mask)

    assert audit(from_torch_loss(loss), n_trajectories=2).verdict == "unbiased"


def test_padding_that_holds_nan_is_told_with_what_a_mask_does_to_it():
    torch = imported("torch")

    def spoiled(batch):
        """Returns as a buffer of one's own may hold them."""
        return torch.where(batch.mask, batch.returns_from_step, torch.nan)

    def terms(batch, gains):
        return torch_terms(replace(batch, returns_from_step=gains))

    def masked(batch):
        return -(terms(batch, spoiled(batch)) * batch.mask).sum() / len(batch.mask)

    def filled(batch):
        return -terms(batch, spoiled(batch).masked_fill(~batch.mask, 0.0)).sum() / len(batch.mask)

    report = audit(from_torch_loss(masked), n_trajectories=2)
    assert report.verdict == "not an estimator"
    assert "also in what is masked afterwards, for 0 times nan is nan" in report.reason
    assert audit(from_torch_loss(filled), n_trajectories=2).verdict == "unbiased"


@pytest.mark.parametrize("way", ["a product", "where"])
def test_padding_is_left_out_in_jax_too(way):
    jax = imported("jax")
    numpy = jax.numpy

    def loss(batch):
        logs = jax.nn.log_softmax(batch.logits)
        log_pi = numpy.take_along_axis(logs, batch.actions[..., None], axis=-1)[..., 0]
        x = batch.discount ** numpy.arange(log_pi.shape[1]) * batch.returns_from_step * log_pi
        left = x * batch.mask if way == "a product" else numpy.where(batch.mask, x, 0.0)
        return -left.sum(axis=1).mean()

    assert audit(from_jax_loss(loss), n_trajectories=1).verdict == "unbiased"


def test_a_loss_of_ppo_is_taken_apart():
    """As programs write it: a critic that is a table, the clipped ratio, a bonus, a mean over what is not padding."""
    torch = imported("torch")

    def loss(batch):
        table = torch.tensor([0.3, -1.0, 2.0, 0.5, 1.1], dtype=batch.rewards.dtype)
        values, then = table[batch.states], table[batch.next_states] * ~batch.done
        errors = batch.mask * (batch.rewards + batch.discount * then - values)
        advantages, running = torch.zeros_like(errors), torch.zeros(len(errors), dtype=errors.dtype)
        for t in range(errors.shape[1] - 1, -1, -1):
            running = errors[:, t] + 0.95 * batch.discount * running
            advantages[:, t] = running
        policy = torch.distributions.Categorical(logits=batch.logits)
        log_pi = policy.log_prob(batch.actions)
        ratio = torch.exp(log_pi - log_pi.detach())
        clipped = torch.minimum(ratio * advantages, ratio.clamp(0.8, 1.2) * advantages)
        return -(batch.mask * (clipped + 0.01 * policy.entropy())).sum() / batch.mask.sum()

    report = audit(from_torch_loss(loss))
    assert report.mistakes == (
        "critic for what comes later",
        "discount of the step left out",
        "mean over the steps of the batch",
        "entropy of the visited states without discount",
    )


#: The shape of each of a batch's arrays of m episodes of at most T steps, with A actions.
SHAPES = {
    "logits": "mTA",
    "returns": "m",
    "lengths": "m",
    **dict.fromkeys(("actions", "states", "next_states", "times", "mask", "terminated", "truncated"), "mT"),
    **dict.fromkeys(("rewards", "returns_from_step", "powers", "old_log_probabilities"), "mT"),
}


@pytest.mark.parametrize("framework", ["torch", "jax"])
def test_a_batch_holds_what_a_rollout_buffer_holds(framework):
    """Each array is what the trajectories say it is, in its shape, and each float in the precision of the loss."""
    imported(framework)
    (draw,) = (draw for draw in draws((2,)) if draw.world.name == "toll and prize")
    batch = next(batch for batch in draw if batch.lengths.tolist() == [1, 3])
    theta, seen = draw.world.theta, []

    def loss(given):
        seen.append(given)
        return given.logits.sum()

    from_torch_loss(loss)(batch, theta) if framework == "torch" else from_jax_loss(loss)(batch, theta)
    (given,) = seen
    sizes = {"m": 2, "T": batch.horizon, "A": theta.shape[1]}
    for name, letters in SHAPES.items():
        assert tuple(getattr(given, name).shape) == tuple(sizes[letter] for letter in letters), name
    assert set(SHAPES) | {"discount"} == set(vars(given))
    assert str(given.powers.dtype) == str(given.rewards.dtype) == str(given.old_log_probabilities.dtype)
    at = {name: np.asarray(getattr(given, name)) for name in SHAPES if name != "logits"}
    np.testing.assert_array_equal(at["times"], [[0, 1, 2]] * 2)
    np.testing.assert_allclose(at["powers"], [[1, 0.8, 0.64]] * 2, rtol=1e-6)
    np.testing.assert_array_equal(at["lengths"], [1, 3])
    np.testing.assert_array_equal(at["mask"], batch.active)
    np.testing.assert_allclose(at["returns"], batch.returns, rtol=1e-6)
    pi = draw.world.policy.probabilities(theta)
    chosen = pi[batch.states[:, :-1], batch.actions]
    np.testing.assert_allclose(np.exp(at["old_log_probabilities"])[batch.active], chosen[batch.active], rtol=1e-6)


def torch_log_pi(batch):
    return batch.logits.log_softmax(-1).gather(-1, batch.actions[..., None])[..., 0]


def of_each_time(batch):
    """A baseline for each time, which is right."""
    baseline = imported("torch").tensor([0.3, -1.0, 2.0, 0.5, 1.1, -0.4, 0.7], dtype=batch.rewards.dtype)
    weights = batch.powers * (batch.returns_from_step - baseline[batch.times])
    return -(batch.mask * weights * torch_log_pi(batch)).sum(1).mean()


def ratio_to_the_old(batch):
    """The first step of PPO, with ratios to what the buffer holds, clipped."""
    torch = imported("torch")
    ratios, weights = (torch_log_pi(batch) - batch.old_log_probabilities).exp(), batch.powers * batch.returns_from_step
    clipped = torch.minimum(ratios * weights, ratios.clamp(0.8, 1.2) * weights)
    return -(batch.mask * clipped).sum(1).mean()


def by_lengths(batch):
    weights = batch.powers * batch.returns_from_step * torch_log_pi(batch)
    return -((batch.times < batch.lengths[:, None]) * weights).sum(1).mean()


@pytest.mark.parametrize("single", [False, True])
@pytest.mark.parametrize("loss", [of_each_time, ratio_to_the_old, by_lengths])
def test_losses_that_need_times_ratios_or_lengths_plug_in(loss, single):
    imported("torch")
    report = audit(from_torch_loss(loss, dtype="float32" if single else "float64"), n_trajectories=(1, 2))
    assert report.verdict == "unbiased"


@pytest.mark.parametrize(
    ("ends", "message"),
    [
        (lambda loss, batch: loss.detach(), "does not depend on the logits, so it has no gradient: is log π detached"),
        (lambda loss, batch: loss * batch.logits.detach().new_ones(len(batch.rewards)), "gave shape (1,), not one"),
        (lambda loss, batch: loss.item(), "return the tensor itself, without .item() or float()"),
        (lambda loss, batch: loss.detach().numpy()[()], "which remembers nothing of the logits"),
        (lambda loss, batch: None, "gave None: did you forget to return?"),
        (lambda loss, batch: [loss], "gave a list, not one number of PyTorch"),
    ],
)
def test_a_loss_of_pytorch_without_a_gradient_is_told_what_to_do(ends, message):
    imported("torch")
    report = audit(from_torch_loss(lambda batch: ends(torch_loss(batch), batch)))
    assert report.verdict == "not an estimator"
    assert message in report.reason


@pytest.mark.parametrize(
    ("ends", "message"),
    [
        (lambda loss, batch: loss + 0 * batch.rewards[:, 0], "gave shape (1,), not one number"),
        (
            lambda loss, batch: np.asarray(loss),
            "and JAX cannot differentiate that: keep it in JAX",  # not in the line above, which an error quotes
        ),
        (lambda loss, batch: loss.item(), "return JAX's own number, without .item() or float()"),
        (lambda loss, batch: None, "gave None: did you forget to return?"),
        (lambda loss, batch: loss > 0, "is of type bool, which has no gradient"),
    ],
)
def test_a_loss_of_jax_without_a_gradient_is_told_what_to_do(ends, message):
    imported("jax")
    report = audit(from_jax_loss(lambda batch: ends(jax_loss(batch), batch)))
    assert report.verdict == "not an estimator"
    assert message in report.reason


def test_a_precision_that_is_none_is_refused():
    imported("torch")
    for dtype, error in ((64, TypeError), (None, TypeError), ("float16", ValueError), ("int64", ValueError)):
        with pytest.raises(error, match=r"dtype is .*: pass 'float64' or 'float32'"):
            from_torch_loss(torch_loss, dtype=dtype)


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A module with a loss of each framework, in the folder where the shell is."""
    code = "\n\n".join(getsource(one) for one in (torch_log_pi, jax_loss))
    right = "-(batch.mask * batch.powers * batch.returns_from_step * torch_log_pi(batch)).sum(1).mean()"
    code += f"\n\ndef torch_loss(batch):\n    return {right}\n\ndef imported(name):\n    return __import__(name)\n"
    (tmp_path / "audited_losses.py").write_text(code, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    return "audited_losses"


def test_the_shell_takes_a_loss_of_pytorch(module, capsys):
    imported("torch")
    quickly = ("--n-trajectories", "1", "--max-seconds", "600")
    assert main([f"{module}:torch_loss", "--loss", "torch", *quickly]) == 0
    assert "single precision" not in capsys.readouterr().out
    assert main([f"{module}:torch_loss", "--loss", "torch", "--dtype", "float32", *quickly]) == 0
    assert "single precision" in capsys.readouterr().out
    assert main([f"{module}:torch_loss", "--loss", "torch", "--first-checks"]) == 0


def test_the_shell_takes_a_loss_of_jax(module, capsys):
    jax = imported("jax")
    quickly = ("--n-trajectories", "1", "--max-seconds", "600")
    with jax.enable_x64(True):
        assert main([f"{module}:jax_loss", "--loss", "jax", "--jit", *quickly]) == 0
    assert "unbiased" in capsys.readouterr().out
