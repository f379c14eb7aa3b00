/** Following what others do: new editions, and the plan that is open. */

import type { Asking } from "./ask";
import type { Atlas } from "./atlas";
import type { Desk } from "./desk";
import { Problem } from "./api";
import { t } from "./words";

const LOOK_MS = 5000;

/** Show each new edition as soon as it is published, and steps of others in the same plan. */
export function followEditions(atlas: Atlas, desk: Desk, asking: Asking, say: (text: string) => void, complain: (failure: unknown) => void): void {
  let known: number | null = null;
  let stream: EventSource | null = null;
  const hear = (event: MessageEvent<string>): void => {
    const { edition } = JSON.parse(event.data) as { edition: number };
    if (known !== null && edition !== known) {
      atlas.renew();
      say(t("new-edition", { edition }));
      void asking.again();
      if (desk.keeping.value === "saved") void desk.look().catch(complain);
    }
    known = edition;
    document.body.dataset.edition = String(edition);
  };
  // a browser keeps few connections to one host: pages that nobody sees hold none
  const attend = (): void => {
    stream?.close();
    stream = document.hidden ? null : new EventSource("/api/v1/editions/stream");
    stream?.addEventListener("edition", hear);
  };
  document.addEventListener("visibilitychange", attend);
  attend();
  window.setInterval(() => {
    if (document.hidden) return;
    desk.follow().catch((failure: unknown) => {
      if (!(failure instanceof Problem && failure.passing)) complain(failure);
    });
  }, LOOK_MS);
}
