// A flow in memory, one person at a time, written from what the product says: for tests that compare the engine with it. It knows no sets, no signals and
// no database.
export type ModelTag = 'trigger' | 'exit' | 'one' | 'other';

export type Again = 'once' | 'each_time' | 'after';

type Inside = { inside: ModelStep[]; otherwise: ModelStep[] };
export type ModelStep = { id: string } & (
  | { kind: 'wait'; hours: number }
  | { kind: 'tags'; apply: ModelTag[]; remove: ModelTag[] }
  | { kind: 'leave' }
  | ({ kind: 'branch'; has: ModelTag } & Inside)
  | ({ kind: 'wait_for'; tag: ModelTag; applied: boolean; hours: number } & Inside)
);

type Stay = {
  version: number;
  entry: number;
  hops: number;
  enteredAt: number;
  /** What is left to do, the next first. Empty: the end. */
  left: ModelStep[];
  arrivedAt: number;
  /** When the clock lets them go on. */
  dueAt: number;
};

/** Something that somebody did, or that was done to them: it is heard of once. */
type Heard = { tag: ModelTag; applied: boolean; at: number; hops: number; starts: boolean };

export class ModelPerson {
  readonly tags = new Set<ModelTag>();
  readonly history: string[] = [];
  stay: Stay | null = null;
  /** Of the last stay. */
  outcome: string | null = null;
  entries = 0;
  lastEnteredAt = -Infinity;
  readonly ledger: Heard[] = [];
  heard: Heard[] = [];
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export class ModelFlow {
  readonly refused: Record<string, number> = {};
  state: 'live' | 'paused' | 'stopped' = 'live';
  version = 1;

  constructor(
    private steps: ModelStep[],
    private readonly again: Again,
    private readonly people: readonly ModelPerson[],
  ) {}

  publish(steps: ModelStep[]): void {
    this.steps = steps;
    this.version++;
  }

  /** Somebody gets a tag, or loses it. What is so already is no change. */
  change(person: ModelPerson, tag: ModelTag, applied: boolean, at: number, { hops = 0, starts = true } = {}): void {
    if (person.tags.has(tag) === applied) return;
    if (applied) person.tags.add(tag);
    else person.tags.delete(tag);
    const heard = { tag, applied, at, hops, starts };
    person.ledger.push(heard);
    person.heard.push(heard);
  }

  /** Everything that can happen by now. */
  settle(now: number): void {
    for (const person of this.people) while (this.once(person, now));
  }

  private once(person: ModelPerson, now: number): boolean {
    const { heard } = person;
    person.heard = [];
    if (this.state === 'stopped') {
      if (person.stay) this.leave(person, 'stopped', stepOf(person.stay));
      return heard.length > 0;
    }
    if (heard.some(({ tag, applied }) => tag === 'exit' && applied) && person.stay) {
      this.leave(person, 'exit_tag', stepOf(person.stay));
    }
    const entering = heard.filter(({ tag, applied, starts }) => tag === 'trigger' && applied && starts);
    if (entering.length > 0) this.letIn(person, entering, heard, now);
    const moved = this.state === 'live' && this.move(person, now);
    return heard.length > 0 || moved;
  }

  private letIn(person: ModelPerson, entering: readonly Heard[], heard: readonly Heard[], now: number): void {
    if (this.state === 'paused') return this.refuse('paused');
    const exit = heard.findLast(({ tag, applied }) => tag === 'exit' && applied);
    const since = exit ? entering.filter((each) => heard.indexOf(each) > heard.indexOf(exit)) : entering;
    this.refuse('exit_tag', entering.length - since.length);
    const short = since.filter(({ hops }) => hops <= 10);
    this.refuse('hops', since.length - short.length);
    const [first] = short;
    if (!first) return;
    this.refuse('inside', short.length - 1);
    if (person.tags.has('exit')) return this.refuse('exit_tag');
    if (person.stay) return this.refuse('inside');
    const mayAgain =
      person.entries === 0 ||
      this.again === 'each_time' ||
      (this.again === 'after' && now - person.lastEnteredAt >= DAY);
    if (!mayAgain) return this.refuse('again');
    person.entries++;
    person.lastEnteredAt = now;
    const { version } = this;
    person.stay = {
      ...{ version, entry: person.entries, hops: first.hops, enteredAt: now, arrivedAt: now, dueAt: now },
      left: this.steps,
    };
    person.outcome = null;
    person.history.push('entered');
  }

  private refuse(why: string, number = 1): void {
    if (number > 0) this.refused[why] = (this.refused[why] ?? 0) + number;
  }

  private leave(person: ModelPerson, how: string, step: ModelStep | undefined): void {
    person.history.push(step === undefined ? `left ${how}` : `${step.id} left ${how}`);
    person.outcome = how;
    person.stay = null;
  }

  /** Steps, until something has to be waited for. Whether anything was done. */
  private move(person: ModelPerson, now: number): boolean {
    let moved = false;
    while (person.stay) {
      const { stay } = person;
      const step = stepOf(stay);
      if (step !== undefined && person.tags.has('exit') && (stay.dueAt <= now || step.kind === 'wait_for')) {
        if (stay.dueAt > now && !this.wakes(person, stay, now)) return moved;
        this.leave(person, 'exit_tag', step);
        return true;
      }
      if (!this.step(person, stay, now)) return moved;
      moved = true;
    }
    return moved;
  }

  private wakes(person: ModelPerson, stay: Stay, now: number): boolean {
    return stay.dueAt <= now || this.awaited(person, stay) !== undefined;
  }

  /** Does the step at which somebody stands. False: they wait. */
  private step(person: ModelPerson, stay: Stay, now: number): boolean {
    const step = stepOf(stay);
    if (step === undefined) {
      this.leave(person, 'done', undefined);
      return true;
    }
    const go = (what: string, inside: ModelStep[] = []) => {
      person.history.push(`${step.id} ${what}`);
      stay.left = [...inside, ...stay.left.slice(1)];
      stay.arrivedAt = now;
      stay.dueAt = now;
      return true;
    };
    switch (step.kind) {
      case 'wait':
        stay.dueAt = stay.arrivedAt + step.hours * HOUR;
        return stay.dueAt <= now && go('passed');
      case 'tags':
        for (const tag of step.remove) this.change(person, tag, false, now, { hops: stay.hops + 1 });
        for (const tag of step.apply) this.change(person, tag, true, now, { hops: stay.hops + 1 });
        return go('passed');
      case 'branch':
        return person.tags.has(step.has)
          ? go(`passed ${step.id}w`, step.inside)
          : go('passed otherwise', step.otherwise);
      case 'leave':
        person.history.push(`${step.id} passed`);
        this.leave(person, 'leave', undefined);
        return true;
      case 'wait_for': {
        stay.dueAt = stay.arrivedAt + step.hours * HOUR;
        const at = this.awaited(person, stay);
        if (at !== undefined && at <= stay.dueAt) return go(`passed ${step.id}w`, step.inside);
        return stay.dueAt <= now && go('timed_out otherwise', step.otherwise);
      }
    }
  }

  /** When what somebody waits for has happened since they came to the step, or holds already. */
  private awaited(person: ModelPerson, stay: Stay): number | undefined {
    const step = stepOf(stay);
    if (step?.kind !== 'wait_for') return undefined;
    const happened = person.ledger.find(
      ({ tag, applied, at }) => tag === step.tag && applied === step.applied && at >= stay.arrivedAt,
    );
    return happened?.at ?? (person.tags.has(step.tag) === step.applied ? stay.arrivedAt : undefined);
  }
}

const stepOf = ({ left }: Stay): ModelStep | undefined => left[0];
