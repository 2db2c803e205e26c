"""Full-text search over requests: title, requester, summary, details, comments and the reasons of answers.

Each request has one line of words, made by ``words_in`` on both databases; SQLite finds them by an FTS5 index,
PostgreSQL by a GIN index (migration 0006). The line also says to whom the request is put, in words that nobody can
type, so that the index itself narrows a common word to what the person may see; the rows are still asked by the
policy's own conditions. What waits, a small part, has indexes of its own (migration 0013). The worker keeps the lines:
writing them beside the mirror's rows would halve its speed.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, override

from django.db import connections, models, transaction

from approvals.models.elsewhere import one_of
from approvals.models.text import words_in

if TYPE_CHECKING:
    from approvals.models.mirror import ApprovalRequest

# Different words kept of one request, and asked for in one search.
MOST_KEPT, MOST_ASKED = 2000, 24
# Characters of one request that are read for words.
LONGEST = 100_000
# A search that finds more lists the newest of them; so many ids PostgreSQL looks through first.
MOST_HITS = 1000
NEWEST = 100_000
# So many words that begin as typed are asked for by name, and how SQLite finds them: one step of the index for each.
MOST_BEGUN = 12
BEGUN = """
    WITH RECURSIVE typed(word) AS (SELECT %s), begun(term) AS (
        SELECT (SELECT term FROM approvals_searchterms WHERE term >= %s LIMIT 1)
        UNION ALL
        SELECT (SELECT term FROM approvals_searchterms WHERE term >= begun.term || char(1) LIMIT 1)
        FROM begun, typed WHERE substr(begun.term, 1, length(word)) = word
    )
    SELECT term FROM begun, typed WHERE substr(term, 1, length(word)) = word LIMIT %s"""
# More audiences than these are not told to the index; the rows are narrowed anyway.
MOST_AUDIENCES = 40
BATCH = 200
# No letter, digit or emoji: no typed word begins with it.
MARK = "\u00a7"


class Tongue(NamedTuple):
    """How a database's language of search writes a question."""

    both: str
    either: str
    begun: str
    quote: str


FTS5 = Tongue(" AND ", " OR ", "*", '"')
TSQUERY = Tongue(" & ", " | ", ":*", "'")


class SearchLines(models.QuerySet["SearchLine"]):
    """Asking the index."""

    def hits(self, words: Sequence[str], audiences: Sequence[int] | None = None, *, pending: bool = False) -> list[int]:
        """Return the ids of requests that hold every word, the last perhaps only begun, newest first.

        Of more than ``MOST_HITS`` the newest, one more than that. With ``audiences`` only those put to them, with
        ``pending`` only waiting ones.
        """
        scopes = [scope_of(one, pending=pending) for one in audiences or [] if len(audiences or []) <= MOST_AUDIENCES]
        if connections[self.db].vendor == "postgresql":
            return self._hits_of_gin(
                [_joined(TSQUERY, words), *([_any_of(TSQUERY, scopes)] if scopes else [])], pending=pending
            )
        index = "approvals_searchwaiting" if pending else "approvals_searchindex"
        sql = f"SELECT rowid FROM {index} WHERE {index} MATCH %s ORDER BY rowid DESC LIMIT %s"  # noqa: S608 (ours)
        begun = [] if pending else self._column(BEGUN, words[-1], words[-1], MOST_BEGUN + 1)
        return self._column(sql, _joined(FTS5, words, scopes, begun), MOST_HITS + 1)

    def _hits_of_gin(self, asked: Sequence[str], *, pending: bool) -> list[int]:
        # The index knows no order. Few hits are simply sorted; of many, the newest are looked for among the newest
        # lines before all of them are read to be sorted. Words and scopes are two questions, between which the index
        # leaps where in one it would go through the whole list of the rarer.
        sql = f"SELECT request_id FROM approvals_searchline WHERE {' AND '.join(['found @@ %s::tsquery'] * len(asked))}"  # noqa: S608 (ours)
        if pending:
            sql += f" AND strpos(words, ' {MARK}p') > 0"
        # Set apart, for PostgreSQL would read the table itself for the first of what it takes to be many.
        apart = f"WITH hits AS MATERIALIZED ({sql}) SELECT request_id FROM hits LIMIT %s"  # noqa: S608 (ours)
        some = self._column(apart, *asked, MOST_HITS + 1)
        if len(some) <= MOST_HITS:
            return sorted(some, reverse=True)
        newest = "request_id > (SELECT MAX(request_id) FROM approvals_searchline) - %s"
        near = self._column(f"{sql} AND {newest}", *asked, NEWEST)
        if len(near) > MOST_HITS:
            return sorted(near, reverse=True)[: MOST_HITS + 1]
        return self._column(f"{sql} ORDER BY request_id DESC LIMIT %s", *asked, MOST_HITS + 1)

    def _column(self, sql: str, *params: str | int) -> list[Any]:
        with connections[self.db].cursor() as cursor:
            cursor.execute(sql, params)
            return [row[0] for row in cursor.fetchall()]

    def holding(self, words: Sequence[str], ids: Sequence[int]) -> set[int]:
        """Which of these requests hold every word, the last perhaps only begun; reads the line of each of them."""
        is_one, listed = one_of(ids, self.db)
        place = "strpos" if connections[self.db].vendor == "postgresql" else "instr"
        sql = f"SELECT request_id FROM approvals_searchline WHERE request_id {is_one}"  # noqa: S608 (ours)
        sql += f" AND {place}(words, %s) > 0" * len(words)
        return set(self._column(sql, listed, *(f" {word} " for word in words[:-1]), f" {words[-1]}")) if ids else set()


class SearchLine(models.Model):
    """The words of one request, between spaces, each once."""

    request = models.OneToOneField(
        "approvals.ApprovalRequest", models.CASCADE, primary_key=True, related_name="search_line"
    )
    words = models.TextField()

    objects = SearchLines.as_manager()

    @override
    def __str__(self) -> str:
        return self.words[:60]


class SearchDues(models.QuerySet["SearchDue"]):
    """What the worker has to read again."""

    def mark(self, approval_ids: Iterable[str]) -> None:
        """Have these requests read again. Call it in the transaction that changes them."""
        self.bulk_create([SearchDue(approval_id=one) for one in approval_ids])

    def work(self) -> int:
        """Bring the lines of the longest waiting up to date; return how many were taken. Any number may work.

        Words are read before the transaction, which others wait for. What changes meanwhile is due anew; where another
        worker has taken the same ones first, its lines stand.
        """
        due = list(self.order_by("id")[:BATCH])
        if not due:
            return 0
        lines = changed_lines({one.approval_id for one in due})
        with transaction.atomic(using=self.db):
            taken, _ = self.filter(pk__in=[one.pk for one in due]).delete()
            if taken == len(due):
                SearchLine.objects.bulk_create(
                    lines, update_conflicts=True, unique_fields=["request"], update_fields=["words"]
                )
        return len(due)


class SearchDue(models.Model):
    """A request whose words may have changed. Written by whatever changes it, taken by the worker."""

    approval_id = models.CharField(max_length=255)

    objects = SearchDues.as_manager()

    @override
    def __str__(self) -> str:
        return self.approval_id


def changed_lines(approval_ids: Iterable[str]) -> list[SearchLine]:
    """Return the lines of these requests that are not stored so yet."""
    from approvals.models.mirror import ApprovalRequest
    from approvals.models.people import Comment, Decision, User, Vote

    read = ("id", "run_name", "title", "summary", "requester", "workflow", "stage", "details", "status", "audience_id")
    requests = list(ApprovalRequest.objects.filter(approval_id__in=approval_ids).only(*read))
    people = {one.username: str(one) for one in User.objects.filter(username__in={one.requester for one in requests})}
    said: dict[int, list[str]] = defaultdict(list)
    for rows in (
        Comment.objects.filter(request__in=requests).values_list("request_id", "body"),
        Vote.objects.filter(request__in=requests).values_list("request_id", "comment"),
        Decision.objects.filter(request__in=requests).values_list("request_id", "comments"),
    ):
        for request_id, body in rows:
            said[request_id].append(body)
    before = dict(SearchLine.objects.filter(pk__in=requests).values_list("pk", "words"))
    lines = [
        SearchLine(request_id=one.pk, words=line_of(one, people.get(one.requester, ""), said[one.pk]))
        for one in requests
    ]
    return [line for line in lines if before.get(line.request_id) != line.words]


def line_of(request: "ApprovalRequest", name: str, comments: Sequence[str]) -> str:
    """Return the words of a request: scopes first, then what it says, in the order of importance."""
    scopes = []
    if request.audience_id is not None:
        scopes = [scope_of(request.audience_id, pending=False)]
        if request.is_pending:
            scopes.append(scope_of(request.audience_id, pending=True))
    head = [request.title, request.requester, name, request.run_name, request.workflow, request.stage]
    told = "\n".join([*head, *comments, request.summary, *texts_in(request.details)])
    return f" {' '.join([*scopes, *words_in(told[:LONGEST], MOST_KEPT)])} "


def texts_in(value: Any) -> Iterator[str]:
    """Yield the texts and numbers of a JSON value; keys are the producer's, not the requester's words."""
    if isinstance(value, dict):
        for one in value.values():
            yield from texts_in(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts_in(one)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield str(value)


def asked_words(text: str) -> list[str]:
    """Return the words that a search asks for."""
    return words_in(text, MOST_ASKED)


def scope_of(audience: int, *, pending: bool) -> str:
    """Return the word that stands for being put to an audience."""
    return f"{MARK}{'p' if pending else 'a'}{audience}"


def _joined(tongue: Tongue, words: Sequence[str], scopes: Sequence[str] = (), begun: Sequence[str] = ()) -> str:
    """Write the question in the database's own language; words hold no mark that means something there.

    ``begun`` are the words that begin as the last one, where all of them are known.
    """
    quoted = [f"{tongue.quote}{word}{tongue.quote}" for word in words]
    quoted[-1] += tongue.begun
    if 0 < len(begun) <= MOST_BEGUN:
        quoted[-1] = _any_of(tongue, begun)
    return tongue.both.join([*quoted, _any_of(tongue, scopes)] if scopes else quoted)


def _any_of(tongue: Tongue, words: Sequence[str]) -> str:
    return f"({tongue.either.join(f'{tongue.quote}{word}{tongue.quote}' for word in words)})"
