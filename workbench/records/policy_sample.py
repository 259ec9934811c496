"""What a policy in training writes to the same few prompts, so that a person can watch it change."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PolicySample:
    """A response to a pinned prompt at an optimiser step, beside the reference's response from the same random numbers.

    score and reference_score are the reward's; kl is the response's, in nats, policy to reference. Where nothing rewards there
    are none, and what the policy began with is its own response at step 0.
    """

    id: str
    prompt_id: str
    step: int
    text: str
    reference_text: str = ""
    score: float | None = None
    reference_score: float | None = None
    kl: float | None = None
