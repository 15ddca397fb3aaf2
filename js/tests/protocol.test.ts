import { describe, expect, it } from "vitest";
import { parse, readNotices, readVocabulary } from "../src/protocol";

const STATS = {
  fps: 3.5,
  first_preview_ms: 120,
  settled_ms: 400,
  step_ms: 60,
  samples: 16,
  mode: "masked",
  scheduling: "stream",
  memory_mib: 512.5,
  in_flight: 1,
  dropped: 0,
};
const FRAME = {
  type: "frame",
  seq: 7,
  revision: 3,
  kind: "preview",
  step: 1,
  steps: 4,
  size: [256, 128],
  mime: "image/png",
  stats: { ...STATS, model: "crayon", device: "cpu" },
};
const BYTES = new DataView(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2);

describe("messages from the kernel", () => {
  it("a frame and its buffer, a slice of a larger one", () => {
    const message = parse(FRAME, [BYTES]);
    if (message.type !== "frame") throw new Error("not a frame");
    expect(message.frame).toEqual(FRAME);
    expect([message.bytes.byteOffset, message.bytes.byteLength]).toEqual([1, 2]);
  });

  it("accepts other forms of a buffer", () => {
    for (const buffer of [new ArrayBuffer(2), new Uint8Array(2)]) {
      const message = parse(FRAME, [buffer]);
      expect(message.type === "frame" && message.bytes.byteLength).toBe(2);
    }
  });

  it("a status, its progress kept within bounds", () => {
    const message = parse({ type: "status", state: "loading", stage: "weights", progress: 1.5 });
    expect(message).toEqual({
      type: "status",
      status: { state: "loading", stage: "weights", progress: 1, model: "", device: "", message: "" },
    });
  });

  it("an error", () => {
    const message = parse({
      type: "error",
      code: "out_of_memory",
      message: "m",
      hint: "h",
      action: "retry",
      seq: 3,
    });
    expect(message).toEqual({
      type: "error",
      failure: { code: "out_of_memory", message: "m", hint: "h", action: "retry" },
      seq: 3,
    });
  });

  it.each([
    ["no object", 3, []],
    ["a list", [FRAME], [BYTES]],
    ["an unknown type", { type: "frames" }, []],
    ["no buffer", FRAME, []],
    ["two buffers", FRAME, [BYTES, BYTES]],
    ["a buffer that is none", FRAME, ["png"]],
    ["a negative seq", { ...FRAME, seq: -1 }, [BYTES]],
    ["a seq that is text", { ...FRAME, seq: "7" }, [BYTES]],
    ["an unknown kind", { ...FRAME, kind: "final" }, [BYTES]],
    ["a size of one side", { ...FRAME, size: [256] }, [BYTES]],
    ["an unknown picture format", { ...FRAME, mime: "text/html" }, [BYTES]],
    ["a box of three numbers", { type: "patched", seq: 1, region: "a", box: [0, 0, 4] }, [BYTES]],
    ["a region that is none", { type: "patched", seq: 1, region: 3, box: [0, 0, 4, 4] }, [BYTES]],
    ["an unknown state", { type: "status", state: "asleep" }, []],
  ])("refuses %s", (_, content, buffers) => {
    expect(() => parse(content, buffers)).toThrow();
  });
});

describe("kernel-owned traits", () => {
  it("notices, whatever is in them", () => {
    const notices = readNotices({
      a: [{ code: "unknown_words", message: "m", words: ["castle", 3], near: ["cat"] }, "x"],
      background: [{ code: "truncated" }],
      b: null,
    });
    expect(notices.get("a")).toEqual([
      { code: "unknown_words", message: "m", words: ["castle"], near: ["cat"] },
    ]);
    expect(notices.get("background")).toEqual([{ code: "truncated", message: "", words: [], near: [] }]);
    expect(notices.has("b")).toBe(false);
    expect(readNotices(undefined).size).toBe(0);
  });

  it("an absent vocabulary is an empty one", () => {
    expect(readVocabulary(undefined)).toEqual({ backgrounds: [], objects: [], colors: [], styles: [] });
  });
});
