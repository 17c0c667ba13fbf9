// A tablet whose screen goes dark receives nobody.

let lock: WakeLockSentinel | undefined;

/** Keeps the screen on while the page is looked at (W3C Screen Wake Lock). Where the browser cannot, or a battery runs low,
 * the tablet's own settings count. */
export function stayAwake(): void {
  document.addEventListener("visibilitychange", () => void hold());
  void hold();
}

/** A lock is lost whenever the page is hidden, and when the system wants it so. */
export async function hold(): Promise<void> {
  if (document.visibilityState !== "visible" || (lock && !lock.released)) return;
  lock = await navigator.wakeLock?.request("screen").catch(() => undefined);
}
