/** How the page speaks to people: a sentence that passes, and one that stays while something is wrong. */

import { Problem } from "./api";
import { fill, h } from "./dom";
import { t } from "./words";

const SAID_MS = 7000;

export const toast = h("div", { class: "toast", role: "status", "aria-live": "polite", hidden: true });
export const banner = h("div", { class: "banner", role: "alert", hidden: true });
let silence = 0;

/** Say something for a while. */
export function say(text: string): void {
  fill(toast, text);
  toast.hidden = false;
  clearTimeout(silence);
  silence = window.setTimeout(() => (toast.hidden = true), SAID_MS);
}

/** Say what went wrong; what somebody gave up is no failure. */
export function complain(failure: unknown): void {
  if (failure instanceof DOMException && failure.name === "AbortError") return;
  if (failure instanceof Problem && failure.status === 0) say(t("unreachable"));
  else if (failure instanceof Problem) say(failure.kind === "plan-stale-draft" ? t("stale-draft") : failure.message);
  else say(t("failed", { text: failure instanceof Error ? failure.message : String(failure) }));
}
