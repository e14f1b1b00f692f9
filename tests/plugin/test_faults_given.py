"""Faults that would be none: what they are given is refused, so that no test passes by them."""

from __future__ import annotations

import json

import pytest


def test_fault_that_would_be_none_is_refused(shop: pytest.Pytester) -> None:
    shop.makepyfile(
        """
        import pytest
        from schemareg.errors import UsageError

        KAFKA = {
            "for_s=0": lambda faults: faults.unreachable(for_s=0),
            "for_s=-1": lambda faults: faults.slow(1, for_s=-1),
            "seconds=0": lambda faults: faults.slow(0),
            "times=0": lambda faults: faults.duplicates("payments", "PaymentFailed", {}, times=0),
            "no kinds of poison": lambda faults: faults.poison(
                "payments", "PaymentFailed", kinds=()
            ),
            "'cut-of' is no fault; did you mean 'cut-off'": lambda faults: faults.poison(
                "payments", "PaymentFailed", kinds=["cut-of"]
            ),
        }
        REGISTRY = {
            "for_s=-1": lambda faults: faults.down(for_s=-1),
            "for_s=0": lambda faults: faults.wrong_answers(for_s=0),
            "seconds=-0.5": lambda faults: faults.slow(-0.5),
            "times=0": lambda faults: faults.unavailable(0),
            "times=-1": lambda faults: faults.wrong_answers(times=-1),
            "'not-jsn' is no fault; did you mean 'not-json'": lambda faults: faults.wrong_answers(
                "not-jsn"
            ),
            "status=200": lambda faults: faults.unavailable(status=200),
        }

        @pytest.mark.parametrize("given", KAFKA)
        def test_kafka(kafka_faults, given):
            with pytest.raises(UsageError, match=given):
                KAFKA[given](kafka_faults)

        @pytest.mark.parametrize("given", REGISTRY)
        def test_registry(registry_faults, given):
            with pytest.raises(UsageError, match=given):
                REGISTRY[given](registry_faults)
        """
    )
    shop.runpytest_inprocess().assert_outcomes(passed=13)


def test_event_without_bytes_is_not_cut_off(shop: pytest.Pytester) -> None:
    empty = {"type": "record", "name": "Tick", "namespace": "shop", "fields": []}
    (shop.path / "schemas" / "Tick.avsc").write_text(json.dumps(empty), encoding="utf-8")
    shop.makepyfile(
        """
        import pytest
        from schemareg.errors import UsageError

        def test_it(kafka_faults):
            with pytest.raises(UsageError, match="no bytes that could be cut off"):
                kafka_faults.poison("ticks", "Tick")
            assert list(kafka_faults.poison("ticks", "Tick", kinds=["empty"])) == ["empty"]
        """
    )
    result = shop.runpytest_inprocess("-o", "schemareg_allow_unknown=true")
    result.assert_outcomes(passed=1)
