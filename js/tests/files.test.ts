// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { brushOf } from "../src/brushes";
import { hasScene, kindOf, MAX_FILE, stem, unfit as whyUnfit } from "../src/filekinds";
import { PIECE } from "../src/files";
import { en } from "../src/languages/en";
import { newRegion } from "../src/scene";
import { asTrait, type FakeModel, maskOf, openCanvas } from "./model";

let model: FakeModel;
let el: HTMLElement;
let end: () => void;
let downloads: { name: string; bytes: Blob }[];

beforeEach(() => {
  ({ model, el, close: end } = openCanvas({ regions: [newRegion({ id: "a", prompt: "sea" })] }));
  downloads = [];
  let last: Blob;
  vi.spyOn(URL, "createObjectURL").mockImplementation((blob) => {
    last = blob as Blob;
    return "blob:x";
  });
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (this: HTMLAnchorElement) {
    downloads.push({ name: this.download, bytes: last });
  });
});

afterEach(() => {
  end();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const find = (id: string) => el.querySelector(`[data-testid="sd-${id}"]`) as HTMLElement;
const said = () => find("said").textContent;
const banner = () =>
  find("banner").hidden ? "" : find("banner").querySelector(".sd-banner-text")?.textContent;
const busy = () => find("files").getAttribute("aria-busy");
const settle = () => new Promise((resolve) => setTimeout(resolve, 20));
const seqOf = (type: string) => model.messages(type).at(-1)!.seq as number;

function press(target: HTMLElement, key: string, more: KeyboardEventInit = {}): KeyboardEvent {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
  target.dispatchEvent(event);
  return event;
}

function choose(item: string): void {
  find("files").click();
  find(`menu-${item}`).click();
}

function handOver(kind: "drop" | "paste", file: File, types = ["Files"]): Event {
  const event = new Event(kind, { bubbles: true, cancelable: true });
  const name = kind === "drop" ? "dataTransfer" : "clipboardData";
  Object.defineProperty(event, name, { value: { files: [file], types } });
  find("canvas").dispatchEvent(event);
  return event;
}

/** A PNG of no pixels, as far as anybody looks: signature, header, and what follows. */
function png(name: string, ...chunks: [kind: string, body: string][]): File {
  const bytes = [137, 80, 78, 71, 13, 10, 26, 10];
  for (const [kind, body] of [["IHDR", "\0\0\0\x05\0\0\0\x05abcde"], ...chunks, ["IDAT", "x"]] as [
    string,
    string,
  ][]) {
    bytes.push(0, 0, body.length >> 8, body.length & 255, ...Buffer.from(kind + body), 0, 0, 0, 0);
  }
  return new File([new Uint8Array(bytes)], name, { type: "image/png" });
}

describe("the menu of files", () => {
  it("is a menu with keys", () => {
    expect(find("files").getAttribute("aria-label")).toBe("Save and open");
    expect(find("files").getAttribute("aria-haspopup")).toBe("menu");
    find("files").click();
    const items = [...find("menu").children];
    expect(items.map((item) => item.querySelector(".sd-menu-label")?.textContent)).toEqual([
      "Save as .sdraw",
      "Save picture as PNG",
      "Save as OpenRaster (.ora)",
      "Open…",
      "Take in a picture…",
    ]);
    expect(items.map((item) => item.getAttribute("aria-keyshortcuts"))).toEqual([
      "Control+S",
      "",
      "",
      "Control+O",
      "",
    ]);
  });

  it.each(["sdraw", "png", "ora"])("saves as .%s", async (kind) => {
    choose(kind);
    expect(model.messages("save")).toEqual([{ type: "save", seq: seqOf("save"), kind }]);
    expect(busy()).toBe("true");
    const larger = new Uint8Array([9, 1, 2, 3, 9]);
    model.tell({ type: "file", seq: seqOf("save"), kind }, new DataView(larger.buffer, 1, 3));
    expect(downloads.map(({ name }) => name)).toEqual([`drawing.${kind}`]);
    expect([...new Uint8Array(await downloads[0]!.bytes.arrayBuffer())]).toEqual([1, 2, 3]);
    expect(said()).toBe(`drawing.${kind} is saved.`);
    expect(busy()).toBeNull();
  });

  it("does one thing at a time, and says that it takes long", () => {
    vi.useFakeTimers();
    choose("png");
    vi.advanceTimersByTime(400);
    expect(said()).toBe("Saving drawing.png …");
    find("files").click();
    const item = find("menu-sdraw");
    expect([item.getAttribute("aria-disabled"), item.title]).toEqual(["true", "Still saving a file."]);
    item.click();
    expect(model.messages("save")).toHaveLength(1);
    expect(banner()).toContain("Still saving a file.");
    model.tell({ type: "file", seq: 1, kind: "png" }, new DataView(new ArrayBuffer(1))); // another page's
    expect([downloads.length, busy()]).toEqual([0, "true"]);
  });

  it("shows the kernel's reason, until the next try", () => {
    choose("ora");
    const message = "the drawing cannot be written; make it smaller";
    model.tell({ type: "error", code: "file", message, hint: "", action: "", seq: seqOf("save") });
    expect(banner()).toContain("The drawing cannot be written; make it smaller");
    expect([busy(), downloads]).toEqual([null, []]);
    choose("ora");
    expect(banner()).toBe("");
    model.tell({ type: "error", code: "file", message: "of another page", seq: 1 });
    expect([banner(), busy()]).toEqual(["", "true"]);
    model.tell({ type: "error", code: "unknown_type", message: "an older kernel", seq: seqOf("save") });
    expect([banner(), busy()]).toEqual(["An older kernel", null]);
  });

  it("says why there are no files without a kernel", () => {
    model.emit("comm:close");
    expect(find("files").title).toContain("Files need the kernel");
    choose("sdraw");
    expect(model.messages("save")).toEqual([]);
    expect(banner()).toContain("Files need the kernel, and it is gone. The drawing is kept here");
  });

  it("a kernel that goes away leaves nothing waiting", () => {
    choose("sdraw");
    model.emit("comm:close");
    expect(busy()).toBeNull();
    expect(banner()).toContain("The kernel went away. drawing.sdraw is not saved.");
  });
});

describe("keys", () => {
  it("save, even in a prompt, and let nobody else save", () => {
    for (const target of [find("canvas"), find("prompt")]) {
      const event = press(target, "s", { ctrlKey: true });
      expect(event.defaultPrevented).toBe(true);
      model.tell({ type: "file", seq: seqOf("save"), kind: "sdraw" }, new DataView(new ArrayBuffer(1)));
    }
    expect(downloads).toHaveLength(2);
    expect(press(find("canvas"), "s", { ctrlKey: true, repeat: true }).defaultPrevented).toBe(true);
    expect(press(find("canvas"), "S", { ctrlKey: true, shiftKey: true }).defaultPrevented).toBe(false);
    expect(model.messages("save")).toHaveLength(2);
  });

  it("open the file chooser", () => {
    const chosen = vi.spyOn(find("file"), "click").mockImplementation(() => {});
    expect(press(find("canvas"), "o", { metaKey: true }).defaultPrevented).toBe(true);
    expect(chosen).toHaveBeenCalledOnce();
    choose("open");
    expect(chosen).toHaveBeenCalledTimes(2);
    model.emit("comm:close");
    choose("open");
    expect(chosen).toHaveBeenCalledTimes(2);
  });

  it("are in the list of keys", () => {
    const list = el.querySelector('[role="dialog"]')?.textContent;
    expect(list).toContain("save as .sdraw");
    expect(list).toContain("open a drawing; or drop or paste its file");
  });
});

describe("opening", () => {
  const sent = () => model.sent.filter(({ message }) => message.type === "open");

  it("sends the bytes in pieces, and gives the next file that name", async () => {
    const file = new File([new Uint8Array(PIECE + 5).fill(7)], "My sea.sdraw");
    expect(handOver("drop", file).defaultPrevented).toBe(true);
    await settle();
    const seq = seqOf("open");
    const size = PIECE + 5;
    expect(sent().map(({ message }) => message)).toEqual([
      { type: "open", seq, kind: "sdraw", size, offset: 0 },
      { type: "open", seq, kind: "sdraw", size, offset: PIECE },
    ]);
    expect(sent().map(({ buffers }) => buffers[0]?.byteLength)).toEqual([PIECE, 5]);
    expect(busy()).toBe("true");
    model.python({
      regions: [newRegion({ id: "b", prompt: "boat" })],
      masks: { b: asTrait(maskOf([3, 3])) },
      background: "sky",
      layouts: 1,
      layout_kind: "open",
    });
    model.tell({ type: "opened", seq, notices: [] });
    expect([said(), busy(), banner()]).toEqual(["My sea.sdraw is open.", null, ""]);
    expect(find("undo").title).toContain("Undo open");
    find("undo").click();
    expect((find("prompt") as HTMLTextAreaElement).value).toBe("sea");
    choose("ora");
    model.tell({ type: "file", seq: seqOf("save"), kind: "ora" }, new DataView(new ArrayBuffer(1)));
    expect(downloads[0]?.name).toBe("My sea.ora");
  });

  it("brings its brushes, which one step of undo takes away, and a redo brings again", async () => {
    const [oak, sea] = ["oak", "sea"].map((name) => ({
      ...brushOf(newRegion({ prompt: name }), []),
      color: "",
    }));
    model.python({ brushes: [oak] });
    model.python({ brushes: [oak, sea], layouts: 1, layout_kind: "open" });
    const chips = () =>
      [...el.querySelectorAll<HTMLElement>(".sd-brush-chip")].map((one) => one.dataset.word);
    expect(chips()).toEqual(["oak", "sea"]);
    find("undo").click();
    expect(chips()).toEqual(["oak"]);
    expect(model.writes<{ name: string }[]>("brushes").at(-1)).toHaveLength(1);
    find("redo").click();
    expect(
      model
        .writes<{ name: string }[]>("brushes")
        .at(-1)
        ?.map(({ name }) => name),
    ).toEqual(["oak", "sea"]);
  });

  it("says what was left aside", async () => {
    handOver("paste", new File(["x"], "a.ora"));
    await settle();
    model.tell({ type: "opened", seq: seqOf("open"), notices: ["made with another model"] });
    expect(banner()).toContain("A.ora is open, but not all of it");
    expect(banner()).toContain("Made with another model.");
  });

  it("a PNG only if it has a scene in it", async () => {
    handOver("drop", png("plain.png", ["tEXt", "Comment"]));
    await vi.waitFor(() => expect(find("place").textContent).toContain('What is "plain.png" to be?'));
    expect(sent()).toEqual([]);
    handOver("drop", png("scene.png", ["iTXt", "semanticdraw:1/1"]));
    await settle();
    expect(sent().map(({ message }) => message.kind)).toEqual(["png"]);
    model.tell({ type: "error", code: "file", message: "it is cut short", seq: seqOf("open") });
    expect(banner()).toBe("It is cut short");
    handOver("drop", new File([], "empty.png"));
    await settle();
    expect(banner()).toContain("empty.png");
    expect(banner()).not.toContain("cut short");
  });

  it("leaves other pastes alone", async () => {
    expect(handOver("paste", new File(["x"], "a.txt")).defaultPrevented).toBe(false);
    const both = handOver("paste", new File(["x"], "image.png"), ["text/plain", "Files"]);
    expect(both.defaultPrevented).toBe(false);
    handOver("drop", new File(["x"], "a.csv"));
    await settle();
    expect(banner()).toContain('"a.csv" is no drawing');
    expect(sent()).toEqual([]);
  });

  it("takes what the file chooser gives", async () => {
    const input = find("file") as HTMLInputElement;
    expect(input.accept).toBe(".sdraw,.png,.ora");
    Object.defineProperty(input, "files", { value: [new File(["x"], "a.sdraw")] });
    input.dispatchEvent(new Event("change"));
    await settle();
    expect(sent()).toHaveLength(1);
  });
});

describe("kinds of files", () => {
  const file = (name: string, size = 1, type = "") => ({ name, size, type });

  it("by the name, else by the type", () => {
    expect([kindOf(file("A.SDRAW")), kindOf(file("a.ora")), kindOf(file("a.b.png"))]).toEqual([
      "sdraw",
      "ora",
      "png",
    ]);
    expect([kindOf(file("clip", 1, "image/png")), kindOf(file("sdraw.zip"))]).toEqual(["png", null]);
    expect([stem("a.b.png"), stem(".png"), stem("a")]).toEqual(["a.b", ".png", "a"]);
  });

  it("within the limits of the storage", () => {
    const unfit = (...of: Parameters<typeof file>) => whyUnfit(file(...of), en.files);
    expect(unfit("a.sdraw", MAX_FILE)).toBe("");
    expect(unfit("a.sdraw", MAX_FILE + 1)).toBe('"a.sdraw" has 1537 MiB; files of up to 1536 MiB are read.');
    expect(unfit("a.sdraw", 0)).toContain("empty");
    expect(unfit("a.zip")).toContain("no drawing");
  });

  it("a scene is looked for before the pixels", async () => {
    expect(await hasScene(png("a.png", ["gAMA", "1234"], ["iTXt", "semanticdraw:1/1..."]))).toBe(true);
    expect(await hasScene(png("a.png", ["iTXt", "XML:com.adobe.xmp"]))).toBe(false);
    expect(await hasScene(new Blob(["semanticdraw:"]))).toBe(false);
    expect(await hasScene(png("a.png").slice(0, 40))).toBe(false);
  });
});
