"""Answers in the OpenAI manner, whole or in pieces."""

import time
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from workbench.errors import BadInputError, MissingError
from workbench.models.language_model import LanguageModel, Sample
from workbench.models.serving.desk import Desk
from workbench.models.serving.wishes import Wish, chat_prompt, chat_wish, text_wish

#: Who a served model belongs to, by which a client knows this server.
OWNER = "constitution-workbench"


class Counter:
    """Answers requests at one model's desk."""

    def __init__(self, desk: Desk, name: str) -> None:
        self.desk = desk
        self.name = name
        self._began = int(time.time())

    @property
    def model(self) -> LanguageModel:
        """The model that is served."""
        return self.desk.model

    def models(self) -> dict[str, Any]:
        """Return the list of models, which is one."""
        room = getattr(self.model, "room", None)
        entry = {"id": self.name, "object": "model", "created": self._began, "owned_by": OWNER, "max_model_len": room}
        return {"object": "list", "data": [entry]}

    def wish(self, path: str, body: Mapping[str, Any]) -> Wish:
        """Read a request for a completion."""
        self._require_name(body)
        if path == "/v1/completions":
            return text_wish(self.model, body)
        if not self._chats():
            raise BadInputError(f"{self.name} has no chat template; ask for /v1/completions instead.")
        return chat_wish(self.model, body)

    def whole(self, wish: Wish) -> dict[str, Any]:
        """Return a completion at once."""
        sample = Sample("", 0, "length")
        if wish.draws:
            order = self.desk.order(wish.request)
            sample = next(value for kind, value in order.events() if kind == "sample")
        answer = self._frame(wish) | {"choices": [self._choice(wish, sample)]}
        answer["usage"] = self._usage(wish, sample)
        if wish.prompt_tops is not None and (local := self._local()):
            from workbench.models.serving import looking  # noqa: PLC0415 - torch is loaded where a model is

            tokens, tops = local.tokenise(wish.prompt), wish.prompt_tops
            answer["prompt_logprobs"] = self.desk.compute(
                lambda: looking.prompt_logprobs(local, looking.look(local, tokens, 0, tops))
            )
        return answer

    def pieces(self, wish: Wish) -> Iterator[dict[str, Any]]:
        """Yield a completion in pieces as it grows."""
        order = self.desk.order(wish.request, stream=True)
        frame, sent = self._frame(wish), ""
        frame["object"] = "chat.completion.chunk" if wish.chat else "text_completion"
        try:
            for kind, value in order.events():
                text = value.text if kind == "sample" else value
                piece = text[len(sent) :] if text.startswith(sent) else ""
                finish = value.finish if kind == "sample" else None
                if piece or finish:
                    sent = text
                    yield frame | {"choices": [_delta(wish, piece, finish)]}
                if kind == "sample" and wish.usage:
                    yield frame | {"choices": [], "usage": self._usage(wish, value)}
        finally:
            order.dropped = True

    def tokenise(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return a text's or a chat's tokens."""
        self._require_name(body)
        text = body.get("prompt")
        if text is None:
            text = chat_prompt(self.model, body)
        if not isinstance(text, str):
            raise BadInputError("prompt must be one text.")
        tokens = self.model.tokenise(text)
        return {"count": len(tokens), "max_model_len": getattr(self.model, "room", None), "tokens": tokens}

    def generative_scoring(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the first label's probability for each item, as vLLM names it."""
        found = self._label_probabilities(body)
        items = [{"index": place, "object": "score", "score": values[0]} for place, values in enumerate(found)]
        return {"object": "list", "model": self.name, "data": items}

    def score(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return all labels' probabilities for each item, as SGLang names them."""
        return {"object": "scoring", "model": self.name, "scores": [list(v) for v in self._label_probabilities(body)]}

    def _label_probabilities(self, body: Mapping[str, Any]) -> list[tuple[float, ...]]:
        self._require_name(body)
        local = self._local()
        if local is None:
            raise BadInputError(f"{self.name} has no log-probabilities to give.")
        from workbench.models.serving import looking  # noqa: PLC0415

        query, labels = _tokens(local, body.get("query"), "query"), body.get("label_token_ids")
        items = body.get("items")
        if not isinstance(items, list) or not items:
            raise BadInputError("items must be a list of texts or of lists of tokens.")
        if not isinstance(labels, list) or not all(type(token) is int for token in labels):
            raise BadInputError("label_token_ids must be a list of tokens.")
        prompts = [[*query, *_tokens(local, item, "items")] for item in items]
        found: list[tuple[float, ...]] = self.desk.compute(lambda: looking.label_probabilities(local, prompts, labels))
        return found

    def _choice(self, wish: Wish, sample: Sample) -> dict[str, Any]:
        text = (wish.prompt if wish.echo else "") + sample.text
        said = {"message": {"role": "assistant", "content": text}} if wish.chat else {"text": text}
        return {"index": 0, **said, "finish_reason": sample.finish, "logprobs": self._logprobs(wish, sample)}

    def _logprobs(self, wish: Wish, sample: Sample) -> dict[str, Any] | None:
        local = self._local()
        if wish.tops is None or local is None:
            return None
        from workbench.models.serving import looking  # noqa: PLC0415

        prompt = local.tokenise(wish.prompt)
        tokens, start = [*prompt, *sample.token_ids], 0 if wish.echo else len(prompt)
        tops = wish.tops
        seen = self.desk.compute(lambda: looking.look(local, tokens, start, tops))
        if wish.chat:
            return looking.chat_logprobs(local, seen)
        return looking.text_logprobs(local, seen, 0 if wish.echo else len(wish.prompt))

    def _frame(self, wish: Wish) -> dict[str, Any]:
        kind = "chatcmpl" if wish.chat else "cmpl"
        name = "chat.completion" if wish.chat else "text_completion"
        return {"id": f"{kind}-{uuid.uuid4().hex}", "object": name, "created": int(time.time()), "model": self.name}

    def _usage(self, wish: Wish, sample: Sample) -> dict[str, int]:
        asked = sample.prompt_tokens or len(self.model.tokenise(wish.prompt))
        return {"prompt_tokens": asked, "completion_tokens": sample.tokens, "total_tokens": asked + sample.tokens}

    def _require_name(self, body: Mapping[str, Any]) -> None:
        if body.get("model") not in (None, self.name):
            raise MissingError(f"There is no model {body['model']} here, only {self.name}.")

    def _chats(self) -> bool:
        local = self._local()
        return local is None or bool(getattr(local.tokenizer, "chat_template", None))

    def _local(self) -> Any:
        """Return the model where it is one with weights here; a scripted one has no log-probabilities."""
        return self.model if hasattr(self.model, "tokenizer") else None


def _tokens(local: Any, value: Any, name: str) -> list[int]:
    if isinstance(value, str):
        return list(local.tokenise(value))
    if isinstance(value, list) and all(type(token) is int for token in value):
        return value
    raise BadInputError(f"{name} must be text or tokens.")


def _delta(wish: Wish, piece: str, finish: str | None) -> dict[str, Any]:
    said = {"delta": {"role": "assistant", "content": piece}} if wish.chat else {"text": piece}
    return {"index": 0, **said, "finish_reason": finish}
