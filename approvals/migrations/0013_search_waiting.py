"""Search of what waits: an index of its own, of the lines of waiting requests alone. On SQLite also the index's words.

Most requests are past. A word of many of them would have the index gather all that ever held it, to find that few or
none of the waiting ones do. Likewise FTS5 gathers all that hold the beginning of a word before it gives the first of
them, but not where the words that begin so are named.
"""

from contextlib import nullcontext

from django.db import migrations, transaction

# The word by which a line says that its request waits; see ``scope_of`` in models/search.py.
WAITS = "' §p'"
SQLITE = {
    "install": [
        """CREATE VIRTUAL TABLE approvals_searchwaiting USING fts5(
             words, content='approvals_searchline', content_rowid='request_id', tokenize='ascii', detail='none')""",
        "CREATE VIRTUAL TABLE approvals_searchterms USING fts5vocab('approvals_searchindex', 'instance')",
        f"""INSERT INTO approvals_searchwaiting (rowid, words)
            SELECT request_id, words FROM approvals_searchline WHERE instr(words, {WAITS})""",
        f"""CREATE TRIGGER search_waiting_added AFTER INSERT ON approvals_searchline WHEN instr(NEW.words, {WAITS}) BEGIN
              INSERT INTO approvals_searchwaiting (rowid, words) VALUES (NEW.request_id, NEW.words); END""",
        f"""CREATE TRIGGER search_waiting_removed AFTER DELETE ON approvals_searchline WHEN instr(OLD.words, {WAITS})
            BEGIN INSERT INTO approvals_searchwaiting (approvals_searchwaiting, rowid, words)
              VALUES ('delete', OLD.request_id, OLD.words); END""",
        # One trigger for both halves: the order of two is not said.
        f"""CREATE TRIGGER search_waiting_changed AFTER UPDATE ON approvals_searchline BEGIN
              INSERT INTO approvals_searchwaiting (approvals_searchwaiting, rowid, words)
              SELECT 'delete', OLD.request_id, OLD.words WHERE instr(OLD.words, {WAITS});
              INSERT INTO approvals_searchwaiting (rowid, words)
              SELECT NEW.request_id, NEW.words WHERE instr(NEW.words, {WAITS}); END""",
    ],
    "remove": [
        "DROP TRIGGER search_waiting_added",
        "DROP TRIGGER search_waiting_removed",
        "DROP TRIGGER search_waiting_changed",
        "DROP TABLE approvals_searchwaiting",
        "DROP TABLE approvals_searchterms",
    ],
}
POSTGRESQL = {
    "install": [
        # What a former attempt may have left unfinished.
        "DROP INDEX CONCURRENTLY IF EXISTS search_waiting_words",
        f"""CREATE INDEX CONCURRENTLY search_waiting_words ON approvals_searchline USING gin (found)
            WITH (fastupdate = off) WHERE strpos(words, {WAITS}) > 0""",
        # What is new would wait in a list that each search reads through, up to 4 MB of it; only the worker writes here.
        "ALTER INDEX search_words SET (fastupdate = off)",
        "SELECT gin_clean_pending_list('search_words')",
    ],
    "remove": [
        "ALTER INDEX search_words RESET (fastupdate)",
        "DROP INDEX CONCURRENTLY IF EXISTS search_waiting_words",
    ],
}


def run(connection, step):
    is_postgresql = connection.vendor == "postgresql"
    statements = (POSTGRESQL if is_postgresql else SQLITE)[step]
    whole = nullcontext() if is_postgresql else transaction.atomic(using=connection.alias)
    with whole, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


class Migration(migrations.Migration):
    # PostgreSQL builds an index beside the portal's work only outside a transaction.
    atomic = False

    dependencies = [("approvals", "0012_answer_by")]

    operations = [
        migrations.RunPython(
            lambda apps, editor: run(editor.connection, "install"),
            lambda apps, editor: run(editor.connection, "remove"),
        ),
    ]
