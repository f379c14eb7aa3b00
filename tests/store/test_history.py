"""History is not rewritten: what the app's role may still do to rows that are there, and what it may not."""

import psycopg
import pytest

WRONG = psycopg.errors.IntegrityError
NOW = "(SELECT max(published_at) FROM edition)"


@pytest.fixture
def hand(city_url):
    with psycopg.connect(city_url, options="-c search_path=gridwarden,public") as connection:
        yield connection
        connection.rollback()


def first(hand, table):
    return hand.execute(f"SELECT id, lower(valid) FROM {table} WHERE upper_inf(valid) ORDER BY id").fetchone()


def new_edition(hand):
    return hand.execute(
        "INSERT INTO edition (id, published_at, kind, title, actor, approval) "
        f"SELECT edition + 1, greatest(clock_timestamp(), {NOW} + interval '1 microsecond'), "
        "'boundaries', 't', 'a', 'n' FROM edition_now RETURNING id, published_at"
    ).fetchone()


@pytest.mark.parametrize("table", ["area_version", "team", "residence"])
class TestVersions:
    def test_end_with_a_new_edition(self, hand, table):
        row, since = first(hand, table)
        _, moment = new_edition(hand)
        hand.execute(f"UPDATE {table} SET valid = tstzrange(%s, %s) WHERE id = %s", [since, moment, row])

    @pytest.mark.parametrize(
        "valid",
        [
            "tstzrange(lower(valid), lower(valid) + interval '1 second')",
            "tstzrange(lower(valid) - interval '1 year', NULL)",
            "tstzrange(lower(valid) + interval '1 microsecond', NULL)",
            "tstzrange(lower(valid), now() + interval '1 year')",
        ],
        ids=["in the past", "begin earlier", "begin later", "in the future"],
    )
    def test_end_at_no_other_moment(self, hand, table, valid):
        row, _ = first(hand, table)
        with pytest.raises(WRONG, match="history is not rewritten"):
            hand.execute(f"UPDATE {table} SET valid = {valid} WHERE id = %s", [row])

    def test_that_ended_end_at_no_other_moment(self, hand, table):
        row, since = first(hand, table)
        _, moment = new_edition(hand)
        hand.execute(f"UPDATE {table} SET valid = tstzrange(%s, %s) WHERE id = %s", [since, moment, row])
        with pytest.raises(WRONG, match="history is not rewritten"):
            hand.execute(f"UPDATE {table} SET valid = tstzrange(%s, NULL) WHERE id = %s", [since, row])


class TestAreas:
    def insert(self, hand, edition, valid):
        area = hand.execute("INSERT INTO area (level) VALUES ('grid') RETURNING id").fetchone()[0]
        hand.execute(
            "INSERT INTO area_version (area_id, code, name, edition, valid) "
            f"VALUES ({area}, 'new', '', {edition}, {valid})"
        )

    def test_begin_with_a_new_edition(self, hand):
        edition, moment = new_edition(hand)
        self.insert(hand, edition, f"tstzrange('{moment}', NULL)")

    def test_are_not_put_into_an_old_one(self, hand):
        with pytest.raises(WRONG, match="begin or end with a new edition"):
            self.insert(hand, 1, "tstzrange((SELECT published_at FROM edition WHERE id = 1), NULL)")

    def test_nor_into_the_past_of_a_new_one(self, hand):
        edition, moment = new_edition(hand)
        with pytest.raises(WRONG, match="begin or end with a new edition"):
            self.insert(hand, edition, f"tstzrange('{moment}'::timestamptz - interval '1 day', NULL)")

    def test_nor_ended_already(self, hand):
        edition, moment = new_edition(hand)
        with pytest.raises(WRONG, match="begin or end with a new edition"):
            self.insert(hand, edition, f"tstzrange('{moment}', '{moment}'::timestamptz + interval '1 day')")

    def test_without_a_number_are_never_committed(self, hand):
        self.insert(hand, 0, "tstzrange(not_yet(), NULL)")
        with pytest.raises(WRONG):
            hand.commit()

    def test_that_end_without_a_number_are_never_committed(self, hand):
        row, _ = first(hand, "area_version")
        hand.execute("UPDATE area_version SET valid = tstzrange(lower(valid), not_yet()) WHERE id = %s", [row])
        with pytest.raises(WRONG, match="without an edition"):
            hand.commit()


class TestEditions:
    def test_are_not_lowered(self, hand):
        with pytest.raises(WRONG, match="only go forward"):
            hand.execute("UPDATE edition_now SET edition = edition - 1")

    def test_are_not_raised_to_one_that_is_not_there(self, hand):
        with pytest.raises(WRONG, match="only go forward"):
            hand.execute("UPDATE edition_now SET edition = edition + 1")

    @pytest.mark.parametrize(("number", "moment"), [("1000", "'2001-01-01'"), ("-1 + min(id)", "clock_timestamp()")])
    def test_have_no_earlier_moment_nor_number(self, hand, number, moment):
        with pytest.raises(WRONG):
            hand.execute(
                "INSERT INTO edition (id, published_at, kind, title, actor, approval) "
                f"SELECT {number}, {moment}, 'boundaries', 't', 'a', 'n' FROM edition"
            )
