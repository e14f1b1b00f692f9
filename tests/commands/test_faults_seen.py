# ruff: noqa: E501  # a row is a line
"""Every fault that somebody met by using the product, and the tests that fail when it comes back."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]


class Fault:
    """What holds now, where else the same was wrong, and the tests that fail when it comes back.

    A test is a file below tests/ and a function.
    """

    def __init__(self, now: str, elsewhere: str, *tests: str) -> None:
        self.now = now
        self.elsewhere = elsewhere
        self.tests = tests


# by what was wrong before
FAULTS = {
    # wrong, and silent about it
    "a file whose root is no named type was invisible": Fault(
        "every named type has a subject; a file without one is an info in each command",
        "arrays, unions, maps and primitives at the root",
        "workspace/test_project_parts.py::test_every_named_type_is_in_a_subject_whatever_the_root",
        "commands/test_register.py::test_file_that_no_subject_holds_is_noted",
        "cli/test_counts_on_stderr.py::test_a_file_that_no_subject_holds_is_named_by_every_command_about_subjects",
    ),
    "a type used by another file made its event a second subject": Fault(
        "the event keeps its topic and level; the nested type is registered beside it",
        "keys of topics that name a nested type",
        "workspace/test_project_parts.py::test_event_of_which_another_file_uses_a_nested_type_keeps_its_level",
    ),
    "a topic's event that changed its name was green against git": Fault(
        "the topic's subject is incompatible, exit 1",
        "directories, the key of a topic, one of several events",
        "commands/test_check_states.py::test_change_is_judged_against_its_own_past",
        "state/test_git.py::test_git_state_has_the_configuration_of_its_commit",
    ),
    "a misspelt name in an assertion passed": Fault(
        "it fails at once and proposes the nearest name",
        "paths and values in where, topics, events that a topic does not carry, kinds of faults",
        "plugin/test_plugin.py::test_assertion_without_a_topic_to_read_fails_at_once",
        "plugin/test_faults_given.py::test_fault_that_would_be_none_is_refused",
        "plugin/test_plugin.py::test_names_that_do_not_exist_fail_at_once",
        "plugin/test_plugin.py::test_unknown_names_are_allowed_by_the_ini_option",
        "plugin/test_wanted.py::test_check_value",
    ),
    "an assertion waited at the markers of transactions": Fault(
        "the end of the partition ends the reading",
        "aborted transactions, compaction, deleted records",
        "plugin/test_published.py::test_published_ends_behind_the_markers_of_transactions",
        "plugin/test_published.py::test_published_that_cannot_read_to_the_end_fails_and_says_so",
    ),
    "configured levels never reached the registry": Fault(
        "they are set before the first version, and listed",
        "register, apply and verify",
        "commands/test_register.py::test_configured_levels_are_set_before_the_first_version",
        "commands/test_verify.py::test_levels_that_were_set_are_listed",
    ),
    "a union of records with the same fields lost its branch": Fault(
        "dataclasses get their own class; an ambiguous value is refused with the form to write",
        "enums that share a symbol, fixed types of one size, unions at the root, defaults",
        "codec/test_objects.py::test_records_of_one_shape_keep_their_branch",
        "codec/test_objects.py::test_records_of_one_shape_become_their_own_class",
        "codec/test_objects.py::test_event_of_a_union_at_the_root_becomes_the_class_of_its_branch",
        "codec/test_objects.py::test_value_of_several_types_of_a_kind_is_refused_unless_it_has_a_name",
        "codec/test_objects.py::test_union_value_that_no_branch_accepts_alone_has_its_form_named",
    ),
    "a round trip called correct unions different": Fault(
        "branches are told apart by their bytes",
        "decimals, uuids, arrays and maps of such unions",
        "roundtrip/test_round_trip.py::test_branches_that_share_a_primitive_are_kept_apart",
        "codec/test_codec.py::test_branches_of_one_primitive_are_told_apart_by_their_bytes",
    ),
    "an offer of another protocol lost the body": Fault(
        "the offer is ignored and the body is read",
        "every request with Upgrade, whatever the protocol; chunks before the faults of a test",
        "plugin/test_faults_registry.py::test_body_in_chunks_comes_through",
        "registry/test_limits.py::test_offer_of_another_protocol_is_ignored_and_the_body_is_read",
    ),
    "a registry of this process was reached through a proxy": Fault(
        "loopback registries of ours are asked without a proxy",
        "the plugin's registry and the container's, the faults before it, key sets of tokens",
        "plugin/test_faults_registry.py::test_faults_beside_what_the_environment_holds",
        "registry/test_auth_tokens.py::test_key_set_of_this_machine_is_fetched_beside_a_proxy",
        "registry/test_client_proxies.py::test_loopback_never_goes_through_a_proxy",
        "registry/test_client_proxies.py::test_embedded_registry_is_reached_beside_a_proxy",
    ),
    "a proxy or a certificate file of the environment ended as a bug": Fault(
        "one clear error with exit 3, or it works",
        "socks, addresses and ranges in NO_PROXY, SSL_CERT_FILE, SSLKEYLOGFILE, a proxy that is down",
        "registry/test_client_proxies.py::test_proxy_that_cannot_be_reached_is_named",
        "registry/test_client_proxies.py::test_key_log_that_cannot_be_written",
        "registry/test_client_proxies.py::test_proxy_that_cannot_be_used",
        "registry/test_client_proxies.py::test_no_proxy_entries",
        "registry/test_client_proxies.py::test_missing_ssl_cert_file",
    ),
    "a registry that also holds other schema types could not be read": Fault(
        "subjects of other types are passed over and counted",
        "pull, the plugin's source, the states to compare with, drift, diff",
        "plan/test_drift.py::test_difference_is_a_finding",
        "cli/test_diff_command.py::test_diff_with_a_registry_passes_over_other_schema_types",
        "state/test_sources.py::test_other_schema_types_are_counted_and_passed_over",
        "cli/test_pull_commands.py::test_pull_of_everything_counts_what_it_passes_over",
        "test_schema_catalog.py::test_registry_as_source_passes_over_other_schema_types",
    ),
    "a pull with few rights emptied the snapshot": Fault(
        "a subject stays until --prune removes it",
        "a refusal of one subject ends the reading; bundles",
        "commands/test_pull.py::test_a_subject_of_a_bundle_stays_until_it_is_pruned",
        "commands/test_pull.py::test_a_registry_without_our_subjects_empties_no_snapshot",
        "commands/test_pull.py::test_a_subject_of_the_snapshot_stays_until_it_is_pruned",
        "state/test_registry.py::test_refusal_of_one_subject_ends_the_reading",
    ),
    "a pull stopped half written": Fault(
        "the snapshot is as before, or whole",
        "names of over 255 bytes, reserved on Windows, equal but for case; init",
        "cli/test_init.py::test_init_that_cannot_write_all_leaves_nothing",
        "workspace/test_project_files.py::test_folders_that_cannot_all_be_made_leave_none",
        "state/test_snapshot.py::test_snapshot_that_cannot_be_written_is_as_before",
        "state/test_snapshot.py::test_every_name_has_a_folder_of_its_own",
    ),
    "a backup cut at a line's end restored nothing and passed": Fault(
        "it is refused: count and digest are missing",
        "a changed line, a backup without an end",
        "registry/test_store_backup.py::test_backup_that_is_not_whole_leaves_the_registry_empty",
    ),
    "commands disagreed on a change of meaning": Fault(
        "one severity by policy in every command",
        'check, register, plan, fixtures; no "compatible, but" beside an incompatibility',
        "commands/test_semantic.py::test_how_much_a_change_of_meaning_weighs",
        "cli/test_commands.py::test_register_reports_a_change_of_meaning",
        "commands/test_check_reasons.py::test_what_is_incompatible_is_not_called_compatible_beside_it",
    ),
    "small messages used up the memory": Fault(
        "one budget per event for values without bytes",
        "arrays, maps, nested ones; both decoders",
        "codec/test_hostile_bytes.py::test_items_without_bytes_have_one_budget_per_event",
        "codec/test_hostile_bytes.py::test_values_without_bytes_count_with_those_inside",
    ),
    "a commit that repairs a schema could not pass": Fault(
        "the change is judged, the past is a note",
        "broken files, users of them, other subjects of the project",
        "commands/test_check_states.py::test_change_is_judged_against_its_own_past",
        "commands/test_check_states.py::test_stored_version_that_cannot_be_read_is_a_note_on_its_subject",
        "state/test_git.py::test_git_state_with_a_broken_file_tells_of_it_and_keeps_the_others",
        "commands/test_check_states.py::test_what_used_a_type_of_a_broken_file_is_not_new_when_that_is_repaired",
    ),
    "a command with nothing to do did not say why": Fault(
        "it says which files it read and why no subject is there",
        "check, register, plan, pull, drift, diff, roundtrip, catalog",
        "commands/test_register.py::test_file_that_no_subject_holds_is_noted",
        "cli/test_pull_commands.py::test_pull_of_a_project_without_subjects_names_its_files",
        "report/test_counted.py::test_every_result_counts",
    ),
    "certificates and warnings of newer interpreters": Fault(
        "certificates have their key identifiers, and warnings are errors",
        "placeholders of SQL statements",
        "registry/test_tls.py::test_server_speaks_tls",
        "registry/test_client_auth.py::test_server_of_a_given_authority_is_trusted",
    ),
    "the base installation needed a compiled reader": Fault(
        "the standard library reads with the same answers",
        "JSON and TOML readers",
        "avro/test_source.py::test_without_the_fast_reader_every_text_gives_the_same",
        "avro/test_source.py::test_commands_run_without_orjson",
        "settings/test_toml_readers.py::test_commands_run_without_the_compiled_reader",
    ),
    "defaults of unions that Java narrows or reads as another branch": Fault(
        "each is a hazard or refused as Java does",
        "unions inside defaults of records, arrays and maps",
        "compat/test_hazards.py::test_hazards_of_a_compatible_pair",
        "avro/test_parse_defaults.py::test_a_default_fits_as_in_java",
    ),
    # in the way, or misleading
    "files that repeat a definition were refused": Fault(
        "equal copies are one type; different ones name both places",
        "copies that differ in their doc",
        "workspace/test_project_parts.py::test_files_that_repeat_a_definition",
    ),
    "a registry that is busy was not asked again": Fault(
        "tried again for several seconds, then the next address; both are settings",
        "408, 429, 500, 502, 503 and 504",
        "registry/test_client_resilience.py::test_request_on_a_bad_wire",
        "cli/test_registry_patience.py::test_tries_of_a_command",
    ),
    "a namespace that moves, and what Java's classes do to strings, was no hazard": Fault(
        "each is a named hazard",
        "java-class, avro.java.string, logical types beside them",
        "compat/test_hazards.py::test_hazards_of_a_compatible_pair",
    ),
    "defaults that nobody can use and misspelt attributes were clean": Fault(
        "lint names them",
        "enums, fixed, decimals, bytes, durations, nested ones, attributes of types",
        "lint/test_rules.py::test_case_of_a_rule",
    ),
    "a run that is ended left its container": Fault(
        "the container is removed after its process",
        "SIGTERM and SIGKILL; the setting of Ryuk stays the user's",
        "brokers/test_removal.py::test_container_is_removed_after_its_process",
        "brokers/test_removal.py::test_setting_of_ryuk_is_left_as_it_was",
    ),
    "a repository of another user was called none": Fault(
        "the owner and the command to trust it are named",
        "every command that compares with git",
        "state/test_git.py::test_git_state_of_a_repository_of_another_user",
    ),
    "services of a wider scope had no fixtures": Fault(
        "fixtures of class, module, package and session scope",
        "broker, registry, topics",
        "plugin/test_plugin.py::test_service_of_a_wider_scope_has_fixtures_of_that_scope",
    ),
    "a topic of several events had no schema": Fault(
        "the union of references is its schema, made or in a file",
        "the place of the union and of a key that no file holds; events of it in service tests",
        "plugin/test_plugin.py::test_topic_whose_value_is_a_union_of_events",
        "workspace/test_project_topics.py::test_topic_of_several_events_has_the_union_of_them",
        "workspace/test_project_topics.py::test_subject_that_no_file_holds_is_at_its_key_of_the_configuration",
    ),
    "addresses, passwords and refusals of a registry were misread": Fault(
        "each refusal is one line with the option that helps",
        "capitals, no scheme, signs in passwords, unknown authorities",
        "cli/test_surroundings.py::test_a_registry_that_refuses_is_told_in_one_line",
        "registry/test_client_auth.py::test_password_in_a_url_shows_nowhere",
        "registry/test_client_auth.py::test_server_of_an_unknown_authority_is_not_trusted",
        "cli/test_bad_input.py::test_one_line_and_the_exit_code",
    ),
    "a relative ref in a shallow clone had the wrong advice": Fault(
        "the depth that is needed is named",
        "the branch to compare with, which is not fetched yet",
        "state/test_git_shallow.py::test_git_state_of_a_relative_ref_in_a_shallow_clone",
    ),
    "what looks like a schema and is something else was not named": Fault(
        "it is named as what it is",
        "answers of a registry, protocols, schemas encoded twice, IDL",
        "avro/test_lookalikes.py::test_a_lookalike_is_named",
        "avro/test_lookalikes.py::test_a_schema_encoded_twice_is_named_in_a_project",
    ),
    "a serializer could not use what others registered": Fault(
        "latest, an id and normalize are options",
        "schemas of others with a doc or avro.java.string",
        "test_serdes.py::test_serializer_writes_with_the_schema_that_others_registered",
        "test_serdes.py::test_normalize_finds_a_schema_of_the_same_normal_form",
        "test_serdes.py::test_schema_of_another_type_is_not_written_with",
        "test_serdes.py::test_schema_that_others_registered_with_a_doc_is_reported_with_the_options",
    ),
    "pages of another origin could not use the server": Fault(
        "named origins are answered",
        "preflight requests; a word that is no origin is refused at the start",
        "registry/test_operation_settings.py::test_settings_are_refused_with_one_line",
        "registry/test_limits_cross_site.py::test_pages_of_a_named_origin_may_read_and_change",
        "registry/test_limits_cross_site.py::test_preflight_of_a_named_origin_is_answered_without_credentials",
    ),
    "a hang-up ended the server, and a renamed log stayed open": Fault(
        "the log and the credentials are opened again",
        "renamed logs",
        "registry/test_operation_process.py::test_sighup_reads_the_auth_file_again_and_opens_the_log_again",
        "registry/test_operation_log_and_metrics.py::test_access_log_is_opened_again",
    ),
    "samples had no JSON of Avro, and were no JSON on an ASCII stream": Fault(
        "there is an option, and lines are ASCII where the stream is",
        "every branch of a union",
        "cli/test_commands.py::test_sample_in_the_json_encoding_tags_unions",
        "cli/test_process.py::test_sample_lines_are_json_on_an_ascii_stream",
    ),
    "one broken file made others look broken": Fault(
        "what uses a refused file is counted and points to it",
        "sample, fingerprint, plan, register, check",
        "workspace/test_project.py::test_one_unreadable_file_makes_no_other_look_broken",
        "cli/test_counts_on_stderr.py::test_files_that_use_a_refused_file_are_counted_and_named",
        "cli/test_counts_on_stderr.py::test_a_type_of_a_file_that_uses_a_refused_one_is_not_called_unknown",
    ),
    "advice contradicted itself": Fault(
        "one advice for both halves, at the place of the change",
        "reordered unions, removed fields, deleted files",
        "commands/test_check_reasons.py::test_a_rename_under_full_has_one_advice_for_both_halves",
        "commands/test_check_reasons.py::test_a_removed_field_is_reported_among_the_fields",
        "report/test_whole_formats.py::test_a_subject_that_lost_its_file_is_in_every_format",
    ),
    "a lowered level was not mentioned": Fault(
        "reported, and an error where it lets the very change pass",
        "events and topics that are removed in the same change",
        "commands/test_check_reasons.py::test_a_lowered_level_is_reported",
        "commands/test_check_reasons.py::test_a_level_lowered_for_the_very_change_is_an_error",
    ),
    "reports had no cases, counts, base, commit or line": Fault(
        "a case for each subject; counts, base and commit; lines of the configuration",
        "junit, html, json",
        "report/test_whole_formats.py::test_junit_has_a_case_for_each_subject",
        "report/test_whole_formats.py::test_html_has_counts_base_and_commit",
        "report/test_whole_formats.py::test_json_without_a_line",
        "settings/test_reader.py::test_key_lines",
    ),
    "a fault of the broker lasted for ever, or was none": Fault(
        "healed after the test, which fails with words",
        "faults that would be none",
        "plugin/test_faults_kafka.py::test_fault_that_nothing_ends_is_healed_and_fails_the_test",
        "plugin/test_faults_given.py::test_fault_that_would_be_none_is_refused",
    ),
    "the embedded broker ended before its clients, and hung administrators": Fault(
        "it ends after its clients",
        "administrators' requests",
        "plugin/test_faults_kafka.py::test_embedded_broker_outlives_the_clients_of_a_test_with_faults",
        "brokers/test_clients.py::test_admin_client_of_the_embedded_broker_is_answered_at_once",
    ),
    "consumers took seconds to close, or hung": Fault(
        "they close at once",
        "the plugin's own groups",
        "brokers/test_clients.py::test_consumers_close_while_their_first_rebalance_runs",
    ),
    "unchanged subjects filled the page": Fault(
        "counted, and listed with --verbose",
        "verify and register",
        "commands/test_verify.py::test_unchanged_subjects_are_counted_and_listed_only_with_verbose",
        "commands/test_register.py::test_unchanged_subjects_are_listed_only_with_verbose",
    ),
    "files were passed over without a word": Fault(
        "named with the reason",
        "other suffixes, hidden files, other projects",
        "workspace/test_schema_paths.py::test_files_of_a_root",
        "workspace/test_schema_paths.py::test_a_file_belongs_to_the_project_that_it_is_in",
        "cli/test_diff_command.py::test_files_of_another_project_are_read_beside_its_types",
    ),
}


@cache
def functions(path: str) -> frozenset[str]:
    tree = ast.parse((TESTS / path).read_text(encoding="utf-8"))
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, kinds))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_has_tests(fault: str) -> None:
    assert FAULTS[fault].now
    assert FAULTS[fault].elsewhere
    assert FAULTS[fault].tests
    for target in FAULTS[fault].tests:
        path, _, name = target.partition("::")
        assert name in functions(path), target
