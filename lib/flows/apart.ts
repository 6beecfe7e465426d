// A batch that has failed: tried again in halves, until whoever it fails for stands alone. Not for long at a time, so that others go on meanwhile, and not one
// by one if a step fails for everybody: once it has failed in the same way for many who were tried alone, and for nobody else, the rest are noted together.
import type { ProfileId } from '@/lib/db/ids';
import { shuffled } from '@/lib/work/shuffled';
import { noteFailures } from './failure';
import type { FlowPlace } from './run';

/** Somebody who is due, and where they stand. */
export type DuePerson = { profileId: ProfileId; version: number; step: string | null };

/** `move`: in a transaction; returns how many were moved. `forMs`: then others have their turn. `signal`: no more is begun. */
type Options = {
  move: (ids: readonly ProfileId[]) => Promise<number>;
  forMs: number;
  signal: AbortSignal | undefined;
  now: Date | undefined;
};

/** How many have to fail alone in the same way before the others at their step are taken for failed too. */
const ALIKE = 20;

/** `error`: of the whole batch. Returns how many were moved or noted. Those whom it did not come to stay due. */
export async function moveApart(
  place: FlowPlace,
  people: readonly DuePerson[],
  error: unknown,
  options: Options,
): Promise<number> {
  // In random order, so that those who are tried alone are anybody.
  return new Apart(place, options).split(shuffled(people), error);
}

class Apart {
  /** How many failed alone, by where they stand and how. */
  private readonly alone = new Map<string, number>();
  /** Where somebody was moved: the step does not fail for everybody. */
  private readonly moved = new Set<string>();
  private readonly until: number;
  private hasNoted = false;

  constructor(
    private readonly place: FlowPlace,
    private readonly options: Options,
  ) {
    this.until = Date.now() + options.forMs;
  }

  async split(people: readonly DuePerson[], error: unknown): Promise<number> {
    if (people.length === 1) {
      const key = keyOf(people[0]!, error);
      this.alone.set(key, (this.alone.get(key) ?? 0) + 1);
      return this.note(people, error);
    }
    const alike = people.filter((person) => this.isAlike(person, error));
    const done = alike.length === 0 ? 0 : await this.note(alike, error);
    const others = people.filter((person) => !alike.includes(person));
    const middle = Math.ceil(others.length / 2);
    const first = await this.tryHalf(others.slice(0, middle));
    return done + first + (await this.tryHalf(others.slice(middle)));
  }

  private async tryHalf(half: readonly DuePerson[]): Promise<number> {
    // Somebody is noted each time, so that it comes to an end.
    const isLate = this.hasNoted && Date.now() > this.until;
    if (half.length === 0 || isLate || this.options.signal?.aborted) return 0;
    try {
      const moved = await this.options.move(half.map(({ profileId }) => profileId));
      if (moved > 0) half.forEach((person) => this.moved.add(placeOf(person)));
      return half.length;
    } catch (error) {
      return this.split(half, error);
    }
  }

  private isAlike(person: DuePerson, error: unknown): boolean {
    return (this.alone.get(keyOf(person, error)) ?? 0) >= ALIKE && !this.moved.has(placeOf(person));
  }

  private async note(people: readonly DuePerson[], error: unknown): Promise<number> {
    this.hasNoted = true;
    const ids = people.map(({ profileId }) => profileId);
    await noteFailures(this.place, ids, error, this.options.now);
    return people.length;
  }
}

const placeOf = ({ version, step }: DuePerson): string => `${version} ${step}`;
const keyOf = (person: DuePerson, error: unknown): string => `${placeOf(person)} ${String(error)}`;
