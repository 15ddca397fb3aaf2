"""Training on the engine's own steps: what the network sees there is what the engine would show it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from semanticdraw_widget.crayon import networks, regions
from semanticdraw_widget.crayon.denoiser import Denoiser
from semanticdraw_widget.crayon.distil import USED
from semanticdraw_widget.crayon.gallery import GROUND, OBJECT, PATCH, SLOTS, Gallery
from semanticdraw_widget.crayon.network import Network
from semanticdraw_widget.crayon.regions import (
    CENTRED,
    SHARES,
    Course,
    alone_step,
    apart_step,
    blank_paper,
    first_answers,
    fused_step,
    held_loss,
    inside,
    moved,
    patches,
    shares_of,
    shifts,
    textured,
)
from semanticdraw_widget.crayon.stage import Settings
from semanticdraw_widget.crayon.walks import EDGES, LATE, Walks, begin, begin_apart, opening, painted_in, spread
from semanticdraw_widget.engine.centring import centring_shift, move
from semanticdraw_widget.engine.samplers import LCM
from semanticdraw_widget.engine.weights import weight_maps

SIDE, H, C = 64, 8, networks.LATENT_CHANNELS
FILL = 7.0  # what the painting-by-numbers network answers everywhere


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Threads of so small a network mostly wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Denoiser:
    torch.manual_seed(0)
    return Denoiser(Settings(tmp_path_factory.mktemp("work")))


@pytest.fixture(scope="module")
def gallery(model: Denoiser) -> Gallery:
    made = Gallery(24, SIDE, "cpu")
    made.fill(1, 0, model.tokenizer, 0.6)
    torch.manual_seed(1)
    made.encode(networks.make_codec())
    return made


@pytest.fixture(scope="module")
def paper(gallery: Gallery) -> torch.Tensor:
    latent = blank_paper(gallery.codec, SIDE, "cpu")
    assert latent.shape == (1, C, H, H)
    return latent


@pytest.fixture
def filler(monkeypatch: pytest.MonkeyPatch) -> list[torch.Tensor]:
    """Stands in for the network and answers FILL everywhere; lists what it was shown."""
    shown: list[torch.Tensor] = []

    def answer(model: object, x: torch.Tensor, t: torch.Tensor, walks: Walks, fused: bool = False) -> torch.Tensor:
        shown.append(x)
        return torch.full_like(walks.goal, FILL)

    monkeypatch.setattr(regions, "answer", answer)
    return shown


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@examples(max_examples=60)
@given(st.integers(0, 10**6), st.integers(1, 4), st.integers(3, 12), st.integers(3, 12), st.floats(0.0, 0.5))
def test_centring_is_the_engine_s_row_by_row(seed: int, n: int, h: int, w: int, density: float) -> None:
    rng = np.random.default_rng(seed)
    weight = torch.from_numpy(np.where(rng.random((n, 1, h, w)) < density, rng.random((n, 1, h, w)), 0)).float()
    found = shifts(weight)
    assert found.dtype == torch.int64
    assert [tuple(row) for row in found.tolist()] == [centring_shift(row[0]) for row in weight]
    x, ground = torch.randn(2, n, 3, h, w, generator=seeded(seed))
    there = torch.from_numpy(rng.integers((1 - h, 1 - w), (h, w), (n, 2)))
    for shift in (found, -found, there):
        expected = torch.stack([move(x[i], (int(dy), int(dx)), ground[i]) for i, (dy, dx) in enumerate(shift)])
        assert torch.equal(moved(x, shift, ground), expected)


def test_a_fused_walk_has_all_prompts_of_its_picture(gallery: Gallery, monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = gallery.kinds.clone()
    kinds[::3][kinds[::3] == OBJECT] = PATCH  # so that pictures have several
    monkeypatch.setitem(gallery.parts, "kinds", kinds)
    walks = begin(gallery, seeded(3), 30, fused=True)
    assert walks.maps.shape == (30, SLOTS, H, H) and walks.tokens.shape == (30, SLOTS, networks.TOKENS)
    torch.testing.assert_close(walks.maps.sum(1), torch.ones(30, H, H))
    rows = [int((gallery.latents.float() == goal).flatten(1).all(1).nonzero()[0]) for goal in walks.goal]
    assert torch.equal(walks.tokens, gallery.prompts[rows].long())
    patches = gallery.kinds[rows] == PATCH
    assert torch.equal(walks.patch >= 0, patches.any(1)) and 0 < patches.any(1).sum() < 30
    # The first patch is a region, and any other belongs to the background.
    chosen = torch.nn.functional.one_hot(walks.patch.clamp(min=0), SLOTS).bool() & patches
    assert (patches & ~chosen).any(), "some picture has two"
    fills = (gallery.kinds[rows] == OBJECT) | chosen
    assert torch.equal(painted_in(walks.kinds)[..., 0, 0], fills)
    objects = (gallery.maps[rows].float() / 255) * fills[..., None, None]
    torch.testing.assert_close(walks.weight, objects.sum(1, keepdim=True).clamp(max=1))
    assert (walks.weight.amax((1, 2, 3)) > 0).all(), "each has something to fill"
    behind = (gallery.kinds[rows] == GROUND) | (patches & ~chosen)
    grounds = (walks.maps * behind[..., None, None]).sum(1, keepdim=True)
    torch.testing.assert_close(walks.ground, grounds, atol=0.02, rtol=0)
    assert (walks.ground + walks.weight <= 1 + 1e-5).all()


def test_an_alone_walk_has_one_prompt_and_its_region(gallery: Gallery) -> None:
    walks = begin(gallery, seeded(4), 60, fused=False)
    assert walks.maps.shape == (60, 1, H, H) and walks.tokens.shape == (60, 1, networks.TOKENS)
    assert torch.equal(walks.weight, walks.maps) and not walks.ground.any()
    assert torch.equal(walks.made, walks.goal) and not walks.step.any()
    for goal, tokens, weight in zip(walks.goal, walks.tokens[:, 0], walks.weight[:, 0]):
        row = int((gallery.latents.float() == goal).flatten(1).all(1).nonzero()[0])
        fills = (gallery.kinds[row] == OBJECT) | (gallery.kinds[row] == PATCH)
        same = (gallery.prompts[row] == tokens).all(1) & fills
        assert any(torch.equal(gallery.maps[row, k] / 255, weight) for k in same.nonzero()[:, 0])
    assert torch.equal(walks.patch == 0, walks.kinds[:, 0] == PATCH) and (walks.patch >= 0).any()
    assert (walks.late <= 0).all() and walks.late.min() >= -LATE
    assert 0.5 < (walks.late == 0).float().mean() < 1


@pytest.mark.parametrize("fused", [True, False])
def test_a_step_changes_the_regions_alone_and_its_loss_reaches_the_network(
    gallery: Gallery, model: Denoiser, paper: torch.Tensor, fused: bool
) -> None:
    walks = begin(gallery, seeded(5), 4, fused)
    walks.step = torch.tensor([1, 2, 3, 1] if fused else [0, 1, 2, 3])
    steps = walks.step.clone()
    loss = fused_step(model, model.network, walks) if fused else alone_step(model, model.network, walks, paper)
    loss.backward()
    assert loss > 0
    reached = [p.grad is not None and bool(p.grad.abs().sum() > 0) for p in model.unet.parameters()]
    assert sum(reached) > 0.9 * len(reached)
    assert all(p.grad is None for p in model.text.parameters())
    model.unet.zero_grad()
    assert torch.equal(walks.step, steps + 1)
    assert not walks.made.requires_grad
    change = (walks.made - walks.goal).abs().sum(1, keepdim=True)
    assert not change[walks.weight == 0].any()
    assert (change[walks.weight > 0.5] > 0).all()


def test_an_answer_is_pasted_by_weight_and_at_its_own_place(
    gallery: Gallery, model: Denoiser, paper: torch.Tensor, filler: list[torch.Tensor]
) -> None:
    for fused in (False, True):
        walks = begin(gallery, seeded(6), 12, fused)
        before = walks.made.clone()
        if fused:
            fused_step(model, model.network, walks)
        else:
            alone_step(model, model.network, walks, paper)
        torch.testing.assert_close(walks.made, before + walks.weight * (FILL - before))


def test_the_first_steps_show_a_region_alone_on_paper_in_the_middle(
    gallery: Gallery, model: Denoiser, paper: torch.Tensor, filler: list[torch.Tensor]
) -> None:
    walks = begin(gallery, seeded(7), 12, fused=False)
    for step in range(CENTRED + 1):
        torch.manual_seed(8)
        noise = torch.randn_like(walks.goal)
        made = walks.made = torch.randn_like(walks.made)
        torch.manual_seed(8)
        alone_step(model, model.network, walks, paper)
        for i, x in enumerate(filler[-1]):
            a, s = (float(value) for value in model.coefficients(USED[step] + walks.late[i : i + 1] * (step > 0)))
            seen = a * made[i] + s * noise[i] if step else noise[i]
            if step < CENTRED:
                ground = a * paper[0] + s * noise[i]
                seen = move(torch.lerp(ground, seen, walks.weight[i]), centring_shift(walks.weight[i, 0]), ground)
            torch.testing.assert_close(x, seen)


def test_apart_the_first_steps_show_a_region_alone_on_paper_in_the_middle(
    gallery: Gallery, model: Denoiser, paper: torch.Tensor, filler: list[torch.Tensor]
) -> None:
    """As many rows in the middle of the frame as there are regions, and in the steps after them none."""
    walks = begin_apart(gallery, seeded(17), 6, LEVELS)
    for step in range(len(USED)):
        masks, noise_seed = walks.masks[:, step], 30 + step
        before = len(filler)
        torch.manual_seed(noise_seed)
        noise = torch.randn_like(walks.goal)
        made = walks.made.clone()
        torch.manual_seed(noise_seed)
        count = int((masks.flatten(2).amax(2) > 0.05).sum())
        apart_step(model, model.network, walks, paper, seeded(), count)
        asked = next(x for x in filler[before + 1 :] if len(x) == count)  # the first call is the backgrounds'
        expected = []
        for i, k in torch.nonzero(masks.flatten(2).amax(2) > 0.05).tolist():
            a, s = (float(value) for value in model.coefficients(USED[step] + walks.late[i : i + 1] * (step > 0)))
            x = a * made[i] + s * noise[i] if step else noise[i]
            if step < CENTRED:
                ground = a * paper[0] + s * noise[i]
                x = move(torch.lerp(ground, x, masks[i, k]), centring_shift(masks[i, k]), ground)
            expected.append(x)
        # The rows come in any order.
        far = torch.cdist(asked.flatten(1), torch.stack(expected).flatten(1))
        assert float(far.amin(1).max()) < 1e-2
        assert float(far.amin(0).max()) < 1e-2


def test_first_answers_are_pasted_inside_objects_alone(
    gallery: Gallery, model: Denoiser, paper: torch.Tensor, filler: list[torch.Tensor]
) -> None:
    walks = begin(gallery, seeded(9), 20, fused=True)
    regions_asked = walks.maps * painted_in(walks.kinds)
    regions_asked = regions_asked * (regions_asked.amax((2, 3), keepdim=True) > 0.05)
    count = int(regions_asked.amax((2, 3)).count_nonzero())
    assert count % 8, "the last call has rows to spare, which are not to be pasted twice"
    first_answers(model, model.network, walks, paper, 8)
    assert (walks.step == 1).all()
    assert [len(x) for x in filler] == [8] * -(-count // 8), "a row for each region, as many a call"
    share = regions_asked.sum(1, keepdim=True)
    torch.testing.assert_close(walks.made, walks.goal + share * (FILL - walks.goal))
    assert torch.equal((walks.made != walks.goal).any(1, keepdim=True), share > 0)
    assert (walks.weight[share > 0] > 0).all()


def test_a_picture_of_slivers_has_no_first_answer(
    gallery: Gallery, model: Denoiser, paper: torch.Tensor, filler: list[torch.Tensor]
) -> None:
    walks = begin(gallery, seeded(10), 2, fused=True)
    walks.maps = walks.maps * 0.01
    first_answers(model, model.network, walks, paper, 8)
    assert not filler and torch.equal(walks.made, walks.goal) and (walks.step == 1).all()


@pytest.mark.parametrize("fused", [True, False])
def test_a_course_goes_on_and_replaces_the_walks_that_are_over(
    gallery: Gallery, model: Denoiser, paper: torch.Tensor, filler: list[torch.Tensor], fused: bool
) -> None:
    course = Course(model, model.network, gallery, seeded(11), paper)
    walks = course.ready(7, fused)
    first = int(fused)
    assert set(walks.step.tolist()) == set(range(first, len(USED))), "a batch holds all steps"
    step: Callable[[], torch.Tensor] = (
        (lambda: fused_step(model, model.network, walks))
        if fused
        else (lambda: alone_step(model, model.network, walks, paper))
    )
    step()
    over = walks.step == len(USED)
    assert 0 < over.sum() < 7
    steps, made, guidance = walks.step.clone(), walks.made.clone(), walks.guidance.clone()
    assert course.ready(7, fused) is walks
    assert (walks.step[over] == first).all() and (walks.guidance[over] != guidance[over]).all()
    assert torch.equal(walks.step[~over], steps[~over]) and torch.equal(walks.made[~over], made[~over])
    assert course.ready(7, not fused) is not walks, "walks of the other kind are a batch of their own"


class Before:
    """Stands in for the network of before: its picture is what it was shown, times 10, plus its prompt's first token.
    shown: the noisy latents of each call."""

    def __init__(self, model: Denoiser) -> None:
        self.model = model
        self.shown: list[torch.Tensor] = []

    def __call__(self, x: torch.Tensor, t: torch.Tensor, text: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        self.shown.append(x)
        a, s = self.model.coefficients(t)
        return (a * x - (10 * x + text[:, :1, :1, None])) / s


@pytest.mark.parametrize("rows", [1, 3, 50])
def test_a_patch_is_to_show_what_was_painted_over_the_whole_canvas_before(
    gallery: Gallery, model: Denoiser, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    monkeypatch.setattr(model, "embed", lambda tokens: tokens[..., None].float())
    walks, before = begin(gallery, seeded(16), 20, fused=True), Before(model)
    patched = (walks.patch >= 0).nonzero()[:, 0]
    assert 1 < len(patched) < 20
    walks.step = torch.arange(20) % 2
    walks.texture = torch.randn(walks.texture.shape, generator=seeded(17))
    old, noise = walks.texture.clone(), torch.randn(walks.goal.shape, generator=seeded(18))
    t = torch.tensor(USED)[walks.step] + walks.late * (walks.step > 0)
    goal = textured(model, before, walks, t, noise, rows)  # type: ignore[arg-type]
    assert {len(x) for x in before.shown} == {rows}, "as many a call, whatever there is"
    a, s = model.coefficients(t)
    for i in range(20):
        if i not in patched:
            assert torch.equal(goal[i], walks.goal[i]) and torch.equal(walks.texture[i], old[i])
            continue
        x = noise[i] if walks.step[i] == 0 else a[i] * old[i] + s[i] * noise[i]
        expected = 10 * x + float(walks.tokens[i, walks.patch[i], 0])
        torch.testing.assert_close(walks.texture[i], expected, atol=1e-3, rtol=1e-4)
        where = walks.maps[i, walks.patch[i]]
        torch.testing.assert_close(goal[i], torch.lerp(walks.goal[i], walks.texture[i], where))
        assert where.max() > 0


def test_a_patch_s_texture_goes_on_from_its_first_answer(
    gallery: Gallery, model: Denoiser, paper: torch.Tensor, filler: list[torch.Tensor]
) -> None:
    walks = begin(gallery, seeded(19), 20, fused=True)
    first_answers(model, model.network, walks, paper, 8)
    begun = walks.texture.flatten(1).abs().amax(1) > 0
    region = (walks.maps * painted_in(walks.kinds)).flatten(2).amax(2) > 0.05
    assert begun.any()
    assert torch.equal(begun, (walks.patch >= 0) & region[torch.arange(20), walks.patch.clamp(min=0)])


LEVELS = LCM(networks.make_scheduler().config, len(USED)).levels


@pytest.mark.parametrize("edge", EDGES)
def test_masks_open_as_the_engine_s_do(edge: float) -> None:
    y, x = np.mgrid[0:256, 0:256]
    masks = [(x - 100) ** 2 + (y - 90) ** 2 < 60**2, (x > 150) & (y > 100) & (y < 230)]
    shares = torch.from_numpy(np.stack([m.reshape(32, 8, 32, 8).mean((1, 3)) for m in masks])).float()
    ours = opening(shares[None], torch.tensor([edge]), LEVELS)[0]
    theirs = weight_maps(
        [m.astype(np.uint8) * 255 for m in masks], [1.0] * 2, [edge] * 2, LEVELS, "semi", 8, cover_order=False
    )
    assert ours.shape == theirs.shape == (4, 2, 32, 32)
    assert (ours - theirs).abs().mean() < 0.01
    assert (ours - theirs).abs().amax() < 0.6, "of a cell: nowhere a cell too many"
    assert (ours.diff(dim=0) >= 0).all()


@examples(max_examples=40)
@given(st.integers(0, 10**6), st.integers(1, 4))
def test_backgrounds_go_on_under_what_lies_on_them(seed: int, prompts: int) -> None:
    rng = np.random.default_rng(seed)
    owner = rng.integers(-prompts, prompts, (2, 9, 9))  # below 0 is nobody's
    maps = torch.from_numpy(np.stack([owner == k for k in range(prompts + 1)], 1)).float()
    maps[:, 0, 4, 4] = 1
    maps[:, 1:, 4, 4] = 0
    found = spread(maps)
    torch.testing.assert_close(found.sum(1), torch.ones(2, 9, 9))
    assert (found[maps > 0] > 0.9).all(), "each keeps its own cells"
    assert not found[(maps.amax((2, 3)) == 0)].any(), "and a slot without any stays without"


def test_what_lies_nearest_goes_on() -> None:
    maps = torch.zeros(1, 2, 1, 30)
    maps[0, 0, 0, :4], maps[0, 1, 0, -4:] = 1, 1
    found = spread(maps)[0, :, 0]
    assert (found[0, :12] > 0.9).all() and (found[1, -12:] > 0.9).all()


@pytest.fixture
def two_fillers(monkeypatch: pytest.MonkeyPatch) -> list[tuple[torch.Tensor, torch.Tensor, Walks]]:
    """The network answers FILL to a region's row, and 1 to the row of all backgrounds."""
    asked: list[tuple[torch.Tensor, torch.Tensor, Walks]] = []

    def answer(model: object, x: torch.Tensor, t: torch.Tensor, walks: Walks, fused: bool = False) -> torch.Tensor:
        asked.append((x, t, walks))
        return torch.full_like(x, 1.0 if fused else FILL)

    monkeypatch.setattr(regions, "answer", answer)
    return asked


def test_apart_each_region_is_pasted_as_far_as_it_is_open(
    gallery: Gallery, model: Denoiser, paper: torch.Tensor, two_fillers: list[tuple[torch.Tensor, torch.Tensor, Walks]]
) -> None:
    walks = begin_apart(gallery, seeded(12), 10, LEVELS)
    walks.step = torch.arange(10) % 4
    masks = walks.masks[torch.arange(10), walks.step]
    assert 0 < masks.amax() <= 1
    many = int((masks.amax((2, 3)) > 0.05).sum())
    steps = walks.step.clone()
    apart_step(model, model.network, walks, paper, seeded(), many + 3)  # rows to spare are not pasted twice
    share = masks.sum(1, keepdim=True).clamp(max=1)
    torch.testing.assert_close(walks.made, (1 + (FILL - 1) * share).expand_as(walks.made), atol=0.35, rtol=0)
    assert torch.equal(walks.step, steps + 1)
    (_, _, behind), (seen, _, rows) = two_fillers
    torch.testing.assert_close(behind.maps.sum(1), torch.ones(10, H, H))
    assert len(seen) == many + 3 and rows.tokens.shape[:2] == (many + 3, 1)


def test_apart_regions_that_have_no_row_keep_what_they_had(
    gallery: Gallery, model: Denoiser, paper: torch.Tensor, two_fillers: list[tuple[torch.Tensor, torch.Tensor, Walks]]
) -> None:
    walks = begin_apart(gallery, seeded(13), 6, LEVELS)
    walks.step = torch.full((6,), 3)
    before, masks = walks.made.clone(), walks.masks[:, 3]
    apart_step(model, model.network, walks, paper, seeded(), 1)
    full = masks.amax(1, keepdim=True).expand_as(before) == 1
    kept, filled = walks.made == before, walks.made == FILL
    assert (kept | filled)[full].all()
    assert kept[full].any() and filled[full].any()


def test_apart_the_loss_reaches_the_network_and_counts_inside_masks_alone(
    gallery: Gallery, model: Denoiser, paper: torch.Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    walks = begin_apart(gallery, seeded(14), 4, LEVELS)
    walks.step = torch.arange(4)
    weights: list[torch.Tensor] = []

    def counted(error: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        weights.append(weight)
        return inside(error, weight)

    monkeypatch.setattr(regions, "inside", counted)
    masks = walks.masks[torch.arange(4), walks.step] * walks.maps
    loss = apart_step(model, model.network, walks, paper, seeded(), 12)
    loss.backward()
    assert loss > 0
    reached = [p.grad is not None and bool(p.grad.abs().sum() > 0) for p in model.unet.parameters()]
    assert sum(reached) > 0.9 * len(reached)
    model.unet.zero_grad()
    assert not walks.made.requires_grad
    many = int((walks.masks[torch.arange(4), torch.arange(4)].amax((2, 3)) > 0.05).sum())
    assert float(weights[0].sum()) == pytest.approx(float(masks.sum()), rel=0.05) or many > 12


def test_walks_apart_go_on_until_they_are_over(gallery: Gallery, model: Denoiser, paper: torch.Tensor) -> None:
    course = Course(model, model.network, gallery, seeded(15), paper)
    torch.testing.assert_close(torch.tensor(course.levels), torch.tensor(LEVELS))
    walks = course.ready_apart(20)
    assert len(walks.step) == 8 and set(walks.step.tolist()) == set(range(len(USED)))
    walks.step += 1
    over = walks.step == len(USED)
    goal = walks.goal.clone()
    assert course.ready_apart(20) is walks
    assert not walks.step[over].any() and torch.equal(walks.goal[~over], goal[~over])
    assert not torch.equal(walks.goal[over], goal[over])


def test_a_network_that_has_not_changed_is_held_by_nothing(gallery: Gallery, model: Denoiser) -> None:
    with torch.no_grad():
        same = held_loss(model, model.network, gallery.ground_batch(seeded(), 3), seeded())
        other = Network(networks.make_unet(), model.settings)
        far = held_loss(model, other, gallery.ground_batch(seeded(), 3), seeded())
    assert float(same) == pytest.approx(0, abs=1e-6) and far > 1e-3


def test_the_levels_are_the_engine_s(model: Denoiser) -> None:
    sampler = LCM(networks.make_scheduler().config, len(USED))
    assert tuple(sampler.timesteps) == USED
    a, s = model.coefficients(torch.tensor(USED))
    torch.testing.assert_close(a.flatten(), torch.tensor(sampler.a))
    torch.testing.assert_close(s.flatten(), torch.tensor(sampler.s))
    assert sum(SHARES.values()) == pytest.approx(1)


def test_a_configuration_may_say_how_often_each_kind_of_batch_comes() -> None:
    own = {"held": 0, "fused": 0.25, "alone": 0.05, "apart": 0.6, "plain": 0.1}
    assert shares_of({"shares": own}) == own
    assert list(shares_of({"shares": own})) == list(SHARES), "a seed draws the same kinds in whatever order they stand"
    assert shares_of({"rate": 1e-4}) == SHARES


@pytest.mark.parametrize(
    "wrong", [{"fused": 1.0}, {**SHARES, "apart": 0.5}, {**SHARES, "held": -0.1, "fused": 0.55}, {**SHARES, "more": 0}]
)
def test_shares_that_are_none_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="give fused, alone, apart, held, plain, numbers that add up to 1"):
        shares_of({"shares": wrong})


def test_an_error_inside_counts_the_same_in_a_large_and_a_small_region() -> None:
    error, weight = torch.zeros(2, 3, 8, 8), torch.zeros(2, 1, 8, 8)
    weight[0, :, :4], weight[1, :, :4, :4] = 1, 1
    error[0, :, :4], error[1, :, :4, :4] = 2.0, 2.0
    error[:, :, 6:] = 99.0  # outside, so it does not count
    torch.testing.assert_close(inside(error, weight), torch.tensor(2.0))
    weight[1], error[1] = 0, 0
    weight[1, :, 0, 0], error[1, :, 0, 0] = 0.5, 2.0  # below a sixty-fourth of the picture a region counts less
    torch.testing.assert_close(inside(error, weight), torch.tensor((2 + 2 * 0.5) / 2))


def test_a_patch_s_error_is_that_of_the_cells_that_count() -> None:
    error, weight = torch.ones(1, 2, 8, 8), torch.ones(1, 1, 8, 8)
    error[..., :4, :2], weight[..., :4, :2] = 50.0, 0.0  # half a patch does not count, whatever it holds
    torch.testing.assert_close(patches(error, weight), torch.ones(1, 2, 2, 2))
    noisy = torch.randn(1, 2, 8, 8, generator=seeded())
    means = noisy.unflatten(2, (2, 4)).unflatten(4, (2, 4)).mean((3, 5))
    flat = noisy - means.repeat_interleave(4, 2).repeat_interleave(4, 3)
    assert patches(flat, torch.ones(1, 1, 8, 8)).abs().max() < 1e-6  # texture is free


def test_the_work_folder_gets_nothing_but_the_tokenizer(model: Denoiser) -> None:
    assert [path.name for path in Path(model.settings.work).iterdir()] == ["tokenizer"]
