// Work that can wait, in small steps, when the browser has time between two frames.

/** A browser that never has time gets on with it all the same, a step at a time. */
const AT_LATEST_MS = 400;
/** A step may take so long; where less is left, it waits for the next frame. */
const STEP_MS = 4;
/** Between steps where the browser does not tell when it has time, as Safari does not. */
const PAUSE_MS = 30;

/** Runs `step` as long as it says that there is more to do; gives back what stops that. */
export function whenIdle(step: () => boolean): () => void {
  let stopped = false;
  let cancel: () => void;
  const run = (deadline?: IdleDeadline) => {
    let more = true;
    do more = !stopped && step();
    while (more && deadline && deadline.timeRemaining() > STEP_MS);
    if (more) cancel = schedule(run);
  };
  cancel = schedule(run);
  return () => {
    stopped = true;
    cancel();
  };
}

function schedule(run: (deadline?: IdleDeadline) => void): () => void {
  if ("requestIdleCallback" in globalThis) {
    const id = requestIdleCallback(run, { timeout: AT_LATEST_MS });
    return () => cancelIdleCallback(id);
  }
  const timer = setTimeout(run, PAUSE_MS);
  return () => clearTimeout(timer);
}
