// The browser's own storage, as a shelf of limited room: what is put there makes others give way, the oldest first, and
// gives back what it took if it does not fit even so.

export const PREFIX = "semanticdraw:kept:";

/** When the text under a key was put there; 0 for what is damaged. */
export type Age = (key: string) => number;

/** The keys that begin so, the newest first. */
export function keysOf(prefix: string, age: Age): string[] {
  try {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(prefix));
    const times = new Map(keys.map((key) => [key, age(key)]));
    return keys.sort((a, b) => (times.get(b) as number) - (times.get(a) as number));
  } catch {
    return [];
  }
}

/**
 * Whether it is there now. Storage may be forbidden, or full: then the drawing is on this page and in the kernel alone.
 * first: the key that gives way before all others.
 */
export function put(key: string, text: string, age: Age, first = ""): boolean {
  const taken: [string, string][] = [];
  try {
    // Looked up where there is no room: it means to read all that is there.
    let others: string[] | null = null;
    for (;;) {
      try {
        localStorage.setItem(key, text);
        return true;
      } catch (error) {
        others ??= keysOf(PREFIX, (other) => (other === first ? -1 : age(other))).filter(
          (other) => other !== key,
        );
        const oldest = others.pop();
        if (oldest === undefined) throw error;
        taken.push([oldest, localStorage.getItem(oldest) ?? ""]);
        localStorage.removeItem(oldest);
      }
    }
  } catch (error) {
    for (const [other, old] of taken.reverse()) attempt(() => localStorage.setItem(other, old));
    console.warn("semanticdraw_widget: the browser does not keep the drawing:", error);
    return false;
  }
}

export function remove(key: string): void {
  attempt(() => localStorage.removeItem(key));
}

function attempt(call: () => void): void {
  try {
    call();
  } catch (error) {
    console.warn("semanticdraw_widget: the browser's storage cannot be used:", error);
  }
}
