"""An engine elsewhere that answers in the OpenAI manner: where its replicas are, and what it was found to be able to do."""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

Dialect = Literal["chat", "completions"]
#: How an option's probability is read: every token of it; renormalised over a list of likely tokens; votes; one answer.
Reading = Literal["exact", "top_logprobs", "votes", "text"]
#: returned, asked for and missing without a word, refused in so many words.
Found = Literal["returned", "dropped", "refused"]


@dataclass(frozen=True)
class Capabilities:
    """What asking it found; nothing here is taken from a server's own claims."""

    models: tuple[str, ...] = ()
    server: str = ""
    dialect: Dialect = "chat"
    streaming: bool = False
    #: 63, 31: a seed of so many bits makes a text come back the same; 0: it does not.
    seed_bits: int = 0
    logprobs: Found = "refused"
    #: Whether an assistant's turn that was begun is continued instead of answered.
    continues: bool = False
    #: Whether log-probabilities of a given text come back: in the answer to a chat, or echoed by a completion.
    prompt_logprobs: bool = False
    echo: bool = False
    #: Which engine's call scores given tokens: that of vLLM, of SGLang, or none.
    scoring: Literal["", "vllm", "sglang"] = ""
    context: int = 0
    checked: str = ""

    @property
    def reading(self) -> Reading:
        """The most exact way there is to read a label."""
        if self.scoring or self.echo or (self.prompt_logprobs and self.continues):
            return "exact"
        return "top_logprobs" if self.logprobs == "returned" else "votes"


@dataclass(frozen=True)
class Endpoint:
    """One model behind one or several base URLs (each ends where /chat/completions would follow)."""

    name: str
    urls: tuple[str, ...]
    model: str
    #: Requests under way at once, for each URL.
    concurrency: int = 8
    #: A request that is not answered after so many seconds, all tries together, ends the run.
    seconds: float = 600.0
    #: Answers drawn for a label where there are no log-probabilities; 1 reads a single likeliest answer.
    votes: int = 5
    can: Capabilities = Capabilities()

    @property
    def reading(self) -> Reading:
        """How labels are read from it."""
        best = self.can.reading
        return "text" if best == "votes" and self.votes <= 1 else best


def origin_of(url: str) -> str:
    """Return scheme, host and port of a URL: what a key is bound to."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return f"{parts.scheme}://{(parts.hostname or '').lower()}:{port}"


def key_variable(url: str) -> str:
    """Return the environment variable that may hold the key of a URL's origin, and of no other."""
    scheme, _, place = origin_of(url).partition("://")
    host, _, port = place.rpartition(":")
    standard = (scheme, port) == ("https", "443")
    name = host if standard else f"{scheme}_{host}_{port}"
    return "WORKBENCH_KEY_" + "".join(letter if letter.isalnum() else "_" for letter in name).upper()
