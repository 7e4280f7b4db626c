"""Builds libraries into the root of a layer, and writes a manifest of them there.

``sources/parts.json`` lists what to build. An error ends the build with one line that begins
with ``part:``.
"""

from __future__ import annotations

import json
import os
import re
import site
import subprocess
import sys
from importlib import metadata
from pathlib import Path

MANIFEST = "usr/local/share/mpm-heartbeat/parts.json"
#: Before Debian's own in ``sys.path``.
PLACE = site.getsitepackages()[0]
PIP = [
    *(sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"),
    *("install", "--no-deps", "--no-build-isolation", "--no-warn-script-location"),
]


def main(sources: Path, root: Path) -> None:
    """Build every part of ``sources`` into ``root``."""
    target = root / PLACE.lstrip("/")
    target.mkdir(parents=True)
    parts = json.loads((sources / "parts.json").read_text())
    for part in parts:
        _install(part, sources, target)
    manifest = [
        {**{key: part[key] for key in ("name", "label", "content")}, "place": PLACE, **_built(part, target)}
        for part in parts
    ]
    (root / MANIFEST).parent.mkdir(parents=True)
    (root / MANIFEST).write_text(json.dumps(manifest))


def _install(part: dict, sources: Path, target: Path) -> None:
    """Build one part with pip."""
    if part["kind"] == "index":
        what = ["--prefer-binary", part["name"] + part["from"]]
    else:
        what = ["--no-index", str(sources / part["path"])]
    environment = {}
    if part["kind"] in ("checkout", "directory"):
        _make_history(sources / part["path"])
        environment = dict.fromkeys(("PBR_VERSION", "SETUPTOOLS_SCM_PRETEND_VERSION"), part["label"])
    run = subprocess.run(
        [*PIP, f"--target={target}", *what],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if run.returncode != 0:
        print(run.stdout)
        _give_up(part, f"cannot be built: {_reason(run.stdout)}")


def _make_history(project: Path) -> None:
    """pbr takes the list of files from git, and packages nothing without a history."""
    git = ["git", "-C", str(project), "-c", "user.name=part", "-c", "user.email=part@localhost"]
    for command in (["init", "--quiet"], ["add", "--all", "--force"], ["commit", "--quiet", "--message=part"]):
        subprocess.run([*git, *command], check=True)


def _built(part: dict, target: Path) -> dict:
    """Version and top-level modules, from the distribution's own metadata."""
    wanted = _canonical(part["name"])
    found = [
        distribution
        for distribution in metadata.distributions(path=[str(target)])
        if _canonical(distribution.metadata["Name"]) == wanted
    ]
    if not found:
        names = ", ".join(it.metadata["Name"] for it in metadata.distributions(path=[str(target)]))
        _give_up(part, f"builds {names or 'nothing'}: use the name of the project that it builds")
    distribution = found[0]
    tops = {file.parts[0] for file in distribution.files or () if file.suffix == ".py"} - {"bin"}
    modules = sorted(
        top[:-3] if top.endswith(".py") else top for top in tops if re.fullmatch(r"[^\W\d]\w*(\.py)?", top)
    )
    return {"version": distribution.version, "modules": modules}


def _canonical(name: str) -> str:
    """A distribution's name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _reason(output: str) -> str:
    """The exception of the last traceback in pip's output, or else pip's first error."""
    lines = [re.sub(r"\x1b\[[\d;]*m", "", line).strip() for line in output.splitlines()]
    tracebacks = [at for at, line in enumerate(lines) if line.startswith("Traceback ")]
    since = lines[tracebacks[-1] :] if tracebacks else []
    exceptions = [line for line in since if re.match(r"[\w.]*(Error|Exception|Exit)\b", line)]
    errors = [line[len("ERROR: ") :] for line in lines if line.startswith("ERROR: ")]
    return (exceptions or errors or [line for line in lines if line] or ["pip says nothing"])[0]


def _give_up(part: dict, why: str) -> None:
    """End the build with the line that the user sees."""
    # On standard output, like the lines before, because the engine may mix up the two outputs.
    print(f"part: {part['name']} {part['label']} {why}", flush=True)
    sys.exit(1)


main(Path(sys.argv[1]), Path(sys.argv[2]))
