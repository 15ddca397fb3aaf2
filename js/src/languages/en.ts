// What the canvas says, all of it, in English; the other files of this folder say the same in other languages.
//
// A text is a string, or a function of what stands in it. Sentences end in a period, labels do not. Examples of prompts
// stay in English wherever they are, since that is what models read, and so do texts that come from Python.

import { formats, keyNames } from "../formats";

const format = formats("en");
const { number, plural } = format;

const brushes = (count: number) => plural(count, { one: "1 brush", other: `${number(count)} brushes` });

export const en = {
  /** The BCP 47 tag, for the browser and for screen readers. */
  tag: "en",
  format,
  /** Keys as people read them. */
  key: keyNames({}),
  quoted: (text: string) => `"${text}"`,
  percent: (value: number) => `${number(value)} %`,
  px: (value: number) => `${number(value, 1)} px`,

  canvas: {
    label: "Canvas. Arrow keys move the tool, Space presses it.",
    mirror: "The picture without masks",
  },

  toolbar: {
    label: "Tools",
    shapes: "Shapes and fills",
    hands: "Move and choose",
    brush: "Brush",
    eraser: "Eraser",
    size: "Brush size",
    tolerance: "Tolerance of the magic select: how much colors may differ",
    apply: "Apply the transform",
    cancel: "Cancel the transform",
    /** `what`: one of `edits`; "" while it is nothing. */
    undo: (what: string) => `Undo${what && ` ${what}`}`,
    redo: (what: string) => `Redo${what && ` ${what}`}`,
    clear: "Clear the region's mask",
    masks: "Keep the masks in sight",
    opacity: "Opacity of the masks",
    regenerate: "Paint again",
    surprise: "Surprise me: a random scene",
    keys: "Keys",
  },

  /** What else there is to set about the brush than its size. */
  brushTip: {
    label: "Edge of the brush, steady stroke",
    hint: "hardness (Shift+[, Shift+]), and how steady the hand is",
    hardness: "Hardness",
    hardnessHint: "How far the brush is full on the way from its middle to its edge, 0 to 100 %",
    hardnessIs: (percent: string) => `Hardness ${percent}`,
    steady: "Steady stroke",
    steadyHint: "The ink follows the pointer on a string, which takes the tremor out of a line, 0 to 100 %",
    off: "off",
    fingers: "Draw with finger",
    fingersHint: "On: one finger draws, two move the view. Off: one finger moves the view, and the pen draws",
  },

  /** Tools with a button in a group: its label, and what else its tooltip says. */
  tools: {
    rectangle: { label: "Rectangle", hint: "drag it; Shift for a square, Alt to take away" },
    ellipse: { label: "Ellipse", hint: "drag it; Shift for a circle, Alt to take away" },
    lasso: {
      label: "Lasso",
      hint: "draw around an area, or click corners and press Enter; Backspace takes back a corner, Alt takes away",
    },
    bucket: {
      label: "Bucket",
      hint: "fills the area under the pointer that no visible region covers; Alt takes away the region's part there",
    },
    magic: {
      label: "Magic select",
      hint: "adds the area of similar color in the picture; Alt takes it away",
    },
    transform: {
      label: "Move, scale and rotate the region",
      hint: "drag it or its handles; Enter applies, Esc cancels",
    },
    eyedropper: { label: "Choose the region under the pointer", hint: "Alt-click does it with the brush" },
    hand: {
      label: "Move the view",
      hint: "or hold Space, or drag with the middle button or two fingers; the wheel does it where it is zoomed in",
    },
  },

  /** Names of edits, after "Undo" and "Redo". */
  edits: {
    stroke: "stroke",
    erasing: "erasing",
    rectangle: "rectangle",
    ellipse: "ellipse",
    lasso: "lasso",
    bucket: "bucket",
    "magic select": "magic select",
    transform: "transform",
    region: "region",
    "new region": "new region",
    edit: "edit",
    order: "order",
    duplicate: "duplicate",
    merge: "merge",
    solo: "solo",
    fill: "fill",
    invert: "invert",
    clear: "clear",
    delete: "delete",
    style: "style",
    example: "example",
    "mask from a picture": "mask from a picture",
    "kept drawing": "kept drawing",
    surprise: "surprise",
    open: "open",
    restore: "restore",
    python: "edit from Python",
  },

  /** How the tools answer. `region`: `regions.named` or `regions.unnamed`. */
  tool: {
    covered: "A region covers this place already. The bucket fills what is free.",
    selected: "The region covers all of that color here already.",
    notCovered: "The region does not cover this place.",
    noPicture: "There is no picture yet to select in. Say what a region shows, and wait for it.",
    transformed: (region: string) => `${region} is transformed.`,
    nothingToMove: (region: string) => `${region} covers nothing yet. Paint it first, then move it.`,
    picked: (region: string) => `${region} is chosen.`,
    pickedNone: "No region that is painted covers this place.",
  },

  regions: {
    label: "Regions",
    list: "Regions, the uppermost first",
    add: "New region",
    unnamed: "The region without a prompt",
    most: (count: number) => `A canvas has at most ${number(count)} regions.`,
    locked: (region: string) => `${region} is locked. Unlock it first.`,
  },

  /** A region in the list. */
  row: {
    prompt: "What this region shows",
    placeholder: "this is …",
    background: "What the background shows",
    backgroundPlaceholder: "background: sky, brick, …",
    color: "Color",
    drag: "Drag to reorder (Alt+↑, Alt+↓)",
    unnamed: "region without a prompt",
    move: (region: string) => `Move ${region}; Alt with arrow up or down`,
    hide: "Hide the region",
    show: "Show the region",
    more: "More",
    moreFor: (region: string) => `More for ${region}`,
    alone: "Only this region is painted; click to paint all again",
    unlock: "Locked; click to unlock",
    paintIt: "Now paint where it is.",
    moreWords: "more …",
  },

  /** The menu of a region: the labels. */
  actions: {
    label: "Actions of the region",
    up: "Move up",
    down: "Move down",
    rename: "Rename",
    duplicate: "Duplicate",
    brush: "Save as brush",
    merge: "Merge down",
    solo: "Paint only this region",
    visible: "Visible",
    locked: "Locked",
    color: "Next color",
    fill: "Fill what is left",
    invert: "Invert the mask",
    clear: "Clear the mask",
    delete: "Delete the region",
  },

  /** What the actions of a region did, or why they cannot. */
  acted: {
    choose: "Choose a region first.",
    uppermost: (region: string) => `${region} is the uppermost region already.`,
    lowest: (region: string) => `${region} is the lowest region already.`,
    moved: (region: string, place: number, count: number) =>
      `${region} is number ${number(place)} of ${number(count)} from above.`,
    tooMany: (count: number) => `A canvas has at most ${number(count)} regions. Delete or merge some first.`,
    duplicated: (region: string) => `${region} has a copy, just above it.`,
    noneBelow: (region: string) => `${region} is the lowest region; there is none below to merge it into.`,
    merged: (region: string, lower: string) => `${region} is part of ${lower} now.`,
    alone: (region: string) => `Only ${region} is painted.`,
    together: "All visible regions are painted again.",
    shown: (region: string) => `${region} is visible.`,
    hidden: (region: string) => `${region} is hidden.`,
    locked: (region: string) => `${region} is locked: its pixels stay.`,
    unlocked: (region: string) => `${region} is unlocked.`,
    recolored: (region: string, color: string) => `${region} is ${color} now.`,
    nothingLeft: "Nothing is left: the other regions cover the rest of the canvas.",
    filled: (region: string) => `${region} has all that was left.`,
    inverted: (region: string) => `The mask of ${region} is inverted.`,
    emptyAlready: (region: string) => `The mask of ${region} is empty already.`,
    cleared: (region: string) => `The mask of ${region} is empty.`,
    deleted: (region: string) => `${region} is deleted.`,
    brushSaved: (name: string) => `The palette has a brush "${name}".`,
  },

  /** The colors that regions get. */
  colors: {
    orange: "orange",
    skyBlue: "sky blue",
    green: "green",
    yellow: "yellow",
    blue: "blue",
    vermilion: "vermilion",
    pink: "pink",
    purple: "purple",
    seaGreen: "sea green",
    brown: "brown",
    lightGreen: "light green",
    gray: "gray",
  },

  details: {
    label: "Details of the region",
    toggle: "Details",
    toggleHint: "Negative prompt, strength, feather, seed",
    negative: "Negative prompt",
    negativePlaceholder: "what it must not show",
    negativeHint: "What this region must not show",
    strength: "Strength",
    strengthHint: "In how many of the steps the region holds its place, 1 to 100 %",
    promptStrength: "Prompt strength",
    promptStrengthHint: "How much the prompt counts against the background's, 0 to 100 %",
    feather: "Feather",
    featherHint: "Softness of the region's edge, 0 to 64 px; the left end is the model's own",
    ofModel: "the model's own",
    auto: "auto",
    seed: "Seed",
    seedHint: "Another seed makes another variant of this region alone",
    seedLabel: "Seed of this region",
    seedReset: "Back to the canvas's seed",
    seedPin: "Pin: keep its look when the canvas gets another seed",
    name: "Name",
    nameLabel: "Name of this region",
    renameHint: "Name of the region (F2 or a double click edits it)",
    namePlaceholder: "optional",
    nameHint: "For you; it paints nothing",
    locked: "Locked",
    lockedHint: "The pen leaves a locked region alone, and what it shows stays",
    /** In one line while they are folded; a brush's too. */
    summary: {
      negative: (prompt: string) => `not ${prompt}`,
      strength: (percent: string) => `strength ${percent}`,
      promptStrength: (percent: string) => `prompt ${percent}`,
      feather: (px: string) => `feather ${px}`,
      seed: (seed: number) => `seed ${seed}`,
    },
  },

  /** Fields of any form. */
  fields: {
    dice: (field: string) => `${field}: throw the dice`,
    offers: "Words that the model knows",
  },

  backdrop: {
    label: "Picture of the background",
    none: "Picture of the background: none",
    tooltip: (label: string) => `${label}. Or drop or paste one`,
    file: "Picture for the background",
    fromFile: "Picture from a file…",
    result: "The picture as it is now",
    noResult: "There is no picture yet.",
    remove: "No picture",
    nothingToRemove: "The background has no picture.",
    lastPicture: "The last picture",
  },

  palette: {
    label: "Palette",
    toggle: "Palette of ready words",
    search: "search",
    searchLabel: "Find a word in the palette",
    color: "Color",
    style: "Style of the whole picture",
    styleHint: "Style of the whole picture: every prompt ends with it",
    noStyle: "no style",
    objects: "Objects",
    backgrounds: "Backgrounds",
    fillsCanvas: "fills the canvas",
    unknown: (word: string) => `The model lists no "${word}".`,
  },

  brushes: {
    label: "Brushes",
    file: "File of brushes",
    import: "Take in brushes from a file",
    export: "Save the brushes as a file",
    none: 'None yet. "Save as brush" in the menu of a region keeps its prompt.',
    remove: (name: string) => `Remove the brush ${name}`,
    removed: (name: string) => `The brush "${name}" is removed.`,
    sayFirst: "Say what the region shows first.",
    full: (most: number) => `There are ${number(most)} brushes already. Remove some first.`,
    imported: (count: number, file: string) => `${brushes(count)} from "${file}".`,
    nothingNew: (file: string) => `"${file}" has no new brushes.`,
    refused: (file: string, why: string) => `"${file}" cannot be taken in: ${why}.`,
    exported: (count: number, file: string) => `${brushes(count)} saved as ${file}.`,
  },

  /** Why a file of brushes cannot be taken in; after a colon, without a period. */
  brushFile: {
    tooLarge: (bytes: number) => `a file of brushes has at most ${bytes} bytes`,
    noJson: (why: string) => `a file of brushes is JSON, but this does not parse: ${why}`,
    otherFile: (format: string) => `this is no file of brushes: those say "format": "${format}"`,
    otherVersion: (found: string, known: number) =>
      `these brushes are of version ${found}; this release reads version ${known}. ` +
      "A newer release of semanticdraw_widget may read them",
    unknownPart: (part: string) => `a file of brushes has format, version and brushes, not ${part}`,
    noList: (found: string) => `brushes are a list, not ${found}`,
    tooMany: (most: number, count: number) =>
      `a canvas has at most ${most} brushes, not ${count}; remove some`,
    twice: (name: string) => `two brushes have the name ${name}; rename one`,
    noObject: (found: string) => `a brush is an object, not ${found}`,
    unknownField: (field: string, fields: string) => `a brush has no ${field}; it has ${fields}`,
    missing: (what: string) => `a brush has a ${what}, text of at least one letter`,
    noText: (what: string, found: string) => `a brush has a ${what}, which is text, not ${found}`,
    tooLong: (what: string, length: number, most: number) =>
      `the ${what} of a brush has ${length} characters; shorten it to ${most}`,
    unfit: (brush: string, what: string, limits: string, found: string) =>
      `the brush ${brush} cannot be used: the ${what} is ${limits}, not ${found}`,
    fields: {
      name: "name",
      prompt: "prompt",
      negativePrompt: "negative prompt",
      strength: "strength",
      promptStrength: "prompt strength",
      feather: "feather",
      seed: "seed",
      color: "color",
    },
    limits: {
      strength: "a number above 0 and at most 1",
      promptStrength: "a number, 0 to 1",
      feather: (most: number) => `a number, 0 to ${most}, or null`,
      seed: (most: number) => `a whole number, 0 to ${most}, or null`,
      color: "written '#rrggbb'",
    },
  },

  settings: {
    label: "Settings of the picture",
    toggle: "Settings: mode, steps, guidance, style",
    variations: "Four variations to choose from",
    seed: "Seed",
    mode: "Mode",
    modeHint: "How the regions share the network",
    steps: "Steps",
    stepsHint: (most: number) => `1 to ${most}; more are slower. Empty: the model's own`,
    stepsReset: "Back to the model's own steps",
    guidance: "Guidance",
    guidanceHint: (most: number) =>
      `How firmly the picture follows the prompts, 0 to ${most}. Empty: the model's own`,
    guidanceReset: "Back to the model's own guidance",
    way: "Guidance mode",
    wayHint: "What the prompts are led away from (cfg in Python)",
    schedule: "While drawing",
    scheduleHint: "How the picture follows a moving pen (scheduling in Python)",
    auto: "auto",
    autoIs: (value: number) => `auto: ${number(value, 2)}`,
    modes: {
      auto: { label: "Automatic", told: "An edit shows after one step; the rest stays." },
      exact: { label: "Exact", told: "As published: each region by itself. Slow." },
      crops: { label: "Crops", told: "As exact, but a region sees only its surroundings." },
      masked: { label: "Masked", told: "All regions together after the first step. Quick." },
      increment: { label: "Increment", told: "As masked; an edit repaints only what it changes." },
    },
    ways: {
      auto: { label: "Automatic", told: "Full if guidance is above 1, else off." },
      none: { label: "Off", told: "No guidance: the quickest." },
      full: { label: "Full", told: "Negative prompts in every step: twice the work." },
      initialise: { label: "Initialise", told: "Negative prompts in the first step only." },
      self: { label: "Self", told: "Away from plain noise: no extra work." },
    },
    schedules: {
      auto: {
        label: "Automatic",
        told: "What suits the device: on a CPU the newest state, elsewhere as measured.",
      },
      newest: { label: "Newest", told: "The newest state, begun anew with each move of the pen." },
      stream: { label: "Stream", told: "A finished picture with every step, a few steps late." },
    },
    guidanceIsOff: "Guidance 1 changes nothing. Set it higher to choose.",
    takesNumber: "Right for this model: it takes guidance as a number.",
    sameAsAuto: "For this model the same as Automatic.",
    autoIsBetter: (told: string) => `${told} Automatic suits this model.`,
    autoIsFull: "Full, as guidance is above 1.",
    autoIsOff: "Off, as guidance is not above 1.",
  },

  /** Texts that go with every prompt. */
  everyPrompt: {
    label: "With every prompt",
    style: "Style",
    stylePlaceholder: "watercolor, soft light",
    styleHint: "Every prompt ends with it; the prompts themselves stay",
    preset: "Quality preset",
    quality: "Quality",
    qualityHint: "Ready words for quality, and against what spoils it",
    qualityWords: "Quality words",
    qualityWordsHint: "Every prompt ends with them, after the style",
    negative: "Negative",
    negativeHint: "Every negative prompt ends with it",
    none: "none",
    presets: {
      none: "none",
      photograph: "photograph",
      cinematic: "cinematic",
      illustration: "illustration",
      painting: "painting",
      own: "own",
    },
  },

  /** Around the model's remarks, which are in English. */
  remarks: {
    tryWords: (words: string) => `Try ${words}.`,
    /** What the canvas calls cfg of Python, within a sentence. */
    cfg: "guidance mode",
    openSettings: "Open the settings",
  },

  /** The empty canvas. */
  invite: {
    title: "Paint a shape",
    label: "this is",
    field: "What the first region shows",
    placeholder: "a lighthouse",
    wordPlaceholder: (word: string) => `a ${word}`,
    examplesTitle: "Start from an example",
    examples: { harbor: "Harbor", meadow: "Meadow", winter: "Winter" },
  },

  files: {
    label: "Save and open",
    sdraw: "Save as .sdraw",
    png: "Save picture as PNG",
    ora: "Save as OpenRaster (.ora)",
    open: "Open…",
    picture: "Take in a picture…",
    pictureFile: "Take in a picture",
    drawingFile: "Open a drawing",
    /** A file's name before one is chosen, without its ending. */
    stem: "drawing",
    labelBut: (why: string) => `Save and open: ${why}`,
    needKernel: "Files need the kernel, and it is gone. The drawing is kept here; run the cell again.",
    still: { saving: "Still saving a file.", opening: "Still opening a file." },
    saving: (file: string) => `Saving ${file} …`,
    opening: (file: string) => `Opening ${file} …`,
    saved: (file: string) => `${file} is saved.`,
    opened: (file: string) => `${file} is open.`,
    openedInPart: (file: string) => `${file} is open, but not all of it`,
    notSaved: (file: string) => `The kernel went away. ${file} is not saved.`,
    notOpened: (file: string) => `The kernel went away. ${file} is not open.`,
    unreadable: (file: string, why: string) => `"${file}" cannot be read: ${why}`,
    noDrawing: (file: string) =>
      `"${file}" is no drawing: those end in .sdraw, .ora or .png (with the scene in it).`,
    empty: (file: string) => `"${file}" is empty.`,
    oneOf: (file: string, count: number) =>
      `Of the ${number(count)} files "${file}" alone is taken: drawings are opened one at a time, and only pictures, or only ` +
      "files of brushes, are taken in together.",
    tooLarge: (file: string, mib: number, most: number) =>
      `"${file}" has ${mib} MiB; files of up to ${most} MiB are read.`,
  },

  /** Pictures that are taken in. `picture`: its name in quotes, or one of the first two. */
  pictures: {
    unnamed: "The picture",
    what: (picture: string) => `What is ${picture} to be?`,
    whatAre: (count: number) => `What are the ${number(count)} pictures to be?`,
    background: "Background",
    mask: "Mask",
    maskOf: (region: string) => `Mask of ${region}`,
    maskOfUnnamed: "Mask of the region",
    maskOfNew: "Mask of a new region",
    masksOfNew: "Masks of new regions",
    maskHint: "Light or opaque parts are inside",
    leave: "Leave it",
    isBackground: (picture: string) => `${picture} lies under the regions.`,
    backgroundRemoved: "The background has no picture any more.",
    isMask: (picture: string, region: string) => `${picture} is the mask of ${region}.`,
    isMaskOfNew: (picture: string) => `${picture} is the mask of a new region.`,
    coversNothing: (picture: string) => `${picture} is black or clear all over, so that it covers nothing.`,
    tooLargeToSend: (picture: string) => `${picture} is too large to be sent. Make the canvas smaller.`,
    tooLarge: (picture: string, mib: number, most: number) =>
      `${picture} has ${mib} MiB; pictures of up to ${most} MiB are read.`,
    unreadable: (picture: string) =>
      `${picture} cannot be read: it is damaged, too large, or no PNG, JPEG, WebP, GIF, BMP or AVIF.`,
    tooWide: (picture: string, width: number, height: number, most: number) =>
      `${picture} has ${width} x ${height} px; sides of up to ${most} px are taken. Make it smaller first.`,
    noCanvas: "This browser gives no canvas to read pictures with.",
  },

  /** A drawing that the browser has kept. */
  kept: {
    title: (time: string) => `Your drawing of ${time}`,
    regions: (count: number) => plural(count, { one: "1 region", other: `${number(count)} regions` }),
    by: (shows: string) => `${shows} · kept by the browser`,
    bringBack: "Bring it back",
    forget: "Forget the kept drawing",
    isBack: "Your drawing is back.",
  },

  /** The history of finished pictures. */
  history: {
    label: "History",
    toggle: "History of finished pictures",
    list: "Finished pictures, the oldest first. Enter looks at one, Shift+Enter at a second beside it",
    empty: "Finished pictures gather here: look at one, and go back to its scene.",
    restore: "Go back",
    restoreHint: "Go back to the scene of this picture",
    second: "Compare with another finished picture",
    chooseSecond: "Choose the picture to compare with.",
    pin: "Keep this picture",
    unpin: "Let this picture go when newer ones need its place",
    forget: "Drop this picture",
    close: "Back to the canvas",
    entry: (time: string, title: string) => (title ? `${time}: ${title}` : time),
    kept: (entry: string) => `${entry}, kept`,
    compare: "Before and after",
    before: (percent: string) => `${percent} before`,
    now: "now",
    needKernel: "The history is in the kernel, and it is gone. Run the cell again.",
  },

  variations: {
    label: "Variations to choose from",
    more: "Four others",
    close: "Keep the picture as it is",
    ready: (place: number, seed: number) => `Variation ${place}, seed ${seed}`,
    waits: (place: number) => `Variation ${place} is being painted`,
    take: (seed: number) => `Take seed ${seed}`,
    painting: "being painted",
    taken: (seed: number) => `Seed ${seed} is taken.`,
    needKernel: "Variations need the kernel, and it is gone. Run the cell again.",
  },

  view: {
    label: "View",
    outlines_only: "Outlines only",
    grid: "Grid",
    side_by_side: "Picture beside the canvas",
    opacity: "Opacity of the masks…",
    full: "Full screen",
    notFull: "This page may not fill the screen; the browser or the notebook does not allow it.",
    zoom: "Zoom",
    zoomField: "Zoom in per cent",
    zoomHint: "Zoom (+ and -, or Ctrl and the wheel)",
    zoomOut: "Zoom out",
    zoomIn: "Zoom in",
    fit: "Show the whole canvas",
  },

  pause: {
    pause: "Pause painting",
    goOn: "Paused: paint on",
    paused: (key: string) => `Paused: edits wait. ${key} paints once.`,
    resumed: "Edits are painted again.",
  },

  /** The status line; lower case. */
  status: {
    loading: "loading",
    idle: "idle",
    busy: "painting",
    error: "error",
    closed: "closed",
    paused: "paused",
    cut: "connection lost: your drawing is kept; it goes on by itself",
    gone: "kernel stopped: your drawing is kept; run the cell to go on",
    kernelBusy: "kernel busy: drawing kept",
    step: (step: number, steps: number) => `step ${step}/${steps}`,
    fps: (fps: number) => `${number(fps, 1, 1)} fps`,
    ms: (ms: number) => `${number(ms)} ms`,
  },

  /** What the status line unfolds into. */
  statistics: {
    label: "Statistics",
    model: "Model",
    device: "Device",
    mode: "Mode",
    /** What the last picture came about by, where that is not what was chosen. */
    picked: (chosen: string, last: string) => `${chosen}: ${last}`,
    /** Beside the modes to choose from, by the kernel's own names. */
    ways: { "fast lane": "Fast lane" },
    fps: "Frames a second",
    preview: "Edit to first preview",
    settled: "Edit to finished picture",
    step: "One step",
    samples: "Network samples",
    dropped: "Frames dropped",
    memory: "Memory",
    unknown: "not known yet",
    none: "none",
    count: (count: number) => number(count, 1),
    perSecond: (fps: number) => number(fps, 1, 1),
    mib: (mib: number) => `${number(mib)} MiB`,
  },

  /** Over the canvas while the model loads, and where something failed. */
  notes: {
    loading: "Loading the model",
    loadingModel: (model: string) => `Loading ${model}`,
    tryAgain: "Try again",
    dismiss: "Dismiss",
    unknown: "Something went wrong in the kernel.",
  },

  /** The list of keys, one line each. */
  keys: {
    label: "Keys",
    close: "Close",
    brushes: "brush, eraser",
    size: "smaller, larger brush",
    hardness: "softer, harder brush",
    shapes: "rectangle, ellipse; with Shift square, circle",
    lasso: "lasso: draw, or click corners and press Enter",
    corner: "take back the lasso's last corner",
    bucket: "bucket: fill a free area",
    magic: "magic select: similar color in the picture",
    takeAway: "held down, a shape takes away",
    transform: "move, scale, rotate the region; arrows, [ ], Alt ← →; Enter applies",
    eyedropper: "choose the region under the pointer; or Alt-click",
    hand: "move the view; or hold Space and drag, or zoomed in the wheel, with Shift sideways",
    zoom: "zoom in, out, show all; or Ctrl and the wheel",
    pixels: "a pixel of the screen to each of the canvas",
    newRegion: "new region",
    choose: "choose a region",
    prompt: "edit its prompt",
    menu: "its menu",
    rename: "edit its name",
    order: "move its row up, down",
    copies: "duplicate it, merge it down",
    saveBrush: "save its prompt and settings as a brush",
    solo: "paint only it; again: all as before",
    visible: "hide it, show it",
    locked: "lock its pixels, unlock them",
    color: "give it the next color",
    fill: "give it all that is left",
    invert: "invert its mask",
    clear: "clear its mask; with Shift delete it",
    details: "its details",
    settings: "settings of the picture",
    palette: "palette of ready words",
    history: "history of finished pictures",
    masks: "keep the masks in sight",
    opacity: "opacity of the masks",
    grid: "grid",
    fullScreen: "full screen",
    pause: "pause painting, and go on",
    variations: "four variations to choose from",
    undo: "undo",
    redo: "redo",
    regenerate: "paint again",
    save: "save as .sdraw",
    open: "open a drawing; or drop or paste its file, or a picture",
    cancel: "take back the stroke, shape or transform",
    byKeys: "move and press the tool",
    surprise: "surprise me: a random scene",
    tab: "on to the toolbar, the regions, the settings",
    within: "within the toolbar, the regions, the palette, a menu",
    help: "this list",
  },
};

export type Texts = typeof en;
export type EditName = keyof Texts["edits"];
