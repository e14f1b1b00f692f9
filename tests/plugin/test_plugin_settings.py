"""Where the plugin's settings come from, and how a wrong one is told."""

from __future__ import annotations

import zipfile

import pytest

from tests.plugin.bodies import BODY


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
