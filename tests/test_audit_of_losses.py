"""A loss of PyTorch and one of JAX plug into the audit, which says of each what it says of an estimator.

As in ``test_take_home``, a framework that is missing is skipped, except in the job that requires it.
"""

import time
from contextlib import nullcontext
from dataclasses import replace

import pytest
from take_home import imported

from pgcode.audit import audit, from_jax_loss, from_torch_loss


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
