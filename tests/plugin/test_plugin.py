"""The plugin as a service's tests meet it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.plugin.bodies import BODY

# Confluent's client leaves its connection open
LEFT_OPEN = "ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"


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
    "published.expect('OrderPlaced', count=0)": "count=0 expects no event; use expect_none",
    "published.chain()": "a chain of 0 has no link; give two or more",
    "saga.expect(['OrderPlaced'], by={'orderId': 'o'}, failed='PaymentFailed')": (
        "failed='PaymentFailed' is none of the expected events; known: OrderPlaced"
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
    shop.makeconftest(
        """
        import pytest

        from schemareg.pytest_plugin.published import Published

        @pytest.fixture(autouse=True)
        def no_waiting(monkeypatch):
            def waits(self, wait_s):
                raise AssertionError("names are looked up before anything is waited for")

            monkeypatch.setattr(Published, "_poll", waits)
        """
    )
    result = shop.runpytest_inprocess()
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


def test_topic_whose_value_is_a_union_of_events(shop: pytest.Pytester) -> None:
    config = shop.path / "schemareg.toml"
    text = config.read_text(encoding="utf-8")
    added = (
        '[topics.all]\nstrategy = "topic"\nevents = ["shop.StockReserved", "shop.StockReleased"]'
    )
    config.write_text(f"{text}\n{added}\n", encoding="utf-8")
    shop.makepyfile(
        """
        import pytest

        def test_it(event, kafka, schema_registry, published):
            registered = schema_registry.register("StockReserved", topic=kafka.topic("all"))
            kafka.send("all", "StockReserved", event("StockReserved"), key="k")
            kafka.send("all", "StockReleased", event("StockReleased"), key="k")
            first, second = published.in_order("k", ["StockReserved", "StockReleased"])
            assert (first.type, second.type) == ("shop.StockReserved", "shop.StockReleased")
            assert first.schema_id == second.schema_id == registered.id
            with pytest.raises(AssertionError):
                published.expect_none("StockReleased")
            latest = schema_registry.client.get_version(f"{kafka.topic('all')}-value", "latest")
            assert latest.text == '["shop.StockReserved","shop.StockReleased"]'
        """
    )
    shop.runpytest_inprocess().assert_outcomes(passed=1)


def test_assertion_without_a_topic_to_read_fails_at_once(shop: pytest.Pytester) -> None:
    shop.makepyfile(
        """
        import pytest

        @pytest.fixture(scope="module")
        def service(module_kafka):
            module_kafka.topic("orders")

        ASSERTIONS = [
            lambda published, saga: published.expect_none("OrderPlaced"),
            lambda published, saga: published.expect("OrderPlaced"),
            lambda published, saga: published.in_order("order-1", []),
            lambda published, saga: saga.expect([], by={}),
        ]

        @pytest.mark.parametrize("number", range(4))
        def test_it(service, published, saga, number):
            ASSERTIONS[number](published, saga)
        """
    )
    result = shop.runpytest_inprocess()
    result.assert_outcomes(failed=4)
    words = "*no topic was used, so nothing can arrive; create one with kafka.topic; module_publi*"
    result.stdout.fnmatch_lines([words] * 4)


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
