"""How each kind of request is answered: a generator of pieces, and None wherever something else may be done in between."""

from collections.abc import Callable, Generator, Hashable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from workbench.demo.words import speaks_demo, unknown_words
from workbench.errors import BadInputError
from workbench.models.language_model import LanguageModel, Sample, SampleRequest
from workbench.records.chain import Step
from workbench.records.draws import stream_seed
from workbench.records.model import ModelRef
from workbench.records.request import (
    ChatRequest,
    Labelled,
    LabelRequest,
    ModelRequest,
    Notice,
    Piece,
    Rendered,
    RenderRequest,
    Scored,
    ScoreRequest,
    TextDone,
    TextSoFar,
    TryRequest,
)
from workbench.records.settings import ChainSettings
from workbench.records.task import TASKS, Task
from workbench.sentences import said
from workbench.stages.chains import CRITIC, RESPONSE, worded
from workbench.stages.preferences import LabelWork, label_comparisons
from workbench.stages.trying import INITIAL, TryWork, write_initial, write_revisions
from workbench.stages.walking import Walk, ask, drive
from workbench.worker.loaded import LoadedModels

Pieces = Iterator[Piece | None]

#: Comparisons labelled before other requests are looked at: few, for a person who tries something waits for them.
_LABELS_AT_ONCE = 2


@dataclass
class _Growing:
    """Texts in the making: what a sampler tells of them is handed on between two of its steps, each change once."""

    part_of: Callable[[Hashable], str]
    texts: dict[str, str] = field(default_factory=dict)

    def tell(self, walk: Hashable, text: str) -> None:
        self.texts[self.part_of(walk)] = text.lstrip()

    def pieces(self) -> Pieces:
        yield from (TextSoFar(part, text) for part, text in self.texts.items())
        self.texts.clear()
        yield None


def answer(request: ModelRequest, loaded: LoadedModels) -> Pieces:
    """Yield the pieces of a request's answer, without its end."""
    if request.task not in TASKS:
        raise BadInputError("There is no task {task}; there are {tasks}.", task=request.task, tasks=", ".join(TASKS))
    if isinstance(request, ChatRequest):
        return _chat(request, loaded, TASKS[request.task])
    if isinstance(request, TryRequest):
        return _try(request, loaded, TASKS[request.task])
    if isinstance(request, RenderRequest):
        return _render(request, loaded, TASKS[request.task])
    if isinstance(request, ScoreRequest):
        return _score(request, loaded)
    return _label(request, loaded, TASKS[request.task])


def is_background(request: ModelRequest) -> bool:
    """Whether a request gives way to those a person waits for."""
    return isinstance(request, LabelRequest)


def _opened(loaded: LoadedModels, ref: ModelRef, task: str) -> Generator[Piece | None, None, LanguageModel]:
    """Open a model from inside an answer, saying so where that takes a while."""
    yield from _noted(loaded.note("language", ref, task))
    return loaded.language_model(ref, task)


def _noted(sentence: str) -> Pieces:
    if sentence:
        yield Notice(sentence)


def _chat(request: ChatRequest, loaded: LoadedModels, task: Task) -> Pieces:
    model = yield from _opened(loaded, request.model, request.task)
    turns = worded(task, request.turns) if request.turns and request.turns[-1].role == "user" else request.turns
    seed = stream_seed(request.seed, "chat", *((turn.role, turn.text) for turn in request.turns))
    limit = request.max_tokens or task.max_response_tokens
    sent = SampleRequest(model.render(turns, "assistant"), seed, limit, request.temperature, model.stops())
    growing = _Growing(lambda _: "answer")

    def walk() -> Walk:
        yield (yield from ask("model", sent))

    for sample in drive({"model": model}, [("answer", walk())], 0, growing.tell, breaths=True):
        if sample is None:
            yield from growing.pieces()
        else:
            yield _text_of(sample, sent, model.name)


def _text_of(sample: Sample, sent: SampleRequest, model: str) -> TextDone:
    text = sample.text.strip()
    return TextDone("answer", text, sent.prompt, sample.prompt_tokens, sample.tokens, sample.finish, model, sent.seed)


def _try(request: TryRequest, loaded: LoadedModels, task: Task) -> Pieces:
    models = {}
    for role, ref in ((RESPONSE, request.response), (CRITIC, request.critic)):
        models[role] = yield from _opened(loaded, ref, request.task)
    if request.remark:
        yield Notice(request.remark, lasting=True)
    yield from _outside(request)
    settings = ChainSettings(temperature=request.temperature, max_tokens=request.max_tokens, critique=request.critique)
    work = TryWork(models, settings, task, request.prompt, request.seed)
    initial = request.initial
    if not initial:
        growing = _Growing(lambda _: INITIAL)
        for step in write_initial(work, growing.tell):
            yield from growing.pieces()
            if step is not None:
                initial = step.text
                yield _text_done(INITIAL, step, work)
    yield from _revisions(request, work, initial)


def _outside(request: TryRequest) -> Pieces:
    """Say where a prompt lies outside the world that the demo model, or a model trained from it, was made in."""
    folder = request.response.folder
    strange = unknown_words(request.prompt.text) if folder and speaks_demo(Path(folder)) else ()
    if strange:
        yield Notice(
            said(
                "Outside the demo model's small world: nobody there says {strange}{more}. What it writes about this "
                "means little; a larger model would know.",
                strange=", ".join(strange[:6]),
                more=" …" if len(strange) > 6 else "",
            ),
            lasting=True,
        )


def _revisions(request: TryRequest, work: TryWork, initial: str) -> Pieces:
    writing = {wording.name: "critique" if request.critique else "revision" for wording in request.wordings}
    growing = _Growing(lambda name: f"{name}/{writing[str(name)]}")
    wordings = {wording.name: wording for wording in request.wordings}
    for made in write_revisions(work, initial, wordings, growing.tell):
        yield from growing.pieces()
        if made is not None:
            name, step = made
            yield _text_done(f"{name}/{step.kind}", step, work)
            writing[name] = "revision"


def _text_done(part: str, step: Step, work: TryWork) -> TextDone:
    role = RESPONSE if part == INITIAL else CRITIC
    asked = len(work.models[role].tokenise(step.sent))
    return TextDone(part, step.text, step.sent, asked, step.tokens, step.finish, step.model, step.seed, step.verdicts)


def _render(request: RenderRequest, loaded: LoadedModels, task: Task) -> Pieces:
    renderer = loaded.renderer(request.model, request.task)
    asked = bool(request.turns) and request.turns[-1].role == "user"
    turns = worded(task, request.turns) if asked else request.turns
    sent = renderer.render(turns, request.begin or None, request.prefix)
    counts = request.counted or request.model.endpoint is None
    yield Rendered(sent, len(renderer.tokenise(sent)) if counts else -1)


def _score(request: ScoreRequest, loaded: LoadedModels) -> Pieces:
    yield from _noted(loaded.note("preference", request.model, request.task))
    judge = loaded.preference_model(request.model, request.task)
    task = TASKS[request.task]
    pairs = [(worded(task, row.turns), text) for row in request.rows for text in row.responses]
    values = iter(judge.scores(pairs))
    yield Scored(tuple(tuple(next(values) for _ in row.responses) for row in request.rows))


def _label(request: LabelRequest, loaded: LoadedModels, task: Task) -> Pieces:
    model = yield from _opened(loaded, request.model, request.task)
    works = {
        one.name: LabelWork(model, one.constitution, request.settings, task, request.seed, one.name)
        for one in request.constitutions
    }
    prompts = {prompt.id: prompt for prompt in request.prompts}
    for start in range(0, len(request.comparisons), _LABELS_AT_ONCE):
        some = [(prompts[one.prompt_id], one) for one in request.comparisons[start : start + _LABELS_AT_ONCE]]
        for name, work in works.items():
            yield from (Labelled(name, label) for label in label_comparisons(work, some))
            yield None
