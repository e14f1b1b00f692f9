"""The plugin as a service's tests meet it."""

from __future__ import annotations

import subprocess
import sys
import time
import zipfile

import pytest

# Confluent's client leaves its connection open
LEFT_OPEN = "ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"
BODY = """
    def test_round(event, kafka, schema_registry, published):
        placed = event("OrderPlaced", orderId="o-1", total=12.0)
        kafka.send("orders", "OrderPlaced", placed, key="o-1")
        came = published.expect_one("OrderPlaced", key="o-1", where={"total": 12.0})
        assert came.event == placed
        assert came.topic == "orders"
        subject = kafka.topic("orders") + "-shop.OrderPlaced"
        assert came.schema_id == schema_registry.client.get_version(subject, "latest").id
"""


def test_event_has_the_overrides_at_their_places(shop: pytest.Pytester) -> None:
    shop.makepyfile(
        """
        def test_it(event):
            placed = event(
                "OrderPlaced",
                {"lines[0].quantity": 7, "shipTo.city": "Lyon", "metadata.causationId": None},
                total=12.0,
            )
            assert placed["total"] == 12.0
            assert placed["lines"][0]["quantity"] == 7
            assert placed["shipTo"] == {"city": "Lyon"}
            assert placed["metadata"]["causationId"] is None
            assert placed["orderId"].startswith("order-")
            assert event("shop.OrderPlaced") != event("shop.OrderPlaced")
        """
    )
    shop.runpytest_inprocess().assert_outcomes(passed=1)


def test_event_is_the_same_in_every_run_and_another_with_another_seed(
    shop: pytest.Pytester,
) -> None:
    shop.makepyfile("def test_it(event): print('made', event('OrderPlaced'))")

    def made(*arguments: str) -> str:
        return next(
            line for line in shop.runpytest_inprocess("-s", *arguments).outlines if "made" in line
        )

    assert made() == made()
    assert made() != made("--schemareg-seed", "1")


REFUSALS = {
    "event('OrderPlaced', totl=1.0)": "totl: the event has no field 'totl'; did you mean",
    "event('OrderPlaced', total='12')": "shop.OrderPlaced.total: '12' (str) is not double",
    "event('OrderPlaced', {'lines[9].sku': 'x'})": "none at 9",
    "event('OrderPlaced', {'orderId.x': 1})": "not a record",
    "event('OrderPlaced', {'metadata.eventID': 1})": "metadata has no field 'eventID'",
    "event('OrderPlaccd')": "no schema defines 'OrderPlaccd'; did you mean",
}


def test_event_refuses_what_is_not_in_the_schema(shop: pytest.Pytester) -> None:
    tests = [f"def test_{i}(event): {call}" for i, call in enumerate(REFUSALS)]
    shop.makepyfile("\n".join(tests))
    result = shop.runpytest_inprocess()
    result.assert_outcomes(failed=len(REFUSALS))
    assert [says for says in REFUSALS.values() if says not in result.stdout.str()] == []


UNKNOWN_NAMES = {
    "published.expect_none('OrderPlacd')": (
        "no schema defines 'OrderPlacd'; did you mean 'shop.OrderPlaced'?"
    ),
    "published.expect_one('OrderPlacd')": "no schema defines 'OrderPlacd'",
    "published.expect('OrderPlaced', where={'orderID': 'o'})": (
        "OrderPlaced has nothing at the path 'orderID'; did you mean 'orderId'?"
    ),
    "published.expect('OrderPlaced', where={'lines[0].qantity': 1})": (
        "OrderPlaced has nothing at the path 'lines[0].qantity'; did you mean 'quantity'?"
    ),
    "published.expect('OrderPlaced', where={'shipTo.town': 'Lyon'})": (
        "OrderPlaced has nothing at the path 'shipTo.town'; known: city"
    ),
    "published.expect_one('OrderPlaced', where={'': 'o'})": "'' is no path; write one like",
    "published.expect_one('OrderPlaced', where={'lines[0': 1})": "'lines[0' is no path",
    "published.expect_one('OrderPlaced', where={'total': 'twelve'})": (
        "OrderPlaced at the path 'total' is double, and never equals 'twelve'; give a value of "
        "the type float"
    ),
    "published.expect_one('OrderPlaced', where={'orderId': 7})": "is string, and never equals 7",
    "published.expect_one('OrderPlaced', where={'orderId': None})": "never equals None",
    "published.expect('OrderPlaced', topic='stock')": (
        "does not allow shop.OrderPlaced on the topic 'stock', but shop.StockReserved, "
        "shop.StockReleased; add it"
    ),
    "published.expect('PaymentFailed', topic='payments')": "'payments' is no topic of this test",
    "published.in_order('k', ['OrderPlaced', 'OrderGone'])": "no schema defines 'OrderGone'",
    "kafka.topic('ordrs')": "no topic 'ordrs' is configured; did you mean 'orders'?",
    "kafka.send('orders', 'PaymentFailed', event('PaymentFailed'))": (
        "does not allow shop.PaymentFailed on the topic 'orders'"
    ),
    "schema_registry.register('PaymentFailed', topic=kafka.topic('orders'))": (
        "does not allow shop.PaymentFailed on the topic 'orders'"
    ),
    "saga.expect(['OrderPlacd'], by={'orderId': 'o'})": "no schema defines 'OrderPlacd'",
    "saga.expect(['OrderPlaced'], by={'orderIdd': 'o'})": "nothing at the path 'orderIdd'",
    "saga.expect(['OrderPlaced'], by={}, compensations={'OrderPlaced': 'OrderGone'})": (
        "no schema defines 'OrderGone'"
    ),
}


def test_names_that_do_not_exist_fail_at_once(shop: pytest.Pytester) -> None:
    arguments = "event, kafka, schema_registry, published, saga"
    tests = [
        f"def test_{i}({arguments}):\n    kafka.topic('orders')\n    {call}\n"
        for i, call in enumerate(UNKNOWN_NAMES)
    ]
    shop.makepyfile("".join(tests))
    began = time.monotonic()
    result = shop.runpytest_inprocess()
    assert time.monotonic() - began < 8  # none of them waits its ten seconds
    result.assert_outcomes(failed=len(UNKNOWN_NAMES))
    output = result.stdout.str()
    assert [text for text in UNKNOWN_NAMES.values() if text not in output] == []


def test_unknown_names_are_allowed_by_the_ini_option(shop: pytest.Pytester) -> None:
    shop.makeini(
        "[pytest]\nasyncio_default_fixture_loop_scope = function\nschemareg_allow_unknown = true\n"
    )
    shop.makepyfile(
        """
        def test_it(event, kafka, published):
            kafka.send("scans", "PaymentFailed", event("PaymentFailed"))
            kafka.send("stock", "PaymentFailed", event("PaymentFailed"))
            published.expect_none("ParcelScanned", within_s=0.1)
            assert len(published.all()) == 2
        """
    )
    shop.runpytest_inprocess().assert_outcomes(passed=1)


@pytest.mark.parametrize("scope", ["module", "session"])
def test_service_of_a_wider_scope_has_fixtures_of_that_scope(
    shop: pytest.Pytester, scope: str
) -> None:
    shop.makepyfile(
        f"""
        import pytest

        @pytest.fixture(scope="{scope}")
        def service({scope}_kafka, {scope}_schema_registry):
            return {scope}_kafka.topic("orders"), {scope}_schema_registry.url

        @pytest.mark.parametrize("number", range(3))
        def test_it(number, service, event, {scope}_kafka, {scope}_published, {scope}_saga):
            assert {scope}_published.all() == []  # not those of the tests before
            placed = event("OrderPlaced", orderId=str(number))
            {scope}_kafka.send("orders", "OrderPlaced", placed)
            assert {scope}_published.expect_one("OrderPlaced").event == placed
            {scope}_saga.expect(["OrderPlaced"], by={{"orderId": str(number)}})

        def test_others_are_apart(kafka, published):
            kafka.topic("orders")
            assert published.all() == []
        """
    )
    shop.runpytest_inprocess().assert_outcomes(passed=4)


def test_event_cases_make_one_test_each(shop: pytest.Pytester) -> None:
    shop.makepyfile(
        """
        import pytest

        @pytest.mark.event_cases("PaymentFailed")
        def test_it(event_case):
            assert event_case.event["reason"] != ""

        def test_all(event_cases):
            assert len(event_cases("PaymentFailed")) > 10
        """
    )
    result = shop.runpytest_inprocess("-v")
    outcomes = result.parseoutcomes()
    assert outcomes["failed"] == 1
    assert outcomes["passed"] > 10
    result.stdout.fnmatch_lines(
        ["*test_it[[]ordinary[]] PASSED*", "*test_it[[]reason:empty[]] FAILED*"]
    )


def test_event_case_without_its_mark_says_what_is_missing(shop: pytest.Pytester) -> None:
    shop.makepyfile("def test_it(event_case): pass")
    result = shop.runpytest_inprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*event_case needs @pytest.mark.event_cases('TheEvent')*"])


@pytest.mark.parametrize("registry", ["embedded", "in-process"])
def test_one_body_with_either_registry(shop: pytest.Pytester, registry: str) -> None:
    shop.makepyfile(BODY)
    shop.runpytest_inprocess("--schemareg-registry", registry).assert_outcomes(passed=1)


@pytest.mark.docker
def test_one_body_with_a_real_broker(shop: pytest.Pytester) -> None:
    shop.makepyfile(BODY)
    shop.runpytest_inprocess("--schemareg-kafka", "container").assert_outcomes(passed=1)


def test_tests_do_not_see_each_other(shop: pytest.Pytester) -> None:
    shop.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("number", range(3))
        def test_it(number, event, kafka, schema_registry, published):
            assert schema_registry.client.get_subjects() == ()
            kafka.send("orders", "OrderPlaced", event("OrderPlaced"))
            assert len(published.all()) == 1
        """
    )
    shop.runpytest_inprocess().assert_outcomes(passed=3)


@pytest.mark.parametrize("contexts", ["true", "false"])
def test_nothing_stays_in_a_registry_of_others(shop: pytest.Pytester, contexts: str) -> None:
    from schemareg.registry import connect
    from schemareg.registry.server import EmbeddedRegistry

    shop.makeini(
        "[pytest]\nasyncio_default_fixture_loop_scope = function\n"
        f"schemareg_contexts = {contexts}\n"
    )
    shop.makepyfile(BODY)
    with EmbeddedRegistry() as registry, connect(registry.url) as client:
        shop.runpytest_inprocess("--schemareg-registry", registry.url).assert_outcomes(passed=1)
        left = client.get_subjects(prefix=":*:", deleted=True)
        assert left == (() if contexts == "true" else ("shop.Metadata",))
        assert client.get_contexts() == (".",)


def test_url_serves_a_stock_client(shop: pytest.Pytester) -> None:
    shop.makepyfile(
        """
        from confluent_kafka import Consumer
        from confluent_kafka.schema_registry import SchemaRegistryClient
        from confluent_kafka.schema_registry.avro import AvroDeserializer
        from confluent_kafka.serialization import MessageField, SerializationContext
        from schemareg.brokers.clients import close_consumer

        def test_it(event, kafka, schema_registry):
            placed = event("OrderPlaced")
            kafka.send("orders", "OrderPlaced", placed)
            topic = kafka.topic("orders")
            settings = {"group.id": kafka.group("g"), "auto.offset.reset": "earliest"}
            consumer = Consumer({**kafka.client_settings, **settings})
            consumer.subscribe([topic])
            message = consumer.poll(20)
            close_consumer(consumer)
            context = SerializationContext(topic, MessageField.VALUE)
            with SchemaRegistryClient({"url": schema_registry.url}) as client:
                assert AvroDeserializer(client)(message.value(), context) == placed
        """
    )
    shop.runpytest_inprocess("-o", f"filterwarnings=error\n{LEFT_OPEN}").assert_outcomes(passed=1)


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
    import time

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
        began = time.monotonic()
        published.expect("PaymentFailed", count=2)
        assert len(published.all()) == 2
        published.expect_none("OrderPlaced", within_s=0.1)
        assert time.monotonic() - began < 5

    def test_aborted_at_the_end(kafka, event, published):
        send_in_transactions(kafka, event, [True, False])
        began = time.monotonic()
        published.all()
        assert time.monotonic() - began < 5
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


def test_prefix_renames_every_fixture(shop: pytest.Pytester) -> None:
    shop.makeini(
        "[pytest]\nschemareg_prefix = avro_\nasyncio_default_fixture_loop_scope = function\n"
    )
    shop.makepyfile(
        """
        import pytest

        @pytest.fixture
        def event():
            return "the service's own"

        def test_it(event, avro_event, avro_kafka, avro_published, avro_saga, avro_schema_registry):
            assert event == "the service's own"
            avro_kafka.send("orders", "OrderPlaced", avro_event("OrderPlaced"))
            avro_published.expect("OrderPlaced")

        @pytest.mark.event_cases("PaymentFailed")
        def test_case(avro_event_case):
            assert avro_event_case.name

        def test_gone(request):
            with pytest.raises(pytest.FixtureLookupError):
                request.getfixturevalue("kafka")
        """
    )
    outcomes = shop.runpytest_inprocess().parseoutcomes()
    assert outcomes.get("failed", 0) == outcomes.get("errors", 0) == 0


def test_fixtures_serve_async_tests(shop: pytest.Pytester) -> None:
    shop.makepyfile(
        """
        import asyncio
        import pytest

        @pytest.mark.asyncio
        async def test_it(event, kafka, published, schema_registry):
            async def service():
                await asyncio.sleep(0.1)
                kafka.send("orders", "OrderPlaced", event("OrderPlaced"))
            kafka.topic("orders")
            running = asyncio.create_task(service())
            assert len(await published.expect_async("OrderPlaced")) == 1
            await running
        """
    )
    shop.runpytest_inprocess("--schemareg-registry", "in-process").assert_outcomes(passed=1)


def test_fixtures_serve_several_workers(shop: pytest.Pytester) -> None:
    shop.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("number", range(4))
        def test_it(number, event, kafka, published):
            kafka.send("orders", "OrderPlaced", event("OrderPlaced"))
            published.expect("OrderPlaced")
        """
    )
    shop.runpytest_subprocess("-n", "2", "-p", "no:schemathesis").assert_outcomes(passed=4)


@pytest.mark.parametrize("source", ["folder", "archive", "package", "registry"])
def test_schemas_come_from_where_the_ini_says(shop: pytest.Pytester, source: str) -> None:
    from schemareg.registry import connect
    from schemareg.registry.server import EmbeddedRegistry
    from schemareg.subjects import Reference, Subject, Version

    schemas = shop.path / "schemas"
    (shop.path / "schemareg.toml").unlink()
    with EmbeddedRegistry() as registry:
        match source:
            case "folder":
                said = "elsewhere"
                schemas.rename(shop.path / said)
            case "archive":
                said = "events.zip"
                with zipfile.ZipFile(shop.path / said, "w") as archive:
                    for path in schemas.iterdir():
                        archive.write(path, f"avro/{path.name}")
            case "package":
                said = "package:shop_events/avro"
                package = shop.mkpydir("shop_events")
                schemas.rename(package / "avro")
                shop.syspathinsert()
            case _:
                said = registry.url
                with connect(registry.url) as client:
                    client.register(
                        Subject("shop.Metadata"), (schemas / "Metadata.avsc").read_text("utf-8")
                    )
                    client.register(
                        Subject("orders-value"),
                        (schemas / "OrderPlaced.avsc").read_text("utf-8"),
                        references=[
                            Reference("shop.Metadata", Subject("shop.Metadata"), Version(1))
                        ],
                    )
        shop.makeini(
            f"[pytest]\nasyncio_default_fixture_loop_scope = function\nschemareg_schemas = {said}\n"
        )
        shop.makepyfile(BODY.replace("-shop.OrderPlaced", "-value"))
        shop.runpytest_inprocess("--schemareg-registry", "in-process").assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--schemareg-registry", "nowhere"], "neither 'embedded' nor 'in-process' nor a URL"),
        (["--schemareg-kafka", "nowhere"], "neither 'embedded' nor 'container' nor HOST:PORT"),
    ],
)
def test_wrong_words_are_told_in_one_line(
    shop: pytest.Pytester, arguments: list[str], says: str
) -> None:
    shop.makepyfile(BODY)
    result = shop.runpytest_inprocess(*arguments)
    result.assert_outcomes(errors=1)
    assert says in result.stdout.str()


@pytest.mark.parametrize(
    ("ini", "environment", "option", "has_url"),
    [
        ("in-process", None, None, False),
        ("in-process", "embedded", None, True),
        ("embedded", "embedded", "in-process", False),
    ],
)
def test_option_wins_over_environment_over_ini(
    shop: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    ini: str,
    environment: str | None,
    option: str | None,
    has_url: bool,
) -> None:
    shop.makeini(
        f"[pytest]\nasyncio_default_fixture_loop_scope = function\nschemareg_registry = {ini}\n"
    )
    if environment is None:
        monkeypatch.delenv("SCHEMAREG_REGISTRY", raising=False)
    else:
        monkeypatch.setenv("SCHEMAREG_REGISTRY", environment)
    shop.makepyfile(
        """
        import pytest
        from schemareg.errors import UsageError

        def test_it(schema_registry):
            schema_registry.register("OrderPlaced", topic="orders")
            with pytest.raises(UsageError, match="an in-process registry has no URL"):
                schema_registry.url
        """
    )
    arguments = [] if option is None else ["--schemareg-registry", option]
    result = shop.runpytest_inprocess(*arguments)
    result.assert_outcomes(failed=1) if has_url else result.assert_outcomes(passed=1)


def test_a_missing_extra_is_named(shop: pytest.Pytester) -> None:
    shop.makeconftest("import sys\nsys.modules['confluent_kafka'] = None")
    shop.makepyfile("def test_event(event): event('OrderPlaced')\ndef test_kafka(kafka): pass")
    result = shop.runpytest_subprocess("-p", "no:schemathesis")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*run: pip install 'schemareg[[]pytest]'*"])


def test_loading_the_plugin_imports_nothing_heavy() -> None:
    script = (
        "import sys, pytest, schemareg.pytest_plugin\n"
        "heavy = {'confluent_kafka', 'httpx', 'starlette', 'uvicorn', 'fastavro', 'hypothesis',\n"
        "         'schemareg.avro', 'schemareg.registry', 'schemareg.brokers',\n"
        "         'schemareg.workspace'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
