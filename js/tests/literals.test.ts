// What people read stands in js/src/languages, and nowhere else: no other source has a literal that looks like it.

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, it } from "vitest";
import { en } from "../src/languages/en";

const SOURCES = fileURLToPath(new URL("../src/", import.meta.url));
const KEYS =
  /^(Ctrl|Control|Meta|Shift|Alt|Enter|Esc|Escape|Del|Delete|Backspace|Tab|Home|End|Space|Arrows?|Arrow(Up|Down|Left|Right)|Page(Up|Down)|Digit1|[A-Z\d[\]+⌘←→↑↓…])$/;

/** Words with a space between them, or one that begins as a sentence or a label does. */
const speaks = (text: string) => /\p{L}{2,}[,.:;]? \p{L}/u.test(text) || /^\W*\p{Lu}\p{Ll}/u.test(text);

const isKeys = (text: string) =>
  text
    .split(/[ +]/)
    .filter(Boolean)
    .every((key) => KEYS.test(key));

const isSelector = (text: string) =>
  text.split(", ").every((tag) => ["input", "select", "textarea", "button", "label"].includes(tag));

/** Where literals are none of people's business: errors of the program, names of classes, attributes of drawings. */
function isInternal(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isImportDeclaration(parent) || ts.isLiteralTypeNode(parent)) return true;
  if (ts.isNewExpression(parent)) return /^(Protocol)?Error$|^RegExp$/.test(parent.expression.getText());
  if (ts.isCallExpression(parent)) {
    const called = parent.expression.getText();
    if (called === "h") return parent.arguments[1] === node;
    if (called.endsWith(".setAttribute"))
      return !/aria-|title|placeholder/.test(parent.arguments[0]?.getText() ?? "");
    return /^console\.|\.(includes|contains|closest|matches|matchMedia|querySelector(All)?)$/.test(called);
  }
  if (ts.isPropertyAssignment(parent))
    return /^(classes|prompt|background)$/.test(parent.name.getText()) || parent.name === node;
  if (ts.isConditionalExpression(parent)) return isInternal(parent);
  return false;
}

function literalsOf(file: string, source: string): string[] {
  const root = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const literal = ts.isStringLiteralLike(node)
      ? node.text
      : ts.isTemplateExpression(node)
        ? node.head.text + node.templateSpans.map((span) => `0${span.literal.text}`).join("")
        : "";
    const known =
      literal in en.edits ||
      literal.startsWith("<") ||
      isKeys(literal.replaceAll("0", "")) ||
      isSelector(literal);
    if (speaks(literal) && !known && !isInternal(node)) {
      const { line } = root.getLineAndCharacterOfPosition(node.getStart());
      found.push(`${file}:${line + 1}: ${literal}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(root);
  return found;
}

it("sources hold no text for people", () => {
  const files = readdirSync(SOURCES).filter((file) => file.endsWith(".ts"));
  expect(files.length).toBeGreaterThan(80);
  const found = files.flatMap((file) => literalsOf(file, readFileSync(SOURCES + file, "utf8")));
  // Masks are unpacked where nobody reads why that fails; files are of that kind for the browser.
  const internal = /^(mask\.ts|filedrop\.ts:\d+: Files$|typing\.ts:\d+: AltGraph$)/;
  expect(found.filter((one) => !internal.test(one))).toEqual([]);
});

it("a text is found where it stands", () => {
  const texts = [
    'iconButton({ icon: "pin", label: "Keep this picture" });',
    `store.tell({ did: \`\${name} is saved.\` });`,
    'h("p", "palette-empty", {}, "None yet");',
    'h("button", "sd", { title: on ? "Hide the region" : "Show the region" });',
    'element.setAttribute("aria-label", "Canvas");',
    'throw new PictureError("No picture.");',
  ];
  for (const text of texts) expect(literalsOf("a.ts", text), text).not.toEqual([]);
  const others = [
    'h("div", "row row-background");',
    'throw new Error("a message is an object");',
    'store.edit("mask from a picture", []);',
    `const keys = ["Shift 1", "← → ↑ ↓", \`Shift+\${COMMAND}+Z\`];`,
    'element.setAttribute("preserveAspectRatio", "xMidYMin slice");',
  ];
  for (const text of others) expect(literalsOf("a.ts", text), text).toEqual([]);
});
