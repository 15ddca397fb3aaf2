// A model that answers as the kernel does: statuses, progressive frames, remarks. It paints each region in a flat
// color of its own, first coarse, then fine.

import widget from "../../semanticdraw_widget/static/widget.js";

const asked = new URLSearchParams(location.search);
const state = asked.get("state") ?? "empty";
const width = Number(asked.get("size") ?? 256);

const VOCABULARY = {
  backgrounds: [
    "sky",
    "sunset",
    "night sky",
    "sea",
    "grass",
    "sand",
    "snow",
    "rock",
    "brick",
    "lava",
    "wood",
  ],
  objects: [
    "tree",
    "house",
    "sun",
    "moon",
    "mountain",
    "boat",
    "flower",
    "ball",
    "cloud",
    "cat",
    "car",
    "fish",
  ],
};
VOCABULARY.colors = ["red", "orange", "yellow", "green", "blue", "purple", "pink", "white", "gray", "black"];
VOCABULARY.styles = ["watercolor", "pixel art"];

const PAINT = {
  sky: "#8ec5ee",
  sunset: "#f0a35e",
  "night sky": "#1d2850",
  sea: "#2f7fb5",
  grass: "#63a355",
  sand: "#e3cd98",
  snow: "#eef3f8",
  rock: "#8b8b8b",
  brick: "#a3523f",
  lava: "#d8431f",
  wood: "#9c6b3f",
  tree: "#2e7d4f",
  house: "#c65f46",
  sun: "#f7c948",
  moon: "#f1e9c8",
  mountain: "#6f7d95",
  boat: "#8d4b2d",
  flower: "#d774a8",
  ball: "#e0493b",
  cloud: "#f7fafc",
  cat: "#b98a5a",
  car: "#3564c4",
  fish: "#e58f35",
};

class Model {
  constructor(values) {
    this.values = values;
    this.listeners = {};
    this.log = [];
    this.revision = 1;
    this.seq = 0;
    this.silent = false;
  }
  get(name) {
    return this.values[name];
  }
  set(name, value) {
    this.values[name] = value;
    this.emit(`change:${name}`);
  }
  save_changes() {
    this.log.push({ type: "save" });
    this.edited();
  }
  send(message, _callbacks, buffers) {
    this.log.push({ ...message, bytes: buffers?.[0]?.byteLength });
    if (this.silent) return;
    if (message.type === "ready") {
      this.tell({ type: "status", ...this.values.status });
      if (state === "error") this.tell(FAILURE);
      else if (state !== "loading") this.edited();
    }
    if (message.type === "regenerate") this.edited(true);
    if (message.type === "retry") this.load();
    if (message.type === "surprise") {
      const { backgrounds, objects } = VOCABULARY;
      const one = (words) => words[Math.floor(Math.random() * words.length)];
      const regions = [1, 2, 3].map((id) => ({ id: `surprise-${id}`, prompt: one(objects) }));
      // Without masks: those would need an encoder here.
      Object.assign(this.values, { regions, background: one(backgrounds), layouts: this.values.layouts + 1 });
      for (const name of ["regions", "background", "layouts"]) this.emit(`change:${name}`);
      this.edited();
    }
    if (message.type === "mask_patch" && message.final) this.edited();
  }
  on(name, listener) {
    this.listeners[name] = [...(this.listeners[name] ?? []), listener];
  }
  off(name, listener) {
    this.listeners[name] = (this.listeners[name] ?? []).filter((one) => one !== listener);
  }
  emit(name, ...values) {
    for (const listener of this.listeners[name] ?? []) listener(...values);
  }
  tell(message, buffers = []) {
    this.emit("msg:custom", message, buffers);
  }
  python(name, value) {
    this.set(name, value);
  }
  status(change) {
    this.values.status = { ...this.values.status, ...change };
    this.tell({ type: "status", ...this.values.status });
  }

  load() {
    let progress = 0;
    const timer = setInterval(() => {
      progress += 0.04;
      this.status({ state: progress < 1 ? "loading" : "idle", stage: "loading weights", progress });
      if (progress >= 1) clearInterval(timer);
    }, 60);
  }

  edited(again = false) {
    if (this.silent || this.values.status.state === "loading") return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.run(again), 30);
  }
  async run() {
    const { regions, background } = this.values;
    const shown = this.shown().filter((region) => region.prompt.trim());
    const notices = regions.map((region) => [region.id, [...remarks(region.prompt), ...this.unused(region)]]);
    this.python("notices", Object.fromEntries(notices));
    if (!background && !shown.length) return;
    const revision = ++this.revision;
    this.status({ state: "busy" });
    for (let step = 1; step <= 4; step++) {
      await new Promise((done) => setTimeout(done, 60));
      if (revision !== this.revision) return;
      const bytes = new DataView(await (await this.paint(step / 4)).arrayBuffer());
      const stats = {
        fps: 7.4,
        first_preview_ms: 143.2,
        settled_ms: 412.7,
        step_ms: 71,
        samples: 16,
        dropped: 0,
      };
      this.tell(
        {
          type: "frame",
          seq: ++this.seq,
          revision,
          kind: step === 4 ? "settled" : "preview",
          step,
          steps: 4,
          size: this.values.size,
          mime: "image/png",
          stats: { ...stats, in_flight: 1, model: "crayon", device: "cpu" },
        },
        [bytes],
      );
    }
    this.status({ state: "idle" });
  }
  unused({ negative_prompt }) {
    const { mode, cfg } = this.values;
    if (!negative_prompt || !["exact", "crops"].includes(mode) || ["full", "initialise"].includes(cfg))
      return [];
    const told =
      cfg === "auto"
        ? 'crayon takes guidance as a number, without a negative pass; cfg "full" runs one'
        : `cfg is "${cfg}"; choose "full" or "initialise"`;
    const message = `the negative prompt has no effect: ${told}; or take the mode "masked"`;
    return [{ code: "negative_unused", message, words: [] }];
  }
  shown() {
    const { regions, solo } = this.values;
    const alone = regions.filter((region) => region.id === solo);
    return alone.length ? alone : regions.filter((region) => region.visible);
  }
  async paint(fine) {
    const [w, h] = this.values.size;
    const canvas = new OffscreenCanvas(w, h);
    const context = canvas.getContext("2d");
    context.fillStyle = PAINT[this.values.background] ?? "#d8d4c8";
    context.fillRect(0, 0, w, h);
    for (const region of this.shown()) {
      const packed = this.values.masks[region.id];
      if (!packed || !region.prompt.trim()) continue;
      context.drawImage(await picture(packed, PAINT[region.prompt.trim()] ?? "#77608f"), 0, 0);
    }
    if (fine < 1) {
      const coarse = new OffscreenCanvas(w * fine * 0.25, h * fine * 0.25);
      coarse.getContext("2d").drawImage(canvas, 0, 0, coarse.width, coarse.height);
      context.drawImage(coarse, 0, 0, w, h);
    }
    for (let i = 0; i < 900; i++) {
      context.fillStyle = i % 2 ? "#ffffff18" : "#00000014";
      context.fillRect((i * 71) % w, (i * 137) % h, 9, 3);
    }
    return canvas.convertToBlob();
  }
}

const FAILURE = {
  type: "error",
  code: "model_not_found",
  action: "retry",
  message: "there is no model 'crayom' here",
  hint: "check the name, or leave it out to use crayon",
};

function remarks(prompt) {
  const known = new Set(
    [...VOCABULARY.backgrounds, ...VOCABULARY.objects].flatMap((name) => name.split(" ")),
  );
  const words =
    prompt
      .toLowerCase()
      .match(/[a-z]+/g)
      ?.filter((word) => !known.has(word)) ?? [];
  const message = `crayon does not know ${words.map((word) => `"${word}"`).join(", ")} and paints the rest`;
  return words.length ? [{ code: "unknown_words", message, words }] : [];
}

async function picture(packed, color) {
  const { width, height, bits } = await unpack(packed);
  const image = new ImageData(width, height);
  const [r, g, b] = [1, 3, 5].map((i) => Number.parseInt(color.slice(i, i + 2), 16));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (bits[y * ((width + 7) >> 3) + (x >> 3)] & (128 >> (x & 7)))
        image.data.set([r, g, b, 255], 4 * (y * width + x));
    }
  }
  return createImageBitmap(image);
}

async function unpack(view) {
  const body = new Blob([view]).slice(8).stream().pipeThrough(new DecompressionStream("deflate"));
  const bits = new Uint8Array(await new Response(body).arrayBuffer());
  return { width: view.getUint16(4, true), height: view.getUint16(6, true), bits };
}

/** A flat tile of each word, as a model folder's palette.png has pictures of them. */
async function tiles() {
  const words = [...VOCABULARY.backgrounds, ...VOCABULARY.objects];
  const canvas = new OffscreenCanvas(12 * 48, Math.ceil(words.length / 12) * 48);
  const context = canvas.getContext("2d");
  words.forEach((word, i) => {
    context.fillStyle = PAINT[word];
    context.fillRect((i % 12) * 48, Math.floor(i / 12) * 48, 48, 48);
  });
  return new DataView(await (await canvas.convertToBlob()).arrayBuffer());
}

const loading = state === "loading";
const model = new Model({
  regions: [],
  masks: {},
  mask_edits: {},
  background: "",
  seed: 0,
  steps: 0,
  guidance: null,
  mode: "auto",
  cfg: "auto",
  solo: "",
  size: [width, Number(asked.get("height") ?? width)],
  status: {
    state: loading ? "loading" : state === "error" ? "error" : "idle",
    stage: loading ? "loading weights" : "",
    progress: loading ? 0.42 : 0,
    model: "crayon",
    device: "cpu",
    message: "",
  },
  stats: {},
  notices: {},
  vocabulary: loading ? {} : VOCABULARY,
  palette: loading || asked.has("plain") ? new DataView(new ArrayBuffer(0)) : await tiles(),
  layouts: 0,
  model_facts: loading ? {} : { steps: 4, guidance: 4, takes_guidance: !asked.has("passes") },
  frame: new DataView(new ArrayBuffer(0)),
});
model.silent = state === "busy";

document.body.dataset.jpThemeLight = String(asked.get("theme") !== "dark");
const cell = document.getElementById("cell");
if (asked.has("width")) cell.style.width = `${asked.get("width")}px`;
const instance = widget();
instance.initialize({ model });
const end = instance.render({ model, el: cell });
if (state === "scene")
  cell.querySelectorAll("[data-testid=sd-example]")[Number(asked.get("example") ?? 1)].click();
if (state === "gone") {
  model.silent = true;
  setTimeout(() => model.emit("comm:close"), 100);
}
Object.assign(window, { model, end, instance });
