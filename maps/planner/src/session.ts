/** Who works here. Where the home has accounts the session says so, and changes carry its token; else people say their name. */

import { get, Problem, setChanging } from "./api";

interface Me {
  name: string;
  kind: string;
  sign_in: boolean;
}

const NAME = "gridwarden.name";
const TOKEN = /(?:^|;\s*)gw_csrf=([^;]+)/;

let signedIn: string | null = null;
let asked = false;

/** Return the name under which changes are written down; "" where nobody has said it. */
export function actor(): string {
  return signedIn ?? localStorage.getItem(NAME) ?? "";
}

/** Whether the session, and not the page, says who it is. */
export function isSignedIn(): boolean {
  return signedIn !== null;
}

/** Whether there are accounts, and doing more takes signing in. */
export function mustSignIn(): boolean {
  return asked && signedIn === null;
}

/** Remember a name. */
export function setActor(name: string): void {
  localStorage.setItem(NAME, name.trim().slice(0, 64));
}

/** Find out who asks; somebody who must sign in first is sent to the page for it. A service without accounts knows nobody. */
export async function meet(): Promise<void> {
  setChanging((): Record<string, string> => {
    const token = TOKEN.exec(document.cookie)?.[1];
    return token === undefined ? {} : { "X-CSRF-Token": token };
  });
  try {
    const me = await get<Me>("/api/v1/me");
    if (me.kind === "person") signedIn = me.name;
    asked = me.sign_in;
  } catch (failure) {
    if (failure instanceof Problem && failure.status === 401) location.assign(signInAddress());
    if (!(failure instanceof Problem && failure.status === 404)) throw failure;
  }
}

/** Return where to sign in, and come back from. */
export function signInAddress(): string {
  return `/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`;
}
