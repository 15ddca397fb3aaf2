// A file for the reader's disk, as browsers hand one over: a link to an object URL that is followed at once.

/** Browsers read the URL after the click has returned; none says when it has. */
const KEPT_MS = 60_000;

export function download(name: string, bytes: BlobPart): void {
  // Not as image/png and so on: some browsers would show that instead of keeping it.
  const url = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.hidden = true;
  document.body.append(link); // some browsers follow only a link that is in the document
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
}
