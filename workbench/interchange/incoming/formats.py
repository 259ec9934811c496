"""The formats that can come in: what each brings, which fields it needs, and how its rows are told from others."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.interchange.evaluation_sets import item_from
from workbench.interchange.incoming import annotation_tools, argilla, paper_samples, transcripts, trl
from workbench.interchange.incoming.annotated_pairs import pairs_amiss, read_annotated_pair
from workbench.interchange.incoming.brought import Brought, Reading
from workbench.interchange.incoming.summaries import read_summaries
from workbench.interchange.incoming.verdicts import decision_of
from workbench.sentences import said

Fields = Mapping[str, Any]


@dataclass(frozen=True)
class Role:
    """A field a format reads: its name there, other names it often goes by, and whether a row can do without."""

    name: str
    other_names: tuple[str, ...] = ()
    needed: bool = True
    #: What a value of it looks like, for a field that is not needed and may be found under another name.
    looks: Callable[[Any], bool] | None = None


@dataclass(frozen=True)
class Format:
    """One shape of row: what it brings, its fields, and how to tell and to read it."""

    name: str
    title: str
    brings: str
    roles: tuple[Role, ...]
    read: Callable[[Fields, Reading], Brought]
    #: Whether a row with the needed fields is of this format.
    fits: Callable[[Fields], bool] = lambda fields: True
    #: Whether its rows carry marks of the tool they come from, so that usual names of columns need nobody's word.
    marked: bool = False
    #: Whether the prompt is what the two texts of a row begin with.
    splits: bool = False
    #: Columns, beside those it needs, that no other file has; * stands for any beginning or end.
    telling: tuple[str, ...] = ()
    #: What is amiss with a file of these columns, where the format knows better than that a column is missing.
    amiss: Callable[[Collection[str]], str] = lambda columns: ""
    #: Which columns are which fields, beside those found by name, going by the first rows.
    settles: Callable[[Sequence[Fields], Mapping[str, str]], Mapping[str, str]] = lambda rows, mapping: {}
    #: Brings what is nested to the top, where columns can be mapped.
    flat: Callable[[Fields], dict[str, Any]] = dict


_PROMPT = Role("prompt", ("question", "instruction", "query", "input", "context", "request", "text"))
_A = Role("response_a", tuple(first for first, _ in annotation_tools.RESPONSE_NAMES[1:]))
_B = Role("response_b", tuple(second for _, second in annotation_tools.RESPONSE_NAMES[1:]))
_KIND, _SPLIT = Role("kind", needed=False), Role("split", needed=False)
_MORE = (_KIND, _SPLIT)
#: Who chose, in what this project exports.
_TOLD = (Role("source", needed=False), Role("reviewers", needed=False))
_CHOSEN = Role("chosen", ("preferred_text", "good", "winner", "response_chosen", "chosen_response"))
_REJECTED = Role("rejected", ("bad", "loser", "response_rejected", "rejected_response"))
_PREFERRED = Role("preferred", ("preferred_text", "preference", "winner", "choice", "better", "label"), False,
                  lambda value: decision_of(value) is not None)  # fmt: skip
_COMPLETION = Role("completion", ("response", "answer", "output", "reply"))


def _needs(*names: str) -> tuple[Role, ...]:
    return tuple(Role(name) for name in names)


def _are_whole_texts(fields: Fields) -> bool:
    asked = (fields.get(name) for name in ("prompt", *_PROMPT.other_names))
    texts = (fields["chosen"], fields["rejected"])
    are_texts = all(isinstance(text, str) and not transcripts.is_transcript(text) for text in texts)
    return are_texts and all(one is None for one in asked)


#: The first that fits is taken, so that the more particular stand before the more general.
FORMATS: tuple[Format, ...] = (
    Format("hh-rlhf", said("Pairs of transcripts, as in Anthropic's hh-rlhf"), "comparisons",
           (*_needs("chosen", "rejected"), _SPLIT), transcripts.read_pair,
           lambda f: f.get("prompt") is None and any(transcripts.is_transcript(f[n]) for n in ("chosen", "rejected")),
           splits=True),
    Format("red-team-attempts", said("Red-team attempts of hh-rlhf"), "prompts",
           (*_needs("transcript"), _SPLIT), transcripts.read_attempt,
           telling=("min_harmlessness_score_transcript", "red_team_member_id")),
    Format("cai-chains", said("Chains released with the Constitutional AI paper"), "chains",
           _needs("rl_prompt", "initial_response", "cst"), paper_samples.read_chain),
    Format("cai-answers", said("Scored answers released with the Constitutional AI paper"), "answers",
           _needs("rl_prompt", "sampled_answers"), paper_samples.read_scored),
    Format("evaluation-set", said("Evaluation set, as the Constitutional AI paper's"), "evaluation_set",
           (*_needs("prompt", "corrects", "incorrects"), _KIND),
           lambda f, reading: Brought(items=(item_from(f, reading.source.split(".")[0], reading.kind),)),
           telling=("text_correct", "text_incorrect")),
    Format("summarize-from-feedback", said("Comparisons of two summaries, as in summarize-from-feedback"), "comparisons",
           _needs("info", "summaries", "choice"), read_summaries),
    Format("annotated-pairs", said("Annotated pairs (version 2) of Inverse Constitutional AI"), "comparisons",
           _needs("annotators", "response_a", "response_b"), read_annotated_pair,
           telling=("comparisons", "annotations"), amiss=pairs_amiss),
    Format("argilla", said("Pairwise labels exported by Argilla"), "comparisons",
           (_PROMPT, _A, _B, Role("choice", needed=False)), argilla.read_argilla,
           argilla.is_argilla, True, flat=argilla.flat_argilla, telling=argilla.TELLING, settles=argilla.question_of),
    Format("label-studio", said("Pairwise labels exported by Label Studio"), "comparisons",
           (_PROMPT, _A, _B, Role("choice", needed=False)), annotation_tools.read_label_studio,
           annotation_tools.is_label_studio, True, flat=annotation_tools.flat_label_studio,
           telling=("annotations", "annotation_id", "lead_time")),
    Format("preference", said("Preferences as TRL reads them: prompt, chosen, rejected"), "comparisons",
           (_PROMPT, _CHOSEN, _REJECTED, *_TOLD, *_MORE), trl.read_preference),
    Format("preference-conversations", said("Preferences as TRL reads them, as two whole conversations"), "comparisons",
           (*_needs("chosen", "rejected"), *_TOLD, *_MORE), trl.read_preference,
           lambda f: isinstance(f["chosen"], list), splits=True),
    Format("preference-texts", said("Preferences as TRL reads them, as two whole texts"), "comparisons",
           (*_needs("chosen", "rejected"), *_TOLD, *_MORE), trl.read_texts,
           _are_whole_texts, splits=True),
    Format("pair", said("Pairs to choose between: prompt, response_a, response_b"), "comparisons",
           (_PROMPT, _A, _B, _PREFERRED, Role("reviewer", needed=False), *_MORE),
           trl.read_pair, lambda f: not isinstance(f["response_a"], Mapping)),
    Format("messages", said("Conversations as TRL reads them: messages"), "chains",
           (Role("messages", ("conversations", "conversation")), *_MORE), trl.read_messages,
           lambda f: isinstance(f["messages"], list)),
    Format("prompt-completion", said("Prompts with a response to learn, as TRL reads them"), "chains",
           (_PROMPT, _COMPLETION, Role("label", needed=False), *_MORE), trl.read_completion),
    Format("prompt", said("Prompts: text or turns"), "prompts",
           (_PROMPT, *_MORE), trl.read_prompt),
)  # fmt: skip

BY_NAME = {format_.name: format_ for format_ in FORMATS}

#: Formats in which anybody writes files, with columns of their own beside those that are read.
WRITTEN_BY_ANYBODY = frozenset(
    ("preference", "preference-conversations", "preference-texts", "pair", "messages", "prompt-completion", "prompt")
)

#: What to read a file as where somebody says what it is to be taken for and no row fits: the one that lacks least.
PLAIN: dict[str, tuple[str, ...]] = {
    "prompts": ("prompt",),
    "comparisons": ("preference", "pair"),
    "evaluation_set": ("evaluation-set",),
    "chains": ("prompt-completion", "messages"),
}
