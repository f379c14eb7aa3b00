/** Every sentence of the editor, in Chinese and in English. */

import { WORDS } from "./word_list";

export type Lang = "zh" | "en";
export type Word = keyof typeof WORDS;

const KEPT = "gridwarden.lang";

export const lang: Lang = chosen();

function chosen(): Lang {
  // unit tests have no page
  if (typeof location === "undefined") return "zh";
  const asked = new URLSearchParams(location.search).get("lang") ?? localStorage.getItem(KEPT);
  if (asked === "zh" || asked === "en") return asked;
  return navigator.language.toLowerCase().startsWith("en") ? "en" : "zh";
}

/** Speak another language from now on; the page starts anew where it was. */
export function speak(next: Lang): void {
  localStorage.setItem(KEPT, next);
  const address = new URL(location.href);
  address.searchParams.delete("lang");
  history.replaceState(null, "", address);
  location.reload();
}

/** Return a sentence; `{name}` stands for a fact. */
export function t(word: Word, facts: Record<string, string | number> = {}): string {
  const text = WORDS[word][lang === "zh" ? 0 : 1];
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(facts[name] ?? whole));
}

/** Return what people call one of several things, such as a level or a kind of finding; itself where it has no name. */
export function called(group: string, name: string): string {
  const word = `${group}.${name}`;
  return word in WORDS ? t(word as Word) : name;
}

/** Return a number as people read it. */
export function number(value: number, digits = 0): string {
  return value.toLocaleString(lang === "zh" ? "zh-CN" : "en-GB", { maximumFractionDigits: digits });
}

/** Return a moment without its seconds. */
export function moment(text: string): string {
  return text.slice(0, 16).replace("T", " ");
}
