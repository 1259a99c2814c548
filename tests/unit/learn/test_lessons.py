from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image as PillowImage

from fcn_gui.core.label_map import LabelMap, own_label_map
from fcn_gui.disk.dataset import DatasetItem
from fcn_gui.disk.mask_file import write_mask
from fcn_gui.learn.lessons import Batch, Lessons, Pictures, balance_of, loss_of, nearness
from fcn_gui.learn.recipe import Recipe
from fcn_gui.net.preset import VOC21_LIGHT

RECIPE = Recipe(rate=1e-3, new_rate=1e-3, crop_px=33, batch=3)


@pytest.fixture
def label_map() -> LabelMap:
    return own_label_map(["thing"])


@pytest.fixture
def items(tmp_path: Path, label_map: LabelMap) -> list[DatasetItem]:
    made = []
    for index in range(5):
        image, mask = tmp_path / f"{index}.png", tmp_path / f"{index}.mask.png"
        PillowImage.fromarray(np.full((40, 50, 3), 10 * index, np.uint8)).save(image)
        truth = np.zeros((40, 50), np.uint8)
        truth[:, 25:] = 1
        truth[:5] = 255
        write_mask(mask, truth, label_map)
        made.append(DatasetItem(str(index), image, mask))
    return made


def _lessons(items: list[DatasetItem], label_map: LabelMap, seed: int = 0) -> Lessons:
    balance = np.array([1, 2], np.float32)
    return Lessons(items, Pictures(label_map), VOC21_LIGHT, RECIPE, balance, np.random.default_rng(seed))


def test_a_batch_holds_crops_and_what_is_known_at_every_second_pixel(
    items: list[DatasetItem], label_map: LabelMap
) -> None:
    batch = _lessons(items, label_map).draw(None)
    assert batch.x.shape == (3, 3, 33, 33) and batch.x.is_contiguous(memory_format=torch.channels_last)
    assert batch.truth.shape == batch.weights.shape == batch.inside.shape == (3, 17, 17)
    assert batch.answers is None
    for label, weight in ((0, 1.0), (1, 2.0), (255, 0.0)):
        assert (batch.weights[batch.truth == label] == weight).all()


def test_equal_seeds_draw_equal_batches(items: list[DatasetItem], label_map: LabelMap) -> None:
    first, again, other = (_lessons(items, label_map, seed).draw(None).x for seed in (4, 4, 5))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_pictures_forget_the_oldest_when_there_is_no_room(items: list[DatasetItem], label_map: LabelMap) -> None:
    pictures = Pictures(label_map, most_bytes=1)
    for item in (*items, *items):
        image, truth = pictures.read(item)
        assert image[0, 0, 0] == 10 * int(item.id)
        assert truth.shape == (40, 50)


def test_nearness_falls_off_as_a_bell_from_borders_of_the_truth() -> None:
    truth = np.zeros((5, 40), np.uint8)
    truth[:, 20:] = 1
    distance = np.abs(np.arange(40) - 20)
    assert np.allclose(nearness(truth, 4.0)[2], np.exp(-(distance**2) / 32), atol=1e-5)
    assert not nearness(truth, 0.0).any()
    assert not nearness(np.zeros((5, 5), np.uint8), 4.0).any()


def test_balance_by_hand() -> None:
    counts = np.array([900, 100, 0])
    assert balance_of(counts, 0.5).tolist() == pytest.approx([(500 / 900) ** 0.5, 5**0.5, 1.0])
    assert balance_of(np.array([10**6, 1]), 1.0).tolist() == pytest.approx([0.5, 4.0])
    assert balance_of(counts, 0.0).tolist() == [1, 1, 1]


def _batch(weights: torch.Tensor, answers: torch.Tensor | None) -> tuple[torch.Tensor, Batch]:
    generator = torch.Generator().manual_seed(0)
    scores = torch.randn(2, 3, 5, 5, generator=generator)
    truth = torch.randint(0, 3, (2, 5, 5), generator=generator)
    return scores, Batch(torch.zeros(2, 3, 9, 9), truth, weights, answers, torch.ones(2, 5, 5))


def test_the_loss_is_the_weighted_mean_of_the_cross_entropy() -> None:
    weights = torch.rand(2, 5, 5, generator=torch.Generator().manual_seed(1))
    scores, batch = _batch(weights, None)
    log_p = np.log(np.exp(scores.numpy()) / np.exp(scores.numpy()).sum(1, keepdims=True))
    picked = np.take_along_axis(log_p, batch.truth.numpy()[:, None], 1)[:, 0]
    expected = -(picked * weights.numpy()).sum() / max(1, weights.numpy().sum())
    assert float(loss_of(scores, batch, RECIPE)) == pytest.approx(float(expected), rel=1e-5)


def test_void_has_no_part_in_the_loss() -> None:
    weights = torch.ones(2, 5, 5)
    weights[1] = 0
    scores, batch = _batch(weights, None)
    batch.truth[1] = 255
    scores.requires_grad_()
    loss_of(scores, batch, RECIPE).backward()
    assert scores.grad is not None
    assert scores.grad[1].abs().sum() == 0


def test_the_teacher_s_part_is_mixed_in_by_its_share() -> None:
    recipe = Recipe(rate=1e-3, new_rate=1e-3, distillation=0.25)
    answers = torch.rand(2, 3, 5, 5, generator=torch.Generator().manual_seed(2)).softmax(1)
    scores, batch = _batch(torch.ones(2, 5, 5), answers)
    truth_part = float(loss_of(scores, Batch(batch.x, batch.truth, batch.weights, None, batch.inside), recipe))
    teacher_part = float(-(answers * scores.log_softmax(1)).sum(1).mean())
    assert float(loss_of(scores, batch, recipe)) == pytest.approx(0.75 * truth_part + 0.25 * teacher_part, rel=1e-5)


def test_coarser_scores_are_brought_up_to_the_loss_s_grid() -> None:
    _, batch = _batch(torch.ones(2, 5, 5), None)
    flat = torch.zeros(2, 3, 3, 3)
    assert float(loss_of(flat, batch, RECIPE)) == pytest.approx(float(np.log(3)), rel=1e-5)
