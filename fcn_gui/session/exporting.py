"""What an export writes: every image of the project, with its maps as they are in memory or on disk."""

from functools import partial
from pathlib import Path

from fcn_gui.core.raster import Mask, Vouch
from fcn_gui.disk.voc_export import ExportItem, ExportReport, ExportRequest
from fcn_gui.disk.voc_truth import ExportOptions
from fcn_gui.session.learning import Learning
from fcn_gui.session.messages import Message, counted, exported
from fcn_gui.session.opening import LoadRequest, read_corrected
from fcn_gui.session.project import Item, Status


def export_request(session: Learning, target: Path, options: ExportOptions) -> ExportRequest:
    """A snapshot for `voc_export.export_voc`. Raises ProjectError, LabelMapError when there is nothing open."""
    project = session.need_project()
    items = [_item(session, item) for item in project.items]
    return ExportRequest(target, session.need_label_map(), items, options)


def export_message(report: ExportReport, options: ExportOptions) -> Message:
    """What to tell when it is done."""
    if not report.written:
        return Message("warn", "Nothing was exported: no image is verified. Verify one, or export all images.")
    noun = "verified image" if options.only_verified else "image"
    return exported(counted(report.written, noun), str(report.path), len(report.left_out), options.only_verified)


def _item(session: Learning, item: Item) -> ExportItem:
    project = session.need_project()
    is_verified = item.status is Status.VERIFIED
    opened = session.in_memory(item.key)
    path = project.folder.folder / item.key
    if opened is None:
        return ExportItem(item.key, path, partial(_read, session.load_request(item.key)), is_verified, item.held_out)
    mask, vouch = opened.document.masked.mask.copy(), opened.document.masked.vouch.copy()
    return ExportItem(item.key, path, lambda: (mask, vouch), is_verified, item.held_out)


def _read(request: LoadRequest) -> tuple[Mask, Vouch]:
    _, mask, vouch = read_corrected(request)
    return mask, vouch
