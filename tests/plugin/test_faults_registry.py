"""The registry's faults as a service's tests meet them."""

from __future__ import annotations

# pytester forgets what a run inside imported: what is here already is not imported anew each time
import httpcore  # noqa: F401  # see above
import pytest

import schemareg.pytest_plugin.faults_registry  # noqa: F401  # see above

SERVICE = """
    import pytest

    from schemareg.avro import parse
    from schemareg.errors import RegistryError, RegistryUnavailableError
    from schemareg.registry import NO_RETRY, Patience, connect
    from schemareg.serdes import event_deserializer, event_serializer

    @pytest.fixture
    def patience():
        return Patience(timeout_s=2.0, deadline_s=10.0)

    @pytest.fixture
    def client(schema_registry, patience):
        with connect(schema_registry.url, patience=patience) as client:
            yield client

    @pytest.fixture
    def send(client, schema_registry, kafka, event):
        '''A producer of the service: sends one payment, tells what was sent.'''
        registered = schema_registry.register("PaymentFailed", topic=kafka.topic("payments"))
        schema = schema_registry.client.fetch_schema(registered.subject, "latest")

        def send():
            serialize = event_serializer(client, schema)
            made = event("PaymentFailed")
            payload = serialize(made, topic=kafka.topic("payments"))
            kafka.send_raw("payments", payload.data, headers=payload.headers)
            return made

        return send
"""


def test_service_survives_what_passes(shop: pytest.Pytester) -> None:
    shop.makepyfile(
        SERVICE
        + """
    @pytest.mark.parametrize(
        "disturb",
        [
            lambda faults: faults.slow(0.2),
            lambda faults: faults.down(for_s=0.2),
            lambda faults: faults.unavailable(2),
            lambda faults: faults.unavailable(status=502, for_s=0.2),
        ],
        ids=["slow", "down-for-a-while", "503-twice", "502-for-a-while"],
    )
    def test_what_is_sent_arrives(send, registry_faults, published, disturb):
        disturb(registry_faults)
        sent = send()
        assert published.expect_one("PaymentFailed").event == sent

    def test_requests_that_met_a_fault_are_counted(send, registry_faults):
        registry_faults.unavailable(2)
        send()
        assert registry_faults.met == 2
    """
    )
    shop.runpytest_inprocess().assert_outcomes(passed=5)


def test_service_tells_what_stays(shop: pytest.Pytester) -> None:
    shop.makepyfile(
        SERVICE
        + """
    @pytest.fixture
    def patience():
        return Patience(timeout_s=0.5, deadline_s=2.0, retry=NO_RETRY)

    @pytest.mark.parametrize(
        ("disturb", "error", "said"),
        [
            (lambda f: f.slow(30), RegistryUnavailableError, "no answer within 0.5 s"),
            (lambda f: f.down(), RegistryUnavailableError, "Connection refused"),
            (lambda f: f.unavailable(), RegistryError, "503/50301 fault of the test"),
            (lambda f: f.unavailable(status=500), RegistryError, "500/50001 fault of the test"),
            (lambda f: f.wrong_answers(), RegistryUnavailableError, "without JSON: '<html>"),
            (
                lambda f: f.wrong_answers("other-shape"),
                RegistryUnavailableError,
                "without a JSON object",
            ),
            (
                lambda f: f.wrong_answers("cut-off"),
                RegistryUnavailableError,
                "without sending complete message body",
            ),
        ],
        ids=["slow", "down", "503", "500", "not-json", "other-shape", "cut-off"],
    )
    def test_nothing_is_sent_until_it_is_healed(
        send, registry_faults, published, disturb, error, said
    ):
        with disturb(registry_faults):
            with pytest.raises(error, match=said):
                send()
            assert published.all() == []
        sent = send()
        assert published.expect_one("PaymentFailed").event == sent
    """
    )
    shop.runpytest_inprocess().assert_outcomes(passed=7)


def test_test_itself_goes_past_the_faults(shop: pytest.Pytester) -> None:
    shop.makepyfile(
        """
        import pytest
        from schemareg.errors import RegistryUnavailableError
        from schemareg.registry import NO_RETRY, Patience, connect

        def test_it(registry_faults, schema_registry, kafka, event, published):
            address = schema_registry.url
            registry_faults.down()
            assert schema_registry.url == address
            kafka.send("payments", "PaymentFailed", event("PaymentFailed"))
            published.expect_one("PaymentFailed")
            with connect(address, patience=Patience(retry=NO_RETRY)) as service:
                with pytest.raises(RegistryUnavailableError):
                    service.get_subjects()
                registry_faults.heal()
                assert service.get_subjects() == schema_registry.client.get_subjects()

        @pytest.fixture
        def service(schema_registry):
            with connect(schema_registry.url, patience=Patience(retry=NO_RETRY)) as service:
                yield service
                assert service.get_subjects() == ()

        def test_healed_before_a_service_is_taken_down(service, registry_faults):
            registry_faults.down()

        def test_too_late(request, schema_registry):
            request.getfixturevalue("registry_faults")
        """
    )
    for registry in ("embedded", "in-process"):
        result = shop.runpytest_inprocess("--schemareg-registry", registry)
        result.assert_outcomes(passed=2, failed=1)
        result.stdout.fnmatch_lines(["*registry_faults must be an argument of the test*"])


@pytest.mark.parametrize(
    "variables",
    [
        {"HTTP_PROXY": "http://127.0.0.1:9"},
        {"ALL_PROXY": "socks5://127.0.0.1:9"},
        {"HTTP_PROXY": "http://[::1"},
        {"HTTP_PROXY": "http://127.0.0.1:9", "NO_PROXY": "[::1],fd00::/8"},
        {"SSL_CERT_FILE": "/no/such.pem"},
    ],
    ids=["http", "socks", "no-url", "no-proxy", "authorities"],
)
def test_faults_beside_what_the_environment_holds(
    variables: dict[str, str], shop: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"NO_PROXY": "", **variables}.items():
        monkeypatch.setenv(name, value)
        if name.endswith("_PROXY"):
            monkeypatch.setenv(name.lower(), value)
    shop.makepyfile(
        """
        from schemareg.registry import connect

        def test_it(registry_faults, schema_registry):
            with connect(schema_registry.url) as service:
                assert service.get_subjects() == ()
        """
    )
    shop.runpytest_inprocess().assert_outcomes(passed=1)


def test_body_in_chunks_comes_through(shop: pytest.Pytester) -> None:
    shop.makepyfile(
        """
        import httpx

        def test_it(registry_faults, schema_registry):
            body = [b'{"schema": "', b'\\\\"string\\\\"', b'"}']
            with httpx.Client(trust_env=False) as service:
                url = f"{schema_registry.url}/subjects/keys/versions"
                answers = [service.post(url, content=iter(body)) for _ in range(2)]
            assert [answer.status_code for answer in answers] == [200, 200]
            assert schema_registry.client.get_version("keys", 1).text == '"string"'
        """
    )
    shop.runpytest_inprocess().assert_outcomes(passed=1)


def test_registry_of_others_is_met_with_faults_and_left_whole(shop: pytest.Pytester) -> None:
    from schemareg.registry import connect
    from schemareg.registry.server import EmbeddedRegistry

    shop.makeini(
        "[pytest]\nasyncio_default_fixture_loop_scope = function\nschemareg_prefix = avro_\n"
    )
    shop.makepyfile(
        """
        import pytest
        from schemareg.errors import RegistryError
        from schemareg.registry import NO_RETRY, Patience, connect

        def test_it(avro_registry_faults, avro_schema_registry):
            with connect(avro_schema_registry.url, patience=Patience(retry=NO_RETRY)) as service:
                with avro_registry_faults.unavailable(1), pytest.raises(RegistryError):
                    service.get_subjects()
                avro_schema_registry.register("PaymentFailed", topic="payments")
                assert len(service.get_subjects()) == 2
            avro_registry_faults.down()
        """
    )
    with EmbeddedRegistry() as registry, connect(registry.url) as client:
        shop.runpytest_inprocess("--schemareg-registry", registry.url).assert_outcomes(passed=1)
        assert client.get_subjects(prefix=":*:", deleted=True) == ()
