"""A model behind an endpoint answers as the model itself does; what an endpoint cannot do is found out, not believed."""

import asyncio
import math
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from tests.workbench.models.served import Hostile, acting, serving
from tests.workbench.models.tiny import Family, tiny_model
from workbench.errors import NoRoomError
from workbench.models.endpoints.choices import named_in, read_likely, tallied
from workbench.models.endpoints.model import EndpointModel
from workbench.models.endpoints.probe import probe
from workbench.models.endpoints.replies import EndpointError
from workbench.models.language_model import UNSCORED, ChoiceRequest, LanguageModel, Sample, SampleRequest
from workbench.models.loading import load
from workbench.models.local import LocalModel
from workbench.models.scripted import ScriptedModel
from workbench.records.endpoint import Capabilities, Endpoint
from workbench.records.transcript import Message

OPTIONS = (" (A)", " (B)")
TURNS = (Message("user", "How do I plan a picnic?"), Message("assistant", "Ask."), Message("critique_request", "Harm?"))


def probed(*urls: str, model: str = "") -> Endpoint:
    return asyncio.run(probe(Endpoint("e", urls, model), lambda url: None))


@contextmanager
def endpoint_of(model: LanguageModel, **found: object) -> Iterator[EndpointModel]:
    with serving(model) as server:
        endpoint = probed(server.url)
        asked = EndpointModel(replace(endpoint, can=replace(endpoint.can, **found)))  # type: ignore[arg-type]
        try:
            yield asked
        finally:
            asked.close()


def drawn(model: LanguageModel, requests: dict[str, SampleRequest]) -> dict[str, Sample]:
    sampler = model.sampler()
    for name, request in requests.items():
        sampler.submit(name, request)
    found: dict[str, Sample] = {}
    while len(found) < len(requests):
        for walk, sample in sampler.advance():
            found[str(walk)] = sample
            sampler.release(walk)
    return found


def requests_to(model: LanguageModel, count: int = 5) -> dict[str, SampleRequest]:
    sent = model.render(TURNS, "critique")
    return {str(seed): SampleRequest(sent, seed * 2**40 + 7, 12, 1.0, model.stops()) for seed in range(count)}


def assert_same_choices(local: LocalModel, asked: EndpointModel) -> None:
    """Engines' calls score the token that tells options apart; a prompt's log-probabilities, every token."""
    question, opening = [Message("comparison", "Which is kinder?\n (A) yes\n (B) no")], "The answer is:"
    for scoring, prefix, options in (("vllm", " (", "AB"), ("sglang", " (", "AB"), ("", "", OPTIONS)):
        other = EndpointModel(replace(asked.endpoint, can=replace(asked.endpoint.can, scoring=scoring)))  # type: ignore[arg-type]
        try:
            assert other.reading == "exact"
            mine = ChoiceRequest(local.render(question, "answer", opening + prefix), tuple(options))
            theirs = ChoiceRequest(other.render(question, "answer", opening + prefix), tuple(options))
            assert other.choice_logprobs([theirs])[0] == pytest.approx(local.choice_logprobs([mine])[0], abs=1e-4)
        finally:
            other.close()


def test_our_own_server_refuses_what_is_too_long_so_that_it_is_understood() -> None:
    with endpoint_of(ScriptedModel(room=20)) as asked:
        sampler = asked.sampler()
        for walk in ("word " * 30, "Hello?"):
            sampler.submit(walk, SampleRequest(asked.render([Message("user", walk)], "assistant"), 1, 4))
        found: set[Hashable] = set()
        refused: dict[Hashable, str] = {}
        while len(found) + len(refused) < 2:
            try:
                found |= {walk for walk, _ in sampler.advance()}
            except NoRoomError as error:
                refused[error.walk] = error.why
        assert (found, list(refused)) == ({"Hello?"}, ["word " * 30])
        assert "which holds 20 with its answer" in refused["word " * 30]


@pytest.mark.model
def test_a_question_too_long_for_a_served_model_is_not_scored_beyond_what_it_holds(
    models: dict[str, LocalModel],
) -> None:
    with endpoint_of(models["llama"]) as asked:
        for scoring, options in (("vllm", "AB"), ("sglang", "AB"), ("", OPTIONS)):
            other = EndpointModel(replace(asked.endpoint, can=replace(asked.endpoint.can, scoring=scoring)))  # type: ignore[arg-type]
            try:
                texts = ("kind " * 600, "kind")
                sent = [other.render([Message("comparison", text)], "answer", "The answer is: (") for text in texts]
                unscored, scored = other.choice_logprobs([ChoiceRequest(one, tuple(options)) for one in sent])
            finally:
                other.close()
            assert (unscored, len(scored)) == (UNSCORED, 2)


@pytest.mark.model
@pytest.mark.parametrize("family", ["llama", "mistral"])
def test_a_chat_model_says_and_chooses_the_same_behind_an_endpoint(
    models: dict[Family, LocalModel], family: Family
) -> None:
    local = models[family]
    with endpoint_of(local) as asked:
        assert asked.endpoint.can.dialect == "chat"
        assert asked.endpoint.can.seed_bits == 63
        here, there = drawn(local, requests_to(local)), drawn(asked, requests_to(asked))
        assert {walk: one.text for walk, one in here.items()} == {walk: one.text for walk, one in there.items()}
        assert {w: (o.tokens, o.finish) for w, o in here.items()} == {w: (o.tokens, o.finish) for w, o in there.items()}
        assert_same_choices(local, asked)


@pytest.mark.model
def test_a_base_model_is_asked_in_the_papers_text(tmp_path_factory: pytest.TempPathFactory) -> None:
    local = load(tiny_model(tmp_path_factory.mktemp("base"), "gpt2", chat=False))
    with endpoint_of(local) as asked:
        assert asked.endpoint.can.dialect == "completions"
        assert asked.render(TURNS, "critique") == local.render(TURNS, "critique")
        assert asked.stops() == local.stops()
        here, there = drawn(local, requests_to(local)), drawn(asked, requests_to(asked))
        assert {walk: one.text for walk, one in here.items()} == {walk: one.text for walk, one in there.items()}
        assert_same_choices(local, asked)


@pytest.mark.model
def test_likely_tokens_are_renormalised_where_nothing_better_is_there(models: dict[Family, LocalModel]) -> None:
    lesser = {"scoring": "", "prompt_logprobs": False}
    with endpoint_of(models["llama"], **lesser) as asked:
        assert asked.reading == "top_logprobs"
        (found,) = asked.choice_logprobs([ChoiceRequest(asked.render(TURNS, "answer", "The answer is: ("), ("A", "B"))])
    assert math.isnan(found[0]) or sum(map(math.exp, found)) == pytest.approx(1)


def test_a_server_that_drops_log_probabilities_without_a_word_is_found_out() -> None:
    with endpoint_of(ScriptedModel(lambda request: f"The answer is ({'AB'[request.seed % 3 == 0]})")) as asked:
        can = asked.endpoint.can
        assert (can.logprobs, can.streaming, can.scoring, asked.reading) == ("dropped", True, "", "votes")
        prompts = [asked.render([Message("comparison", f"Which, {n}?")], "answer", "The answer is:") for n in range(8)]
        found = asked.choice_logprobs([ChoiceRequest(prompt, OPTIONS) for prompt in prompts])
        assert found == asked.choice_logprobs([ChoiceRequest(prompt, OPTIONS) for prompt in prompts])
    shares = [round(math.exp(one[0]) * 6 - 0.5, 6) for one in found]
    assert set(shares) <= {0, 1, 2, 3, 4, 5}
    assert sum(shares) / len(shares) > 2.5  # two of three answers are (A)


def test_one_answer_counts_as_one_vote() -> None:
    with endpoint_of(ScriptedModel(lambda request: "I would say (B).")) as asked:
        one = EndpointModel(replace(asked.endpoint, votes=1))
        assert one.reading == "text"
        prompt = one.render([Message("comparison", "Which?")], "answer", "The answer is:")
        (found,) = one.choice_logprobs([ChoiceRequest(prompt, OPTIONS)])
        assert [math.exp(value) for value in found] == pytest.approx([0.25, 0.75])
        one.close()


@pytest.mark.parametrize(
    ("text", "found"),
    [(" (A)", 0), ("The answer is (B), not (A)", 1), ("A", 0), ("Answer: b", None), ("ABBA", None), ("", None)],
)
def test_options_are_read_off_a_text(text: str, found: int | None) -> None:
    assert named_in(text, OPTIONS) == found


def test_votes_and_likely_tokens_are_counted_by_hand() -> None:
    assert [math.exp(value) for value in tallied([0, 0, 1, None], 2)] == pytest.approx([2.5 / 4, 1.5 / 4])
    assert all(math.isnan(value) for value in tallied([None, None], 2))
    places = [(" The", {" The": -0.1}), ("A", {"A": math.log(0.5), " A": math.log(0.1), "B": math.log(0.2)})]
    assert [math.exp(value) for value in read_likely(places, OPTIONS)] == pytest.approx([0.75, 0.25])
    bounded = read_likely([("A", {"A": math.log(0.9), "C": math.log(0.1)})], OPTIONS)
    assert [math.exp(value) for value in bounded] == pytest.approx([0.9, 0.1])


def test_texts_stream_while_they_grow() -> None:
    seen: list[str] = []
    with endpoint_of(ScriptedModel(stride=1)) as asked:
        sampler = asked.sampler(lambda walk, text: seen.append(text))
        sampler.submit("w", SampleRequest(asked.render(TURNS, "critique"), 3, 40))
        sample = None
        while sample is None:
            sample = next((one for _, one in sampler.advance()), None)
    assert seen[-1] == sample.text
    assert all(sample.text.startswith(text) for text in seen)


def test_a_key_goes_to_its_origin_and_opens_the_server() -> None:
    with serving(ScriptedModel(), key="secret") as server:
        with pytest.raises(EndpointError, match="wants another key"):
            probed(server.url)
        found = asyncio.run(probe(Endpoint("e", (server.url,), ""), lambda url: "secret"))
        assert found.can.checked


def test_a_key_that_was_changed_is_taken_where_the_old_one_is_refused() -> None:
    keys = ["old"]
    with serving(ScriptedModel(name="m"), key="new") as server:
        asked = EndpointModel(Endpoint("e", (server.url,), "m", 4), key=lambda url: keys[-1])
        try:
            with pytest.raises(EndpointError, match="wants another key"):
                asked.replicas.run(lambda one, seconds: one.get("/models", seconds))
            keys.append("new")
            several = [asked.replicas.start(lambda one, seconds: one.get("/models", seconds)) for _ in range(4)]
            assert all(future.result()["data"] for future in several), "none of those under way is lost"
        finally:
            asked.close()


def test_replicas_must_serve_the_same_model_and_have_what_all_have() -> None:
    serving_two = serving(ScriptedModel()), serving(ScriptedModel(name="other"))
    with serving_two[0] as one, serving_two[1] as two, pytest.raises(EndpointError, match="models, scripted and other"):
        probed(one.url, two.url)

    def chat_without_streams(server: Hostile, body: dict[str, object]) -> None:
        server.send_json({"choices": [{"message": {"content": "A tale."}, "finish_reason": "stop"}]})

    with serving(ScriptedModel(name="m")) as one, acting(chat_without_streams) as other:
        found = probed(one.url, other.url)
    assert found.can == replace(found.can, streaming=False, seed_bits=0, logprobs="dropped")


def test_capabilities_say_how_labels_are_read() -> None:
    assert Capabilities().reading == "votes"
    assert Capabilities(logprobs="returned").reading == "top_logprobs"
    assert Capabilities(prompt_logprobs=True).reading == "votes"
    assert Capabilities(prompt_logprobs=True, continues=True).reading == "exact"
