# ruff: noqa: E501  # a row is a line
"""Every weakness that an attack once showed, and the test that fails when it comes back."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]

# What could be done -> the test (file below tests/, function) that it no longer can.
FINDINGS: dict[str, str] = {
    # a repository
    "Kafka setting that loads a library": "workspace/test_trust.py::test_kafka_setting_of_a_file_is_refused",
    "folder that looks like a bare repository": "state/test_git_trust.py::test_a_folder_that_looks_like_a_bare_repository_is_not_taken_for_one",
    "partial clone that runs a command": "state/test_git_trust.py::test_a_partial_clone_is_not_completed_behind_the_user",
    "password to a registry of the file": "cli/test_trust_commands.py::test_no_password_goes_to_a_registry_of_the_file",
    "password to a broker of the file": "cli/test_trust_commands.py::test_no_password_goes_to_a_broker_of_the_file",
    "mark of a snapshot beside schemas": "workspace/test_project_files.py::test_what_is_no_file_of_the_repository_is_refused",
    "linked folder that is not entered": "workspace/test_project_files.py::test_a_linked_folder_inside_is_entered_once",
    "folder that cannot be read": "workspace/test_project_files.py::test_a_folder_that_cannot_be_read_is_an_error",
    "folder that refuses its list": "workspace/test_project_files.py::test_a_folder_that_refuses_its_list_is_an_error",
    "subject in two folders of a snapshot": "workspace/test_project_files.py::test_a_subject_in_two_folders_of_a_snapshot_is_refused",
    "write through a link": "workspace/test_project_files.py::test_a_write_replaces_a_link_and_not_its_target",
    "write outside": "workspace/test_project_files.py::test_nothing_is_written_outside",
    "half a write": "workspace/test_project_files.py::test_a_failed_write_leaves_nothing",
    "file of gigabytes": "workspace/test_project_files.py::test_a_file_beyond_the_limit_is_refused",
    "root outside": "workspace/test_project_files.py::test_a_root_outside_of_the_repository_is_refused",
    "configuration above the repository": "workspace/test_trust.py::test_the_search_for_a_configuration_ends_at_the_repository",
    "configuration that is no file": "workspace/test_trust.py::test_a_configuration_that_is_no_file_is_refused",
    "validity rule as a note": "lint/test_run.py::test_validity_cannot_be_ignored",
    "validity rule below error": "workspace/test_config.py::test_config_refused",
    "level lowered by the change that needs it": "commands/test_check_reasons.py::test_a_level_lowered_for_the_very_change_is_an_error",
    "snapshot that the change edits": "commands/test_snapshot_changes.py::test_an_edited_snapshot_is_reported",
    "file of a base with a line feed in its name": "state/test_git.py::test_a_name_with_a_line_feed_is_a_name",
    "submodule named as a schema": "state/test_git.py::test_a_submodule_is_no_file",
    "ref of two meanings": "state/test_git.py::test_a_ref_of_two_meanings_is_refused",
    "places that are looked up for each violation": "commands/test_read_once.py::test_check_lays_out_each_text_once_however_many_violations",
    "credentials over plain http": "registry/test_client_environment.py::test_credentials_go_over_plain_http_by_consent_only",
    "dependencies without an upper edge": "deploy/test_dependencies.py::test_dependency_has_a_tested_version_that_it_admits",
    "actions by tag": "ci/test_recipes.py::test_actions_are_named_by_commit",
    "links of a base beyond a number": "state/test_git.py::test_too_many_links_of_a_commit_are_an_error",
    "link behind a link of a base": "state/test_git.py::test_links_of_a_commit_are_followed_to_their_ends",
    "consumer that reads a device": "cli/test_broken_consumers.py::test_a_reader_that_is_no_file_of_the_repository_is_refused",
    "include that leads out": "services/test_manifest.py::test_an_include_that_leads_out_is_an_error",
    "catalog that removes files outside": "cli/test_catalog_pages.py::test_what_an_earlier_build_left_reaches_nothing_outside",
    "module that opens files by itself": "workspace/test_project_files.py::test_only_one_module_opens_files_of_a_project",
    "module that runs git by itself": "workspace/test_project_files.py::test_only_one_module_runs_git",
    "names that file systems refuse": "state/test_snapshot.py::test_folder_of_a_subject",
    "names that differ by case": "state/test_snapshot.py::test_every_name_has_a_folder_of_its_own",
    "line feed in a name at the base": "state/test_git_trust.py::test_a_file_whose_name_has_a_line_feed_is_part_of_the_base",
    "submodule named like a schema": "state/test_git_trust.py::test_a_submodule_named_like_a_schema_is_no_schema",
    "tag named like a branch": "state/test_git_trust.py::test_a_name_of_several_commits_is_refused",
    "base that is the commit itself": "state/test_git_trust.py::test_a_base_that_is_the_commit_itself_is_noted",
    "jobs without permissions": "ci/test_recipes.py::test_workflows_state_their_permissions",
    "level lowered beside the change that needs it": "commands/test_check_reasons.py::test_a_level_lowered_for_the_very_change_is_an_error",
    "closed stderr": "cli/test_process.py::test_a_closed_stderr_turns_nothing_green",
    "interrupt while starting": "cli/test_process.py::test_an_interrupt_while_starting_is_one_line",
    "configuration that is nested deep": "workspace/test_config.py::test_config_refused",
    "commands in a log": "report/test_escape.py::test_no_format_lets_hostile_text_through",
    "NaN in JSON": "report/test_escape.py::test_json_text",
    "text without a bound in JSON, password before a cut": "hostile/test_every_result.py::test_a_long_text_with_a_password_in_every_field",
    "line break in a name of a text report": "hostile/test_every_result.py::test_a_name_never_breaks_a_row_in_two",
    "markup in a cell of Markdown": "hostile/test_every_result.py::test_a_hostile_text_in_every_field",
    "submodule that is not looked at": "state/test_git.py::test_submodule_is_named_in_the_work_tree_and_in_a_commit",
    "findings by the thousand in one line": "report/test_excerpt.py::test_many_findings_in_one_long_line_read_no_more_than_they_show",
    "class of thousands of fields": "generate/test_generate_python.py::test_a_record_of_many_fields_is_looked_through_once",
    "trace as deep as it has spans": "services/test_chains.py::test_a_deep_trace_is_walked_once",
    "YAML that hurts its reader": "services/test_exchange.py::test_a_file_that_hurts_its_reader_is_refused",
    "producers times consumers": "services/test_service_graph.py::test_edges_that_multiply_are_refused",
    # bytes and schemas
    "decimal of a megabyte, lying block, odd UUID, long text": "codec/test_hostile_bytes.py::test_hostile_bytes_are_refused",
    "skipped block that lies": "codec/test_hostile_bytes.py::test_a_skipped_block_must_not_lie",
    "items without bytes": "codec/test_hostile_bytes.py::test_items_without_bytes_have_one_budget_per_event",
    "values inside items without bytes": "codec/test_hostile_bytes.py::test_values_without_bytes_count_with_those_inside",
    "records that multiply in the compiler": "codec/test_hostile_bytes.py::test_records_that_hold_each_other_many_times_are_compiled_at_once",
    "deep list": "codec/test_hostile_bytes.py::test_a_deep_list_is_read_or_refused",
    "types that multiply": "commands/test_check_reasons.py::test_types_that_multiply_are_reported_at_some_places_and_proved_at_none",
    "violations by the hundred": "commands/test_check_reasons.py::test_a_check_of_many_violations_takes_time_in_proportion_to_them",
    "example that never ends": "sampling/test_sample_limits.py::test_a_costly_example_is_refused",
    "pattern that backtracks": "sampling/test_sample_limits.py::test_a_pattern_is_matched_in_linear_time",
    "pattern without a bound": "sampling/test_sample_limits.py::test_a_pattern_that_nobody_can_bound_is_no_constraint",
    "scales far apart": "compat/test_hazard_places.py::test_decimals_of_scales_far_apart_cost_nothing",
    "precision of a large fixed": "avro/test_logical.py::test_max_decimal_precision",
    "quotes that never close": "avro/test_source.py::test_a_text_that_is_no_json_is_refused_in_linear_time",
    # a registry
    "answer that drips": "registry/test_client_hostile_registry.py::test_answer_without_end_ends_with_the_deadline",
    "answer that is packed": "registry/test_client_hostile_registry.py::test_answer_that_is_too_much_is_refused",
    "answer to another question": "registry/test_client_hostile_registry.py::test_answer_to_another_question_is_an_error",
    "wrong path": "registry/test_client_hostile_registry.py::test_path_that_is_not_there_is_no_missing_setting",
    "snapshot that its reader refuses": "attack/test_attacks.py::test_a_share_of_each_attack_holds",
    "password in a URL": "registry/test_client_auth.py::test_password_in_a_url_shows_nowhere",
    "secrets in messages": "registry/test_client_auth.py::test_secrets_show_nowhere",
    # the server
    "trailers without end": "registry/test_connection_phases.py::test_frames_of_a_body_are_bounded",
    "trailer as a header": "registry/test_connection_phases.py::test_trailer_is_no_header",
    "body that never comes": "registry/test_connection_phases.py::test_rest_of_an_answered_body_has_an_end",
    "client that does not read": "registry/test_connection_phases.py::test_client_that_does_not_read_is_hung_up_on",
    "connections of one address": "registry/test_connection_phases.py::test_connections_of_one_address_are_bounded",
    "page of many texts": "registry/test_connection_phases.py::test_page_of_schemas_is_bounded",
    "head in one piece": "registry/test_connection_phases.py::test_head_that_arrives_in_one_piece_is_431",
    "two hosts": "registry/test_connection_phases.py::test_host_is_one_host",
    "wrong passwords from many addresses": "registry/test_auth_hashing.py::test_an_honest_login_waits_for_no_guesses_and_the_queue_is_bounded",
    "silent key URL": "registry/test_auth_tokens.py::test_a_silent_key_url_holds_up_no_password",
    "key set that is read once": "registry/test_auth_tokens.py::test_key_set_in_a_file_is_read_again_when_it_changes",
    "closed key URL": "registry/test_auth_tokens.py::test_an_unreachable_key_set_uses_up_no_allowance",
    "token of another kind": "registry/test_auth_tokens.py::test_token_that_does_not_count_is_401",
    "cycle of references": "registry/test_service_hostile.py::test_reference_that_closes_a_cycle_is_refused",
    "stored cycle": "registry/test_service_hostile.py::test_stored_cycle_is_one_clear_error",
    "digest without borders": "registry/test_service_hostile.py::test_equal_digest_is_not_an_equal_schema",
    "ids that are used up": "registry/test_service_hostile.py::test_ids_after_the_highest_integer_stay_integers_and_are_found",
    "versions that are used up": "registry/test_service_hostile.py::test_version_after_the_highest_integer_is_refused",
    "half a surrogate pair": "registry/test_service_hostile.py::test_rule_set_with_half_a_character_is_kept_as_valid_text",
    "remembered answers to long requests": "registry/test_remembered_answers.py::test_long_requests_count_with_their_answers",
    "name in a context's name": "registry/test_auth_readers_eyes.py::test_what_may_not_be_read_is_not_there",
    "half a hash in an auth file": "registry/test_auth_rules.py::test_auth_file_is_refused_with_one_line",
    "alias of a subject without its right": "registry/test_auth_readers_eyes.py::test_what_may_not_be_read_is_not_there",
    "slow requests": "registry/test_slow_requests.py::test_second_client_is_answered_within_a_second",
    "grants that backtrack": "registry/test_auth_rules.py::test_pattern_reaches_subject",
    "pattern that reaches another context": "registry/test_auth_rules.py::test_a_pattern_of_the_default_context_reaches_no_other",
    "auth file that others may write": "registry/test_auth_rules.py::test_auth_file_that_others_may_write_is_refused",
    "auth file that hurts its reader": "registry/test_auth_rules.py::test_auth_file_that_is_not_toml_is_refused",
    "references as an oracle": "registry/test_auth_readers_eyes.py::test_what_may_not_be_read_is_not_there",
    "reference that shows a text": "registry/test_auth_readers_eyes.py::test_writing_alone_shows_no_text",
    "half a line in the access log": "registry/test_operation_log_and_metrics.py::test_access_log_on_a_full_disk_holds_whole_lines",
    "database without the number of its shape": "registry/test_store_ground.py::test_database_without_the_number_of_its_shape_is_refused",
    "check as an oracle": "registry/test_auth_readers_eyes.py::test_check_is_no_oracle_of_subjects",
    "texts by writing": "registry/test_auth_readers_eyes.py::test_writing_alone_shows_no_text",
    "users by time": "registry/test_auth_gate.py::test_unknown_name_costs_the_hash_of_a_known_one",
    "name of another host": "registry/test_limits_cross_site.py::test_open_server_on_this_machine_answers_to_its_own_names",
    "type that is guessed": "registry/test_limits_cross_site.py::test_every_answer_forbids_guessing_its_type",
    "database that is moved": "registry/test_store_ground.py::test_write_after_the_files_changed_is_refused",
    "database without its shape": "registry/test_store_ground.py::test_file_without_its_shape_is_reported_as_damaged",
    "log line that is torn": "registry/test_operation_log_and_metrics.py::test_access_log_on_a_full_disk_holds_whole_lines",
    "database linked twice": "registry/test_store_ground.py::test_second_server_by_a_hard_link_is_refused",
    "log without its database": "registry/test_store_ground.py::test_log_without_its_database_is_refused",
    "readiness after a failed write": "registry/test_store_ground.py::test_store_is_not_ready_from_a_failed_write_until_a_large_one_succeeds",
    "text changed under its digest": "registry/test_store_ground.py::test_text_that_changed_under_its_digest_is_not_served",
    "files that others may read": "registry/test_store_ground.py::test_files_of_a_new_store_are_its_owners_alone",
    "edited backup": "registry/test_store_restore.py::test_edited_backup_is_refused_whole",
    "certificate that changed": "registry/test_tls.py::test_certificate_is_read_again_when_its_files_change",
    "certificate that expired": "registry/test_tls.py::test_expired_certificate_is_reported_at_the_start",
    "request ids of 60 kB": "registry/test_operation_log_and_metrics.py::test_request_id_is_echoed_only_where_one_was_sent",
}


@cache
def functions(path: str) -> frozenset[str]:
    tree = ast.parse((TESTS / path).read_text(encoding="utf-8"))
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, kinds))


@pytest.mark.parametrize("finding", FINDINGS)
def test_a_finding_has_a_test(finding: str) -> None:
    path, _, name = FINDINGS[finding].partition("::")
    assert name in functions(path)
