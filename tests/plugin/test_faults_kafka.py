"""The broker's faults as a service's tests meet them."""

from __future__ import annotations

import pytest

# pytester forgets what a run inside imported: what is here already is not imported anew each time
import schemareg.pytest_plugin.faults_kafka  # noqa: F401  # see above
from schemareg.brokers.embedded import EmbeddedBroker

SERVICE = """
    import time

    import pytest
    from confluent_kafka import Consumer, KafkaException, Producer

    from schemareg.brokers.clients import close_consumer
    from schemareg.errors import DecodeError, RegistryError, WireFormatError
    from schemareg.serdes import event_deserializer, event_serializer

    DEADLINE_S = 20.0

    class Service:
        '''Sends payments that failed, and reads them; `acknowledged` and `refused` tell which.'''

        def __init__(self, kafka, schema_registry, timeout_s):
            self.topic = kafka.topic("payments")
            registered = schema_registry.register("PaymentFailed", topic=self.topic)
            client = schema_registry.client
            schema = client.fetch_schema(registered.subject, "latest")
            self.serialize = event_serializer(client, schema)
            self.deserialize = event_deserializer(client, readers=[schema])
            settings = {**kafka.client_settings, "reconnect.backoff.max.ms": 500}
            self.producer = Producer(
                {**settings, "enable.idempotence": True, "linger.ms": 0,
                 "message.timeout.ms": round(timeout_s * 1000)}
            )
            self.consumer = Consumer(
                {**settings, "group.id": kafka.group("service"),
                 "auto.offset.reset": "earliest", "enable.auto.commit": False}
            )
            self.consumer.subscribe([self.topic])
            self.acknowledged, self.refused, self.unreadable = [], [], []

        def send(self, events):
            for event in events:
                def delivered(error, message, event=event):
                    if error is None:
                        self.acknowledged.append(event["orderId"])
                    else:
                        self.refused.append(error.str())
                payload = self.serialize(event, topic=self.topic)
                self.producer.produce(
                    self.topic, payload.data, headers=payload.headers, key="k",
                    on_delivery=delivered,
                )

        def read(self, count):
            '''The orders of `count` messages that can be read, in the order they came.'''
            read = []
            until = time.monotonic() + DEADLINE_S
            while len(read) < count and time.monotonic() < until:
                message = self.consumer.poll(0.1)
                if message is None or message.error():
                    continue
                try:
                    received = self.deserialize.receive(
                        message.value(), headers=message.headers() or ()
                    )
                except (DecodeError, WireFormatError, RegistryError) as error:
                    self.unreadable.append(str(error))
                else:
                    read.append(received.event["orderId"])
            return read

    @pytest.fixture
    def timeout_s():
        return DEADLINE_S

    @pytest.fixture
    def service(kafka, schema_registry, timeout_s):
        service = Service(kafka, schema_registry, timeout_s)
        yield service
        close_consumer(service.consumer)

    @pytest.fixture
    def payments(event):
        return [event("PaymentFailed", orderId=f"o-{n}") for n in range(50)]

    ORDERS = [f"o-{n}" for n in range(50)]
"""
FAULTS = """
    @pytest.mark.parametrize(
        "disturb",
        [
            lambda faults: faults.unreachable(for_s=0.3),
            lambda faults: faults.slow(0.2, for_s=0.5),
            lambda faults: faults.restarted(),
        ],
        ids=["unreachable", "slow", "restarted"],
    )
    def test_nothing_acknowledged_is_lost(service, payments, kafka_faults, disturb):
        service.send(payments[:25])
        disturb(kafka_faults)
        service.send(payments[25:])
        assert service.producer.flush(DEADLINE_S) == 0
        assert (service.acknowledged, service.refused) == (ORDERS, [])
        assert service.read(50) == ORDERS

    def test_what_was_read_before_is_not_all(service, payments, kafka_faults, published):
        service.send(payments)
        assert service.producer.flush(DEADLINE_S) == 0
        assert service.read(10) == ORDERS[:10]
        kafka_faults.unreachable(for_s=0.3)
        assert service.read(40) == ORDERS[10:]
        assert len(published.expect("PaymentFailed", count=50)) == 50

    @pytest.mark.parametrize("timeout_s", [0.5])
    def test_what_nobody_took_is_told_at_the_deadline(service, payments, kafka_faults, published):
        with kafka_faults.unreachable():
            service.send(payments)
            assert service.producer.flush(DEADLINE_S) == 0
        assert service.acknowledged == []
        assert service.refused == ["Local: Message timed out"] * 50
        assert published.all() == []
"""
MESSAGES = """
    def test_poison_is_told_and_passed_over(service, payments, kafka, kafka_faults, published):
        kafka.send("payments", "PaymentFailed", payments[0], key="k")
        sent = kafka_faults.poison("payments", "PaymentFailed", key="k")
        kafka.send("payments", "PaymentFailed", payments[1], key="k")
        assert service.read(2) == ["o-0", "o-1"]
        assert list(sent) == ["magic-byte", "unknown-id", "cut-off", "empty"]
        magic, unknown, cut_off, empty = service.unreadable
        assert "unknown magic byte 0x7b" in magic
        assert "Schema 2147483647 not found" in unknown
        assert "bytes are missing" in cut_off
        assert "shorter than its frame" in empty
        assert [e.failure is None for e in published.all()] == [True, *[False] * 4, True]

    def test_one_kind_of_poison(kafka, kafka_faults, published):
        kafka_faults.poison("payments", "PaymentFailed", kinds=["empty"])
        (came,) = published.all()
        assert "shorter than its frame" in came.failure

    def test_duplicates_and_reordering_come(service, payments, kafka_faults):
        kafka_faults.duplicates("payments", "PaymentFailed", payments[0], key="k", times=3)
        events = [("PaymentFailed", payment) for payment in payments[1:4]]
        kafka_faults.reordered("payments", events, key="k")
        assert service.read(6) == ["o-0", "o-0", "o-0", "o-3", "o-2", "o-1"]
"""


def test_service_under_each_fault_of_the_embedded_broker(shop: pytest.Pytester) -> None:
    shop.makepyfile(SERVICE + FAULTS)
    shop.runpytest_inprocess().assert_outcomes(passed=5)


def test_messages_that_hurt(shop: pytest.Pytester) -> None:
    shop.makepyfile(SERVICE + MESSAGES)
    shop.runpytest_inprocess().assert_outcomes(passed=3)


@pytest.mark.docker
def test_service_with_a_container_that_is_killed_and_paused(shop: pytest.Pytester) -> None:
    shop.makepyfile(SERVICE + FAULTS)
    result = shop.runpytest_inprocess("--schemareg-kafka", "container", "-k", "restarted or told")
    result.assert_outcomes(passed=2, deselected=3)


def test_cluster_of_others_is_not_harmed(shop: pytest.Pytester) -> None:
    shop.makeini(
        "[pytest]\nasyncio_default_fixture_loop_scope = function\nschemareg_prefix = avro_\n"
    )
    shop.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize(
            "disturb",
            [lambda f: f.unreachable(), lambda f: f.slow(1), lambda f: f.restarted()],
        )
        def test_it(avro_kafka_faults, disturb):
            disturb(avro_kafka_faults)
            raise AssertionError("somebody's cluster was harmed")

        def test_nothing_to_heal(avro_kafka_faults):
            avro_kafka_faults.heal()
        """
    )
    with EmbeddedBroker() as broker:
        address = broker.bootstrap_servers
        result = shop.runpytest_inprocess("--schemareg-kafka", address, "-rs")
        result.assert_outcomes(skipped=3, passed=1)
        result.stdout.fnmatch_lines([f"SKIPPED * the broker at {address} is not ours to harm*"])


def test_fault_that_nothing_ends_is_healed_and_fails_the_test(shop: pytest.Pytester) -> None:
    shop.makeconftest(
        """
        import pytest
        from schemareg.pytest_plugin import faults

        @pytest.fixture(autouse=True)
        def impatient(monkeypatch):
            monkeypatch.setattr(faults, "LONGEST_S", 0.3)
        """
    )
    shop.makepyfile(
        """
        import time

        def test_kafka(kafka_faults, kafka):
            kafka_faults.unreachable()
            time.sleep(1)
            kafka.send_raw("payments", b"arrives")

        def test_registry(registry_faults, schema_registry):
            registry_faults.down()
            time.sleep(1)
            schema_registry.client.get_subjects()

        def test_ended(kafka_faults):
            with kafka_faults.unreachable(for_s=0.6):
                time.sleep(0.1)
        """
    )
    result = shop.runpytest_inprocess()
    result.assert_outcomes(failed=2, passed=1)
    result.stdout.fnmatch_lines(
        ["a fault was not ended within 0.3 s and was healed: give it for_s, *"] * 2
    )


def test_embedded_broker_outlives_the_clients_of_a_test_with_faults(
    shop: pytest.Pytester,
) -> None:
    shop.makepyfile(
        """
        from confluent_kafka import Producer

        CLIENTS = []

        def test_one(kafka, kafka_faults):
            topic = kafka.topic("payments")
            CLIENTS.append((Producer(kafka.client_settings), topic))

        def test_two():
            for producer, topic in CLIENTS:
                producer.produce(topic, b"late")
                assert producer.flush(5) == 0
        """
    )
    shop.runpytest_inprocess().assert_outcomes(passed=2)


def test_what_a_failing_test_broke_is_healed_before_its_service_ends(
    shop: pytest.Pytester,
) -> None:
    shop.makepyfile(
        SERVICE
        + """
    @pytest.fixture
    def closing(service, payments):
        yield
        service.send(payments)
        assert service.producer.flush(DEADLINE_S) == 0
        assert service.acknowledged == ORDERS
        print("all", "taken")

    def test_it(closing, kafka_faults):
        kafka_faults.unreachable()
        raise AssertionError("as tests do")
    """
    )
    result = shop.runpytest_inprocess("-s")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*all taken*"])
