/** Handing a plan in, and deciding on it: what changes, comments, approval, publication. */

import type { Desk } from "./desk";
import { button, fill, h, type Child } from "./dom";
import type { Plan, SideProperties } from "./records";
import { actor } from "./session";
import type { Swipe } from "./swipe";
import { called, lang, moment, t } from "./words";

export class ReviewPanel {
  readonly panel = h("div", { class: "panel-body" });
  private readonly said = h("textarea", { rows: 2, maxlength: 500, "aria-label": t("comment"), placeholder: t("comment") });

  constructor(
    private readonly desk: Desk,
    private readonly swipe: Swipe,
    private readonly say: (text: string) => void,
  ) {
    for (const signal of [desk.plan, desk.check, desk.impact, swipe.sides, swipe.on]) signal.watch(() => this.show());
  }

  private show(): void {
    const plan = this.desk.plan.value;
    if (!plan) return fill(this.panel);
    fill(this.panel, ...this.changes(), ...this.papers(plan), ...this.decision(plan), ...record(plan));
  }

  private changes(): Child[] {
    const sides = this.swipe.sides.value;
    if (!sides) return [];
    const both = [...sides.after.features, ...sides.before.features.filter((one) => one.properties.role === "ended")];
    const shown = both.map((one) => one.properties).filter((one) => one.role !== "noded");
    const on = h("input", {
      type: "checkbox",
      checked: this.swipe.on.value,
      id: "swipe-on",
      change: () => {
        this.swipe.on.value = on.checked;
        if (on.checked) this.swipe.fit();
      },
    });
    return [
      h("label", { class: "check" }, on, t("swipe")),
      h("h3", {}, t("changes")),
      h("ul", { class: "cards" }, shown.map((one) => this.change(one))),
    ];
  }

  private change(one: SideProperties): HTMLElement {
    return h(
      "li",
      {},
      h(
        "button",
        { type: "button", class: "card", click: () => this.swipe.fit(one.code) },
        h("span", { class: `state role-${one.role}` }, t(`change.${one.role}`)),
        h("strong", {}, one.name),
        h("small", {}, `${one.kind === "special" ? t("kind.special") : called("level", one.level)} ${one.code}`),
      ),
    );
  }

  private papers(plan: Plan): Child[] {
    if (plan.draft === 0) return [];
    const path = `/api/v1/plans/${plan.plan}`;
    const link = (what: string, text: string) => h("a", { href: `${path}/${what}?lang=${lang}`, target: "_blank", rel: "noopener" }, text);
    return [h("p", { class: "row links" }, link("sheet", t("sheet")), link("map", t("plan-map")))];
  }

  private decision(plan: Plan): Child[] {
    const act = (what: string, more: Record<string, unknown> = {}) => {
      if (!actor()) return this.say(t("name-needed"));
      const reason = this.said.value.trim();
      void this.desk.decide(what, { ...(reason ? { reason } : {}), ...more }).then((done) => {
        if (!done) return;
        this.said.value = "";
        const edition = this.desk.plan.value?.edition;
        if (what !== "publish" || typeof edition !== "number") return;
        document.body.dataset.published = String(edition);
        this.say(t("published", { edition }));
      });
    };
    const withReason = (what: string) => (this.said.value.trim() ? act(what) : this.say(t("reason-needed")));
    const ways: Child[] = [button(t("send-comment"), () => withReason("comments"), { id: "comment" })];
    if (this.desk.editable) ways.push(button(t("submit"), () => this.beforeSubmit(act), { class: "primary", id: "submit" }));
    if (plan.state === "submitted") {
      ways.push(button(t("approve"), () => act("approve"), { class: "primary", id: "approve" }));
      ways.push(button(t("reject"), () => withReason("reject"), { class: "danger", id: "reject" }));
    }
    if (plan.state === "approved") ways.push(button(t("publish"), () => act("publish"), { class: "primary", id: "publish" }));
    if (plan.is_open) ways.push(button(t("withdraw"), () => act("withdraw"), { class: "quiet-button" }));
    return [h("div", { class: "stack box" }, this.said, h("div", { class: "row wrap" }, ways))];
  }

  /** Let nobody hand in what they have not seen. */
  private beforeSubmit(act: (what: string, more: Record<string, unknown>) => void): void {
    const check = this.desk.check.value;
    const stopping = (check?.findings ?? []).filter((one) => one.stops).length;
    if (stopping > 0) return this.say(t("blocked", { count: stopping }));
    const unplaced = this.desk.impact.value?.unplaced ?? [];
    const remarks = (check?.findings ?? []).map((one) => `${called("finding", one.kind)} ${one.codes.join("、")}`);
    const clashes = (check?.clashes ?? []).map((one) => t("clash-same", { ...one, state: called("state", one.state), codes: one.codes.join("、") }));
    const seen = h("input", { type: "checkbox", required: true });
    const known = h("input", { type: "checkbox", required: true });
    const dialog = h("dialog", { class: "dialog", close: () => dialog.remove() });
    fill(
      dialog,
      h(
        "form",
        {
          method: "dialog",
          class: "stack",
          submit: () => act("submit", { acknowledge_unplaced: unplaced.length > 0 }),
        },
        h("h2", {}, t("submit-title")),
        h("p", { class: "verdict found" }, t("clean")),
        clashes.length > 0 && h("ul", { class: "warnings" }, clashes.map((one) => h("li", {}, one))),
        remarks.length > 0 && [h("h3", {}, t("remarks")), h("ul", { class: "lines scroll" }, remarks.map((one) => h("li", {}, one)))],
        h("label", { class: "check" }, seen, t("seen")),
        unplaced.length > 0 && h("label", { class: "check" }, known, t("acknowledge", { count: unplaced.length })),
        h("div", { class: "row" }, h("button", { type: "submit", class: "primary" }, t("submit")), button(t("cancel"), () => dialog.close())),
      ),
    );
    document.body.append(dialog);
    dialog.showModal();
  }
}

function record(plan: Plan): Child[] {
  return [
    h("h3", {}, t("record")),
    h(
      "ul",
      { class: "lines" },
      plan.events
        .slice()
        .reverse()
        .map((one) => h("li", {}, h("small", {}, moment(one.at)), ` ${one.actor} `, h("b", {}, called("event", one.event)), one.reason && `：${one.reason}`)),
    ),
  ];
}
