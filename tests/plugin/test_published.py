"""What `published` and sagas say of the events that came."""

from __future__ import annotations

import pytest


def test_published_says_what_came_instead(shop: pytest.Pytester) -> None:
    shop.makepyfile(
        """
        def test_it(event, kafka, published):
            cancelled = event("OrderCancelled", orderId="o-9")
            kafka.send("orders", "OrderCancelled", cancelled, key="o-9")
            kafka.send_raw("orders", b"{'a': 1}", key="o-9")
            published.expect("OrderPlaced", where={"orderId": "o-9"}, within_s=0.5)
        """
    )
    result = shop.runpytest_inprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*1 OrderPlaced with where {'orderId': 'o-9'} wanted within 0.5 s, 0 came*",
            "*orders[[]*[]]@* key 'o-9' shop.OrderCancelled {'orderId': 'o-9'*",
            "*orders[[]*[]]@* key 'o-9' unreadable: *magic byte 0x7b*",
        ]
    )


JUDGEMENTS: dict[str, str | None] = {
    "published.expect('OrderPlaced', count=2, within_s=5)": None,
    "published.expect('OrderPlaced', count=1)": "1 OrderPlaced wanted within 10 s, 2 came",
    "published.expect('OrderPlaced', count=3, within_s=0.3)": "3 OrderPlaced wanted within 0.3 s",
    "published.expect('OrderPlaced', key='o-1')": None,
    "published.expect('OrderPlaced', where=lambda e: e['total'] > 5)": None,
    "published.expect('OrderPlaced', schema_id=99, within_s=0.3)": "with schema_id 99",
    "published.expect('StockReserved', topic='stock', within_s=0.3)": "with topic 'stock'",
    "published.expect_none('StockReserved', within_s=0.2)": None,
    "published.expect_none('OrderPlaced')": "no OrderPlaced wanted, but one came",
    "published.in_order('o-1', ['OrderPlaced', 'OrderCancelled'])": None,
    "published.in_order('o-1', ['OrderCancelled', 'OrderPlaced'])": "with key 'o-1' wanted",
    "published.chain(*published.in_order('o-1', ['OrderPlaced', 'OrderCancelled']))": None,
    "published.chain(*published.in_order('o-1', ['OrderPlaced', 'OrderCancelled'])[::-1])": (
        "its metadata.causationId should be"
    ),
}
PLAY = """
def play(event, kafka):
    first = event("OrderPlaced", orderId="o-1", total=1.0)
    ids = {
        "metadata.correlationId": first["metadata"]["correlationId"],
        "metadata.causationId": first["metadata"]["eventId"],
    }
    kafka.send("orders", "OrderPlaced", first, key="o-1")
    kafka.send("orders", "OrderPlaced", event("OrderPlaced", total=9.0), key="o-2")
    kafka.send("orders", "OrderCancelled", event("OrderCancelled", ids, orderId="o-1"), key="o-1")
    kafka.topic("stock")
"""


def test_published_judges(shop: pytest.Pytester) -> None:
    tests = [
        f"def test_{i}(event, kafka, published):\n    play(event, kafka)\n    {assertion}\n"
        for i, assertion in enumerate(JUDGEMENTS)
    ]
    shop.makepyfile(PLAY + "".join(tests))
    result = shop.runpytest_inprocess("-v")
    told = result.stdout.str()
    for i, says in enumerate(JUDGEMENTS.values()):
        assert f"::test_{i} {'PASSED' if says is None else 'FAILED'}" in told
        assert says is None or says in told


TRANSACTIONS = """
    from confluent_kafka import Producer

    def send_in_transactions(kafka, event, outcomes):
        topic = kafka.topic("payments")
        settings = {**kafka.client_settings, "transactional.id": topic}
        producer = Producer(settings)
        producer.init_transactions(20)
        for outcome in outcomes:
            payload = kafka.payload("payments", "PaymentFailed", event("PaymentFailed"))
            producer.begin_transaction()
            producer.produce(topic, payload.data, partition=0, headers=payload.headers)
            assert producer.flush(20) == 0
            (producer.commit_transaction if outcome else producer.abort_transaction)(20)

    def test_committed(kafka, event, published):
        send_in_transactions(kafka, event, [True, True])
        published.expect("PaymentFailed", count=2)
        assert len(published.all()) == 2  # a drain that is not done after its ten seconds fails
        published.expect_none("OrderPlaced", within_s=0.1)

    def test_aborted_at_the_end(kafka, event, published):
        send_in_transactions(kafka, event, [True, False])
        published.all()
"""


def test_published_ends_behind_the_markers_of_transactions(shop: pytest.Pytester) -> None:
    shop.makepyfile(TRANSACTIONS)
    shop.runpytest_inprocess().assert_outcomes(passed=2)


@pytest.mark.docker
def test_published_ends_behind_the_markers_of_transactions_in_a_container(
    shop: pytest.Pytester,
) -> None:
    shop.makepyfile(TRANSACTIONS)
    shop.runpytest_inprocess("--schemareg-kafka", "container").assert_outcomes(passed=2)


def test_published_that_cannot_read_to_the_end_fails_and_says_so(shop: pytest.Pytester) -> None:
    shop.makepyfile(
        """
        import pytest

        from schemareg.pytest_plugin import published as module

        @pytest.mark.parametrize("call", [
            lambda p: p.all(),
            lambda p: p.expect_none("OrderPlaced", within_s=0.1),
            lambda p: p.expect("PaymentFailed", within_s=0.1),
        ])
        def test_it(kafka, event, published, monkeypatch, call):
            monkeypatch.setattr(module, "_DRAIN_S", 0.2)
            monkeypatch.setattr(published, "_poll", lambda wait_s: None)
            kafka.send_raw("payments", b"1", key="k")
            with pytest.raises(AssertionError, match=(
                r"the topics could not be read to their ends within 0.2 s: "
                r"payments\\[\\d\\] at 0 of 1\\nnothing came"
            )):
                call(published)
        """
    )
    shop.runpytest_inprocess().assert_outcomes(passed=3)


SAGA = """
import pytest

PLACED, RESERVED, FAILED = "OrderPlaced", "StockReserved", "PaymentFailed"
RELEASED, CANCELLED = "StockReleased", "OrderCancelled"
TOPICS = {"Order": "orders", "Payme": "payments", "Stock": "stock"}


@pytest.mark.parametrize(
    "played",
    [
        [PLACED, RESERVED, FAILED, RELEASED],
        [PLACED, RESERVED, FAILED],
        [PLACED, RESERVED, FAILED, RELEASED, CANCELLED],
        [PLACED, RESERVED, RELEASED, FAILED],
    ],
)
def test_it(played, event, kafka, saga):
    kafka.send("orders", "OrderPlaced", event("OrderPlaced", orderId="other"))
    for type in played:
        kafka.send(TOPICS[type[:5]], type, event(type, orderId="o-1"), key="o-1")
        time.sleep(0.002)
    saga.expect(
        [PLACED, RESERVED, FAILED, RELEASED],
        by={"orderId": "o-1"},
        failed="PaymentFailed",
        compensations={"StockReserved": "StockReleased"},
        within_s=1,
    )


def test_undone_too_little(event, kafka, saga):
    for type in (PLACED, RESERVED, FAILED):
        kafka.send(TOPICS[type[:5]], type, event(type, orderId="o-1"), key="o-1")
        time.sleep(0.002)
    saga.expect(
        [PLACED, RESERVED, FAILED],
        by={"orderId": "o-1"},
        failed="PaymentFailed",
        compensations={"StockReserved": "StockReleased"},
    )
"""


def test_saga_judges_the_course_of_events(shop: pytest.Pytester) -> None:
    shop.makepyfile("import time\n" + SAGA)
    result = shop.runpytest_inprocess()
    result.assert_outcomes(passed=1, failed=4)
    told = result.stdout.str()
    for says in (
        "came: OrderPlaced, StockReserved, PaymentFailed\n",
        "came: OrderPlaced, StockReserved, PaymentFailed, StockReleased, OrderCancelled\n",
        "came: OrderPlaced, StockReserved, StockReleased, PaymentFailed\n",
        "after PaymentFailed wanted: StockReleased; undone: nothing",
    ):
        assert says in told
