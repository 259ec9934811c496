"""Putting a folder on the Hugging Face hub: first what would be sent, then, on a word, the sending. Private unless asked."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from workbench.errors import BadInputError, MissingError, WorkbenchError

Kind = Literal["model", "dataset"]
#: Never sent, whatever a folder holds.
_LEFT_HOME = (".env", "token", "credentials", ".git", ".netrc")


class HubApi(Protocol):
    """What is asked of the hub's client."""

    def create_repo(self, repo_id: str, *, repo_type: str, private: bool, exist_ok: bool) -> Any:
        """Make a repository."""

    def repo_info(self, repo_id: str, *, repo_type: str) -> Any:
        """Tell what a repository is."""

    def upload_folder(
        self, *, repo_id: str, repo_type: str, folder_path: str, allow_patterns: list[str], commit_message: str
    ) -> Any:
        """Send files."""


@dataclass(frozen=True)
class Push:
    """What would be sent where: files with their sizes in bytes, by name."""

    folder: Path
    repository: str
    kind: Kind
    private: bool
    files: dict[str, int]

    @property
    def total(self) -> int:
        """All bytes."""
        return sum(self.files.values())


def planned(folder: Path, repository: str, private: bool = True) -> Push:
    """Return what a push would send; nothing is sent and the network is not asked.

    Raises MissingError or BadInputError where the folder is not an export with a card, or the name is none.
    """
    if not folder.is_dir():
        raise MissingError(
            "There is no folder {folder}; make one with: workbench export, or workbench export-model",
            folder=folder,
        )
    if not (folder / "README.md").is_file():
        raise BadInputError(
            "{folder} has no card (README.md), so nobody could tell what it is; export it anew.",
            folder=folder,
        )
    owner, slash, name = repository.partition("/")
    if not (owner and slash and name) or "/" in name or any(character.isspace() for character in repository):
        raise BadInputError("A repository is named OWNER/NAME, not '{repository}'.", repository=repository)
    files = {
        str(path.relative_to(folder)): path.stat().st_size
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and not path.is_symlink()
        and not any(part in _LEFT_HOME for part in path.relative_to(folder).parts)
    }
    kind: Kind = "model" if (folder / "config.json").is_file() else "dataset"
    return Push(folder, repository, kind, private, files)


def send(push: Push, api: HubApi | None = None) -> None:
    """Make the repository and send the files; WorkbenchError says what the hub answered where it does not take them.

    Raises BadInputError, and sends nothing, where a private push meets a repository that others can read.
    """
    import httpx2  # noqa: PLC0415
    from huggingface_hub import HfApi  # noqa: PLC0415
    from huggingface_hub.errors import HfHubHTTPError, LocalTokenNotFoundError, OfflineModeIsEnabled  # noqa: PLC0415

    api = api or HfApi()
    try:
        api.create_repo(push.repository, repo_type=push.kind, private=push.private, exist_ok=True)
        # A repository that is there already keeps what it was.
        if push.private and not api.repo_info(push.repository, repo_type=push.kind).private:
            raise BadInputError(
                "{repository} is there already and everybody can read it, so nothing was sent. Take another name, "
                "make it private on the hub, or say that it is meant: --public, or in the window 'Let everybody see "
                "it'.",
                repository=push.repository,
            )
        api.upload_folder(
            repo_id=push.repository,
            repo_type=push.kind,
            folder_path=str(push.folder),
            allow_patterns=list(push.files),
            commit_message="Written by Constitution Workbench",
        )
    except LocalTokenNotFoundError as error:
        raise MissingError("You are not logged in to the hub; do so with: hf auth login") from error
    except (OfflineModeIsEnabled, httpx2.TransportError) as error:
        raise MissingError("The hub cannot be reached, so nothing was sent; send it again when it can.") from error
    except (HfHubHTTPError, OSError) as error:
        raise WorkbenchError(
            "The hub did not take {repository}: {first_line}.",
            repository=push.repository,
            first_line=str(error).splitlines()[0],
        ) from error
