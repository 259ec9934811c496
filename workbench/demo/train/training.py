"""The training of the demo model: one process per core, each with its own part of the corpus, gradients averaged."""

from __future__ import annotations

import math
import multiprocessing
import multiprocessing.connection
import os
import socket
import sys
import threading
import time

import torch
from torch import distributed

from workbench.demo.train.folder import Progress, Settings, keep, load_checkpoint, prepare_tokenizer
from workbench.demo.train.learner import Learner, model_config
from workbench.demo.train.optimisers import Optimisers
from workbench.demo.train.packing import Batch, Packer, Size
from workbench.demo.world.documents import documents
from workbench.errors import WorkbenchError

WARM_UP = 0.02
DECAY_FROM = 0.55
CHECKPOINT_SECONDS = 300


SHORT, LONG = Size(8, 320), Size(4, 640)


def learning_rate(settings: Settings, done: float) -> float:
    """The rate after a share `done` of the time: a short rise, a plateau, then a straight fall to a hundredth."""
    if done < WARM_UP:
        return settings.rate * done / WARM_UP + 1e-6
    if done < DECAY_FROM:
        return settings.rate
    return settings.rate * max(0.01, (1 - done) / (1 - DECAY_FROM))


def train(settings: Settings, rank: int = 0) -> None:
    """Train until the time is up; the corpus goes on where it was, by a new seed for each beginning and process."""
    torch.set_num_threads(1)
    torch.manual_seed(settings.seed)
    tokenizer = prepare_tokenizer(settings)
    learner = Learner(model_config(tokenizer.get_vocab_size(), *settings.shape))
    optimiser = Optimisers(learner, settings.rate)
    progress = load_checkpoint(settings, learner, optimiser)
    progress.begun += 1
    source = documents(settings.seed * 100_000 + progress.begun * 100 + rank)
    packer = Packer(source, tokenizer, SHORT, LONG)
    if settings.compiled:
        learner.model.model.forward = torch.compile(learner.model.model.forward, dynamic=False)
    clock = saved = time.monotonic()
    while progress.seconds < settings.minutes * 60:
        done = progress.seconds / (settings.minutes * 60)
        step(settings, learner, optimiser, packer.batch(), progress, done)
        now = time.monotonic()
        progress.seconds = shared(settings, progress.seconds + now - clock)
        clock = now
        if rank == 0 and progress.steps % 20 == 0:
            say(progress, done)
        if rank == 0 and now - saved > CHECKPOINT_SECONDS:
            keep(settings, learner, optimiser, tokenizer, progress)
            saved = time.monotonic()
    if rank == 0:
        keep(settings, learner, optimiser, tokenizer, progress)


def shared(settings: Settings, seconds: float) -> float:
    """The longest time any process has spent, so that all agree on the rate and on the end."""
    if settings.threads == 1:
        return seconds
    value = torch.tensor(seconds, dtype=torch.float64)
    distributed.all_reduce(value, distributed.ReduceOp.MAX)
    return float(value)


def average_gradients(settings: Settings, learner: Learner) -> None:
    """Make every process's gradients their mean; one process per core waits less than threads do on a busy machine."""
    if settings.threads == 1:
        return
    gradients = [p.grad if p.grad is not None else torch.zeros_like(p) for p in learner.parameters()]
    flat = torch.cat([gradient.reshape(-1) for gradient in gradients])
    distributed.all_reduce(flat)
    flat /= settings.threads
    for parameter, part in zip(
        learner.parameters(), torch.split(flat, [gradient.numel() for gradient in gradients]), strict=True
    ):
        parameter.grad = part.view_as(parameter)


def step(
    settings: Settings,
    learner: Learner,
    optimiser: Optimisers,
    batch: Batch,
    progress: Progress,
    done: float,
) -> None:
    """One batch, forwards and backwards, at the rate that is due."""
    optimiser.set_rate(learning_rate(settings, done))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss, parts = learner(batch)
    loss.backward()
    average_gradients(settings, learner)
    torch.nn.utils.clip_grad_norm_(learner.parameters(), 1.0)
    optimiser.step()
    if not math.isfinite(parts["token"]):
        raise FloatingPointError(f"the loss is {parts['token']} at step {progress.steps}")
    progress.steps += 1
    progress.tokens += batch.ids.numel() * settings.threads
    for name, value in parts.items():
        progress.recent[name] = 0.98 * progress.recent.get(name, value) + 0.02 * value


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)


def work(rank: int, settings: Settings, port: int) -> None:
    """One of several processes that train together; none goes on when the one that began them has ended."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    address = f"tcp://127.0.0.1:{port}"
    distributed.init_process_group("gloo", init_method=address, rank=rank, world_size=settings.threads)
    train(settings, rank)
    distributed.destroy_process_group()


def run(settings: Settings) -> None:
    """Train in one process, or in one per thread asked for."""
    settings.out.mkdir(parents=True, exist_ok=True)
    prepare_tokenizer(settings)
    if settings.threads == 1:
        train(settings)
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=work, args=(rank, settings, port)) for rank in range(settings.threads)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    if any(process.exitcode for process in processes):
        raise WorkbenchError("A training process ended early; what it said stands above. The same command goes on.")


def say(progress: Progress, done: float) -> None:
    """One line of progress."""
    speed = progress.tokens / max(progress.seconds, 1e-9)
    losses = " ".join(f"{name} {value:.4f}" for name, value in progress.recent.items())
    sys.stdout.write(f"{progress.steps} {done:.1%} {progress.tokens / 1e6:.2f}M {speed:.0f}/s {losses}\n")
    sys.stdout.flush()
