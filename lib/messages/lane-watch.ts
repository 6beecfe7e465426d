// What one turn of a slot knows of lanes that are held up: what the database says, and what it has itself heard in this moment.
import { pool } from '@/lib/db/pool';
import { proveAgain } from '@/lib/sending/gentle';
import type { OpenSender } from '@/lib/sending/schema';
import { slowDown, speedUp, WHOLE_SENDER, type SlowLane } from './lanes';
import type { Slot } from './leases';
import { heldLanes } from './paces';

export class LaneWatch {
  slow: readonly (SlowLane & { isNews?: true })[] = [];
  private taken = new Set<number>();

  constructor(
    private readonly slot: Slot,
    private readonly sender: OpenSender,
  ) {}

  /** That all of the sender is held up, or takes only a few. */
  get whole(): SlowLane | undefined {
    return this.slow.find(({ lane }) => lane === WHOLE_SENDER);
  }

  /** Reads what holds up lanes, and lets those that took mails lately go faster. */
  async heed(now: Date): Promise<void> {
    const known = await heldLanes(pool(), this.sender, now);
    const faster = known.filter(
      ({ lane, until }) => until <= now && (lane === WHOLE_SENDER ? this.taken.size > 0 : this.taken.has(lane)),
    );
    // What this process has heard in this moment is perhaps not written yet.
    const heard = this.slow.filter(
      ({ lane, until, isNews }) =>
        isNews && until > now && !known.some((slow) => slow.lane === lane && slow.until > now),
    );
    this.slow = [...known.filter(({ lane }) => !heard.some((slow) => slow.lane === lane)), ...heard];
    this.taken = new Set();
    if (faster.length > 0) {
      await speedUp(
        pool(),
        this.slot,
        faster.map(({ lane }) => lane),
        now,
      );
    }
  }

  holdsUp(lane: number, now: Date): boolean {
    return this.slow.some((slow) => (slow.lane === lane || slow.lane === WHOLE_SENDER) && slow.until > now);
  }

  /** A mail was taken. */
  took(lane: number): void {
    this.taken.add(lane);
  }

  /** A lane asks for less. `askedMs`: for how long, if it said so. */
  async slower(lane: number, answer: string, askedMs: number | undefined): Promise<void> {
    const now = new Date();
    if (this.slow.some((slow) => slow.lane === lane && slow.until > now)) return;
    // At once in this process; what the database says replaces it when it knows.
    this.slow = [
      ...this.slow.filter((slow) => slow.lane !== lane),
      { lane, step: 1, until: new Date(now.getTime() + 1_000), answer, isNews: true },
    ];
    await slowDown(pool(), this.slot, lane, answer, now, askedMs).catch(() => undefined);
    if (lane === WHOLE_SENDER) await proveAgain(pool(), this.slot).catch(() => undefined);
  }
}
