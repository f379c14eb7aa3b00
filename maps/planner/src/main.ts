/** The whole editor on one page. */

import "ol/ol.css";
import "./planner.css";

import { Asking } from "./ask";
import { Atlas } from "./atlas";
import { CheckPanel } from "./check_panel";
import { Desk, waitingSteps } from "./desk";
import { button, fill, h } from "./dom";
import { Finding } from "./finding_place";
import { Homes } from "./homes";
import { followEditions } from "./following";
import { layerMenu } from "./layer_menu";
import { address, goTo, remember } from "./permalink";
import { PlanPanel } from "./plan_panel";
import { ReviewPanel } from "./review_panel";
import { Scene } from "./scene";
import { actor, isSignedIn, meet, mustSignIn, setActor, signInAddress } from "./session";
import { Swipe } from "./swipe";
import { banner, complain, say, toast } from "./telling";
import { KEYS, Toolbox, TOOLS } from "./tools";
import { lang, speak, t, type Word } from "./words";

const TABS = ["ask", "plan", "check", "impact", "review"] as const;
type Tab = (typeof TABS)[number];

const ground = h("div", { id: "map", tabindex: 0, role: "application", "aria-label": t("map") });
const stage = h("main", { class: "stage" }, ground);
const page = h("div", { class: "page" });
document.documentElement.lang = lang;
document.title = t("title");
document.body.append(page, toast);
page.append(h("p", { class: "opening", role: "status" }, t("loading")));

async function start(): Promise<void> {
  await meet();
  const atlas = new Atlas(ground);
  const desk = new Desk(complain);
  const scene = new Scene(atlas, desk, complain);
  const tools = new Toolbox(atlas.map, scene, desk, new Homes(atlas, desk, complain), say);
  const asking = new Asking(atlas, complain);
  const finding = new Finding(atlas, (place) => { show("ask"); void asking.about(place); }, complain);
  const swipe = new Swipe(atlas, desk, complain);
  const checking = new CheckPanel(atlas, desk);
  const bodies: Record<Tab, HTMLElement> = {
    ask: asking.panel,
    plan: new PlanPanel(desk, tools, scene, say, complain).panel,
    check: checking.panel,
    impact: checking.impactPanel,
    review: new ReviewPanel(desk, swipe, say).panel,
  };
  const tabs = tabBar(bodies);
  const show = (tab: Tab): void => tabs.show(tab);

  stage.append(toolBar(tools, desk, scene), layerMenu(atlas), swipe.bar, hintLine(tools, desk, scene), credit(atlas), banner);
  fill(page, header(finding), tabs.side, stage);
  atlas.map.setTarget(ground);
  atlas.map.updateSize();

  const extent = await atlas.open();
  if (!extent) say(t("no-areas"));
  const link = address();
  if (link.view) goTo(atlas, link.view);
  else if (extent) atlas.map.getView().fit(extent, { padding: [30, 30, 30, 60] });
  if (link.basemap) atlas.under(link.basemap);
  void finding.open(scene.levels).catch(complain);

  atlas.map.on("singleclick", (event) => {
    if (tools.tool.value === "measure" || (desk.plan.value && tabs.current() !== "ask")) return;
    show("ask");
    void asking.at(event.coordinate);
  });
  desk.plan.watch((plan) => {
    tabs.offer(plan ? [...TABS] : ["ask", "plan"]);
    if (plan) asking.clear();
    else tools.use("select");
  });
  desk.check.watch((check) => tabs.count("check", check?.findings.filter((one) => one.stops).length ?? 0));
  desk.keeping.watch((state) => {
    banner.hidden = state !== "unsaved";
    fill(banner, t("unsaved"));
    document.body.dataset.keeping = state;
  });
  remember(atlas, desk);
  keys(tools, desk, finding);
  followEditions(atlas, desk, asking, say, complain);

  const number = waitingSteps()?.plan ?? link.plan;
  if (number !== undefined) {
    show("plan");
    await desk.open(number).catch(complain);
  }
  document.body.dataset.ready = "yes";
}

function header(finding: Finding): HTMLElement {
  const name = h("input", {
    class: "name",
    value: actor(),
    maxlength: 64,
    placeholder: t("your-name"),
    "aria-label": t("your-name"),
    title: t("name-hint"),
    autocomplete: "username",
    readonly: isSignedIn(),
    input: () => setActor(name.value),
  });
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(location.href);
    say(t("copied"));
  };
  return h(
    "header",
    { class: "bar" },
    h("h1", {}, t("title")),
    finding.chooser,
    finding.box,
    h("span", { class: "grow" }),
    button(t("link"), () => void copy().catch(complain), { class: "icon", title: t("permalink"), "aria-label": t("permalink") }),
    mustSignIn() ? h("a", { href: signInAddress() }, t("sign-in")) : name,
    button(t("language"), () => speak(lang === "zh" ? "en" : "zh"), { class: "link" }),
  );
}

interface Tabs {
  side: HTMLElement;
  show: (tab: Tab) => void;
  current: () => Tab;
  offer: (tabs: Tab[]) => void;
  count: (tab: Tab, found: number) => void;
}

function tabBar(bodies: Record<Tab, HTMLElement>): Tabs {
  let now: Tab = "ask";
  const badge = Object.fromEntries(TABS.map((tab) => [tab, h("span", { class: "badge", hidden: true })])) as Record<Tab, HTMLElement>;
  const show = (tab: Tab): void => {
    now = tab;
    for (const each of TABS) {
      buttons[each].setAttribute("aria-selected", String(each === tab));
      buttons[each].tabIndex = each === tab ? 0 : -1;
      bodies[each].hidden = each !== tab;
    }
  };
  const buttons = Object.fromEntries(
    TABS.map((tab) => [tab, h("button", { type: "button", role: "tab", id: `tab-${tab}`, "aria-controls": `panel-${tab}`, click: () => show(tab) }, t(`tab.${tab}`), badge[tab])]),
  ) as Record<Tab, HTMLButtonElement>;
  for (const tab of TABS) {
    bodies[tab].id = `panel-${tab}`;
    bodies[tab].setAttribute("role", "tabpanel");
    bodies[tab].setAttribute("aria-labelledby", `tab-${tab}`);
  }
  const list = h("div", { class: "tabs", role: "tablist" }, Object.values(buttons));
  list.addEventListener("keydown", (event) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    const offered = TABS.filter((tab) => !buttons[tab].hidden);
    const next = offered[offered.indexOf(now) + step];
    if (step === 0 || !next) return;
    show(next);
    buttons[next].focus();
  });
  show("ask");
  return {
    side: h("aside", { class: "side" }, list, Object.values(bodies)),
    show,
    current: () => now,
    offer: (tabs) => {
      for (const tab of TABS) buttons[tab].hidden = !tabs.includes(tab);
      if (!tabs.includes(now)) show("plan");
    },
    count: (tab, found) => {
      badge[tab].hidden = found === 0;
      fill(badge[tab], found);
    },
  };
}

function toolBar(tools: Toolbox, desk: Desk, scene: Scene): HTMLElement {
  const buttons = TOOLS.map((tool) =>
    h("button", { type: "button", id: `tool-${tool}`, class: "tool", title: `${t(`tool.${tool}`)} (${KEYS[tool].toUpperCase()})`, click: () => tools.use(tool) }, t(`tool.${tool}`), h("kbd", { "aria-hidden": "true" }, KEYS[tool].toUpperCase())),
  );
  const settle = (): void => {
    TOOLS.forEach((tool, row) => {
      const one = buttons[row]!;
      one.setAttribute("aria-pressed", String(tools.tool.value === tool));
      one.hidden = tool !== "measure" && tool !== "select" && !desk.editable;
      one.disabled = tool !== "measure" && tool !== "select" && !scene.ready.value;
    });
  };
  for (const signal of [tools.tool, scene.ready, desk.plan]) (signal as typeof tools.tool).watch(settle);
  return h("div", { class: "toolbar", role: "toolbar", "aria-label": t("tools") }, buttons);
}

function hintLine(tools: Toolbox, desk: Desk, scene: Scene): HTMLElement {
  const line = h("p", { class: "hint", role: "status", "aria-live": "polite" });
  const settle = (): void => {
    const far = desk.editable && !scene.ready.value;
    const text = tools.tool.value === "measure" ? tools.hint.value : far ? t("zoom-in") : desk.editable ? tools.hint.value : "";
    fill(line, text);
    line.hidden = text === "";
  };
  for (const signal of [tools.hint, desk.plan, scene.ready]) (signal as typeof tools.hint).watch(settle);
  return line;
}

function credit(atlas: Atlas): HTMLElement {
  const line = h("p", { class: "credit" });
  atlas.basemap.watch((map) => {
    fill(line, map && [map.source, map.approval].filter(Boolean).join(" · "));
    line.hidden = map === null;
  });
  return line;
}

function keys(tools: Toolbox, desk: Desk, finding: Finding): void {
  document.addEventListener("keydown", (event) => {
    const typing = event.target instanceof HTMLElement && event.target.closest("input:not([type=checkbox]):not([type=range]), textarea, select, dialog");
    if (typing) return;
    const key = event.key.toLowerCase();
    if (event.ctrlKey || event.metaKey) {
      const way = key === "z" && !event.shiftKey ? "undo" : key === "y" || (key === "z" && event.shiftKey) ? "redo" : null;
      const plan = desk.plan.value;
      if (!way || !desk.editable || !(way === "undo" ? plan?.can_undo : plan?.can_redo)) return;
      event.preventDefault();
      void desk.travel(way);
      return;
    }
    if (event.altKey) return;
    const tool = TOOLS.find((one) => KEYS[one] === key);
    if (tool && (desk.editable || tool === "measure" || tool === "select")) tools.use(tool);
    else if (key === "escape") tools.cancel();
    else if (key === "enter" && !(event.target instanceof HTMLButtonElement)) tools.confirm();
    else if (key === "delete" || key === "backspace") tools.removeNode();
    else if (key === "/") finding.field.focus();
    else return;
    if (key === "/" || key === "backspace") event.preventDefault();
  });
}

function opened(): void {
  start().catch((failure: unknown) => {
    complain(failure);
    const text = failure instanceof Error ? failure.message : String(failure);
    fill(page, h("div", { class: "opening", role: "alert" }, h("p", {}, t("failed", { text: text || t("unreachable" satisfies Word) })), button(t("retry"), () => location.reload())));
  });
}

opened();
