// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Brush, toJson } from "../src/brushes";
import { newRegion, type Region } from "../src/scene";
import { type FakeModel, openCanvas } from "./model";

let model: FakeModel;
let el: HTMLElement;
let end: () => void;

const OAK: Brush = {
  name: "oak",
  prompt: "old oak",
  negative_prompt: "pine",
  color: "#123456",
  strength: 0.5,
  prompt_strength: 1,
  feather: 4,
  seed: 7,
};

function open(values: Record<string, unknown> = {}): void {
  ({ model, el, close: end } = openCanvas({ regions: [newRegion({ id: "a", prompt: "house" })], ...values }));
}

const find = <T extends HTMLElement = HTMLInputElement>(id: string) =>
  el.querySelector(`[data-testid="sd-${id}"]`) as T;
const all = (id: string) => [...el.querySelectorAll<HTMLElement>(`[data-testid="sd-${id}"]`)];
const last = <T>(name: string) => model.writes<T>(name).at(-1);
const said = () => find("said").textContent;
const banner = () =>
  find("banner").hidden ? "" : find("banner").querySelector(".sd-banner-text")?.textContent;
const settle = () => new Promise((resolve) => setTimeout(resolve, 20));

function press(key: string, target: HTMLElement = find("canvas"), more: KeyboardEventInit = {}): void {
  target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));
}

function drop(...files: File[]): void {
  const event = new Event("drop", { bubbles: true, cancelable: true });
  Object.defineProperty(event, "dataTransfer", { value: { files, types: ["Files"] } });
  find("canvas").dispatchEvent(event);
}

beforeEach(() => {
  vi.spyOn(URL, "createObjectURL").mockReturnValue("blob:x");
  open();
});

afterEach(() => {
  end();
  vi.restoreAllMocks();
});

describe("brushes", () => {
  const names = () => all("brush-chip").map((chip) => chip.dataset.word);

  it("are saved by the menu of a region, by its key, and undone", () => {
    press("t");
    expect(last<Brush[]>("brushes")).toMatchObject([{ name: "house", prompt: "house" }]);
    expect(names()).toEqual(["house"]);
    expect(said()).toBe('The palette has a brush "house".');
    find("undo").click();
    expect([names(), last("brushes")]).toEqual([[], []]);
    model.python({ regions: [newRegion({ id: "a", prompt: " " })] });
    press("t");
    expect(banner()).toBe("Say what the region shows first.");
  });

  it("make a region, or give the one in hand what it lacks", () => {
    model.python({ brushes: [OAK] });
    find("brush-chip").click();
    let regions = last<Region[]>("regions")!;
    expect(regions).toHaveLength(2);
    expect(regions[1]).toMatchObject({ ...OAK, name: "oak" });
    find("add-region").click();
    find("brush-chip").click();
    regions = last<Region[]>("regions")!;
    expect(regions).toHaveLength(3);
    expect(regions[2]).toMatchObject({ prompt: "old oak", feather: 4 });
    expect(regions[2]!.color).not.toBe(OAK.color);
  });

  it("are removed by their cross and by Delete, and undone", () => {
    model.python({ brushes: [OAK, { ...OAK, name: "pine" }] });
    find("remove-brush").click();
    expect(names()).toEqual(["pine"]);
    press("Delete", find("brush-chip"));
    expect([names(), said()]).toEqual([[], 'The brush "pine" is removed.']);
    find("undo").click();
    find("undo").click();
    expect(names()).toEqual(["oak", "pine"]);
  });

  it("are found by the search", () => {
    model.python({ brushes: [OAK, { ...OAK, name: "pine" }] });
    find("palette-search").value = "pi";
    find("palette-search").dispatchEvent(new Event("input"));
    expect(all("brush-chip").map((chip) => chip.hidden)).toEqual([true, false]);
    press("Enter", find("palette-search"));
    expect(last<Region[]>("regions")).toHaveLength(2);
  });

  it("show even if the model lists no words", () => {
    end();
    open({ vocabulary: { backgrounds: [], objects: [] } });
    expect([find("palette").hidden, find("palette-toggle").hidden]).toEqual([true, true]);
    press("t");
    expect([find("palette").hidden, find("palette-toggle").hidden]).toEqual([false, false]);
  });

  it("come from a file that is dropped, one step of undo, or are refused with a reason", async () => {
    drop(new File([toJson([OAK])], "trees.json"));
    await settle();
    expect([names(), said()]).toEqual([["oak"], '1 brush from "trees.json".']);
    drop(new File([toJson([OAK])], "trees.json"));
    await settle();
    expect([names(), said()]).toEqual([["oak"], '"trees.json" has no new brushes.']);
    drop(new File([toJson([{ ...OAK, strength: 9 }])], "bad.json"));
    await settle();
    expect(banner()).toContain('"bad.json" cannot be taken in: the brush "oak" cannot be used: the strength');
    find("undo").click();
    expect(names()).toEqual([]);
  });
});

describe("texts for all prompts", () => {
  const style = () => find("style-text");

  it("are set, undone, and shown when Python sets them", () => {
    find("settings").click();
    style().value = "watercolor";
    style().dispatchEvent(new Event("input", { bubbles: true }));
    find("regenerate").click(); // typing goes out with the next request
    expect([last("style_text"), last("regions")]).toEqual(["watercolor", undefined]);
    expect(find("settings").hasAttribute("data-changed")).toBe(true);
    find("undo").click();
    expect([last("style_text"), style().value]).toEqual(["", ""]);
    model.python({ style_text: "oil", quality_text: "crisp" });
    expect([style().value, find("quality").value]).toEqual(["oil", "own"]);
  });

  it("a preset fills them in one step of undo", () => {
    find("settings").click();
    find("quality").value = "photograph";
    find("quality").dispatchEvent(new Event("change", { bubbles: true }));
    expect(last("quality_text")).toContain("sharp focus");
    expect(last("negative_text")).toContain("watermark");
    find("undo").click();
    expect([last("quality_text"), last("negative_text"), find("quality").value]).toEqual(["", "", "none"]);
  });

  it("what the model says of them stands beside them", () => {
    find("settings").click();
    const message = 'crayon does not know "crisp"';
    model.python({
      quality_text: "crisp",
      notices: { "": [{ code: "unknown_words", message, words: ["crisp"] }] },
    });
    expect(find("text-remarks").textContent).toBe('Crayon does not know "crisp".');
  });
});

describe("a pause", () => {
  it("is no step of undo, and says that it is there", () => {
    press("k");
    expect([last("paused"), find("pause").getAttribute("aria-pressed")]).toEqual([true, "true"]);
    expect([find("status").querySelector(".sd-state")?.textContent, find("undo").disabled]).toEqual([
      "paused",
      true,
    ]);
    find("pause").click();
    expect([last("paused"), find("pause").getAttribute("aria-pressed")]).toEqual([false, "false"]);
  });
});

describe("variations", () => {
  const asked = () => model.messages("vary") as unknown as { seq: number; seeds: number[] }[];
  const tell = (seed: number, seq = asked().at(-1)!.seq) =>
    model.tell({ type: "variation", seq, seed }, new DataView(new ArrayBuffer(4)));

  it("are asked for with four seeds, come one by one, and one is chosen", () => {
    find("vary").click();
    const { seeds } = asked()[0]!;
    expect([seeds.length, new Set(seeds).size]).toEqual([4, 4]);
    expect(all("variation").map((card) => card.getAttribute("aria-busy"))).toEqual(Array(4).fill("true"));
    tell(seeds[2]!);
    tell(seeds[0]!, 1); // of another page
    expect(all("variation").map((card) => card.getAttribute("aria-busy"))).toEqual([
      "true",
      "true",
      null,
      "true",
    ]);
    all("variation")[2]!.click();
    expect([last("seed"), find("variations").hidden]).toEqual([seeds[2], true]);
    expect(asked().at(-1)!.seeds).toEqual([]);
    find("undo").click();
    expect(last("seed")).toBe(0);
  });

  it("show large under the pointer and the focus", () => {
    press("u");
    const { seeds } = asked()[0]!;
    tell(seeds[0]!);
    const large = el.querySelector<HTMLImageElement>(".sd-variation-large")!;
    all("variation")[0]!.dispatchEvent(new Event("pointerover", { bubbles: true }));
    expect([large.hidden, large.getAttribute("src")]).toEqual([false, "blob:x"]);
    all("variation")[1]!.dispatchEvent(new Event("pointerover", { bubbles: true }));
    expect(large.hidden).toBe(true);
    press("Escape", all("variation")[0]!);
    expect([find("variations").hidden, all("variation").length]).toEqual([true, 0]);
  });

  it("Tab finds those that are left when the first one was never painted", () => {
    press("u");
    const { seeds, seq } = asked()[0]!;
    tell(seeds[2]!);
    const failure = { code: "engine", message: "out of memory" };
    model.tell({ type: "error", seq, ...failure });
    expect(all("variation").map(({ tabIndex }) => tabIndex)).toEqual([0]);
  });

  it("end where the kernel fails or goes; what is painted can still be chosen", () => {
    press("u");
    const { seq, seeds } = asked()[0]!;
    tell(seeds[1]!);
    model.tell({ type: "error", code: "x", message: "no more", seq });
    expect(all("variation").map((card) => card.dataset.seed)).toEqual([String(seeds[1])]);
    find("more-variations").click();
    expect(all("variation")).toHaveLength(4);
    model.emit("comm:close");
    expect(find("variations").hidden).toBe(true);
    find("vary").click();
    expect(banner()).toContain("Variations need the kernel");
  });
});

describe("how the canvas is looked at", () => {
  it("is chosen in a menu, shared with Python, and no step of undo", () => {
    find("view").click();
    find("menu-grid").click();
    expect([last("grid"), find("grid").hasAttribute("hidden"), find("undo").disabled]).toEqual([
      true,
      false,
      true,
    ]);
    press("#");
    expect([last("grid"), find("grid").hasAttribute("hidden")]).toEqual([false, true]);
    expect(find("mirror").hidden).toBe(true);
    model.python({ side_by_side: true });
    expect(find("mirror").hidden).toBe(false);
  });

  it("says where a page may not fill the screen", () => {
    press("z");
    expect(banner()).toContain("may not fill the screen");
  });
});

/** The head of a picture of 5 x 5 px. */
const GIF = "GIF89a\x05\0\x05\0";

describe("a picture that is dropped", () => {
  it("asks what it is to be, and goes away with Escape", async () => {
    drop(new File([GIF], "wall.jpg", { type: "image/jpeg" }));
    await vi.waitFor(() => expect(find("place").hidden).toBe(false));
    expect(find("place").textContent).toContain('What is "wall.jpg" to be?');
    expect(document.activeElement).toBe(find("place-background"));
    expect(find("place-mask").textContent).toBe('Mask of "house"');
    press("Escape", find("place-background"));
    expect(find("place").hidden).toBe(true);
  });

  it("cannot be the mask of a locked region", async () => {
    model.python({ regions: [newRegion({ id: "a", prompt: "house", locked: true })] });
    drop(new File([GIF], "wall.png", { type: "image/png" }));
    await vi.waitFor(() => expect(find("place").hidden).toBe(false));
    expect([find("place-mask").disabled, find("place-mask").title]).toEqual([
      true,
      '"house" is locked. Unlock it first.',
    ]);
    expect(find("place-new").disabled).toBe(false);
  });

  it("that cannot be read is refused", async () => {
    drop(new File(["x"], "wall.png", { type: "image/png" }));
    await vi.waitFor(() => expect(banner()).toContain('"wall.png" cannot be read'));
    expect(find("place").hidden).toBe(true);
  });
});

describe("several files that are dropped", () => {
  const picture = (name: string) => new File([GIF], name, { type: "image/jpeg" });

  it("are masks of new regions if all of them are pictures", async () => {
    drop(picture("one.jpg"), picture("two.jpg"), picture("three.jpg"));
    await vi.waitFor(() => expect(find("place").hidden).toBe(false));
    expect(find("place").textContent).toContain("What are the 3 pictures to be?");
    expect([find("place-background").hidden, find("place-mask").hidden]).toEqual([true, true]);
    expect([find("place-new").textContent, document.activeElement]).toEqual([
      "Masks of new regions",
      find("place-new"),
    ]);
    find("place-new").click();
    await vi.waitFor(() => expect(banner()).toContain('"three.jpg" cannot be read')); // here none can be decoded
    drop(picture("one.jpg"));
    await vi.waitFor(() => expect(find("place").hidden).toBe(false));
    expect(find("place-background").hidden).toBe(false);
    expect(find("place-new").textContent).toBe("Mask of a new region");
  });

  it("are taken without those that are no pictures, which are refused", async () => {
    drop(picture("one.jpg"), new File(["x"], "two.png", { type: "image/png" }), picture("three.jpg"));
    await vi.waitFor(() => expect(find("place").hidden).toBe(false));
    expect(find("place").textContent).toContain("What are the 2 pictures to be?");
    expect(banner()).toContain('"two.png" cannot be read');
  });

  it("are taken in if all of them have brushes", async () => {
    drop(
      new File([toJson([OAK])], "a.json"),
      new File([toJson([{ ...OAK, name: "elm", prompt: "elm" }])], "b.json"),
    );
    await settle();
    expect(all("brush-chip").map((chip) => chip.dataset.word)).toEqual(["oak", "elm"]);
  });

  it("else the first one is taken, and the canvas says so", async () => {
    drop(new File(["x"], "one.sdraw"), picture("two.jpg"));
    await settle();
    expect(model.messages("open")).toHaveLength(1);
    expect(banner()).toContain('Of the 2 files "one.sdraw" alone is taken');
  });
});

describe("the picture of the background", () => {
  it("is removed by its menu, and comes back by undo", () => {
    const picture = new DataView(new ArrayBuffer(8));
    model.python({ background_image: picture });
    expect(find("background-menu").hasAttribute("data-picture")).toBe(true);
    find("background-menu").click();
    find("menu-remove").click();
    expect(last<DataView>("background_image")!.byteLength).toBe(0);
    find("undo").click();
    expect(last("background_image")).toBe(picture);
  });
});

describe("a pinned seed", () => {
  it("is the canvas's seed of now, until it is given back", () => {
    model.python({ seed: 42 });
    find("details").click();
    find("region-seed-pin").click();
    expect(last<Region[]>("regions")![0]!.seed).toBe(42);
    expect(find("region-seed-pin").getAttribute("aria-pressed")).toBe("true");
    find("region-seed-pin").click();
    expect(last<Region[]>("regions")![0]!.seed).toBe(null);
  });
});

describe("the strength of a mask", () => {
  it("has a scale that the model's steps make even", () => {
    model.python({
      model_facts: { steps: 4, guidance: 1, takes_guidance: true, levels: [0.998, 0.97, 0.85, 0.48] },
    });
    find("details").click();
    find("strength").value = "50";
    find("strength").dispatchEvent(new Event("input", { bubbles: true }));
    find("regenerate").click();
    expect(last<Region[]>("regions")![0]!.strength).toBe(0.85);
    expect(find("strength").value).toBe("50");
    model.python({ regions: [newRegion({ id: "a", prompt: "house", strength: 0.48 })] });
    expect(find("strength").value).toBe("25");
  });
});
