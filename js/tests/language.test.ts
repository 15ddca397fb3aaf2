// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { formats } from "../src/formats";
import { LANGUAGES, type Texts, textsFor } from "../src/language";
import { de } from "../src/languages/de";
import { en } from "../src/languages/en";
import { newRegion } from "../src/scene";
import { title } from "../src/texts";
import { asTrait, type FakeModel, maskOf, openCanvas } from "./model";

/** The canvas is given a language in which every text stands between these. */
const [OPEN, CLOSE] = ["⟦", "⟧"];
const PSEUDO = "qps";
/** Whatever is no text of the canvas, as prompts and what Python says, begins so in these tests. */
const DATA = "§";

function pseudo<T>(texts: T): T {
  if (typeof texts === "string") return `${OPEN}${texts}${CLOSE}` as T;
  if (typeof texts === "function") return ((...of: unknown[]) => pseudo(texts(...of))) as T;
  return Object.fromEntries(Object.entries(texts as object).map(([key, one]) => [key, pseudo(one)])) as T;
}

let model: FakeModel;
let el: HTMLElement;
let end: () => void;

const find = <T extends HTMLElement = HTMLButtonElement>(id: string) =>
  el.querySelector(`[data-testid="sd-${id}"]`) as T;
const press = (key: string, more: KeyboardEventInit = {}, target: HTMLElement = find("canvas")) =>
  target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));

function type(field: HTMLInputElement, text: string): void {
  field.value = text;
  field.setSelectionRange(text.length, text.length);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function drop(...files: File[]): void {
  const event = new Event("drop", { bubbles: true, cancelable: true });
  Object.defineProperty(event, "dataTransfer", { value: { files, types: ["Files"] } });
  find("canvas").dispatchEvent(event);
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 20));

const READ = ["aria-label", "aria-description", "aria-valuetext", "title", "placeholder", "alt"];

/** All that people can read or hear, hidden or not. */
function read(root: HTMLElement): string[] {
  const texts: string[] = [];
  for (const element of [root, ...root.querySelectorAll("*")]) {
    if (element.closest(".sd-prompt-mirror")) continue; // a prompt, word by word
    for (const name of READ) texts.push(element.getAttribute(name) ?? "");
    for (const node of element.childNodes) if (node.nodeType === 3) texts.push(node.textContent ?? "");
  }
  return texts.map((text) => text.trim()).filter(Boolean);
}

/** What of a text the language did not give: letters, but for data and the letters of keys. */
function foreign(text: string): string {
  let depth = 0;
  let rest = "";
  for (const char of text) {
    if (char === OPEN) depth++;
    else if (char === CLOSE) depth--;
    else if (depth === 0) rest += char;
  }
  rest = rest.replace(new RegExp(`${DATA}[\\p{L}\\d.]+`, "gu"), "").replace(/\(\p{Lu}\)/gu, "");
  return /\p{L}/u.test(rest) && !/^\p{Lu}$/u.test(rest) ? text : "";
}

describe("every text comes from the language", () => {
  const house = newRegion({ id: "a", prompt: `${DATA}house`, negative_prompt: `${DATA}wood`, strength: 0.5 });
  const full = newRegion({
    ...house,
    id: "b",
    name: `${DATA}top`,
    feather: 3,
    seed: 4,
    prompt_strength: 0.5,
  });
  const VOCABULARY = {
    backgrounds: [`${DATA}sky`],
    objects: [1, 2, 3, 4, 5, 6, 7, 8].map((i) => `${DATA}house${i}`),
    colors: [`${DATA}red`],
    styles: [`${DATA}oil`],
  };
  const STATUS = {
    state: "idle",
    stage: "",
    progress: 0,
    model: `${DATA}m`,
    device: `${DATA}cpu`,
    message: "",
  };
  let seen: Set<string>;
  const look = () => {
    for (const text of read(el)) seen.add(text);
  };
  const open = (values: Record<string, unknown> = {}) => {
    ({
      model,
      el,
      close: end,
    } = openCanvas({
      language: PSEUDO,
      vocabulary: VOCABULARY,
      status: STATUS,
      ...values,
    }));
    look();
  };

  beforeEach(() => {
    seen = new Set();
    (LANGUAGES as Record<string, Texts>)[PSEUDO] = pseudo(en);
    vi.spyOn(URL, "createObjectURL").mockReturnValue("blob:x");
    vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(() => {});
    vi.spyOn(console, "warn").mockImplementation(() => {}); // no pictures are decoded here
  });
  afterEach(() => {
    end();
    delete (LANGUAGES as Record<string, Texts>)[PSEUDO];
    vi.restoreAllMocks();
    expect([...seen].filter(foreign)).toEqual([]);
    expect(seen.size).toBeGreaterThan(150);
  });

  it("on an empty canvas, with the list of words and a scene to begin with", () => {
    open();
    type(find<HTMLInputElement>("invite"), `${DATA}ho`);
    look();
    press("d");
    press("s");
    find("example").click();
    look();
    model.python({ vocabulary: {} });
    look();
  });

  it("of regions, their details, menus and actions", () => {
    const bare = newRegion({ id: "c", locked: true });
    open({ regions: [house, full, bare], masks: { a: asTrait(maskOf([3, 3])) }, solo: "a" });
    for (const row of el.querySelectorAll<HTMLElement>("[data-region]")) {
      row.click();
      look();
      press("d");
      look();
      press("d");
      for (const key of [
        "c",
        "m",
        "t",
        "a",
        "a",
        "f",
        "Delete",
        "Delete",
        "e",
        "v",
        "ArrowLeft",
        "ArrowRight",
        "b",
      ]) {
        press(key);
        look();
      }
      for (const key of ["I", "Delete"]) press(key, { shiftKey: true });
      look();
      for (const key of ["ArrowUp", "ArrowUp", "ArrowDown"]) press(key, { altKey: true });
      look();
      press(".");
      look();
      press("Escape", {}, document.activeElement as HTMLElement);
    }
    press("z", { ctrlKey: true });
    look();
    find("background-menu").click();
    look();
  });

  it("of tools where they can do nothing, and of the eyedropper", () => {
    open({ regions: [house], masks: { a: asTrait(maskOf([32, 32])) } });
    for (const tool of ["g", "w", "i", "r", "o"]) {
      press(tool);
      for (const altKey of [false, true]) {
        press(" ", { altKey });
        find("canvas").dispatchEvent(new KeyboardEvent("keyup", { key: " ", bubbles: true }));
        look();
      }
    }
  });

  it("of the settings, the model's remarks and the palette", () => {
    const notices = {
      a: [{ code: "unknown_words", message: `${DATA}told`, words: [`${DATA}word`], near: [] }],
      "": [{ code: "negative_unused", message: `${DATA}told`, words: [], near: [] }],
      background: [{ code: "negative_unused", message: `${DATA}told`, words: [], near: [] }],
    };
    open({ regions: [newRegion({ id: "c" }), house], notices });
    type(find<HTMLInputElement>("palette-search"), `${DATA}nothing`);
    look();
    press("t");
    look();
    find("brush-chip").dispatchEvent(new KeyboardEvent("keydown", { key: "Delete", bubbles: true }));
    look();
    press("s");
    for (const takes_guidance of [true, false]) {
      for (const guidance of [null, 1, 3]) {
        model.python({ guidance, model_facts: { steps: 4, guidance: 4, takes_guidance } });
        for (const cfg of ["auto", "none", "full", "initialise", "self", `${DATA}new`]) {
          model.python({ cfg });
          look();
        }
      }
    }
    for (const mode of ["auto", "exact", "crops", "masked", "increment", `${DATA}new`]) {
      model.python({ mode, quality_text: `${DATA}q` });
      look();
    }
  });

  it("of views, pause, keys, and what cannot be", () => {
    open({ regions: [house] });
    press("?");
    press("Escape");
    find("view").click();
    look();
    press("X", { shiftKey: true });
    look();
    press("F2");
    look();
    press("k");
    look();
    press("k");
    press("z");
    look();
    find("files").click();
    look();
    press("s", { ctrlKey: true });
    look();
    press("s", { ctrlKey: true }); // while the first one is on its way
    look();
    model.tell({ type: "error", seq: 99, code: "x", message: "", hint: "", action: "retry" });
    look();
  });

  it("of a kernel that loads, works, fails, and goes", () => {
    open({ regions: [house] });
    for (const state of ["loading", "idle", "busy", "error"]) {
      for (const name of ["", `${DATA}m`]) model.python({ status: { ...STATUS, state, model: name } });
      look();
    }
    const stats = { fps: 2.34, first_preview_ms: 12345, settled_ms: 3, step_ms: 1, samples: 1, dropped: 2 };
    find("statistics-toggle").click();
    look();
    for (const mode of [`${DATA}m`, "fast lane", "masked"])
      model.python({ stats: { ...stats, mode, memory_mib: 900 }, paused: true, status: STATUS });
    look();
    model.frame(1, 1, "settled", 4);
    look();
    press("s", { ctrlKey: true });
    model.emit("comm:close");
    look();
    for (const key of ["u", "Delete"]) press(key);
    press("s", { ctrlKey: true });
    look();
  });

  it("of the history and of variations", () => {
    const entry = (id: number, made_at: number) => ({
      id,
      title: id === 1 ? "" : `${DATA}house`,
      made_at,
      pinned: id === 2,
      size: [64, 64],
    });
    open({ regions: [house] });
    press("y");
    look();
    model.python({ history_entries: [entry(1, 1000), entry(2, Date.now())] });
    look();
    const items = el.querySelectorAll<HTMLElement>('[data-testid="sd-history-item"]');
    items[1]?.click();
    look();
    items[0]?.dispatchEvent(new MouseEvent("click", { shiftKey: true, bubbles: true }));
    look();
    press("u");
    look();
    const asked = model.messages("vary").at(-1) as unknown as { seq: number; seeds: number[] };
    model.tell({ type: "variation", seq: asked.seq, seed: asked.seeds[0] }, new DataView(new ArrayBuffer(3)));
    look();
    find("variation").click();
    look();
    model.emit("comm:close");
    find("history-restore").disabled = false;
    items[0]?.click();
    find("history-restore").disabled = false;
    find("history-restore").click();
    look();
  });

  it("of files and pictures", async () => {
    open({ regions: [house] });
    const brush = (more: object) =>
      JSON.stringify({ format: "semanticdraw-brushes", version: 1, brushes: [{ ...more }] });
    const texts = [
      ...["{", "{}", '{"format": "semanticdraw-brushes", "version": 9}'],
      ...[brush({}), brush({ name: "", prompt: "" }), brush({ what: 1 }), brush({ name: 3 })],
      brush({ name: `${DATA}a`, prompt: `${DATA}a`, strength: 7 }),
      brush({ name: `${DATA}a`, prompt: `${DATA}a` }),
      brush({ name: `${DATA}a`, prompt: `${DATA}a` }),
    ];
    for (const text of texts) {
      drop(new File([text], `${DATA}a.json`));
      await settle();
      look();
    }
    drop(new File(["x"], `${DATA}a.csv`));
    look();
    drop(new File(["x"], `${DATA}a.sdraw`));
    await settle();
    const opened = model.messages("open").at(-1) as unknown as { seq: number };
    model.tell({ type: "opened", seq: opened.seq, notices: [`${DATA}told`] });
    look();
    for (const place of ["background", "mask", "new"]) {
      drop(new File(["x"], `${DATA}a.jpg`, { type: "image/jpeg" }));
      await settle();
      look();
      find(`place-${place}`).click();
      await settle();
      look();
    }
  });

  it("of a drawing that the browser has kept", () => {
    const kept = { id: "x", at: 1000, size: [64, 64], values: {}, regions: [{ fields: house, mask: "" }] };
    localStorage.setItem(`semanticdraw:kept:${location.pathname}|x`, JSON.stringify(kept));
    open();
    expect(find("offer").hidden).toBe(false);
    find("bring-back").click();
    look();
    expect([...seen].some((text) => text.includes(en.kept.bringBack))).toBe(true);
  });
});

describe("German", () => {
  const house = newRegion({ id: "a", prompt: "house" });
  afterEach(() => end());

  const open = (values: Record<string, unknown> = {}) => {
    ({ model, el, close: end } = openCanvas({ regions: [house], language: "de", ...values }));
  };

  it("is what the canvas shows and says", () => {
    open({ masks: { a: asTrait(maskOf([3, 3])) } });
    const root = el.querySelector<HTMLElement>(".sd-root")!;
    expect(root.lang).toBe("de");
    expect(find("brush").title).toBe("Pinsel (B)");
    expect(find("clear").title).toBe("Maske der Region leeren (Entf)");
    expect(find("clear").getAttribute("aria-keyshortcuts")).toBe("Delete");
    press("Delete");
    expect(find("said").textContent).toBe("Maske geleert: „house“.");
    expect(find("undo").title).toBe("Rückgängig: Leeren (Strg+Z)");
    expect(root.textContent).toContain("Regionen");
  });

  it("has its own numbers, plurals and quotes", () => {
    open();
    model.python({ stats: { fps: 12.34, first_preview_ms: 12345, settled_ms: 5, samples: 1, dropped: 2 } });
    expect(find("status").textContent).toContain("12,3 fps");
    expect(find("status").textContent).toContain("12.345 ms");
    find("statistics-toggle").click();
    expect(find("statistics").textContent).toMatch(/Vorschau12\.345 ms.*Ausgelassene Bilder2/);
    expect([1, 2].map(en.kept.regions)).toEqual(["1 region", "2 regions"]);
    expect([1, 2].map(de.kept.regions)).toEqual(["1 Region", "2 Regionen"]);
    expect(title({ texts: de }, house)).toBe("„house“");
    const polish = formats("pl");
    const forms = { one: "region", few: "regiony", other: "regionów" };
    expect([1, 3, 5].map((count) => polish.plural(count, forms))).toEqual(["region", "regiony", "regionów"]);
  });

  it("differs from English in nearly everything", () => {
    const leaves = (texts: object): [string, unknown][] =>
      Object.entries(texts).flatMap(([key, one]): [string, unknown][] =>
        typeof one === "object"
          ? leaves(one).map(([inner, text]) => [`${key}.${inner}`, text])
          : [[key, one]],
      );
    const german = new Map(leaves(de));
    const all = leaves(en).filter(([, text]) => typeof text === "string");
    const same = all.filter(([key, text]) => german.get(key) === text).map(([key]) => key);
    expect(all.length).toBeGreaterThan(300);
    expect(same.length).toBeLessThan(all.length / 15); // Seed, Name, Zoom, examples of prompts
  });
});

describe("the language", () => {
  afterEach(() => {
    end();
    document.documentElement.lang = "";
  });
  const brush = () => find("brush").getAttribute("aria-label");

  it.each([
    [null, "de", "Pinsel"],
    [null, "de-AT", "Pinsel"],
    [null, "de_DE", "Pinsel"],
    [null, "en", "Brush"],
    [null, "", "Brush"],
    [null, "tlh", "Brush"],
    [undefined, "de", "Pinsel"],
    ["en", "de", "Brush"],
    ["de-CH", "en", "Pinsel"],
    ["constructor", "", "Brush"],
    ["tlh", "de", "Pinsel"],
  ])("chosen as %s on a page in %s", (language, page, says) => {
    document.documentElement.lang = page;
    ({ el, close: end } = openCanvas({ language }));
    expect(brush()).toBe(says);
  });

  it("changes while it is shown, in every view, and what goes on stays", () => {
    const house = newRegion({ id: "a", prompt: "house" });
    ({ model, el, close: end } = openCanvas({ regions: [house] }));
    press("s");
    const listening = model.listening;
    for (const [language, says] of [
      ["de", "Pinsel"],
      ["de", "Pinsel"],
      [null, "Brush"],
      ["de", "Pinsel"],
    ]) {
      model.python({ language });
      expect([brush(), el.querySelectorAll(".sd-root").length]).toEqual([says, 1]);
      expect(find<HTMLTextAreaElement>("prompt").value).toBe("house");
      expect(find("settings-fold").hidden).toBe(false);
    }
    expect(model.listening).toBe(listening);
    press("e");
    expect(find("eraser").getAttribute("aria-pressed")).toBe("true");
  });

  it("falls back to English", () => {
    ({ el, close: end } = openCanvas());
    expect(textsFor()).toBe(en);
    expect(textsFor(3, {}, "toString", "__proto__", "de")).toBe(de);
  });
});
