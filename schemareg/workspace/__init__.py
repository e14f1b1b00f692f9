"""A project on disk: schemareg.toml as `Config`, files in dependency order as `Project`."""

from schemareg.workspace.config import AvroVersion, Config, ConsumerConfig, TopicConfig
from schemareg.workspace.config_file import load_config
from schemareg.workspace.project import (
    SNAPSHOT_MARK,
    SUFFIX,
    Project,
    ProjectTexts,
    build_project,
    load_project,
    project_of,
    read_texts,
    schema_texts,
    without_earlier,
)
from schemareg.workspace.project_subjects import ProjectSubject, Role
from schemareg.workspace.schema_files import Resolved, SchemaFile, resolve_files

__all__ = [
    "SNAPSHOT_MARK",
    "SUFFIX",
    "AvroVersion",
    "Config",
    "ConsumerConfig",
    "Project",
    "ProjectSubject",
    "ProjectTexts",
    "Resolved",
    "Role",
    "SchemaFile",
    "TopicConfig",
    "build_project",
    "load_config",
    "load_project",
    "project_of",
    "read_texts",
    "resolve_files",
    "schema_texts",
    "without_earlier",
]
