"""Backups: the whole database in one file, and back."""

from openprofiles.storage.backups.backup_file import Backup, Manifest, check
from openprofiles.storage.backups.keys import read_keys
from openprofiles.storage.backups.remembering import find_last
from openprofiles.storage.backups.restoring import restore_data_dir, restore_server, try_out
from openprofiles.storage.backups.taking import back_up

__all__ = [
    "Backup",
    "Manifest",
    "back_up",
    "check",
    "find_last",
    "read_keys",
    "restore_data_dir",
    "restore_server",
    "try_out",
]
