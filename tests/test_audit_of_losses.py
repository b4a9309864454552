"""A loss of PyTorch and one of JAX plug into the audit, which says of each what it says of an estimator.

As in ``test_take_home``, a framework that is missing is skipped, except in the job that requires it.
"""

import time
from contextlib import nullcontext

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
