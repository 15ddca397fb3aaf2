// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { unpack } from "../src/mask";
import { newRegion, type Region } from "../src/scene";
import widget from "../src/widget";
import { asTrait, type FakeModel, maskOf, openCanvas } from "./model";

let model: FakeModel;
let el: HTMLElement;
let end: () => void;
let dispose: () => void;

function open(values: Record<string, unknown> = {}): void {
  ({ model, el, end, dispose } = openCanvas(values));
}

const find = <T extends HTMLElement>(id: string, root: ParentNode = el) =>
  root.querySelector(`[data-testid="${id}"]`) as T;
const rows = () => [...el.querySelectorAll<HTMLElement>('[data-testid="sd-region-row"]')];
const prompts = () => rows().map((row) => find<HTMLTextAreaElement>("sd-prompt", row).value);

function type(field: HTMLInputElement | HTMLTextAreaElement, text: string): void {
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function press(target: HTMLElement, key: string, more: KeyboardEventInit = {}): void {
  target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));
}

function pointer(
  kind: string,
  [clientX, clientY]: [number, number],
  { timeStamp = 0, ...more }: PointerEventInit & { timeStamp?: number } = {},
): void {
  const canvas = find("sd-canvas");
  canvas.getBoundingClientRect = () => new DOMRect(0, 0, 64, 64);
  const init = { clientX, clientY, pointerId: 1, isPrimary: true, button: 0, buttons: 1, bubbles: true };
  const event = new PointerEvent(kind, { ...init, ...more });
  if (timeStamp) Object.defineProperty(event, "timeStamp", { value: timeStamp });
  canvas.dispatchEvent(event);
}

function paint(...points: [number, number][]): void {
  pointer("pointerdown", points[0]!);
  for (const point of points.slice(1)) pointer("pointermove", point);
  pointer("pointerup", points.at(-1)!);
}

/** Pixels of the first region as the kernel has it. */
function painted(): number {
  const masks = model.writes<Record<string, DataView>>("masks").at(-1) ?? {};
  const view = Object.values(masks)[0]!;
  return unpack(new Uint8Array(view.buffer)).data.filter((value) => value > 0).length;
}

beforeEach(() => open());
afterEach(() => {
  end();
  dispose();
  el.remove();
  localStorage.clear();
});

describe("a view", () => {
  it("keeps its keys from JupyterLab, and says that it is there", () => {
    expect(el.querySelector(".sd-root")?.getAttribute("data-lm-suppress-shortcuts")).toBe("true");
    expect(model.messages("ready")).toHaveLength(1);
    expect(find("sd-status").dataset.state).toBe("idle");
  });

  it("makes a region of the first stroke, and asks what it is", () => {
    paint([10, 10], [30, 12]);
    expect(rows()).toHaveLength(1);
    expect(document.activeElement).toBe(find("sd-prompt"));
    expect(model.messages("mask_patch").at(-1)?.final).toBe(true);
    type(find("sd-prompt"), "house");
    find("sd-add-region").click();
    expect(
      model
        .writes<Region[]>("regions")
        .at(-1)
        ?.map((region) => region.prompt),
    ).toEqual(["house", ""]);
  });

  it("shows the regions of Python, the uppermost first", () => {
    model.python({
      regions: [newRegion({ id: "a", prompt: "sea" }), newRegion({ id: "b", prompt: "boat" })],
    });
    expect(prompts()).toEqual(["boat", "sea"]);
    model.python({ regions: [newRegion({ id: "b", prompt: "ship" })] });
    expect(prompts()).toEqual(["ship"]);
  });

  it("underlines unknown words and says what to try", () => {
    model.python({ regions: [newRegion({ id: "a", prompt: "a castle" })] });
    model.python({
      notices: { a: [{ code: "unknown_words", message: "no 'castle' here", words: ["castle"] }] },
    });
    expect(rows()[0]?.querySelector(".sd-unknown")?.textContent).toBe("castle");
    expect(rows()[0]?.querySelector(".sd-remark")?.textContent).toContain("Try ");
  });

  it("erases, undoes and redoes by keys and buttons", () => {
    paint([10, 10]);
    const canvas = find("sd-canvas");
    press(canvas, "e");
    expect(find("sd-eraser").getAttribute("aria-pressed")).toBe("true");
    press(canvas, "z", { ctrlKey: true });
    expect(rows()).toHaveLength(0);
    find("sd-redo").click();
    expect(rows()).toHaveLength(1);
    expect(find<HTMLButtonElement>("sd-redo").disabled).toBe(true);
  });

  it("leaves single keys to a text field", () => {
    model.python({ regions: [newRegion({ id: "a" })] });
    press(find("sd-prompt"), "n");
    expect(rows()).toHaveLength(1);
    press(find("sd-canvas"), "n");
    expect(rows()).toHaveLength(2);
  });

  it("starts from an example with one click", () => {
    find("sd-example").click();
    expect(prompts()).toEqual(["boat", "sea", "sun"]);
    expect(find<HTMLTextAreaElement>("sd-background-prompt").value).toBe("sky");
    find("sd-undo").click();
    expect(rows()).toHaveLength(0);
  });

  it("offers ready words where the palette is folded, and takes one for the prompt", () => {
    paint([10, 10]);
    expect(rows()[0]!.querySelector('[data-testid="sd-chip"]')).toBeNull();
    find("sd-palette-toggle").click();
    const [chip] = rows()[0]!.querySelectorAll<HTMLButtonElement>('[data-testid="sd-chip"]');
    chip!.click();
    expect(prompts()).toEqual(["house"]);
  });

  it("shows progress, then errors with what to do", () => {
    expect(find("sd-progress").hidden).toBe(true);
    model.tell({ type: "status", state: "loading", stage: "weights", progress: 0.4 });
    expect(find("sd-progress").hidden).toBe(false);
    expect(find("sd-progress").getAttribute("aria-valuenow")).toBe("40");
    model.tell({
      type: "error",
      code: "model_not_found",
      message: "no model",
      hint: "check the name",
      action: "retry",
    });
    model.tell({ type: "status", state: "error" });
    const banner = find("sd-banner");
    expect([banner.hidden, banner.textContent]).toEqual([false, "No modelCheck the nameTry again"]);
    [...banner.querySelectorAll("button")].find((button) => button.textContent === "Try again")?.click();
    expect(model.messages("retry")).toHaveLength(1);
    expect(banner.hidden).toBe(true);
  });

  it("reorders by keys, and keeps the focus", () => {
    model.python({
      regions: [newRegion({ id: "a", prompt: "sea" }), newRegion({ id: "b", prompt: "boat" })],
    });
    const field = find<HTMLTextAreaElement>("sd-prompt", rows()[1]);
    field.focus();
    press(field, "ArrowUp", { altKey: true });
    expect(prompts()).toEqual(["sea", "boat"]);
    expect(document.activeElement).toBe(field);
  });

  it("asks for the picture again with ctrl and Enter, even in a prompt", () => {
    model.python({ regions: [newRegion({ id: "a" })] });
    press(find("sd-prompt"), "Enter", { ctrlKey: true });
    expect(model.messages("regenerate")).toHaveLength(1);
  });

  it("opens and closes the list of keys", () => {
    press(find("sd-canvas"), "?");
    const dialog = el.querySelector<HTMLElement>('[role="dialog"]')!;
    expect(dialog.hidden).toBe(false);
    press(dialog, "Escape");
    expect(dialog.hidden).toBe(true);
  });
});

describe("pens and fingers", () => {
  it("pressure sets the size, with a floor", () => {
    const dab = (pressure: number) => {
      pointer("pointerdown", [32, 32], { pointerType: "pen", pressure });
      pointer("pointerup", [32, 32], { pointerType: "pen" });
      const pixels = painted();
      find("sd-undo").click();
      return pixels;
    };
    const [hard, soft, none] = [dab(1), dab(0.5), dab(0)];
    expect(hard).toBeGreaterThan(1.5 * soft!);
    expect(soft).toBeGreaterThan(1.5 * none!);
    expect(none).toBeGreaterThan(10);
  });

  it("the eraser end erases, whatever the tool", () => {
    paint([32, 32]);
    const before = painted();
    pointer("pointerdown", [32, 32], { pointerType: "pen", button: 5, buttons: 32, pressure: 0.5 });
    pointer("pointerup", [32, 32], { pointerType: "pen", button: 5, buttons: 0 });
    expect(painted()).toBeLessThan(before);
  });

  it("the heel of a hand does not paint; a cancelled finger keeps what it painted", () => {
    pointer("pointerdown", [10, 10], { pointerType: "touch" });
    const later = performance.now() + 1000;
    const heel = { pointerType: "touch", pointerId: 2, isPrimary: false, timeStamp: later };
    pointer("pointerdown", [50, 50], heel);
    pointer("pointermove", [50, 50], { pointerType: "touch", pointerId: 2, isPrimary: false });
    pointer("pointercancel", [10, 10], { pointerType: "touch" });
    const one = painted();
    find("sd-undo").click();
    paint([10, 10]);
    expect(one).toBe(painted());
    expect(one).toBeGreaterThan(0);
  });

  it("the right button paints nothing", () => {
    pointer("pointerdown", [10, 10], { button: 2, buttons: 2 });
    pointer("pointerup", [10, 10], { button: 2, buttons: 0 });
    expect(rows()).toHaveLength(0);
  });
});

describe("two views", () => {
  it("agree", () => {
    const other = document.createElement("div");
    document.body.append(other);
    end();
    dispose();
    const instance = widget();
    dispose = instance.initialize({ model });
    end = instance.render({ model, el });
    const endOther = instance.render({ model, el: other });
    paint([10, 10]);
    expect(find("sd-region-row", other)).not.toBeNull();
    endOther();
    expect(other.children).toHaveLength(0);
    other.remove();
  });
});

describe("a kernel that is restarted", () => {
  it("the next canvas offers the drawing back", () => {
    paint([10, 10], [30, 12]);
    type(find("sd-prompt"), "house");
    model.emit("comm:close");
    end();
    dispose();
    el.remove();
    open();
    expect(find("sd-offer").textContent).toContain("house");
    find("sd-bring-back").click();
    expect(prompts()).toEqual(["house"]);
    const [region] = model.writes<Region[]>("regions").at(-1)!;
    expect(model.messages("mask_patch").at(-1)?.region).toBe(region!.id);
    expect(find("sd-offer").hidden).toBe(true);
  });
});

describe("the end", () => {
  it("leaves no element and no listener behind", () => {
    end();
    expect(el.children).toHaveLength(0);
    expect(model.messages("visible").at(-1)).toEqual({ type: "visible", visible: false });
    dispose();
    expect(model.listening).toBe(0);
  });

  it("draws what was saved with no kernel at all", () => {
    end();
    dispose();
    el.remove();
    open({ regions: [newRegion({ id: "a", prompt: "sea" })], masks: { a: asTrait(maskOf([3, 3])) } });
    model.dead = true;
    model.emit("comm:close");
    expect(find("sd-status").textContent).toContain("kernel stopped: your drawing is kept");
    paint([10, 10]);
    expect(find<HTMLButtonElement>("sd-undo").disabled).toBe(false);
  });
});
