// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { unpack } from "../src/mask";
import { newRegion, type Region } from "../src/scene";
import { asTrait, type FakeModel, maskOf, openCanvas } from "./model";

let model: FakeModel;
let el: HTMLElement;
let end: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  ({
    model,
    el,
    close: end,
  } = openCanvas({
    regions: ["sea", "boat", "sun"].map((id) => newRegion({ id, prompt: id })),
    masks: { sea: asTrait(maskOf([0, 0], [1, 1])), boat: asTrait(maskOf([5, 5])) },
  }));
});

afterEach(() => {
  end();
  vi.useRealTimers();
});

const find = (id: string, root: ParentNode = el) =>
  root.querySelector(`[data-testid="sd-${id}"]`) as HTMLElement;
const row = (id: string) => el.querySelector(`[data-region="${id}"]`) as HTMLElement;
const rows = () => [...el.querySelectorAll<HTMLElement>("[data-region]")].map((one) => one.dataset.region);
const more = (id: string) => find("more", row(id));
const menu = () => find("menu");
const focused = () => document.activeElement as HTMLElement;
const said = () => find("said").textContent;
const regions = () => model.writes<Region[]>("regions").at(-1)!;
const maskAt = (id: string, x: number, y: number) => {
  const view = model.writes<Record<string, DataView>>("masks").at(-1)![id]!;
  return unpack(new Uint8Array(view.buffer)).data[y * 64 + x];
};

function press(key: string, more: KeyboardEventInit = {}, target: HTMLElement = focused()): KeyboardEvent {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
  target.dispatchEvent(event);
  return event;
}

function open(id: string): void {
  more(id).focus();
  more(id).click();
}

describe("the menu of a region", () => {
  it("is a menu to those who hear it", () => {
    expect(more("boat").getAttribute("aria-haspopup")).toBe("menu");
    expect(more("boat").getAttribute("aria-label")).toBe("More for boat");
    open("boat");
    expect(more("boat").getAttribute("aria-expanded")).toBe("true");
    expect(more("boat").getAttribute("aria-controls")).toBe(menu().id);
    expect([menu().getAttribute("role"), menu().getAttribute("aria-label")]).toEqual([
      "menu",
      "Actions of the region",
    ]);
    const items = [...menu().children];
    expect(items.map((item) => item.querySelector(".sd-menu-label")?.textContent)).toEqual([
      "Move up",
      "Move down",
      "Rename",
      "Duplicate",
      "Save as brush",
      "Merge down",
      "Paint only this region",
      "Visible",
      "Locked",
      "Next color",
      "Fill what is left",
      "Invert the mask",
      "Clear the mask",
      "Delete the region",
    ]);
    expect(new Set(items.map((item) => item.getAttribute("role")))).toEqual(
      new Set(["menuitem", "menuitemcheckbox"]),
    );
    expect(find("menu-solo").getAttribute("aria-checked")).toBe("false");
    const shortcuts = ["up", "clear", "delete"].map((name) =>
      find(`menu-${name}`).getAttribute("aria-keyshortcuts"),
    );
    expect(shortcuts).toEqual(["Alt+ArrowUp", "Delete", "Shift+Delete"]);
  });

  it("moves by arrows, Home and End, round and round, and one item is in focus", () => {
    open("boat");
    const seen = () => focused().dataset.item;
    const walk = ["ArrowDown", "End", "ArrowDown", "ArrowUp", "Home"].map((key) => {
      press(key);
      return seen();
    });
    expect(walk).toEqual(["down", "delete", "up", "delete", "up"]);
  });

  it("opens by arrows on its button, at either end", () => {
    more("boat").focus();
    press("ArrowDown");
    expect(focused().dataset.item).toBe("up");
    press("Escape");
    press("ArrowUp");
    expect(focused().dataset.item).toBe("delete");
  });

  it("Escape and Tab close it, and the focus is on its button again", () => {
    for (const key of ["Escape", "Tab"]) {
      open("boat");
      const event = press(key);
      expect([menu(), focused()]).toEqual([null, more("boat")]);
      expect(event.defaultPrevented).toBe(key === "Escape"); // Tab goes on
      expect(more("boat").getAttribute("aria-expanded")).toBe("false");
    }
  });

  it("closes when the focus goes elsewhere, and by its button", () => {
    open("boat");
    find("canvas").focus();
    expect([menu(), focused()]).toEqual([null, find("canvas")]);
    open("boat");
    more("boat").dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }));
    more("boat").focus();
    more("boat").click();
    expect(menu()).toBeNull();
    more("boat").click();
    expect(menu()).not.toBeNull();
  });

  it("no row unfolds while one of its buttons is held down, since the button would move away", () => {
    const active = () => rows().filter((id) => row(id!).hasAttribute("data-active"));
    const was = active();
    more("boat").dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }));
    more("boat").focus();
    expect(active()).toEqual(was);
    window.dispatchEvent(new PointerEvent("pointerup"));
    more("boat").click();
    expect([active(), menu() !== null]).toEqual([["boat"], true]);
    row("sea").dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }));
    expect(active()).toEqual(["sea"]);
    more("sun").dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }));
    window.dispatchEvent(new PointerEvent("pointerup")); // let go beside the button
    find("visible", row("sun")).focus();
    expect(active()).toEqual(["sun"]);
  });

  it("opens from the canvas by the full stop, and gives the focus back there", () => {
    find("canvas").focus();
    press(".");
    expect(focused().dataset.item).toBe("up");
    press("Escape");
    expect(focused()).toBe(find("canvas"));
    press(".");
    press("End");
    press("Enter");
    expect([focused(), rows()]).toEqual([find("canvas"), ["boat", "sea"]]); // "sun" was the active one
  });

  it("keeps single keys to itself, and an item's own key chooses it", () => {
    open("boat");
    press("e");
    expect(find("eraser").getAttribute("aria-pressed")).toBe("false");
    press("I", { shiftKey: true });
    expect([menu(), said()]).toEqual([null, 'The mask of "boat" is inverted.']);
    expect([maskAt("boat", 5, 5), maskAt("boat", 0, 0)]).toEqual([0, 255]);
  });

  it("says why an item cannot be chosen", () => {
    open("sea");
    const item = find("menu-merge");
    expect(item.getAttribute("aria-disabled")).toBe("true");
    expect(item.getAttribute("aria-description")).toContain("is the lowest region");
    item.click();
    expect(find("banner").textContent).toContain("there is none below to merge it into");
    expect(rows()).toEqual(["sun", "boat", "sea"]);
    model.python({
      regions: [newRegion({ id: "sea", prompt: "sea", locked: true }), newRegion({ id: "boat" })],
    });
    open("sea");
    const obstacles = ["fill", "invert", "clear", "duplicate"].map((name) =>
      find(`menu-${name}`).getAttribute("aria-disabled"),
    );
    expect(obstacles).toEqual(["true", "true", "true", null]);
  });

  it("goes with its region, and the focus to what is left", () => {
    open("boat");
    model.python({ regions: [newRegion({ id: "sea", prompt: "sea" })] });
    expect(menu()).toBeNull();
    open("sea");
    press("Delete", { shiftKey: true });
    expect([rows(), focused()]).toEqual([[], find("canvas")]);
  });
});

describe("what is chosen in it", () => {
  it("the focus follows the region that has come of it", () => {
    open("boat");
    find("menu-merge").click();
    expect([rows(), focused()]).toEqual([["sun", "sea"], more("sea")]);
    expect([maskAt("sea", 5, 5), maskAt("sea", 1, 1), maskAt("sea", 2, 2)]).toEqual([255, 255, 0]);
    expect(said()).toBe('"boat" is part of "sea" now.');
    open("sea");
    find("menu-duplicate").click();
    const copy = rows()[1]!;
    expect([rows(), focused()]).toEqual([["sun", copy, "sea"], more(copy)]);
    expect(regions().map(({ id }) => id)).toEqual(["sea", copy, "sun"]);
    expect(maskAt(copy, 5, 5)).toBe(255);
    find("undo").click();
    expect(rows()).toEqual(["sun", "sea"]);
    find("undo").click();
    expect(rows()).toEqual(["sun", "boat", "sea"]);
  });

  it("what it did is said for a while, in a live region that was there before", () => {
    const live = find("said");
    expect([live.getAttribute("role"), live.getAttribute("aria-live"), live.hidden]).toEqual([
      "status",
      "polite",
      false,
    ]);
    open("boat");
    find("menu-up").click();
    expect([said(), rows()]).toEqual(['"boat" is number 1 of 3 from above.', ["boat", "sun", "sea"]]);
    expect([find("said"), focused()]).toEqual([live, more("boat")]);
    vi.advanceTimersByTime(6000);
    expect(said()).toBe("");
  });

  it("a region painted alone wears a sign that ends it, and the other rows fade", () => {
    const faded = () => rows().filter((id) => row(id!).hasAttribute("data-hidden"));
    const signs = () => rows().filter((id) => !find("alone", row(id!)).hidden);
    open("boat");
    find("menu-solo").click();
    expect([signs(), faded(), model.writes("solo").at(-1)]).toEqual([["boat"], ["sun", "sea"], "boat"]);
    expect(find("visible", row("sea")).getAttribute("aria-label")).toBe("Show the region");
    open("boat");
    expect(find("menu-solo").getAttribute("aria-checked")).toBe("true");
    press("Escape");
    find("alone", row("boat")).click();
    expect([signs(), faded(), model.writes("solo").at(-1), focused()]).toEqual([[], [], "", more("boat")]);
    model.python({ solo: "sea" });
    expect([signs(), faded()]).toEqual([["sea"], ["sun", "boat"]]);
    find("visible", row("sun")).click();
    expect([signs(), faded(), model.writes("solo").at(-1)]).toEqual([[], [], ""]);
  });
});

describe("keys for the active region", () => {
  it.each([
    ["c", {}, "has a copy"],
    ["M", { shiftKey: true }, 'is part of "boat" now'],
    ["a", {}, "Only"],
    ["f", {}, "all that was left"],
    ["I", { shiftKey: true }, "is inverted"],
    ["Delete", { shiftKey: true }, "is deleted"],
    ["Backspace", { shiftKey: true }, "is deleted"],
  ])("%s on the canvas", (key, modifiers, what) => {
    find("canvas").focus();
    press(key, modifiers);
    expect(said()).toContain(what);
    press(key, { ...modifiers, repeat: true });
    find("undo").click(); // once is enough: a key held down does it once
    expect(rows()).toEqual(["sun", "boat", "sea"]);
  });

  it("Del and Backspace clear the mask", () => {
    find("canvas").focus();
    for (const key of ["Delete", "Backspace"]) {
      press("2"); // boat
      press(key);
      expect(maskAt("boat", 5, 5)).toBe(0);
      find("undo").click();
      expect(maskAt("boat", 5, 5)).toBe(255);
    }
    find("clear").click();
    expect(maskAt("boat", 5, 5)).toBe(0);
  });

  it("mean letters in a prompt, but for Alt with arrows", () => {
    const field = find("prompt", row("sun"));
    field.focus();
    for (const key of ["c", "m", "Delete", "Backspace", "."]) expect(press(key).defaultPrevented).toBe(false);
    expect([rows(), menu()]).toEqual([["sun", "boat", "sea"], null]);
    press("ArrowDown", { altKey: true });
    expect([rows(), focused(), said()]).toEqual([
      ["boat", "sun", "sea"],
      field,
      '"sun" is number 2 of 3 from above.',
    ]);
  });

  it("are all in the list of keys", () => {
    const listed = [...el.querySelectorAll(".sd-keys kbd")].map((cap) => cap.textContent);
    for (const key of [".", "C", "T", "M", "A", "F", "I", "Del", "Alt", "↑"]) expect(listed).toContain(key);
  });
});
