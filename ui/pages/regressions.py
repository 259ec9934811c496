"""Prompts on which the newer model lost to the older: both answers with what changed, and the chains that may have taught it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from ui.pages.figure_facts import run_named
from ui.pages.run_lines import run_lines
from ui.session import Session
from ui.static_words import in_language
from ui.tips import plain_tip
from ui.user_settings import UserSettings
from ui.widgets.choices import widen_list
from ui.widgets.cover import Cover
from ui.widgets.inspector import Facts
from ui.widgets.list_rows import told_below
from ui.widgets.texts import TextView, button, counted, label
from workbench.records.evaluation import EVERY
from workbench.records.prompt import HELPFUL, RED_TEAM

if TYPE_CHECKING:
    from workbench.project.evaluations import NearChain, Regression

#: Of models and judges at least; where there is no room for more, they are read in the open list.
_LETTERS = 4
_CHAIN = Qt.ItemDataRole.UserRole


class RegressionsPane(QWidget):
    """Choosing a prompt shows the two answers; Enter or a double click on a chain opens it."""

    inspect = Signal(object)
    #: A chain's id, to be shown on its page.
    opened = Signal(str)

    def __init__(self, session: Session, settings: UserSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._run, self._found, self._all = "", list["Regression"](), list["Regression"]()
        #: The prompt to be shown once what was asked for is read.
        self._wanted, self._asked = "", 0
        self.newer, self.older, self.judge = QComboBox(), QComboBox(), QComboBox()
        for box, name in (
            (self.newer, self.tr("The newer model")),
            (self.older, self.tr("The older model")),
            (self.judge, self.tr("Judge who found it worse")),
        ):
            box.setAccessibleName(name)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(_LETTERS)
            box.activated.connect(lambda _: self._read())
        self.kind = QComboBox()
        self.kind.setAccessibleName(self.tr("Prompts of which kind"))
        for title, kind in (
            (self.tr("every kind"), ""),
            (in_language(RED_TEAM), RED_TEAM),
            (in_language(HELPFUL), HELPFUL),
        ):
            self.kind.addItem(title, kind)
        self.kind.activated.connect(lambda _: self._show())
        self.count, self._than, self._by = label(part="muted"), label(), label()
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Prompts on which the newer model lost"))
        self.list.currentRowChanged.connect(self._choose)
        self.prompt = TextView(self.tr("The prompt both answered"))
        self.before, self.after = TextView(self.tr("The older answer")), TextView(self.tr("The newer answer"))
        self._before_title, self._after_title = label(part="heading"), label(part="heading")
        self.chains = QListWidget()
        self.chains.setAccessibleName(self.tr("Chains whose prompts are most alike"))
        self.chains.itemActivated.connect(lambda item: self.opened.emit(item.data(_CHAIN)))
        self.open = button(self.tr("Open the chain"))
        self.open.clicked.connect(self._open)
        for one in (self.list, self.chains):
            told_below(one)
            one.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._below = QWidget()
        self.cover = Cover(self._below, settings, self.tr("Show the covered answers of both models"))
        self.cover.revealed.connect(self._inspect)
        self._lay_out()

    def show_models(self, run: str, models: Sequence[str], judges: Sequence[str]) -> None:
        """Offer these models and judges, the last model against the first unless something else was chosen."""
        changed = run != self._run
        self._run = run
        for box, names, wanted in (
            (self.newer, models, models[-1] if models else ""),
            (self.older, models, models[0] if models else ""),
            (self.judge, [*judges, EVERY], judges[-1] if judges else EVERY),
        ):
            changed = self._fill(box, names, wanted) or changed
        if changed:
            self._read()
        else:
            self._inspect()  # something else was told of meanwhile

    def forget(self) -> None:
        """Show nothing, for another project may come."""
        self.show_models("", (), ())

    def compare(self, newer: str, older: str, judge: str, kind: str = "") -> None:
        """Choose two models, a judge and, unless all are to be shown, a kind of prompts."""
        self.kind.setCurrentIndex(max(0, self.kind.findData(kind)))
        for box, name in ((self.newer, newer), (self.older, older), (self.judge, judge)):
            box.setCurrentIndex(box.findData(name))
        self._read()

    def show_answer(self, model: str, beside: str, prompt_id: str) -> None:
        """Show a model's answer to a prompt beside another's, whoever found which better."""
        self._wanted = prompt_id
        self.compare(model, beside, EVERY)

    def _lay_out(self) -> None:
        choice, answers = QHBoxLayout(), QHBoxLayout()
        choice.addWidget(self.newer, 1)
        choice.addWidget(self._than)
        choice.addWidget(self.older, 1)
        choice.addWidget(self._by)
        choice.addWidget(self.judge, 2)
        choice.addWidget(self.kind)
        choice.addWidget(self.count)
        for title, view in ((self._before_title, self.before), (self._after_title, self.after)):
            side = QVBoxLayout()
            side.addWidget(title)
            side.addWidget(view)
            answers.addLayout(side, 1)
        column = QVBoxLayout(self._below)
        column.setContentsMargins(0, 0, 0, 0)
        self.prompt.setMaximumHeight(self.fontMetrics().lineSpacing() * 4)
        self.chains.setMaximumHeight(self.fontMetrics().lineSpacing() * 9)
        column.addLayout(answers, 1)
        column.addWidget(label(self.tr("What may have taught it: chains on similar prompts"), "heading", wrap=True))
        column.addWidget(self.chains)
        row = QHBoxLayout()
        row.addWidget(self.open)
        row.addStretch(1)
        column.addLayout(row)
        split = QSplitter()
        split.setChildrenCollapsible(False)
        split.addWidget(self.list)
        whole = QWidget()
        around = QVBoxLayout(whole)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(self.prompt)
        around.addWidget(self.cover, 1)
        split.addWidget(whole)
        split.setSizes([220, 460])
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 8, 0, 0)
        body.addLayout(choice)
        body.addWidget(split, 1)

    def _read(self) -> None:
        from workbench.project.evaluations import regressions  # noqa: PLC0415

        run, newer, older = self._run, self.newer.currentText(), self.older.currentText()
        judge = str(self.judge.currentData() or "")
        every = judge == EVERY
        self._than.setText(self.tr("beside") if every else self.tr("worse than"))
        self._by.setText(self.tr("on") if every else self.tr("by"))
        self._asked += 1
        asked = self._asked
        if not run or not judge or (newer == older and not every):
            self._have_read([])
            return
        self._session.ask(
            self.tr("Looking for regressions"),
            lambda project: regressions(project, run, newer, older, judge),
            lambda found: self._have_read(found) if asked == self._asked else None,
        )

    def _have_read(self, found: "list[Regression]") -> None:
        self._all = found
        self._show()

    def _show(self) -> None:
        kind = self.kind.currentData()
        found = self._found = [one for one in self._all if kind in ("", one.kind)]
        self.list.clear()
        for one in found:
            loss = f"  −{one.loss:.2f}" if one.loss is not None else ""
            item = QListWidgetItem(f"{' '.join(one.prompt.split())}\n{in_language(one.kind)}{loss}")
            item.setToolTip(plain_tip(one.prompt))
            self.list.addItem(item)
        same = self.newer.currentText() == self.older.currentText() and not self._all
        prompts = counted(len(found), self.tr("1 prompt"), self.tr("{count} prompts"))
        says = self.tr("Choose two different models.") if same else prompts
        self.count.setText(says)
        self.list.setCurrentRow(next((row for row, one in enumerate(found) if one.prompt_id == self._wanted), 0))
        self._wanted = ""
        if not found:
            self._choose(-1)

    def _choose(self, row: int) -> None:
        one = self._found[row] if 0 <= row < len(self._found) else None
        self.prompt.setPlainText(one.prompt if one else "")
        self.before.setPlainText(one.older.text if one else "")
        self.after.setPlainText(one.newer.text if one else "")
        self._before_title.setText(one.older.model if one else "")
        lost = self.tr("{model} (lost)") if self.judge.currentIndex() < self.judge.count() - 1 else "{model}"
        self._after_title.setText(lost.format(model=one.newer.model) if one else "")
        self.chains.clear()
        self.open.setEnabled(False)
        if one is None:
            return
        self.cover.look(one.prompt_id, one.kind)
        self._inspect()
        from workbench.project.evaluations import near_chains  # noqa: PLC0415

        self._session.ask(
            self.tr("Looking for chains"),
            lambda project: near_chains(project, one.prompt),
            lambda chains: self._have_chains(one, chains),
        )

    def _inspect(self) -> None:
        row = self.list.currentRow()
        if 0 <= row < len(self._found):
            self.inspect.emit(self._facts(self._found[row]))

    def _have_chains(self, one: "Regression", chains: "list[NearChain]") -> None:
        row = self.list.currentRow()
        if not 0 <= row < len(self._found) or one is not self._found[row]:  # another is chosen by now, or none
            return
        for chain in chains:
            item = QListWidgetItem(f"{chain.likeness:.0%}  {' '.join(chain.prompt.split())}\n→ {chain.final}")
            item.setData(_CHAIN, chain.chain_id)
            self.chains.addItem(item)
        self.chains.setCurrentRow(0)
        self.open.setEnabled(bool(chains))

    def _open(self) -> None:
        item = self.chains.currentItem()
        if item is not None:
            self.opened.emit(item.data(_CHAIN))

    def _facts(self, one: "Regression") -> Facts:
        lines = [(self.tr("Prompt"), f"{one.prompt}\n({one.prompt_id}, {in_language(one.kind)})")]
        says = self.tr("{model} · {tokens} tokens · {finish} · seed {seed}\nweights {weights}")
        unknown = self.tr("not recorded")
        for name, answer in ((self.tr("Older answer"), one.older), (self.tr("Newer answer"), one.newer)):
            told = {"model": answer.model, "tokens": answer.tokens, "finish": answer.finish, "seed": answer.seed}
            lines.append((name, says.format(**told, weights=answer.weights[:12] or unknown)))
        alike = one.older.sent == one.newer.sent
        none = self.tr("It was not stored with these answers; each model's own template words the prompt above.")
        lines.append((self.tr("Prompt exactly as sent"), (one.older.sent or none) if alike else ""))
        for answer in () if alike else (one.older, one.newer):
            lines.append(
                (self.tr("Prompt exactly as sent to {model}").format(model=answer.model), answer.sent or unknown)
            )
        lines += run_lines(run_named(self._session, self._run), self.tr("Asked for by"))
        return Facts(self.tr("Two answers to one prompt"), lines)

    def _fill(self, box: QComboBox, names: Sequence[str], wanted: str) -> bool:
        """Offer names, keep what was chosen where it is still there; say whether anything changed."""
        if list(names) == [box.itemData(place) for place in range(box.count())]:
            return False
        kept = box.currentData()
        box.clear()
        for name in names:
            title = self.tr("every prompt") if name == EVERY else in_language(name) if box is self.judge else name
            box.addItem(title, name)
        box.setCurrentIndex(max(0, box.findData(kept if kept in names else wanted)))
        widen_list(box)
        return True
