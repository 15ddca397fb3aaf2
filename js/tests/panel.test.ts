// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { en } from "../src/languages/en";
import { newRegion, type Region } from "../src/scene";
import { explainGuidance } from "../src/settings";
import { type FakeModel, openCanvas } from "./model";

let model: FakeModel;
let el: HTMLElement;
let end: () => void;

function open(values: Record<string, unknown> = {}): void {
  ({ model, el, close: end } = openCanvas({ regions: [newRegion({ id: "a", prompt: "house" })], ...values }));
}

const find = <T extends HTMLElement = HTMLInputElement>(id: string) =>
  el.querySelector(`[data-testid="sd-${id}"]`) as T;
const region = () => model.writes<Region[]>("regions").at(-1)![0]!;
const flush = () => find("regenerate").click(); // typing goes out with the next request

function type(id: string, text: string): void {
  find(id).value = text;
  find(id).dispatchEvent(new Event("input", { bubbles: true }));
}

function choose(id: string, value: string): void {
  find(id).value = value;
  find(id).dispatchEvent(new Event("change", { bubbles: true }));
}

const told = (code: string, message: string) => ({ a: [{ code, message, words: [] }] });

beforeEach(() => open());
afterEach(() => end());

describe("the details of a region", () => {
  it("unfold for the active region, and stay unfolded for the next one", () => {
    model.python({
      regions: [newRegion({ id: "a", prompt: "house" }), newRegion({ id: "b", prompt: "tree" })],
    });
    const visible = () =>
      [...el.querySelectorAll<HTMLElement>(".sd-row .sd-fold")]
        .filter((fold) => !fold.hidden)
        .map((fold) => fold.closest<HTMLElement>("[data-region]")?.dataset.region);
    const toggles = () =>
      [...el.querySelectorAll<HTMLElement>('[data-testid="sd-details"]')].filter((one) => !one.hidden);
    find("canvas").dispatchEvent(new KeyboardEvent("keydown", { key: "2", bubbles: true }));
    expect([visible(), toggles().length]).toEqual([[], 1]);
    toggles()[0]!.click();
    expect([visible(), toggles()[0]!.getAttribute("aria-expanded")]).toEqual([["a"], "true"]);
    find("canvas").dispatchEvent(new KeyboardEvent("keydown", { key: "1", bubbles: true }));
    expect(visible()).toEqual(["b"]);
    find("canvas").dispatchEvent(new KeyboardEvent("keydown", { key: "d", bubbles: true }));
    expect(visible()).toEqual([]);
  });

  it("every field reaches Python, and what Python sets shows", () => {
    find("details").click();
    type("negative-prompt", "tree");
    type("strength", "80");
    type("prompt-strength", "40");
    type("feather", "12");
    choose("region-seed", "77");
    find("locked").click();
    flush();
    expect(region()).toMatchObject({
      negative_prompt: "tree",
      strength: 0.8,
      prompt_strength: 0.4,
      feather: 12,
      seed: 77,
      locked: true,
    });
    model.python({ regions: [newRegion({ id: "a", prompt: "house", negative_prompt: "car", seed: 9 })] });
    expect(
      ["negative-prompt", "prompt-strength", "feather", "region-seed"].map((id) => find(id).value),
    ).toEqual(["car", "100", "-1", "9"]);
    expect(find("locked").checked).toBe(false);
  });

  it("a seed is thrown, given back, and takes digits only", () => {
    find("details").click();
    expect(find("region-seed-reset").hasAttribute("data-unused")).toBe(true);
    find("region-seed-dice").click();
    expect(region().seed).toBe(Number(find("region-seed").value));
    expect(find("region-seed").value).toMatch(/^\d{1,6}$/);
    find("region-seed-reset").click();
    expect([region().seed, find("region-seed").value]).toEqual([null, ""]);
    choose("region-seed", "seven 7");
    expect(region().seed).toBe(7);
  });

  it("have labels that belong to their fields, and say their ranges", () => {
    find("details").click();
    const fields = [
      ...el.querySelectorAll<HTMLInputElement>(".sd-row .sd-fold input, .sd-row .sd-fold textarea"),
    ];
    expect(fields.map((field) => el.querySelector(`label[for="${field.id}"]`)?.textContent)).toEqual([
      "Negative prompt",
      "Strength",
      "Prompt strength",
      "Feather",
      "Seed",
      "Name",
      "Locked",
    ]);
    expect(fields.every((field) => field.getAttribute("aria-description"))).toBe(true);
    expect(fields.every((field) => field.tabIndex >= 0)).toBe(true);
    expect(find("prompt-strength").getAttribute("aria-description")).toContain("0 to 100 %");
    expect(find("feather").getAttribute("aria-valuetext")).toBe("the model's own");
  });

  it("show folded what is out of the ordinary", () => {
    const changed = newRegion({
      id: "a",
      prompt: "house",
      negative_prompt: "car",
      prompt_strength: 0.4,
      seed: 3,
    });
    model.python({ regions: [changed] });
    expect(find("details").textContent).toBe("Detailsnot car · prompt 40 % · seed 3");
    find("details").click();
    expect(find("details").textContent).toBe("Details");
  });

  it("one slider drag is one step of undo", () => {
    find("details").click();
    for (const value of ["90", "70", "50"]) type("strength", value);
    find("undo").click();
    expect(find("strength").value).toBe("100");
  });
});

describe("the settings of the picture", () => {
  it("reach Python, and what Python sets shows", () => {
    find("settings").click();
    expect(find("settings").getAttribute("aria-expanded")).toBe("true");
    choose("mode", "exact");
    choose("steps", "6.4");
    choose("guidance", "7.5");
    choose("cfg", "full");
    choose("scheduling", "stream");
    const names = ["mode", "steps", "guidance", "cfg", "scheduling"];
    expect(names.map((name) => model.writes(name).at(-1))).toEqual(["exact", 6, 7.5, "full", "stream"]);
    expect(find("scheduling-explained").textContent).toContain("A finished picture with every step");
    model.python({ mode: "crops", steps: 0, guidance: null, cfg: "self", scheduling: "newest" });
    expect(names.map((id) => find(id).value)).toEqual(["crops", "", "", "self", "newest"]);
    expect(find("settings").hasAttribute("data-changed")).toBe(true);
    model.python({ mode: "auto", cfg: "auto" });
    expect(find("settings").hasAttribute("data-changed")).toBe(true);
    model.python({ scheduling: "auto" });
    expect(find("settings").hasAttribute("data-changed")).toBe(false);
  });

  it("keep numbers in their ranges, and empty ones are the model's own", () => {
    find("settings").click();
    expect([find("steps").placeholder, find("guidance").placeholder]).toEqual(["auto: 4", "auto: 4"]);
    choose("steps", "1000");
    choose("guidance", "-3");
    expect([model.writes("steps").at(-1), model.writes("guidance").at(-1)]).toEqual([100, 0]);
    find("steps-reset").click();
    choose("guidance", "");
    expect([model.writes("steps").at(-1), model.writes("guidance").at(-1)]).toEqual([0, null]);
  });

  it("explain each way of guidance, and offer what makes a difference", () => {
    end();
    open({ model_facts: { steps: 4, guidance: 5, takes_guidance: false } });
    find("settings").click();
    const offered = () =>
      [...find<HTMLSelectElement>("cfg").options].filter((one) => !one.hidden).map((one) => one.value);
    expect(offered()).toEqual(["auto", "none", "full", "initialise", "self"]);
    const explained = () => find("cfg-explained").textContent;
    expect(find("cfg").getAttribute("aria-describedby")).toBe(find("cfg-explained").id);
    expect(explained()).toBe("Full, as guidance is above 1.");
    const told = ["none", "full", "initialise", "self"].map((cfg) => {
      choose("cfg", cfg);
      return explained();
    });
    expect(new Set(told).size).toBe(4);
    choose("cfg", "none");
    expect(find("guidance").disabled).toBe(true);
    choose("cfg", "auto");
    choose("guidance", "1");
    expect([find("cfg").disabled, explained()]).toEqual([
      true,
      "Guidance 1 changes nothing. Set it higher to choose.",
    ]);
    model.python({ guidance: null, model_facts: { steps: 4, guidance: 4, takes_guidance: true } });
    expect([offered().includes("none"), explained()]).toEqual([
      false,
      "Right for this model: it takes guidance as a number.",
    ]);
  });

  it("know nothing of a model that is not loaded", () => {
    const known = { facts: null, guidance: null, cfg: "auto", steps: 0, texts: en };
    expect(explainGuidance(known)).toBe("Full if guidance is above 1, else off.");
    model.python({ model_facts: {} });
    find("settings").click();
    expect(find("steps").placeholder).toBe("auto");
  });

  it("keep single keys to themselves", () => {
    find("settings").click();
    const rows = () => el.querySelectorAll('[data-testid="sd-region-row"]').length;
    find("cfg").dispatchEvent(new KeyboardEvent("keydown", { key: "n", bubbles: true }));
    expect(rows()).toBe(1);
  });

  it("are where a negative prompt without effect leads", () => {
    const message = 'the negative prompt has no effect: cfg is "none"; choose "full"';
    model.python({ notices: told("negative_unused", message) });
    const remark = el.querySelector(".sd-remark")?.textContent;
    expect(remark).toBe(
      'The negative prompt has no effect: guidance mode is "none"; choose "full". Open the settings',
    );
    const button = find("open-settings");
    model.python({ background: "sea" });
    expect(find("open-settings")).toBe(button); // still the same, should somebody be pressing it
    button.click();
    expect([find("settings-fold").hidden, document.activeElement]).toEqual([false, find("cfg")]);
    choose("cfg", "full");
    model.python({ notices: {} });
    expect(find("open-settings")).toBeNull();
  });

  it("are undone like any edit", () => {
    find("settings").click();
    choose("cfg", "self");
    find("undo").click();
    expect([find("cfg").value, model.writes("cfg").at(-1)]).toEqual(["auto", "auto"]);
  });
});
