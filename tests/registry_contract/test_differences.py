"""Every known difference from a real registry has a story, by the number of its observation.

The numbers are those of the page that the observations were written on: A the registry's own
behaviour, B HTTP, C faults of others, D other people's suites.
"""

from __future__ import annotations

import pytest

from tests.registry_contract.test_contract import STORIES

STORIES_OF = {
    "A1": "tags_and_sensitive_names_are_sorted_sets",
    "A2": "empty_metadata_makes_another_schema",
    "A3": "tag_change_with_a_wrong_entity_is_malformed",
    "A4": "tag_change_with_a_wrong_entity_is_malformed",
    "A5": "tag_change_of_what_the_schema_has_not_is_refused",
    "A6": "tag_change_takes_the_simple_name_of_a_record",
    "A7": "tag_changes_in_register_make_a_numbered_version",
    "A7 later": "number_in_the_metadata_goes_on_with_later_registers",
    "A8": "tag_changes_need_a_schema",
    "A9": "new_version_minus_one_is_not_given",
    "A10": "merged_rules_are_checked_although_rule_sets_are_dropped",
    "A11": "empty_offset_and_limit_are_the_defaults",
    "A12": "empty_offset_and_limit_are_the_defaults",
    "A13": "empty_text_in_a_configuration_is_echoed_and_removed",
    "A14": "ids_in_a_context",
    "A15": "ids_in_a_context",
    "A15 under a path": "on_purpose_id_under_a_context_path_for_any_subject",
    "A16": "reference_that_is_missing_in_another_context_is_not_found",
    "A17": "alias_without_context_is_of_the_default_context",
    "A17 message": "errors_name_the_target_of_an_alias",
    "A18": "import_looks_up_what_was_sent_and_nothing_more",
    "A19": "recursive_delete_of_a_mode_names_none",
    "A20 settings": "every_context_has_settings_of_its_own",
    "A20 reading": "subject_of_every_context_has_no_versions",
    "A20 register": "on_purpose_nothing_is_registered_in_every_context",
    "A21": "whole_context_as_a_subject_has_no_versions",
    "A22": "prefix_of_a_colon_and_a_dot_is_every_context",
    "A23": "prefix_of_a_colon_and_a_dot_is_every_context",
    "A24": "context_alone_is_only_deleted",
    "A25": "on_purpose_context_in_encoded_colons",
    "A26": "metadata_with_null_in_a_set_is_malformed",
    "A26 property": "on_purpose_property_without_value",
    "A27": "id_after_the_highest_integer_wraps",
    "A28": "only_versions_with_metadata_are_found_by_it",
    "B29": "options_names_the_methods",
    "B30": "on_purpose_errors_of_http_have_a_type_and_allow",
    "B31": "content_type_that_is_none_is_malformed",
    "B32": "accept_of_one_star_and_of_weight_zero_is_taken",
    "B33": "constants_that_are_no_json_are_read_as_java_reads_them",
    "B34": "dots_and_broken_characters_in_an_encoded_segment_are_malformed",
    "B35": "on_purpose_path_that_is_refused_is_json",
    "B36": "lookup_in_an_unknown_subject_reads_no_schema",
    "C resolved": "on_purpose_null_default_of_a_resolved_union",
    "C entity": "on_purpose_tags_of_nothing",
    "C property": "on_purpose_property_without_value",
    "C schema of an id": "on_purpose_schema_of_an_id_that_the_subject_has_not",
    "D1": "accept_of_one_star_and_of_weight_zero_is_taken",
    "D2": "namespace_with_other_characters_is_refused_in_a_new_schema_only",
    "D3": "version_minus_one_is_the_latest_whatever_number_its_metadata_names",
    "D4": "validate_fields_reserves_names",
    "D4 removal": "reserved_field_may_not_leave_the_metadata",
    "D5": "reference_that_is_missing_in_another_context_is_not_found",
    "D6": "tag_changes_in_register_make_a_numbered_version",
    "D7": "rules_are_merged_into_a_version_and_removed_from_it_by_name",
    "D8": "recursive_delete_of_a_mode_names_none",
    "D9": "rule_sets_are_checked_in_register_and_configuration",
    "D10": "version_with_deleted_referrers_goes_for_good_on_the_7_line",
    "D11": "override_of_everything_on_the_7_line",
    "D12": "deployment_on_the_7_line",
    "D13": "default_rule_set_is_part_of_the_answer_to_register",
}
"""The story that holds the registry to the observation; an observation may have several."""

LETTERS = {"A": range(1, 29), "B": range(29, 37), "D": range(1, 14)}


@pytest.mark.parametrize(
    "line", [f"{letter}{number}" for letter, numbers in LETTERS.items() for number in numbers]
)
def test_observation_has_a_story(line: str) -> None:
    assert any(key.split()[0] == line for key in STORIES_OF)


def test_stories_of_observations_exist() -> None:
    assert set(STORIES_OF.values()) <= {story.name for story in STORIES}
