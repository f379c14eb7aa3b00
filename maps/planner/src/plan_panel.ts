/** The panel of plans: the list, and the one that is open with its steps and what is chosen. */

import type { Desk } from "./desk";
import { button, fill, h, type Child } from "./dom";
import type { Operation, Plan, PlanHead } from "./records";
import { actor } from "./session";
import type { Scene } from "./scene";
import type { Toolbox } from "./tools";
import { called, moment, t } from "./words";

const CATEGORIES = ["market", "school", "hospital", "park", "office", "government", "other"];

export class PlanPanel {
  readonly panel = h("div", { class: "panel-body" });
  private readonly choice = h("section", { class: "choice", "aria-live": "polite" });
  private onlyOpen = true;

  constructor(
    private readonly desk: Desk,
    private readonly tools: Toolbox,
    private readonly scene: Scene,
    private readonly say: (text: string) => void,
    private readonly complain: (failure: unknown) => void,
  ) {
    desk.plan.watch((plan) => (plan ? this.showPlan(plan) : void this.showList()));
    tools.chosen.watch(() => this.showChoice());
    tools.outline.watch(() => this.showChoice());
    tools.tool.watch(() => this.showChoice());
    tools.follow.watch(() => this.showChoice());
  }

  /** List the plans. */
  async showList(): Promise<void> {
    fill(this.panel, h("p", { class: "quiet" }, t("loading")));
    const plans = await this.desk.list().catch((failure: unknown) => {
      this.complain(failure);
      return null;
    });
    if (this.desk.plan.value) return;
    if (!plans) return fill(this.panel, button(t("retry"), () => void this.showList()));
    const shown = plans.filter((one) => !this.onlyOpen || ["draft", "submitted", "approved", "rejected"].includes(one.state));
    const only = h("input", { type: "checkbox", checked: this.onlyOpen, change: () => { this.onlyOpen = only.checked; void this.showList(); } });
    fill(
      this.panel,
      this.newPlan(),
      h("h3", {}, t("plans"), h("label", { class: "aside" }, only, t("only-open"))),
      shown.length === 0 && h("p", { class: "quiet" }, t("no-plans")),
      h("ul", { class: "cards" }, shown.map((one) => this.card(one))),
    );
  }

  private card(plan: PlanHead): HTMLElement {
    return h(
      "li",
      {},
      h(
        "button",
        { type: "button", class: "card", click: () => void this.desk.open(plan.plan).catch(this.complain) },
        h("span", { class: `state ${plan.state}` }, called("state", plan.state)),
        h("strong", {}, `${plan.plan}. ${plan.title}`),
        h("small", {}, `${plan.author} · ${moment(plan.created_at)}${plan.edition === null ? "" : ` · ${t("edition", { edition: plan.edition })}`}`),
      ),
    );
  }

  private newPlan(): HTMLElement {
    const title = h("input", { required: true, maxlength: 200, "aria-label": t("plan-title"), placeholder: t("plan-title"), name: "title" });
    const reason = h("input", { maxlength: 500, "aria-label": t("plan-reason"), placeholder: t("plan-reason"), name: "reason" });
    const date = h("input", { type: "date", name: "date" });
    const form = h(
      "form",
      {
        class: "stack box",
        submit: (event: SubmitEvent) => {
          event.preventDefault();
          if (!actor()) return this.say(t("name-needed"));
          void this.desk.begin(title.value.trim(), reason.value.trim(), date.value).catch(this.complain);
        },
      },
      h("h3", {}, t("new-plan")),
      title,
      reason,
      h("label", { class: "pair" }, t("effective-date"), date),
      h("button", { type: "submit", class: "primary" }, t("begin")),
    );
    return form;
  }

  private showPlan(plan: Plan): void {
    const editable = this.desk.editable;
    fill(
      this.panel,
      button(t("back-to-plans"), () => this.desk.shut(), { class: "link" }),
      h("h2", {}, `${plan.plan}. ${plan.title}`),
      h("p", {}, h("span", { class: `state ${plan.state}` }, called("state", plan.state)), ` ${plan.author}`),
      editable && this.choice,
      h("h3", {}, t("operations"), h("small", { class: "aside" }, t("step-count", { count: plan.operations.length }))),
      plan.operations.length === 0 && h("p", { class: "quiet" }, t("no-operations")),
      h("ol", { class: "steps" }, plan.operations.map((one, row) => this.step(one, row, editable))),
      editable &&
        h(
          "div",
          { class: "row" },
          button(t("undo"), () => void this.desk.travel("undo"), { disabled: !plan.can_undo, title: "Ctrl+Z", id: "undo" }),
          button(t("redo"), () => void this.desk.travel("redo"), { disabled: !plan.can_redo, title: "Ctrl+Y", id: "redo" }),
        ),
      h("details", { class: "keys" }, h("summary", {}, t("keys")), h("p", {}, t("keys-text"))),
    );
  }

  private step(operation: Operation, row: number, editable: boolean): HTMLElement {
    return h(
      "li",
      {},
      h("span", { class: "op" }, called("op", operation.op)),
      h("span", { class: "what" }, told(operation)),
      editable && button("×", () => void this.desk.remove(row), { class: "remove", "aria-label": `${t("remove")} ${row + 1}`, title: t("remove") }),
    );
  }

  private showChoice(): void {
    const tool = this.tools.tool.value;
    const chosen = this.tools.chosen.value;
    const parts: Child[] = [];
    if (this.tools.outline.value) parts.push(this.specialForm());
    else if (tool === "merge" && chosen.length > 0) parts.push(this.mergeForm());
    else if (tool === "redraw") parts.push(this.followSwitch());
    else if (tool === "select" && chosen[0]) parts.push(this.areaForm());
    fill(this.choice, ...parts);
    this.choice.classList.toggle("box", parts.length > 0);
  }

  private followSwitch(): HTMLElement {
    const box = h("input", {
      type: "checkbox",
      checked: this.tools.follow.value,
      id: "follow",
      change: () => {
        this.tools.follow.value = box.checked;
        this.tools.start();
      },
    });
    const name = this.tools.chosen.value[0]?.get("name") as string | undefined;
    return h("div", {}, h("label", { class: "check" }, box, t("follow")), name !== undefined && h("p", { class: "quiet" }, `${t("selected")}：${name}`));
  }

  private mergeForm(): HTMLElement {
    const chosen = this.tools.chosen.value;
    const into = h(
      "select",
      { "aria-label": t("merge-into") },
      h("option", { value: "" }, t("most-households")),
      chosen.map((one) => h("option", { value: String(one.get("code")) }, String(one.get("name")))),
    );
    return h(
      "div",
      { class: "stack" },
      h("ul", { class: "plain" }, chosen.map((one) => h("li", {}, `${String(one.get("name"))} `, h("code", {}, String(one.get("code")))))),
      h("label", { class: "pair" }, t("merge-into"), into),
      button(t("merge-now", { count: chosen.length }), () => void this.tools.merge(into.value || null), { class: "primary", disabled: chosen.length < 2 }),
    );
  }

  private specialForm(): HTMLElement {
    const name = h("input", { required: true, maxlength: 100, "aria-label": t("name"), placeholder: t("name"), name: "special-name" });
    const category = h("select", { "aria-label": t("category"), name: "category" }, CATEGORIES.map((one) => h("option", { value: one }, called("category", one))));
    const old = h(
      "select",
      { "aria-label": t("replaces"), name: "replaces" },
      h("option", { value: "" }, t("nothing")),
      this.scene.special.getFeatures().map((one) => h("option", { value: String(one.get("code")) }, String(one.get("name")))),
    );
    queueMicrotask(() => name.focus());
    return h(
      "form",
      {
        class: "stack",
        submit: (event: SubmitEvent) => {
          event.preventDefault();
          void this.tools.establish(name.value.trim(), category.value, old.value || null);
        },
      },
      h("h3", {}, t("new-special")),
      name,
      h("label", { class: "pair" }, t("category"), category),
      h("label", { class: "pair" }, t("replaces"), old),
      h("div", { class: "row" }, h("button", { type: "submit", class: "primary" }, t("create")), button(t("cancel"), () => this.tools.cancel())),
    );
  }

  private areaForm(): HTMLElement {
    const area = this.tools.chosen.value[0]!;
    const code = String(area.get("code"));
    const keep = (operation: Operation) => void this.tools.keep([operation]).then(() => this.tools.choose([]));
    const name = h("input", { value: String(area.get("name")), maxlength: 100, "aria-label": t("name"), name: "area-name" });
    const local = h("input", { value: String(area.get("local_code") ?? ""), maxlength: 60, "aria-label": t("local-code"), placeholder: t("local-code") });
    const special = area.get("kind") === "special";
    const heir = this.areasOf("grid", code);
    const parent = this.areasOf("community", String(area.get("parent")));
    return h(
      "div",
      { class: "stack" },
      h("h3", {}, String(area.get("name")), h("code", { class: "aside" }, code)),
      h("div", { class: "row" }, name, local, button(t("rename"), () => keep({ op: "rename", code, name: name.value.trim(), ...(local.value ? { local_code: local.value.trim() } : {}) }))),
      h(
        "div",
        { class: "row" },
        !special && h("label", { class: "grow" }, `${t("heir")} `, heir),
        button(t("retire"), () => keep({ op: "retire", code, ...(special ? {} : { heir: heir.value }) }), { class: "danger" }),
      ),
      !special && h("div", { class: "row" }, h("label", { class: "grow" }, `${t("parent")} `, parent), button(t("reparent"), () => keep({ op: "reparent", codes: [code], parent: parent.value }))),
    );
  }

  private areasOf(level: string, without: string): HTMLSelectElement {
    const found = this.scene.general.getFeatures().filter((one) => one.get("level") === level && one.get("code") !== without);
    return h("select", {}, found.map((one) => h("option", { value: String(one.get("code")) }, `${String(one.get("name"))} ${String(one.get("code")).slice(-6)}`)));
  }
}

/** Return what an operation does, in a few words. */
export function told(operation: Operation): string {
  const { op, code, codes, name, from, to, heir, parent, boundaries } = operation;
  switch (op) {
    case "merge":
      return (codes ?? []).join(" + ");
    case "transfer":
      return `${from ?? ""} → ${to ?? ""}`;
    case "retire":
      return `${code ?? ""}${heir ? ` → ${heir}` : ""}`;
    case "reparent":
      return `${(codes ?? []).join("、")} → ${parent ?? ""}`;
    case "rename":
      return `${code ?? ""} → ${name ?? ""}`;
    case "patch":
      return (boundaries ?? []).map((one) => one.code).join("、");
    case "create":
      return name ?? "";
    default:
      return code ?? "";
  }
}
