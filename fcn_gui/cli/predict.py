"""`fcn-gui predict`."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import click
from PIL import Image as PillowImage

from fcn_gui.cli import choices
from fcn_gui.cli.reporting import as_json, follow, show
from fcn_gui.core.errors import SaveError
from fcn_gui.core.image_io import IMAGE_SUFFIXES
from fcn_gui.core.label_map import LabelMap
from fcn_gui.core.overlay import heatmap_rgba, mask_rgba, muted_photo
from fcn_gui.core.palette import overlay_colors
from fcn_gui.core.prediction import Prediction
from fcn_gui.core.raster import Image
from fcn_gui.core.refinement import Refinement
from fcn_gui.disk.mask_file import write_mask

OPACITY = 0.45


@click.command("predict")
@click.argument("images", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(file_okay=False, path_type=Path), help="For the masks.")
@click.option("--overlay", is_flag=True, help="Also write the mask over the photo.")
@click.option("--heatmaps", is_flag=True, help="Also write a heatmap of each class that is found.")
@choices.checkpoint
@choices.device
@choices.refine
@click.option("--shard", metavar="I/N", help="Only every N-th image, from the I-th (1…N): share a folder out.")
@as_json
def command(
    images: tuple[Path, ...],
    output: Path,
    overlay: bool,
    heatmaps: bool,
    checkpoint: str,
    device: str,
    refine: str,
    shard: str | None,
    as_json: bool,
) -> int:
    """Write a mask (PNG, class indices with a palette) for each of IMAGES, which may be files and folders."""
    from fcn_gui.net.looks import ManyLooks
    from fcn_gui.net.predict import Predictor
    from fcn_gui.net.predict_files import predict_files

    names = _sharded(_names(images), shard)
    loaded = choices.load_checkpoint(checkpoint)
    writer = _Writer(output, dict(names), loaded.label_map, overlay, heatmaps, Refinement(refine))
    predictor = ManyLooks.where_wanted(Predictor.of(loaded, device), Refinement(refine))
    report = follow(predict_files(predictor, [path for path, _ in names], writer), "predict", as_json)
    rate = report.done / report.seconds if report.seconds else 0.0
    failed = [{"file": str(path), "reason": reason} for path, reason in report.failed]
    show(
        {
            "images": report.done,
            "failed": failed,
            "seconds": round(report.seconds, 3),
            "images_per_second": round(rate, 3),
            "device": predictor.device.text,
            "preset": f"{predictor.preset.name}, long side {predictor.preset.size}",
        },
        f"{report.done} masks in {output}, {report.seconds:.1f} s, {rate:.2f} images a second",
        as_json,
    )
    for path, reason in report.failed:
        click.echo(f"fcn-gui: {path}: {reason}", err=True)
    return 1 if report.failed else 0


def _names(given: tuple[Path, ...]) -> list[tuple[Path, str]]:
    """Each image with the name of its mask: the image's without its suffix, unless two would be the same."""
    found: list[tuple[Path, Path]] = []
    for path in given:
        inside = sorted(p for p in path.rglob("*") if _is_image(p, path)) if path.is_dir() else [path]
        found += [(p, p.relative_to(path) if path.is_dir() else Path(p.name)) for p in inside]
    if not found:
        raise click.BadParameter("there is no image in it", param_hint="IMAGES")
    stems = [str(name.with_suffix("")).casefold() for _, name in found]
    taken: set[str] = set()
    return [
        (path, _free(str(name.with_suffix("")) if stems.count(stem) == 1 else str(name), taken))
        for (path, name), stem in zip(found, stems, strict=True)
    ]


def _is_image(path: Path, folder: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
    return path.suffix.lower() in IMAGE_SUFFIXES and not hidden and path.is_file()


def _free(name: str, taken: set[str]) -> str:
    number, free = 1, name
    while free.casefold() in taken:
        number += 1
        free = f"{name}-{number}"
    taken.add(free.casefold())
    return free


def _sharded(names: list[tuple[Path, str]], shard: str | None) -> list[tuple[Path, str]]:
    if shard is None:
        return names
    first, slash, of = shard.partition("/")
    if not (slash and first.isdecimal() and of.isdecimal() and 1 <= int(first) <= int(of)):
        raise click.BadParameter(f"'{shard}' is not I/N with 1 ≤ I ≤ N, such as 2/4", param_hint="--shard")
    return names[int(first) - 1 :: int(of)]


@dataclass(frozen=True)
class _Writer:
    """Writes what was asked for of one image, beside its mask."""

    output: Path
    names: dict[Path, str]
    label_map: LabelMap
    overlay: bool
    heatmaps: bool
    way: Refinement

    def __call__(self, path: Path, image: Image, prediction: Prediction) -> None:
        if self.way is not Refinement.OFF:
            from fcn_gui.net.refine import refined

            prediction = replace(prediction, labels=refined(prediction.scores, image, self.way))
        target = self.output / self.names[path]
        _saving(target, lambda: target.parent.mkdir(parents=True, exist_ok=True))
        write_mask(target.with_name(f"{target.name}.png"), prediction.labels, self.label_map)
        if self.overlay:
            rgba = mask_rgba(prediction.labels, overlay_colors(self.label_map), OPACITY)
            self._write_over(image, PillowImage.fromarray(rgba), target.with_name(f"{target.name}.overlay.jpg"))
        if self.heatmaps:
            self._write_heatmaps(image, prediction, target)

    def _write_heatmaps(self, image: Image, prediction: Prediction, target: Path) -> None:
        below = muted_photo(image)
        for label in sorted({int(k) for k in set(prediction.labels.ravel().tolist())}):
            rgba = heatmap_rgba(prediction.scores.heatmap(label))
            name = f"{target.name}.heatmap-{label:02d}.jpg"
            self._write_over(below, PillowImage.fromarray(rgba), target.with_name(name))

    @staticmethod
    def _write_over(below: Image, above: PillowImage.Image, target: Path) -> None:
        whole = PillowImage.fromarray(below).convert("RGBA")
        whole.alpha_composite(above)
        _saving(target, lambda: whole.convert("RGB").save(target, quality=92))


def _saving(target: Path, write: Callable[[], None]) -> None:
    try:
        write()
    except OSError as error:
        raise SaveError(
            f"{target} can't be written: {error.strerror or error}; free some space or choose another."
        ) from error
