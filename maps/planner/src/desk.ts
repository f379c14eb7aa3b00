/** The plan that is worked on. Every step is kept by the service; what could not be sent waits on this machine. */

import { BASE, get, post, Problem, query, send } from "./api";
import { Signal } from "./dom";
import type { Check, Impact, Operation, Plan, PlanHead } from "./records";
import { actor } from "./session";

export type Keeping = "saved" | "saving" | "unsaved";

export interface Others {
  editors: { actor: string; draft: number; at: string }[];
  plans: { plan: number; title: string; state: string; author: string; codes: string[]; relation: "same" | "near" }[];
}

interface Unsaved {
  plan: number;
  draft: number;
  operations: Operation[];
}

const UNSAVED = "gridwarden.unsaved";
const AGAIN_MS = 1500;
/** How often one looks for others, in looks at the plan itself. */
const GREET_EVERY = 3;

export class Desk {
  readonly plan = new Signal<Plan | null>(null);
  readonly check = new Signal<Check | null>(null);
  readonly impact = new Signal<Impact | null>(null);
  readonly others = new Signal<Others>({ editors: [], plans: [] });
  readonly keeping = new Signal<Keeping>("saved");
  /** Counts what makes the map of the draft old. */
  readonly turn = new Signal(0);

  private looks = 0;

  constructor(private readonly complain: (failure: unknown) => void) {}

  /** Whether the open plan may be drawn in. */
  get editable(): boolean {
    const plan = this.plan.value;
    return plan !== null && plan.kind === "operations" && (plan.state === "draft" || plan.state === "rejected");
  }

  private get path(): string {
    return `${BASE}/plans/${this.plan.value?.plan ?? 0}`;
  }

  /** List plans, the newest first. */
  async list(): Promise<PlanHead[]> {
    return (await get<{ items: PlanHead[] }>(`${BASE}/plans?limit=200`)).items;
  }

  /** Begin a plan and open it. */
  async begin(title: string, reason: string, effective: string): Promise<void> {
    const made = await post<Plan>(`${BASE}/plans`, {
      title,
      actor: actor(),
      ...(reason ? { reason } : {}),
      ...(effective ? { effective_date: effective } : {}),
    });
    await this.open(made.plan);
  }

  /** Open a plan; what this machine still holds of it is sent first. */
  async open(number: number): Promise<void> {
    this.plan.value = await get<Plan>(`${BASE}/plans/${number}`);
    const waiting = waitingSteps();
    if (waiting?.plan === number) await this.resume(waiting);
    await this.look();
  }

  /** Leave the plan. */
  shut(): void {
    this.plan.value = null;
    this.check.value = null;
    this.impact.value = null;
    this.others.value = { editors: [], plans: [] };
    this.turn.value += 1;
  }

  private async resume(waiting: Unsaved): Promise<void> {
    const plan = this.plan.value!;
    if (plan.draft === waiting.draft) await this.add(waiting.operations);
    else {
      localStorage.removeItem(UNSAVED);
      if (!isKept(plan, waiting)) this.complain(new Problem(409, { type: "plan-stale-draft" }));
    }
  }

  /** Add operations as one step; tell whether they were taken. */
  async add(operations: Operation[]): Promise<boolean> {
    const plan = this.plan.value!;
    const waiting: Unsaved = { plan: plan.plan, draft: plan.draft, operations };
    localStorage.setItem(UNSAVED, JSON.stringify(waiting));
    const body = { operations, crs: "cgcs2000", actor: actor(), draft: plan.draft };
    return this.step(() => post<Check>(`${this.path}/operations`, body));
  }

  /** Take an operation out. */
  async remove(place: number): Promise<boolean> {
    const path = query(`${this.path}/operations/${place}`, { actor: actor(), draft: this.plan.value?.draft });
    return this.step(() => send<Check>("DELETE", path));
  }

  /** Go back one step, or forward. */
  async travel(way: "undo" | "redo"): Promise<boolean> {
    const body = { actor: actor(), draft: this.plan.value?.draft };
    return this.step(async () => {
      await post<Plan>(`${this.path}/${way}`, body);
      return null;
    });
  }

  /** Decide: submit, approve, reject, withdraw, comment or publish. */
  async decide(what: string, more: Record<string, unknown> = {}): Promise<boolean> {
    const draft = what === "comments" ? {} : { draft: this.plan.value?.draft };
    return this.step(async () => {
      await post(`${this.path}/${what}`, { actor: actor(), ...draft, ...more });
      return null;
    });
  }

  /** Do something until the service has answered; what it refuses is told and changes nothing. */
  private async step(change: () => Promise<Check | null>): Promise<boolean> {
    this.keeping.value = "saving";
    for (;;) {
      try {
        const found = await change();
        localStorage.removeItem(UNSAVED);
        this.keeping.value = "saved";
        await this.refresh(found);
        return true;
      } catch (failure) {
        if (failure instanceof Problem && failure.passing) {
          this.keeping.value = "unsaved";
          await new Promise((done) => setTimeout(done, AGAIN_MS));
          continue;
        }
        const waiting = waitingSteps();
        localStorage.removeItem(UNSAVED);
        this.keeping.value = "saved";
        await this.refresh(null).catch(this.complain);
        const stale = failure instanceof Problem && failure.kind === "plan-stale-draft";
        if (stale && waiting && this.plan.value && isKept(this.plan.value, waiting)) return true;
        this.complain(failure);
        return false;
      }
    }
  }

  private async refresh(found: Check | null): Promise<void> {
    this.plan.value = await get<Plan>(this.path);
    await this.look(found);
  }

  /** Read what the draft comes to. */
  async look(found: Check | null = null): Promise<void> {
    const plan = this.plan.value;
    if (!plan) return;
    const drafted = plan.draft > 0;
    this.check.value = found ?? (drafted ? await get<Check>(`${this.path}/check`) : null);
    this.turn.value += 1;
    this.impact.value = drafted ? await get<Impact>(`${this.path}/impact`) : null;
    await this.greet();
  }

  /** See who else is here, and whether the plan went on without us. */
  async greet(): Promise<void> {
    const plan = this.plan.value;
    if (!plan?.is_open) return;
    this.others.value = await get<Others>(query(`${this.path}/others`, { actor: actor() || "?" }));
  }

  /** Follow what others did to the plan meanwhile; tell whether there was anything. */
  async follow(): Promise<boolean> {
    const plan = this.plan.value;
    if (!plan || this.keeping.value !== "saved") return false;
    const fresh = await get<Plan>(this.path);
    const still = this.keeping.value === ("saved" as Keeping) && this.plan.value === plan;
    if (!still || (fresh.draft === plan.draft && fresh.state === plan.state && fresh.events.length === plan.events.length)) {
      if ((this.looks += 1) % GREET_EVERY === 0) await this.greet();
      return false;
    }
    this.plan.value = fresh;
    await this.look();
    return true;
  }
}

/** Tell whether a plan has some steps at its end: an answer may be lost where the step was not. */
function isKept(plan: Plan, { operations }: Unsaved): boolean {
  const last = plan.operations.slice(-operations.length);
  return operations.length === last.length && operations.every((one, row) => one.op === last[row]?.op && one.code === last[row].code);
}

/** Return the steps that this machine could not send yet. */
export function waitingSteps(): Unsaved | null {
  const kept = localStorage.getItem(UNSAVED);
  return kept === null ? null : (JSON.parse(kept) as Unsaved);
}
