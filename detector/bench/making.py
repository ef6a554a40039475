"""Making the scenarios' recordings, kept by what made them, and pooling them in folders."""

import hashlib
import json
import os
import shutil
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import joblib

from detector.bench import scenes, steps
from detector.bench.clip import Clip
from detector.bench.footage import read_footage
from detector.bench.parsing import is_scene, parsed_scene, parsed_step
from detector.bench.scenarios import Recipe, Scenario, Split, placed
from detector.bench.tamper import tamper
from detector.bench.truth import truth_path

#: Members of a pool of copies; each stands beside its original.
_MOST_COPIES = 7
_MOST = 12


@dataclass(frozen=True)
class Pool:
    """Recordings audited together: at most one variant of a scene, but for copies and originals."""

    name: str
    split: Split
    scenarios: tuple[Scenario, ...]

    @property
    def beside(self) -> tuple[str, ...]:
        """Originals that lie beside the scenarios' recordings."""
        return tuple(sorted({name for scenario in self.scenarios for name in scenario.beside}))

    @property
    def recipes(self) -> tuple[Recipe, ...]:
        """Everything in the folder."""
        made = [recipe for scenario in self.scenarios for recipe in scenario.recipes]
        return (*made, *(Recipe(name, name) for name in self.beside))

    @property
    def named(self) -> bool:
        """Whether the recordings' names give camera and times."""
        return self.scenarios[0].named


def pooled(scenarios: Iterable[Scenario]) -> list[Pool]:
    """Scenarios in folders: each in the first of its sort that has nothing of its scene."""
    pools: OrderedDict[tuple[Split, str], list[list[Scenario]]] = OrderedDict()
    for scenario in scenarios:
        sort = "copies" if scenario.beside else "named" if scenario.named else "mixed"
        most = _MOST_COPIES if scenario.beside else _MOST
        members = pools.setdefault((scenario.split, sort), [])
        for pool in members:
            if len(pool) < most and all(_apart(scenario, other) for other in pool):
                pool.append(scenario)
                break
        else:
            members.append([scenario])
    return [
        Pool(f"{split}-{sort}-{number:02d}", split, tuple(pool))
        for (split, sort), found in pools.items()
        for number, pool in enumerate(found)
    ]


def _apart(one: Scenario, two: Scenario) -> bool:
    return one.scene != two.scene and not one.streams & two.streams


def make(recipes: Sequence[Recipe], footage: Path, work: Path, jobs: int) -> None:
    """Makes the recordings that are not there yet, scene by scene in `jobs` processes.

    Raises TrueshaftError for what cannot be made.
    """
    missing: dict[str, list[Recipe]] = {}
    for recipe in recipes:
        if recipe.encoding is not None and not _is_made(recipe, footage, work):
            missing.setdefault(recipe.source, []).append(recipe)
    parts = [batch[i : i + 8] for batch in missing.values() for i in range(0, len(batch), 8)]
    parts.sort(key=len, reverse=True)
    joblib.Parallel(n_jobs=jobs)(joblib.delayed(_make)(part, footage, work) for part in parts)


def _is_made(recipe: Recipe, footage: Path, work: Path) -> bool:
    return kept_beside(recipe, footage, work, "truth.json")[1].exists()


def _make(recipes: Sequence[Recipe], footage: Path, work: Path) -> None:
    source = recipes[0].source
    clip: Clip = parsed_scene(source) if is_scene(source) else read_footage(footage / source)
    for recipe in recipes:
        target = made(recipe, footage, work)
        part = target.with_name(f"part-{os.getpid()}") / target.name
        how = [parsed_step(step) for step in placed(recipe.steps, footage)]
        tamper(clip, part, how, recipe.encoding, recipe.seed)
        for file in (part, truth_path(part)):  # the truth last: it says that the recording is whole
            file.rename(target.parent / file.name)
        part.parent.rmdir()


def made(recipe: Recipe, footage: Path, work: Path) -> Path:
    """Where the recording of a recipe is kept; footage stays where it is."""
    if recipe.encoding is None:
        return footage / recipe.source
    return work / "made" / _key(recipe, footage) / Path(recipe.target).name


def kept_beside(recipe: Recipe, footage: Path, work: Path, what: str) -> tuple[Path, Path]:
    """The recording of a recipe, and where `what` is kept that is known of it ("truth.json")."""
    path = made(recipe, footage, work)
    if recipe.encoding is not None:
        return path, path.with_name(f"{path.name}.{what}")
    return path, work / "originals" / f"{path.name}-{_digest_of(path)[:12]}.{what}"


def lay_out(pool: Pool, footage: Path, work: Path) -> Path:
    """The folder of a pool, its recordings linked into it."""
    folder = work / "pools" / pool.name
    shutil.rmtree(folder, ignore_errors=True)
    for recipe in pool.recipes:
        target = folder / recipe.target
        target.parent.mkdir(parents=True, exist_ok=True)
        source = made(recipe, footage, work)
        try:
            target.hardlink_to(source)
        except OSError:
            shutil.copyfile(source, target)
    return folder


def _key(recipe: Recipe, footage: Path) -> str:
    encoding = asdict(recipe.encoding) if recipe.encoding else None
    source = "" if is_scene(recipe.source) else _digest_of(footage / recipe.source)
    what = [kit_version(), source, recipe.source, recipe.target, recipe.steps, encoding]
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:24]


@cache
def _digest_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@cache
def kit_version() -> str:
    """Digest of the tamper kit's code: where it changes, everything is made again."""
    folder = Path(__file__).parent
    parts = [folder / f"{name}.py" for name in ("clip", "encoding", "footage", "tamper", "truth")]
    parts += [folder / "timeline.py"]
    for package in (steps, scenes):
        parts += sorted(Path(str(package.__file__)).parent.glob("*.py"))
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.read_bytes())
    return digest.hexdigest()
