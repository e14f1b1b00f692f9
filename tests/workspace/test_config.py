"""schemareg.toml and pyproject.toml: what comes out, and which words refuse."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemareg.errors import ExitCode, UsageError
from schemareg.findings import Severity
from schemareg.lint import ConfiguredSuppression, Preset, RuleSetting
from schemareg.lint.configuration import lint_settings
from schemareg.subjects import CompatibilityLevel, Subject, SubjectNameStrategy
from schemareg.workspace import Config, TopicConfig, load_config

WHOLE = """
roots = ["schemas/a", "b"]
snapshot = "registered"
level = "FULL"
strategy = "record"
avro_version = "1.11"
registry = "http://registry.example:8081"
broker = "kafka.example:9092"

[topics.orders]
events = ["shop.OrderCreated", "shop.OrderCancelled"]
strategy = "topic-record"
key = "shop.OrderKey"
level = "BACKWARD"

[topics.users]
events = ["shop.UserRegistered"]
key = "string"

[subjects."users-key"]
level = "NONE"

[lint]
preset = "strict"

[lint.rules]
record-doc-required = "error"
recursive-type = "info"
complex-union = "off"
too-many-fields = { severity = "warning", most = 30 }
reserved-word = { targets = ["go"] }

[[lint.ignore]]
rule = "money-as-double"
element = "shop.OrderCreated.total"
reason = "inherited"

[[lint.ignore]]
rule = "field-doc-required"
path = "b/*"
reason = "generated"
"""


def test_config_of_a_whole_file(tmp_path: Path) -> None:
    (tmp_path / "schemareg.toml").write_text(WHOLE, encoding="utf-8")
    config = load_config(None, tmp_path)
    assert config.source == tmp_path / "schemareg.toml"
    assert config.roots == (tmp_path / "schemas/a", tmp_path / "b")
    assert config.snapshot == tmp_path / "registered"
    assert config.level is CompatibilityLevel.FULL
    assert config.strategy is SubjectNameStrategy.RECORD
    assert config.avro_version == "1.11"
    assert config.registry == "http://registry.example:8081"
    assert config.broker == "kafka.example:9092"
    assert config.topics == (
        TopicConfig(
            "orders",
            ("shop.OrderCreated", "shop.OrderCancelled"),
            SubjectNameStrategy.TOPIC_RECORD,
            "shop.OrderKey",
            CompatibilityLevel.BACKWARD,
        ),
        TopicConfig("users", ("shop.UserRegistered",), SubjectNameStrategy.RECORD, "string", None),
    )
    assert config.subjects == {Subject("users-key"): CompatibilityLevel.NONE}
    lint = lint_settings(config)
    assert lint.preset is Preset.STRICT
    assert lint.rules == {
        "record-doc-required": RuleSetting(Severity.ERROR),
        "recursive-type": RuleSetting(Severity.INFO),
        "complex-union": RuleSetting(off=True),
        "too-many-fields": RuleSetting(Severity.WARNING, options={"most": 30}),
        "reserved-word": RuleSetting(options={"targets": ("go",)}),
    }
    assert lint.suppressions == (
        ConfiguredSuppression("money-as-double", "inherited", element="shop.OrderCreated.total"),
        ConfiguredSuppression("field-doc-required", "generated", path="b/*"),
    )
    assert lint.path == "schemareg.toml"


def test_config_without_any_file(tmp_path: Path) -> None:
    assert load_config(None, tmp_path) == Config(
        cwd=tmp_path,
        source=None,
        roots=(tmp_path / "schemas",),
        snapshot=tmp_path / "schemas" / "registered",
    )


def test_config_of_the_nearest_file_upwards(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "schemareg.toml").write_text('level = "FULL"', encoding="utf-8")
    (tmp_path / "a" / "schemareg.toml").write_text('level = "NONE"', encoding="utf-8")
    config = load_config(None, inner)
    assert config.source == tmp_path / "a" / "schemareg.toml"
    assert config.level is CompatibilityLevel.NONE
    assert config.roots == (tmp_path / "a" / "schemas",)


def test_config_of_pyproject(tmp_path: Path) -> None:
    text = '[project]\nname = "x"\n[tool.schemareg]\nroots = ["events"]\n'
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    config = load_config(None, tmp_path)
    assert config.source == tmp_path / "pyproject.toml"
    assert config.roots == (tmp_path / "events",)


def test_config_of_pyproject_with_dotted_keys(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool]\nschemareg.roots = ["x"]', encoding="utf-8")
    assert load_config(None, tmp_path).roots == (tmp_path / "x",)


def test_config_of_pyproject_with_an_empty_table(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.schemareg]\n", encoding="utf-8")
    assert load_config(None, tmp_path).source == tmp_path / "pyproject.toml"


def test_config_of_a_broken_pyproject(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.schemareg]\nroots = [\n", encoding="utf-8")
    with pytest.raises(UsageError) as refusal:
        load_config(None, tmp_path)
    assert str(refusal.value).startswith("pyproject.toml:3:1: the configuration is not TOML: ")


def test_config_passes_by_a_pyproject_of_others(tmp_path: Path) -> None:
    inner = tmp_path / "service"
    inner.mkdir()
    (inner / "pyproject.toml").write_text("[project]\nname = 'schemareg-user'\n", encoding="utf-8")
    (tmp_path / "schemareg.toml").write_text("", encoding="utf-8")
    assert load_config(None, inner).source == tmp_path / "schemareg.toml"


def test_config_prefers_its_own_file_to_pyproject(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.schemareg]\n", encoding="utf-8")
    (tmp_path / "schemareg.toml").write_text("", encoding="utf-8")
    assert load_config(None, tmp_path).source == tmp_path / "schemareg.toml"


REFUSED = [
    (
        'roots = ["x\\u0000"]',
        "schemareg.toml: the configuration holds the character U+0000, which no name, path or "
        "pattern may; remove it",
    ),
    (
        "level = " + "[" * 3_000,
        "schemareg.toml: the configuration is not TOML: its values are nested too deeply",
    ),
    (
        "level = " + "9" * 5_000,
        "schemareg.toml: the configuration is not TOML: a number has too many digits",
    ),
    ("level = ", "schemareg.toml:1:9: the configuration is not TOML: Invalid value"),
    ('levle = "FULL"', "schemareg.toml:1:1: levle: unknown key; did you mean 'level'?"),
    (
        'level = "backward"',
        "schemareg.toml:1:1: level: unknown level 'backward'; did you mean 'BACKWARD'?",
    ),
    ("level = 3", "schemareg.toml:1:1: level: 3 is not a text"),
    ('roots = "schemas"', "schemareg.toml:1:1: roots: 'schemas' is not a list of texts"),
    (
        'strategy = "topics"',
        "schemareg.toml:1:1: strategy: unknown strategy 'topics'; did you mean 'topic'?",
    ),
    (
        'avro_version = "1.10"',
        "schemareg.toml:1:1: avro_version: unknown Avro version '1.10'; known: 1.11, 1.12",
    ),
    (
        "[topics.orders]",
        "schemareg.toml:1:1: topics.orders.events: a topic without events; name the full names of"
        " what it carries",
    ),
    (
        '[topics.orders]\nevents = ["A"]\nkey = "strng"',
        "schemareg.toml:3:1: topics.orders.key: unknown primitive 'strng'; did you mean 'string'?",
    ),
    (
        '[topics.orders]\nevents = ["A"]\nparttitions = 3',
        "schemareg.toml:3:1: topics.orders.parttitions: unknown key; known: alias, events, key,"
        " level, metadata, mode, module, normalize, references, removal, rule_set, semantic, …",
    ),
    (
        '[subjects.x]\nlevel = "SOME"',
        "schemareg.toml:2:1: subjects.x.level: unknown level 'SOME'; known: BACKWARD,"
        " BACKWARD_TRANSITIVE, FORWARD, FORWARD_TRANSITIVE, FULL, FULL_TRANSITIVE, NONE",
    ),
    (
        '[lint]\npreset = "recomended"',
        "schemareg.toml:2:1: lint.preset: unknown preset 'recomended'; did you mean 'recommended'?",
    ),
    (
        '[lint.rules]\nnamespace-pattern = { pattern = "(" }',
        "schemareg.toml:2:1: lint.rules.namespace-pattern.pattern: the pattern '(' is no regular"
        " expression of RE2: missing ): (; simplify it",
    ),
    (
        '[lint.rules]\nmoney-as-dubble = "off"',
        "schemareg.toml:2:1: lint.rules.money-as-dubble: unknown rule 'money-as-dubble'; did you"
        " mean 'money-as-double'?",
    ),
    (
        '[lint.rules]\nmoney-as-double = "warn"',
        "schemareg.toml:2:1: lint.rules.money-as-double: unknown severity 'warn'; did you mean"
        " 'warning'?",
    ),
    (
        "[lint.rules]\ntoo-many-fields = { moast = 3 }",
        "schemareg.toml:2:1: lint.rules.too-many-fields.moast: unknown key; did you mean 'most'?",
    ),
    (
        '[lint.rules]\ntoo-many-fields = { most = "3" }',
        "schemareg.toml:2:1: lint.rules.too-many-fields.most: '3' is not a whole number",
    ),
    (
        '[lint.rules]\nfield-name-case = { style = "camels" }',
        "schemareg.toml:2:1: lint.rules.field-name-case.style: unknown word 'camels'; did you mean"
        " 'camel'?",
    ),
    (
        '[lint.rules]\nreserved-word = { targets = ["go", "rusty"] }',
        "schemareg.toml:2:1: lint.rules.reserved-word.targets: unknown word 'rusty'; did you"
        " mean 'rust'?",
    ),
    (
        '[lint.rules]\nunresolved-type = "info"',
        "schemareg.toml:2:1: lint.rules.unresolved-type: 'unresolved-type' cannot be less than"
        " error: a file that breaks it is no Avro schema; correct the file, or take it out of the"
        " roots",
    ),
    (
        '[lint.rules]\ninvalid-default = { severity = "warning" }',
        "schemareg.toml:2:1: lint.rules.invalid-default: 'invalid-default' cannot be less than"
        " error",
    ),
    (
        '[lint.rules]\njson-syntax = "off"',
        "schemareg.toml:2:1: lint.rules.json-syntax: 'json-syntax' cannot be off: a file that"
        " breaks it is no Avro schema; correct the file, or take it out of the roots",
    ),
    (
        '[[lint.ignore]]\nrule = "money-as-double"\nelement = "A.b"',
        "schemareg.toml:1:1: lint.ignore[0].reason: 'money-as-double' is ignored without a reason;"
        " add the reason",
    ),
    (
        '[[lint.ignore]]\nrule = "money-as-double"\nreason = "x"',
        "schemareg.toml:1:1: lint.ignore[0].element: an ignore is for one element or one path; give"
        " exactly one",
    ),
    (
        '[[lint.ignore]]\nrule = "money"\nreason = "x"\nelement = "A.b"',
        "schemareg.toml:2:1: lint.ignore[0].rule: unknown rule 'money'; did you"
        " mean 'money-as-double'?",
    ),
]


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_config_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "schemareg.toml").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as refusal:
        lint_settings(load_config(None, tmp_path))
    assert str(refusal.value).startswith(message)
    assert "\n" not in str(refusal.value)
    assert refusal.value.exit_code is ExitCode.ASKED_WRONGLY


def test_config_at_a_missing_path(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refusal:
        load_config(Path("nowhere.toml"), tmp_path)
    assert str(refusal.value) == (
        "nowhere.toml: the configuration cannot be read: No such file or directory"
    )


def test_config_of_the_page_about_it(tmp_path: Path) -> None:
    page = Path(__file__).parents[2] / "docs" / "configuration.md"
    block = page.read_text(encoding="utf-8").split("```toml\n")[1].split("```")[0]
    (tmp_path / "schemareg.toml").write_text(block, encoding="utf-8")
    config = load_config(None, tmp_path)
    assert config.topics[0].strategy is SubjectNameStrategy.TOPIC_RECORD
    assert lint_settings(config).suppressions[0].element == "com.company.events.OrderCreated.total"


@pytest.mark.parametrize("spelling", ['"ssl.ca.location"', "ssl.ca.location"])
def test_kafka_settings_keep_their_dotted_names(tmp_path: Path, spelling: str) -> None:
    path = tmp_path / "schemareg.toml"
    path.write_text(
        f"[kafka]\n{spelling} = 'certs/ca.pem'\n'sasl.username' = 'reader'\n"
        "socket.timeout.ms = 5000\nsocket.keepalive.enable = true\n",
        encoding="utf-8",
    )
    assert dict(load_config(path, tmp_path).kafka) == {
        "ssl.ca.location": str(tmp_path / "certs" / "ca.pem"),
        "sasl.username": "reader",
        "socket.timeout.ms": 5000,
        "socket.keepalive.enable": True,
    }


def test_kafka_setting_of_the_wrong_kind_is_named(tmp_path: Path) -> None:
    path = tmp_path / "schemareg.toml"
    path.write_text("[kafka]\nssl.ca.location = ['a']\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"kafka\.ssl\.ca\.location: \['a'\] is not a text"):
        load_config(path, tmp_path)
