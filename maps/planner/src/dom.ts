/** Elements from code. What comes from data becomes text nodes, never markup. */

export type Child = Node | string | number | null | undefined | false;
type Attributes = Record<string, string | number | boolean | undefined | ((event: never) => void)>;

/** Make an element; members that are functions listen, the others are attributes. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Child | Child[])[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value as EventListener);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== undefined && value !== false) element.setAttribute(name, String(value));
  }
  element.append(...nodes(children));
  return element;
}

/** Put children in place of what an element holds. */
export function fill(element: Element, ...children: (Child | Child[])[]): void {
  element.replaceChildren(...nodes(children));
}

function nodes(children: (Child | Child[])[]): (Node | string)[] {
  return children
    .flat()
    .filter((child): child is Node | string | number => child !== null && child !== undefined && child !== false)
    .map((child) => (typeof child === "number" ? String(child) : child));
}

/** Make a button; `key` is shown to those who prefer the keyboard. */
export function button(label: string, press: () => void, attributes: Attributes = {}): HTMLButtonElement {
  return h("button", { type: "button", click: press, ...attributes }, label);
}

/** A value that others may watch. */
export class Signal<T> {
  private watchers: ((value: T) => void)[] = [];

  constructor(private held: T) {}

  get value(): T {
    return this.held;
  }

  set value(next: T) {
    this.held = next;
    for (const watcher of this.watchers) watcher(next);
  }

  /** Call a watcher now and at every change. */
  watch(watcher: (value: T) => void): void {
    this.watchers.push(watcher);
    watcher(this.held);
  }
}
