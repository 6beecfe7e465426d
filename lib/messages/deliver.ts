// Sends the mails of one sender in one of its slots: claims, writes, hands over, and writes down what became of them. At most as many mails
// are in memory as its connections take in a moment. What the database has not heard of never leaves.
import { setTimeout as pause } from 'node:timers/promises';
import { pool, transaction } from '@/lib/db/pool';
import { ComposeError } from '@/lib/sending/compose/compose';
import { connectionsNow } from '@/lib/sending/gentle';
import { openSender } from '@/lib/sending/queries';
import type { OpenSender } from '@/lib/sending/schema';
import { PAUSED_MS } from './claim';
import { openHands, type Hand, type Hands, type HandsOptions } from './hands';
import { LaneWatch } from './lane-watch';
import { WHOLE_SENDER } from './lanes';
import { endLease, LostLease, RENEW_MS, renewLease, settleUnheard, takeLease, type Slot } from './leases';
import { UnwritableMail } from './mail';
import { endIfDone, nextDue, sendsUnderWay, stopSendsOf } from './progress';
import { addMailJobs, connectionsOf } from './queue';
import { Records } from './records';
import type { Result } from './results';
import { consequenceOf, failed, gone, settled, unused } from './settle';
import { hoursFor, leavesAt } from './sms-hours';
import { endSmsOf } from './sms-reports';
import { Upcoming, type Item, type Next } from './upcoming';

export type DeliverOptions = HandsOptions & {
  /** Aborted when the process stops. */
  signal?: AbortSignal;
  /** How long a job works before it lets others of its lane have their turn. Milliseconds. */
  turnMs?: number;
  /** How old a claim may be when its mail is begun. Milliseconds. */
  staleMs?: number;
};

const TURN_MS = 60_000;
/** A sender that starts gently soon gets more connections. */
const GENTLE_TURN_MS = 10_000;
/** After this long behind a slow server, a recipient is checked again: an exclusion may apply by now. */
const STALE_MS = 10_000;
/** The built-in mailbox has no connections: it takes as many at once. */
const MAILBOX_AT_ONCE = 100;
/** A wait that is worth keeping the connections for. */
const SHORT_MS = 2_000;
/** Connections lost in a row, before the sender waits. */
const LOST_IN_A_ROW = 5;
/** How long mails on their way may take when the process stops, and how long their results: less than it is given to stop. */
const STOP_MS = 8_000;
const LAST_WORDS_MS = 4_000;

/** One turn of a slot: sends what is due, for a while. Adds the next job itself. */
export async function sendMails(slot: Slot, options: DeliverOptions = {}): Promise<void> {
  const { sectionId, senderId } = slot;
  const sends = await sendsUnderWay(pool(), slot);
  if (sends.length === 0) return;
  const sender = await openSender(pool(), sectionId, senderId);
  if (!sender) return stopSendsOf(pool(), slot, 'Its sender was removed. Bring it back in Settings → Sending.');
  if (sender.needsPassword) {
    return stopSendsOf(
      pool(),
      slot,
      'The password of its sender is no longer known. Enter it again in Settings → Sending.',
    );
  }
  const { connections: all, isGentle } = await connectionsNow(pool(), sender);
  const connections = all === undefined ? undefined : connectionsOf(all, slot.slot);
  const atOnce = connections === undefined ? MAILBOX_AT_ONCE : 2 * connections;
  if (atOnce === 0) return;
  if (sender.pausedAt) {
    return addMailJobs(pool(), slot, { slots: [slot.slot], at: new Date(Date.now() + PAUSED_MS) });
  }
  const lease = await takeLease(slot);
  const { turnMs = isGentle ? GENTLE_TURN_MS : TURN_MS, staleMs = STALE_MS, signal, ...handsOptions } = options;
  const hands = openHands(sender, { ...(connections !== undefined && { connections }), ...handsOptions });
  const turn = new Turn({ slot, lease, sender, hands, atOnce, until: Date.now() + turnMs, staleMs, signal });
  const at = await turn.run();
  if (at) await addMailJobs(pool(), slot, { slots: [slot.slot], at });
}

type TurnOptions = {
  slot: Slot;
  lease: string;
  sender: OpenSender;
  hands: Hands;
  atOnce: number;
  until: number;
  staleMs: number;
  signal?: AbortSignal;
};

class Turn {
  private readonly running = new Set<Promise<void>>();
  /** Called when one more of them has ended. */
  private onEnded: (() => void) | undefined;
  /** What is claimed while those before are still being handed over. If nobody comes to it, it goes with the lease. */
  private ahead: Promise<Next> | undefined;
  private readonly records: Records;
  private readonly lanes: LaneWatch;
  private readonly upcoming: Upcoming;
  /** No more mails in this turn: the lease or the server is lost, or the process stops. */
  private halted = false;
  private lostInARow = 0;

  constructor(private readonly options: TurnOptions) {
    const { slot, lease, sender } = options;
    this.records = new Records({ slot, lease, sender });
    this.lanes = new LaneWatch(slot, sender);
    this.upcoming = new Upcoming({ ...options, lanes: this.lanes, records: this.records });
  }

  /** Works until nothing is due, or the turn is over. Returns when the next job is to run; null: whoever adds work adds a job. */
  async run(): Promise<Date | null> {
    const { slot, lease, hands, signal } = this.options;
    const heartbeat = setInterval(() => {
      renewLease(slot, lease).catch((error: unknown) => {
        if (error instanceof LostLease) this.halted = true;
      });
    }, RENEW_MS);
    const halt = () => (this.halted = true);
    signal?.addEventListener('abort', halt);
    let at: Date | null = null;
    let left: number;
    try {
      at = await this.work();
    } catch (error) {
      if (!(error instanceof LostLease)) throw error;
    } finally {
      // When the process stops, mails on their way have a while to end; otherwise as long as their servers may take.
      await Promise.race([Promise.all(this.running), aborted(signal)]);
      await (signal?.aborted ? hands.close(STOP_MS) : hands.close());
      await Promise.all(this.running);
      await this.records.flush(signal?.aborted ? LAST_WORDS_MS : Number.POSITIVE_INFINITY);
      clearInterval(heartbeat);
      signal?.removeEventListener('abort', halt);
      left = await endLease(slot, lease);
    }
    return left > 0 ? new Date() : at;
  }

  private async work(): Promise<Date | null> {
    let failures = 0;
    while (!this.over) {
      try {
        const { items, wait, again } = await this.claimed();
        failures = 0;
        if (items.length > 0) {
          this.ahead = this.upcoming.next();
          // Whoever waits for it hears of a failure.
          this.ahead.catch(() => undefined);
          await this.start(items);
          continue;
        }
        if (again) continue;
        const at = await this.settle(wait);
        if (at === null) return null;
        const ms = at.getTime() - Date.now();
        if (ms > SHORT_MS) return at;
        await this.sleep(Math.max(20, ms));
      } catch (error) {
        if (error instanceof LostLease) throw error;
        // The database is away, for a while: the lease is longer.
        if (++failures > 12) throw error;
        await this.sleep(Math.min(2_000, 50 * 2 ** failures));
      }
    }
    return new Date();
  }

  private get over(): boolean {
    return this.halted || Date.now() >= this.options.until || this.options.signal?.aborted === true;
  }

  private sleep = (ms: number) => pause(ms, undefined, { signal: this.options.signal }).catch(() => undefined);

  private claimed(): Promise<Next> {
    const claimed = this.ahead ?? this.upcoming.next();
    this.ahead = undefined;
    return claimed;
  }

  /** Whether it may leave at this hour. */
  private mayLeave({ send }: Item, now = new Date()): boolean {
    return leavesAt(hoursFor(send, this.options.sender), now) <= now;
  }

  /** Hands mails over, as many at once as the connections take. Returns once the last has begun. */
  private async start(items: readonly Item[]): Promise<void> {
    const { atOnce, staleMs } = this.options;
    const began = performance.now();
    for (const item of items) {
      while (this.running.size >= atOnce && !this.halted) await this.oneEnded();
      const now = new Date();
      if (
        this.halted ||
        this.lanes.holdsUp(item.lane, now) ||
        !this.mayLeave(item, now) ||
        now.getTime() - item.claimedAt.getTime() > staleMs
      ) {
        void this.records.add(unused(item, now));
        continue;
      }
      const done: Promise<void> = this.deliver(item).finally(() => {
        this.running.delete(done);
        this.onEnded?.();
      });
      this.running.add(done);
    }
    this.upcoming.learn(items.length, performance.now() - began);
  }

  private oneEnded = (): Promise<void> => new Promise((resolve) => (this.onEnded = resolve));

  /** Ends once its result is written: what is being handed over, or waits for that, is never more than a crash may leave unknown. */
  private async deliver(item: Item): Promise<void> {
    const hand = this.written(item);
    if ('state' in hand) return this.records.add(hand, item.send.id);
    let held = false;
    const outcome = await hand.over(async () => {
      held = false;
      held = !this.mayLeave(item) || !(await this.records.mayLeave(item, item.send).catch(() => false));
      if (held) throw new Error('It is no longer to be sent.');
    });
    const now = new Date();
    if (held) return this.records.add(unused(item, now));
    const result = settled(item, outcome, { again: item.send.settings.again, now });
    const written = this.records.add({ ...result, ...hand.about }, item.send.id);
    await this.follow(item, outcome);
    await written;
  }

  /** Its mail, or what becomes of it without one. */
  private written(item: Item): Hand | Result {
    const now = new Date();
    if (!item.person) return gone(item, now);
    try {
      return item.send.write({ ...item, date: item.triedAt }, item.person);
    } catch (error) {
      if (!(error instanceof UnwritableMail) && !(error instanceof ComposeError)) throw error;
      const why = error instanceof ComposeError ? 'address' : 'template';
      return failed(item, why, error.message, now);
    }
  }

  /** What an answer means for the next mails. */
  private async follow(item: Item, outcome: Parameters<typeof consequenceOf>[0]): Promise<void> {
    const { slot } = this.options;
    const consequence = consequenceOf(outcome);
    if (outcome.kind === 'sent') {
      this.lostInARow = 0;
      this.lanes.took(item.lane);
    }
    if (outcome.kind === 'refused' && outcome.why === 'optedOut') {
      await this.records.insist(() => endSmsOf(slot.sectionId, item.number));
    }
    const isLost = consequence.kind === 'lost' && ++this.lostInARow >= LOST_IN_A_ROW;
    if (isLost) this.lostInARow = 0;
    if (consequence.kind === 'slower' || isLost) {
      const lane = consequence.kind === 'slower' && consequence.whom === 'lane' ? item.lane : WHOLE_SENDER;
      await this.lanes.slower(lane, outcome.text, 'retryAfterMs' in outcome ? outcome.retryAfterMs : undefined);
    }
    if (consequence.kind === 'stop' && !this.halted) {
      this.halted = true;
      await this.records.insist(() => stopSendsOf(pool(), slot, outcome.text));
    }
  }

  /** Nothing is due. Waits for what is under way, ends what is done, and returns when something is due; null: nothing is. */
  private async settle(wait: Date | null): Promise<Date | null> {
    if (this.running.size > 0) {
      await Promise.race([Promise.all(this.running), this.sleep(500)]);
      return new Date();
    }
    await this.records.flush(Number.POSITIVE_INFINITY);
    const { slot, lease } = this.options;
    if ((await settleUnheard(slot, lease)) > 0) return new Date();
    let next = wait;
    for (const id of await sendsUnderWay(pool(), slot)) {
      if (await transaction((tx) => endIfDone(tx, slot.sectionId, id))) continue;
      for (const { lane, at } of await nextDue(pool(), slot.sectionId, id)) {
        const until = this.lanes.slow.find((slow) => slow.lane === lane)?.until ?? at;
        const due = [at, until, wait ?? at, this.upcoming.closedUntil(id) ?? at].reduce((one, other) =>
          one > other ? one : other,
        );
        if (next === null || next === wait || due < next) next = due;
      }
    }
    return next;
  }
}

/** Resolves when the process stops. */
const aborted = (signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted) resolve();
    signal?.addEventListener('abort', () => resolve(), { once: true });
  });
