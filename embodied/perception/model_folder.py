"""Folders of Hugging Face models: find one (on disk, in the cache, on the hub) and check it."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from embodied.errors import EmbodiedError

HUB_TIMEOUT_S = 10.0

WEIGHTS = "model.safetensors"
INDEX = "model.safetensors.index.json"
PREPROCESSOR = ("preprocessor_config.json", "processor_config.json")
# Each entry is a set of files that is enough to build a tokenizer from.
TOKENIZERS = (
    ("tokenizer.json",),
    ("spiece.model",),
    ("tokenizer.model",),
    ("sentencepiece.bpe.model",),
    ("vocab.json", "merges.txt"),
    ("vocab.txt",),
)
PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")
# What is fetched from the hub; everything else in a repository is left there.
FETCHED = (
    "config.json",
    *PREPROCESSOR,
    *sorted({name for names in TOKENIZERS for name in names}),
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    WEIGHTS,
    INDEX,
    "model-*-of-*.safetensors",
)

_REPO = re.compile(r"[\w.-]+(/[\w.-]+)?(@[\w./-]+)?")


def find_model_folder(source: str) -> Path:
    """The local folder of `source`, which is a folder or a hub repository `owner/name[@revision]`.

    A repository that is in the Hugging Face cache is used from there without asking the network.

    Raises EmbodiedError, one line, for: no such folder or repository, no network, files missing
    (all are named), weights that exist only as a pickle.
    """
    if not source:
        raise EmbodiedError(
            "name the model after 'hf:', e.g. hf:google/siglip-base-patch16-224 or hf:<folder>"
        )
    folder = Path(source).expanduser()
    remote = not folder.is_dir()
    if remote:
        if source[0] in "./~" or source.count("/") > 1 or not _REPO.fullmatch(source):
            raise EmbodiedError(f"hf:{source}: no such folder, nor a hub repository 'owner/name'")
        folder = _cached(source) or _download(source)
    if problem := find_problem(folder):
        if remote and WEIGHTS in problem:
            problem += (
                "; pickles are never fetched, but a pull request of the repository may hold its "
                f"conversion: hf:{_split_revision(source)[0]}@refs/pr/<number>"
            )
        raise EmbodiedError(f"hf:{source}: {problem}")
    return folder


def find_problem(folder: Path) -> str | None:
    """What keeps `folder` from being loaded, in one line; None if it is complete."""
    if not any(folder.iterdir()):
        return "the folder is empty: save a model into it with save_pretrained()"
    missing = [name for name in ("config.json",) if not (folder / name).is_file()]
    if (folder / INDEX).is_file():
        missing += [name for name in shards(folder) if not (folder / name).is_file()]
    elif not (folder / WEIGHTS).is_file():
        if pickles := sorted(p.name for pattern in PICKLES for p in folder.glob(pattern)):
            return (
                f"the weights are there only as a pickle ({pickles[0]}), which can run code when "
                f"loaded: convert them to {WEIGHTS} with save_pretrained(), or take a repository "
                "or revision that has them"
            )
        missing.append(WEIGHTS)
    if not any((folder / name).is_file() for name in PREPROCESSOR):
        missing.append(PREPROCESSOR[0])
    if not any(all((folder / name).is_file() for name in names) for names in TOKENIZERS):
        missing.append(_expected_tokenizer(folder))
    return f"missing in the folder: {', '.join(missing)}" if missing else None


def shards(folder: Path) -> list[str]:
    """Names of the weight files that the index in `folder` lists."""
    try:
        names = json.loads((folder / INDEX).read_text())["weight_map"].values()
    except (ValueError, KeyError, AttributeError) as error:
        raise EmbodiedError(
            f"{folder / INDEX} is not a safetensors index: fetch that file again"
        ) from error
    return sorted(set(names))


def fingerprint(folder: Path, *salt: str) -> str:
    """SHA-256 over names and contents of all files that a load reads, and `salt`."""
    digest = hashlib.sha256()
    for path in sorted({p for pattern in FETCHED for p in folder.glob(pattern) if p.is_file()}):
        digest.update(f"{path.name}\0{_hash_file(path)}\0".encode())
    for item in salt:
        digest.update(f"{item}\0".encode())
    return digest.hexdigest()


def _hash_file(path: Path) -> str:
    # The hub's cache names large files by their SHA-256; reading 10 GB again would take a minute.
    blob = path.resolve()
    if blob.parent.name == "blobs" and re.fullmatch(r"[0-9a-f]{64}", blob.name):
        return blob.name
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _expected_tokenizer(folder: Path) -> str:
    """The tokenizer files to name as missing: the half that is missing, if half is there."""
    if (folder / "vocab.json").is_file():
        return "merges.txt"
    if (folder / "merges.txt").is_file():
        return "vocab.json"
    return "tokenizer.json (or spiece.model, or vocab.json and merges.txt)"


def _split_revision(source: str) -> tuple[str, str | None]:
    repo, _, revision = source.partition("@")
    return repo, revision or None


def _cached(source: str) -> Path | None:
    """The repository's folder in the Hugging Face cache, if all that is needed is there."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    repo, revision = _split_revision(source)
    try:
        folder = Path(
            snapshot_download(
                repo, revision=revision, local_files_only=True, allow_patterns=list(FETCHED)
            )
        )
    except LocalEntryNotFoundError:
        return None
    except HFValidationError as error:
        raise EmbodiedError(f"hf:{source}: {error}") from error
    return folder if find_problem(folder) is None else None


def _download(source: str) -> Path:
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        LocalEntryNotFoundError,
        OfflineModeIsEnabled,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    # huggingface_hub has changed its HTTP library twice; whichever it is, this is its base error.
    http_error: Any = HfHubHTTPError.__bases__[0]
    repo, revision = _split_revision(source)
    advice = "give a local folder instead, or use the built-in encoder 'embedded'"
    try:
        # Asked first because this call, unlike snapshot_download, takes a time limit.
        HfApi().model_info(repo, revision=revision, timeout=HUB_TIMEOUT_S)
        return Path(snapshot_download(repo, revision=revision, allow_patterns=list(FETCHED)))
    except GatedRepoError as error:
        raise EmbodiedError(
            f"hf:{source}: the repository is gated: accept its terms on the hub, "
            "then run `hf auth login`"
        ) from error
    except RevisionNotFoundError as error:
        raise EmbodiedError(f"hf:{source}: the repository has no revision {revision!r}") from error
    except RepositoryNotFoundError as error:
        raise EmbodiedError(
            f"hf:{source}: no such repository on the hub (or it is private: `hf auth login`), "
            "and no such folder here"
        ) from error
    except OfflineModeIsEnabled as error:
        raise EmbodiedError(
            f"hf:{source}: not in the local cache, and HF_HUB_OFFLINE forbids to ask the hub: "
            f"{advice}"
        ) from error
    except (http_error, LocalEntryNotFoundError) as error:
        raise EmbodiedError(
            f"hf:{source}: not in the local cache, and the model hub cannot be reached "
            f"({type(error).__name__}): {advice}"
        ) from error
    except OSError as error:
        raise EmbodiedError(f"hf:{source}: the download failed: {error}") from error
