"""A lazy dataclass behaves as the standard library's, which is the expected value of each row."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from collections.abc import Callable
from typing import Any, ClassVar, Generic, TypeVar

import pytest

from schemareg.lazy_dataclass import dataclass

T = TypeVar("T")
Decorate = Callable[..., Callable[[type], Any]]
STANDARD: Decorate = dataclasses.dataclass
LAZY: Decorate = dataclass


def shapes(decorate: Decorate) -> dict[str, Any]:
    """The same classes, made by `decorate`."""

    class Money:
        kind: ClassVar[str] = "money"
        amount: int
        currency: str = "EUR"
        notes: list[str] = dataclasses.field(default_factory=list, repr=False)
        cents: int = dataclasses.field(init=False, default=2)
        told: dict[str, int] = dataclasses.field(init=False, default_factory=dict, compare=False)

    frozen = decorate(frozen=True, slots=True)(Money)

    class Price(frozen):  # type: ignore[valid-type, misc]
        """A subclass: its parent's fields come first, one default is its own."""

        currency: str = "USD"
        per: str = "piece"

        def __post_init__(self) -> None:
            object.__setattr__(self, "per", self.per.upper())

    class Box(Generic[T]):
        value: T
        label: str = dataclasses.field(default="", kw_only=True)

    class Version:
        major: int
        minor: int = dataclasses.field(default=0, hash=False)

    class Own:
        name: str

        def __eq__(self, other: object) -> bool:
            return True

        def __hash__(self) -> int:
            return 7

        def __repr__(self) -> str:
            return "own"

    class Identity:
        name: str

    return {
        "frozen": frozen,
        "child": decorate(frozen=True, slots=True)(Price),
        "generic": decorate(slots=True)(Box),
        "ordered": decorate(frozen=True, slots=True, order=True)(Version),
        "own": decorate(frozen=True, slots=True)(Own),
        "identity": decorate(frozen=True, slots=True, eq=False)(Identity),
    }


def answer(question: Callable[[Any], object], cls: Any) -> object:
    try:
        return question(cls)
    except (TypeError, AttributeError) as error:
        return f"{type(error).__name__}: {error}"


def set_amount(cls: Any) -> None:
    setattr(cls(1), first(cls), 2)


def delete_amount(cls: Any) -> None:
    delattr(cls(1), first(cls))


QUESTIONS: dict[str, Callable[[Any], object]] = {
    "repr": lambda cls: repr(cls(1)),
    "two": lambda cls: repr(cls(1, "2")),
    "no argument": lambda cls: cls(),
    "unknown argument": lambda cls: cls(1, unknown=2),
    "named": lambda cls: repr(cls(**{first(cls): 3})),
    "given twice": lambda cls: cls(1, **{first(cls): 3}),
    "not to be given": lambda cls: cls(1, cents=3),
    "too many": lambda cls: cls(1, 2, 3, 4, 5, 6, 7),
    "equal": lambda cls: cls(1) == cls(1),
    "different": lambda cls: (cls(1) == cls(2), cls(1) != cls(2), cls(1) == "1"),
    "hash": lambda cls: len({hash(each) for each in [cls(1), cls(1)]}),
    "hashable": lambda cls: cls.__hash__ is None,
    "less": lambda cls: (cls(1) < cls(2), cls(1) <= cls(1), cls(2) > cls(1), cls(1) >= cls(2)),
    "less than another": lambda cls: cls(1) < 3,
    "sorted": lambda cls: repr(sorted([cls(2), cls(1)])),
    "fields": lambda cls: [(f.name, f.type, f.init, f.repr) for f in dataclasses.fields(cls)],
    "replaced": lambda cls: repr(dataclasses.replace(cls(1), **{first(cls): 5})),
    "dictionary": lambda cls: dataclasses.asdict(cls(1)),
    "copied": lambda cls: repr(copy.deepcopy(cls(1))),
    "match": lambda cls: cls.__match_args__,
    "slots": lambda cls: cls.__slots__,
    "no dictionary": lambda cls: cls(1).__dict__,
    "parameters": lambda cls: list(inspect.signature(cls).parameters),
    "types": lambda cls: str(inspect.signature(cls.__init__)),
    "is a dataclass": lambda cls: dataclasses.is_dataclass(cls),
    "set": set_amount,
    "delete": delete_amount,
    "class variable": lambda cls: cls.kind,
    "name": lambda cls: (cls.__name__, cls.__qualname__, cls.__module__, cls.__init__.__qualname__),
}


def first(cls: Any) -> str:
    return str(dataclasses.fields(cls)[0].name)


@pytest.mark.parametrize("shape", list(shapes(STANDARD)))
@pytest.mark.parametrize("question", QUESTIONS)
def test_answer_is_the_standard_librarys(question: str, shape: str) -> None:
    expected = answer(QUESTIONS[question], shapes(STANDARD)[shape])
    # each class is asked one question only: whatever it is, it is the first
    assert answer(QUESTIONS[question], shapes(LAZY)[shape]) == expected


@dataclass(frozen=True, slots=True)
class Pickled:
    name: str
    sizes: tuple[int, ...] = ()


def test_pickled_comes_back_equal() -> None:
    assert pickle.loads(pickle.dumps(Pickled("a", (1, 2)))) == Pickled("a", (1, 2))


def test_standard_dataclass_may_have_a_lazy_parent() -> None:
    @dataclasses.dataclass(frozen=True)
    class Child(Pickled):
        more: int = 3

    assert repr(Child("a")).endswith("Child(name='a', sizes=(), more=3)")


def test_without_slots_is_refused() -> None:
    with pytest.raises(TypeError, match="say slots=True"):
        LAZY(slots=False)


def test_nothing_is_made_before_it_is_used() -> None:
    class Plain:
        name: str

    made = LAZY(frozen=True, slots=True)(Plain)
    later = {"__init__", "__eq__", "__hash__", "__repr__", "__dataclass_fields__", "__setattr__"}
    assert not_made(made) & later == later
    made("a")
    assert not_made(made) & later == later - {"__dataclass_fields__"}


def test_init_is_compiled_for_many_instances_and_does_the_same() -> None:
    class Point:
        x: int
        y: int = 2
        seen: list[int] = dataclasses.field(default_factory=list)

    made = LAZY(frozen=True, slots=True)(Point)
    shown = {repr(made(1, seen=[3])) for _ in range(64)}
    assert "__init__" in not_made(made)
    shown.add(repr(made(1, seen=[3])))
    assert "__init__" not in not_made(made)
    assert [text.rpartition(".")[2] for text in shown] == ["Point(x=1, y=2, seen=[3])"]


def not_made(cls: type) -> set[str]:
    return {name for name, value in vars(cls).items() if hasattr(value, "make")}
