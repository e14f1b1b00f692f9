"""The configured topics by their names, and by the events that they carry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from schemareg.lazy_dataclass import dataclass
from schemareg.patterns import matches_glob
from schemareg.workspace.config import TopicConfig


@dataclass(frozen=True, slots=True)
class TopicIndex:
    """Topics by name, and those that carry an event by its full name; the first one counts.

    `patterns` are what a topic has that is not among them, and fits.
    """

    by_name: Mapping[str, TopicConfig]
    carrying: Mapping[str, tuple[TopicConfig, ...]]
    patterns: tuple[TopicConfig, ...] = ()

    @classmethod
    def of(cls, topics: Iterable[TopicConfig], patterns: Iterable[TopicConfig] = ()) -> TopicIndex:
        by_name: dict[str, TopicConfig] = {}
        carrying: dict[str, list[TopicConfig]] = {}
        for topic in topics:
            by_name.setdefault(topic.name, topic)
            for event in dict.fromkeys(topic.events):
                carrying.setdefault(event, []).append(topic)
        return cls(
            by_name, {event: tuple(found) for event, found in carrying.items()}, (*patterns,)
        )

    def named(self, name: str) -> TopicConfig | None:
        """The topic `name`: its own table, else the longest pattern that it fits."""
        fitting = (each for each in self.patterns if matches_glob(each.name, name))
        return self.by_name.get(name) or max(fitting, key=lambda t: len(t.name), default=None)

    def of_event(self, event: str) -> TopicConfig | None:
        """The first topic that carries `event`."""
        return next(iter(self.carrying.get(event, ())), None)
