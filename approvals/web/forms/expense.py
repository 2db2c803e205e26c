"""The expense form: any number of lines, each with receipts. The workflow checks the same rules again."""

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Self, override

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals.actions.submit import Filled
from approvals.models import Attachment
from approvals.models.currencies import digits_of
from approvals.policy import Viewer
from approvals.web.forms.expense_fields import (
    MOST_LINES,
    MOST_RECEIPTS,
    ExpenseForm,
    Line,
    LineForm,
    as_lines,
    lines_posted,
    reference,
)
from approvals.web.forms.sheet import Problem, Sheet, problems_of
from approvals.web.labels import Text, Texts
from approvals.web.uploads import ACCEPTED, WANTED

# The workflow takes 120,000 bytes; the expense's own id comes on top of what is measured here.
MOST_BYTES = 119_000


class ExpenseSheet(Sheet):
    """An expense in one currency."""

    workflow = "expense"
    label = Text(gettext_lazy("Expense"))
    heading = Text(gettext_lazy("New expense"))
    description = Text(gettext_lazy("Money that you spent for work: travel, meals, equipment and the like."))
    icon = "receipt"
    template = "approvals/submit/expense.html"
    form_class = ExpenseForm
    stages = Texts({"manager": gettext_lazy("Manager"), "finance": gettext_lazy("Finance")})
    # The limits are the workflow's own; the portal does not know them.
    stage_notes = Texts(
        {
            "manager": gettext_lazy("Small amounts pass without anybody being asked."),
            "finance": gettext_lazy("Large amounts go to finance after the manager."),
        }
    )
    finish = Text(gettext_lazy("Reimbursed"))

    def __init__(self, viewer: Viewer, typed: Mapping[str, Any], files: Iterable[Attachment] = ()) -> None:
        files = list(files)
        self.lines: list[Line] = as_lines(typed.get("lines"), {str(file.id): file for file in files})
        super().__init__(viewer, typed, files)

    accepted = ACCEPTED
    wanted = Text(WANTED)

    @property
    def largest(self) -> int:
        """The most bytes that a receipt may have."""
        return int(settings.MAX_RECEIPT_BYTES)

    @property
    def empty_line(self) -> Line:
        """A line to copy in the browser, which puts the number of the line for ``__n__``."""
        line = Line("__n__")
        line.form = LineForm(None, line.prefix, {}, None)
        return line

    @override
    @classmethod
    def posted(cls, viewer: Viewer, post: QueryDict, files: Iterable[Attachment] = ()) -> Self:
        """Return the sheet as a browser sent it: ``line`` names each line's prefix, in order."""
        typed: dict[str, Any] = {name: post.get(name, "") for name in cls.form_class.base_fields}
        return cls(viewer, typed | {"lines": lines_posted(post)}, files)

    @override
    def lay_out(self, *, checked: bool) -> None:
        """Build the form and one for each line; there is always a line to fill in."""
        if not self.lines:
            self.lines = [Line("0")]
        self.typed["lines"] = [line.typed() for line in self.lines]
        super().lay_out(checked=checked)
        digits = digits_of().get(str(self.typed.get("currency")))
        for line in self.lines:
            line.form = LineForm(line.values if checked else None, line.prefix, line.values, digits)

    @override
    def check(self) -> bool:
        """Check the form, the lines, and how much there is of both."""
        super().check()
        for number, line in enumerate(self.lines, 1):
            self.problems += problems_of(line.form, _("Line {number}").format(number=number))
            receipts = _("Line {number}, receipts").format(number=number)
            self.problems += [Problem(line.files_id, receipts, fault) for fault in line.faults]
        if len(self.lines) > MOST_LINES:
            sentence = _("An expense takes at most {most} lines. Split it.").format(most=MOST_LINES)
            self.problems.append(Problem("", _("Lines"), sentence))
        if not self.problems and len(json.dumps(self.payload()).encode()) > MOST_BYTES:
            sentence = _("This is too long for one expense. Shorten the texts, or split it.")
            self.problems.append(Problem("", "", sentence))
        return not self.problems

    @override
    def act(self, action: str) -> bool:
        """Add a line, remove a line, take a receipt off."""
        verb, what = action.partition(":")[::2]
        if verb == "add-line":
            self.lines.append(Line(str(len(self.lines))))
        elif verb == "remove-line":
            self.lines = [line for line in self.lines if line.key != what]
        elif verb == "remove-file":
            for line in self.lines:
                line.receipts = [ref for ref in line.receipts if ref["id"] != what]
        else:
            return False
        self.number()
        self.lay_out(checked=False)
        return True

    def number(self) -> None:
        """Count the lines from zero again."""
        for number, line in enumerate(self.lines):
            line.key = str(number)

    @override
    def slot_of(self, field: str) -> int | None:
        """Return the place of the line whose file field this is."""
        return next((place for place, line in enumerate(self.lines) if line.files_name == field), None)

    @override
    def receive(self, slot: int, file: Attachment) -> None:
        """Put a stored receipt on its line."""
        self.files[str(file.id)] = file
        self.lines[slot].receipts.append(reference(file))
        self.typed["lines"] = [line.typed() for line in self.lines]

    @override
    def refuse(self, slot: int, message: str) -> None:
        """Say on the line why a file was not taken."""
        self.lines[slot].faults.append(message)

    @override
    def place(self, slot: int) -> Line:
        """Return the line."""
        return self.lines[slot]

    @override
    def full(self, slot: int) -> str:
        """Say that the line holds all the receipts that it may."""
        if len(self.lines[slot].receipts) < MOST_RECEIPTS:
            return ""
        return _("A line takes at most {most} receipts.").format(most=MOST_RECEIPTS)

    @override
    def referenced(self) -> set[str]:
        """Return the ids of the receipts on the lines."""
        return {ref["id"] for line in self.lines for ref in line.receipts}

    @override
    def strange_files(self) -> set[str]:
        """Return the ids that the browser named and the draft does not hold."""
        return {name for line in self.lines for name in line.strange}

    @override
    def title(self) -> str:
        """Return the first line of the description."""
        return str(self.typed.get("description") or "").strip().partition("\n")[0]

    @override
    @classmethod
    def shown(cls, typed: Mapping[str, Any]) -> dict[str, Any]:
        """Return the form as its page shows it: a description of one line is the page's title already."""
        plain = super().shown(typed)
        if "\n" not in str(plain.get("description", "")):
            plain.pop("description", None)
        plain["lines"] = [line.shown() for line in as_lines(plain.get("lines"), {})]
        return plain

    @override
    @classmethod
    def likenesses(cls, typed: Mapping[str, Any]) -> dict[str, str]:
        """Return the lines by date, category, amount and currency: the same again may be the same money again."""
        lines = as_lines(typed.get("lines"), {})
        return {
            f"{line.values['date']}|{line.values['category']}|{line.amount.normalize():f}|{typed.get('currency')}": (
                _("Line {number}").format(number=number)
            )
            for number, line in enumerate(lines, 1)
        }

    @property
    def total(self) -> Decimal:
        """The sum of the amounts that can be read so far."""
        return sum((line.amount for line in self.lines), Decimal(0))

    def payload(self) -> dict[str, Any]:
        """Return the workflow's input as JSON values (design.md §6), without ``expense_id``."""
        head = self.form.cleaned_data
        digits = digits_of()[head["currency"]]
        payload: dict[str, Any] = {
            "submitted_by": self.viewer.username,
            "description": head["description"],
            "currency": head["currency"],
            "lines": [line.as_input(digits) for line in self.lines],
        }
        if head["manager"]:
            payload["manager"] = head["manager"].username
        return payload

    @override
    def filled(self) -> Filled:
        """Return the workflow's input and what lists show of it."""
        currency = self.form.cleaned_data["currency"]
        return Filled(self.workflow, self.title(), self.payload(), "expense_id", self.total, currency)
