"""The operations on associations between topics and subjects, of the release line 8 only."""

from __future__ import annotations

from collections.abc import Sequence

from schemareg.registry.api.types import AssociationChange, ResourceChanges
from schemareg.registry.client import answers
from schemareg.registry.client.answers import json_answer
from schemareg.registry.client.declaring import endpoint
from schemareg.registry.client.endpoint import association_body, changes_body


class AssociationOperations:
    """The declarations that write; see `Operations` for what each raises."""

    @endpoint(
        "POST /associations", json_answer(answers.written_associations), body=association_body
    )
    def create_associations(
        self,
        name: str,
        changes: Sequence[AssociationChange],
        *,
        resource_id: str | None = None,
        namespace: str = "-",
        dry_run: bool = False,
    ) -> None:
        """The associations of a topic that were created; existing ones are left out (8.x).

        `resource_id` identifies the topic beyond its name, and may be left out with `dry_run`.
        """

    @endpoint(
        "PUT /associations/resources/{resource}",
        json_answer(answers.written_associations),
        body=association_body,
    )
    def set_associations(
        self,
        resource: str,
        name: str,
        changes: Sequence[AssociationChange],
        *,
        namespace: str = "-",
        dry_run: bool = False,
    ) -> None:
        """The associations of the topic with the id `resource`, created or changed (8.x)."""

    @endpoint("DELETE /associations/resources/{resource}", answers.nothing)
    def delete_associations(
        self,
        resource: str,
        *,
        association_type: str = "",
        cascade_lifecycle: bool = False,
        dry_run: bool = False,
    ) -> None:
        """Deletes associations of the topic with the id `resource` (8.x).

        With `cascade_lifecycle` also frozen ones, and the subjects of STRONG ones.
        """

    @endpoint(
        "POST /associations:batchMutate", json_answer(answers.batch_results), body=changes_body
    )
    def change_associations(
        self, requests: Sequence[ResourceChanges], *, dry_run: bool = False
    ) -> None:
        """What became of the associations of several topics, one result for each request (8.x).

        One request may fail and the others be done.
        """
