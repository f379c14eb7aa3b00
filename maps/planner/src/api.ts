/** Asking the service: JSON in and out, refusals as one kind of error. */

import { lang } from "./words";

export const BASE = "/api/v1";
const PREFIX = "urn:gridwarden:problem:";

interface ProblemDocument {
  type?: string;
  detail?: string;
  place?: Record<string, unknown>;
}

/** A refusal, with a sentence for people; status 0 where the service could not be reached. */
export class Problem extends Error {
  readonly kind: string;
  readonly place: Record<string, unknown>;

  constructor(
    readonly status: number,
    document: ProblemDocument,
  ) {
    super(document.detail ?? `HTTP ${status}`);
    this.kind = (document.type ?? "").replace(PREFIX, "");
    this.place = document.place ?? {};
  }

  /** Whether the same may succeed a moment later: the service is away or starting. */
  get passing(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504;
  }
}

/** Headers that a change needs beside its content. */
export let changing: () => Record<string, string> = () => ({});

/** Say which headers changes need. */
export function setChanging(headers: () => Record<string, string>): void {
  changing = headers;
}

/** Ask for a JSON document. */
export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return send<T>("GET", path, undefined, signal);
}

/** Send a JSON document and return the answer. */
export async function post<T>(path: string, body: unknown): Promise<T> {
  return send<T>("POST", path, body);
}

/** Send a request. */
export async function send<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const headers: Record<string, string> = { "Accept-Language": lang, ...(method === "GET" ? {} : changing()) };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let answer: Response;
  try {
    answer = await fetch(path, {
      method,
      headers,
      credentials: "same-origin",
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
  } catch (failure) {
    if (failure instanceof DOMException && failure.name === "AbortError") throw failure;
    throw new Problem(0, {});
  }
  const said: unknown = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Problem(answer.status, said as ProblemDocument);
  return said as T;
}

/** Write a query string, leaving out what is undefined. */
export function query(path: string, values: Record<string, string | number | undefined>): string {
  const given = Object.entries(values).filter((pair): pair is [string, string | number] => pair[1] !== undefined);
  return `${path}?${new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()}`;
}
