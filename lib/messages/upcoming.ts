// Who gets their mails next in a turn of a slot: recipients are claimed from one send after the other, with what their mails say.
import type { ProfileId, SendId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import type { Recipient } from '@/lib/mail-document/render';
import type { OpenSender } from '@/lib/sending/schema';
import { claim, type Claimed } from './claim';
import { withGiven } from './given';
import type { Hands } from './hands';
import type { LaneWatch } from './lane-watch';
import type { Slot } from './leases';
import { openToSend, usedBy } from './lost';
import { listTopic } from './mail';
import { openSend, sendsUnderWay, stopSend, type OpenSend } from './progress';
import type { Records } from './records';
import { valuesFor } from './render-for';
import { unused } from './settle';

/** How many recipients are claimed at a time: what leaves in this time, as it may change until then who gets it. */
const CLAIM_MS = 250;
const CLAIM_MOST = 500;
/** Somebody may allow other hours. */
const CLOSED_MS = 600_000;

export type PreparedSend = OpenSend & { write: ReturnType<Hands['open']> };
export type Item = Claimed & { send: PreparedSend; person: Recipient | undefined };
/** `wait`: nothing is due until then, as far as the sender’s limits say. `again`: all that were looked at were skipped. */
export type Next = { items: Item[]; wait: Date | null; again?: true };

type Options = {
  slot: Slot;
  lease: string;
  sender: OpenSender;
  hands: Hands;
  lanes: LaneWatch;
  records: Records;
  atOnce: number;
};

export class Upcoming {
  private readonly sends = new Map<SendId, PreparedSend>();
  /** Sends that may not leave at this hour, and when to look again. */
  private readonly closed = new Map<SendId, Date>();
  /** How many are claimed at a time. */
  private most: number;
  private round = 0;

  constructor(private readonly options: Options) {
    this.most = options.atOnce;
  }

  /** When a send may leave again; undefined: at once. */
  closedUntil(id: SendId): Date | undefined {
    return this.closed.get(id);
  }

  /** So many were handed over in this time. */
  learn(handed: number, tookMs: number): void {
    const inTime = (handed * CLAIM_MS) / Math.max(1, tookMs);
    this.most = Math.round(Math.min(CLAIM_MOST, 2 * this.most, Math.max(this.options.atOnce, inTime)));
  }

  /** Claims from one send after the other, so that none waits for another to end. */
  async next(): Promise<Next> {
    const { slot, lease, sender, lanes } = this.options;
    const now = new Date();
    await lanes.heed(now);
    const { whole } = lanes;
    if (whole && whole.until > now) return { items: [], wait: whole.until };
    const ids = await sendsUnderWay(pool(), slot);
    for (const id of this.sends.keys()) if (!ids.includes(id)) this.sends.delete(id);
    const most = whole ? Math.max(1, this.most >> whole.step) : this.most;
    let wait: Date | null = null;
    for (let index = 0; index < ids.length; index++) {
      const id = ids[(this.round + index) % ids.length]!;
      const send = await this.prepared(id);
      if (!send) continue;
      const opened = await openToSend(pool(), slot.sectionId, usedBy(send));
      if ('attention' in opened) {
        await stopSend(pool(), slot.sectionId, id, 'attention', opened.attention);
        continue;
      }
      const { open } = opened;
      const { claimed, looked, nextAt, opensAt } = await claim({ slot, lease, sender }, send, {
        open,
        most,
        slow: lanes.slow,
        now,
      });
      if (nextAt) wait = nextAt;
      if (opensAt) this.closed.set(id, new Date(Math.min(opensAt.getTime(), now.getTime() + CLOSED_MS)));
      else this.closed.delete(id);
      if (looked === 0) continue;
      this.round += index + 1;
      const items = await this.known(send, claimed);
      if (items.length > 0) return { items, wait: null };
      // None of them may get it: there may be others who do, so more are looked at.
      this.most = Math.min(CLAIM_MOST, 2 * this.most);
      return { items, wait: null, again: true };
    }
    return { items: [], wait };
  }

  private async prepared(id: SendId): Promise<PreparedSend | undefined> {
    const known = this.sends.get(id);
    if (known) return known;
    const { slot, hands } = this.options;
    const send = await openSend(pool(), slot.sectionId, id);
    if (!send) return undefined;
    const topic = (await listTopic(pool(), slot.sectionId, send.topicIds)) ?? null;
    const prepared = { ...send, write: hands.open(send, topic) };
    this.sends.set(id, prepared);
    return prepared;
  }

  /** With what their mails say. Claimed ones are given back if that cannot be read. */
  private async known(send: PreparedSend, claimed: readonly Claimed[]): Promise<Item[]> {
    let people: Map<ProfileId, Recipient>;
    try {
      const ids = claimed.map(({ profileId }) => profileId);
      people = await valuesFor(pool(), send.sectionId, ids, send.compiled);
    } catch (error) {
      for (const one of claimed) void this.options.records.add(unused(one, new Date()));
      throw error;
    }
    return claimed.map((one) => ({ ...one, send, person: withGiven(people.get(one.profileId), one.given) }));
  }
}
