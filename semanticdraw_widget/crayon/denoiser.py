"""The stage ``base``: text encoder and UNet as an ordinary diffusion model (v-prediction)."""

from __future__ import annotations

import copy
from typing import Any

import torch

from . import networks
from .gallery import Batch, Gallery
from .network import Network, descend
from .stage import Settings, Stage, average, optimizer_of

UNCONDITIONAL = 0.1  # share of captions replaced by the empty one, for classifier-free guidance
PURE = 0.06  # share of samples that are nothing but noise
# Loss weight of cells that the caption does not name. At high noise nothing says where the concept is, and the
# prediction is a mean over all that a pixel might show, by these weights. Region control reads a prompt's prediction
# inside its own mask alone, so the mean has to be the concept: 0.08 still let the background win there.
OUTSIDE = 0.02


class Denoiser:
    """Tokenizer, text encoder and UNet, with the schedule's coefficients."""

    def __init__(self, settings: Settings, start: str = "") -> None:
        self.settings = settings
        self.tokenizer = networks.make_tokenizer(settings.work / "tokenizer")
        self.text = networks.make_text_encoder(self.tokenizer).to(settings.device)
        self.unet = networks.make_unet().to(settings.device, memory_format=torch.channels_last)
        self.text.config._attn_implementation = "sdpa"
        self.abar = networks.make_scheduler().alphas_cumprod.to(settings.device)
        self.empty = self.tokens([""])
        if start:
            self.load(settings.load(start)["kept"])
        self._network: Network | None = None

    @property
    def network(self) -> Network:
        """The UNet as training calls it."""
        if self._network is None:
            self._network = Network(self.unet, self.settings)
        return self._network

    def parameters(self) -> list[torch.nn.Parameter]:
        return [*self.text.parameters(), *self.unet.parameters()]

    def tokens(self, prompts: list[str]) -> torch.Tensor:
        """int64 (n, TOKENS), on the device."""
        ids = self.tokenizer(
            prompts, padding="max_length", max_length=networks.TOKENS, truncation=True, return_tensors="pt"
        ).input_ids
        return ids.to(self.settings.device)

    def embed(self, tokens: torch.Tensor) -> torch.Tensor:
        """float (n, TOKENS, TEXT_WIDTH)."""
        return self.text(tokens).last_hidden_state

    def coefficients(self, t: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        abar = self.abar[t][:, None, None, None]
        return abar.sqrt(), (1 - abar).sqrt()

    def state(self) -> dict[str, Any]:
        return {"text": self.text.state_dict(), "unet": self.unet.state_dict()}

    def load(self, state: dict[str, Any]) -> None:
        self.text.load_state_dict(state["text"])
        self.unet.load_state_dict(state["unet"])
        self._network = None


def diffusion_loss(model: Denoiser, batch: Batch, rng: torch.Generator) -> torch.Tensor:
    """v-prediction loss. A share of samples sits at the last timestep with pure noise: sampling starts there, and
    the schedule's residual 0.07 of signal would otherwise teach the network to trust it."""
    x0, count, device = batch.latents, len(batch.latents), batch.latents.device

    def chance(share: float) -> torch.Tensor:
        return torch.rand(count, generator=rng, device=device) < share

    tokens = torch.where(chance(UNCONDITIONAL)[:, None], model.empty, batch.tokens)
    pure = chance(PURE)
    t = torch.randint(1000, (count,), generator=rng, device=device).masked_fill(pure, 999)
    noise = torch.randn_like(x0)
    a, s = model.coefficients(t)
    x = torch.where(pure[:, None, None, None], noise, a * x0 + s * noise)
    target = (a * x - x0) / s  # v from x and x0, also where x holds no signal
    with model.settings.autocast():
        text = model.embed(tokens)
    v = model.network(x, t, text)
    return ((v - target).square() * batch.weights).mean()


def train_base(settings: Settings, gallery: Gallery) -> None:
    stage = Stage(settings, "base")
    model = Denoiser(settings)
    if not stage.state and (settings.work / "shipped.pt").exists():
        model.load(settings.load("shipped")["kept"])
    kept = copy.deepcopy((model.text, model.unet))
    optimizer = optimizer_of(model.parameters(), settings, 0.01)
    if stage.state:
        model.load(stage.state["live"])
        kept[0].load_state_dict(stage.state["kept"]["text"])
        kept[1].load_state_dict(stage.state["kept"]["unet"])
        optimizer.load_state_dict(stage.state["optimizer"])

    def content() -> dict[str, Any]:
        return {
            "live": model.state(),
            "kept": {"text": kept[0].state_dict(), "unet": kept[1].state_dict()},
            "optimizer": optimizer.state_dict(),
        }

    parameters = model.parameters()
    while not stage.over:
        stage.schedule(optimizer)
        batch = gallery.batch(stage.rng, stage.own["batch"], stage.own["even"], OUTSIDE)
        loss = diffusion_loss(model, batch, stage.rng)
        descend(loss, optimizer, parameters, model.network)
        decay = min(0.999, (1 + stage.step) / (10 + stage.step))
        average(kept[0], model.text, decay)
        average(kept[1], model.unet, decay)
        stage.tick(loss, content)
    stage.finish(content())
