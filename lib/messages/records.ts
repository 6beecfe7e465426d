// What the database is told of mails on their way: before one leaves, and what became of it. Each statement is about all that have come while another
// one ran.
import { setTimeout as pause } from 'node:timers/promises';
import type { SendId } from '@/lib/db/ids';
import { markHanding, type ClaimedSend, type ClaimOf } from './claim';
import type { Slot } from './leases';
import { brakeSends } from './brakes';
import { keepResults, type Holder, type Result } from './results';

/** Refusals are looked at after so many, or after so long. */
const BRAKE_EVERY = 50;
const BRAKE_EVERY_MS = 1_000;

type Asked = { claim: ClaimOf; send: ClaimedSend; settle: (may: boolean) => void; fail: (error: unknown) => void };

/** Asks the database whether mails may leave, for all that are about to at once. */
export class Handing {
  private waiting: Asked[] = [];
  private isAsking = false;

  constructor(
    private readonly slot: Slot,
    private readonly lease: string,
  ) {}

  mayLeave(claim: ClaimOf, send: ClaimedSend): Promise<boolean> {
    return new Promise((settle, fail) => {
      this.waiting.push({ claim, send, settle, fail });
      if (!this.isAsking) void this.ask();
    });
  }

  private async ask(): Promise<void> {
    this.isAsking = true;
    // Those that come together are asked for together.
    await pause(0);
    while (this.waiting.length > 0) {
      const asked = this.waiting.splice(0);
      for (const send of new Set(asked.map((each) => each.send))) {
        await this.askAbout(
          send,
          asked.filter((each) => each.send === send),
        );
      }
    }
    this.isAsking = false;
  }

  private async askAbout(send: ClaimedSend, asked: readonly Asked[]): Promise<void> {
    try {
      const claims = asked.map(({ claim }) => claim);
      const may = await markHanding(this.slot, this.lease, send, claims);
      for (const { claim, settle } of asked) settle(may.has(claim));
    } catch (error) {
      for (const { fail } of asked) fail(error);
    }
  }
}

/** Results on their way to the database, all that have come while others were written together. While it is away they stay here. */
export class Results {
  private waiting: { result: Result; written: () => void }[] = [];
  private writing: Promise<void> | undefined;
  private gaveUp = false;
  /** Sends with refusals that nobody has counted yet. */
  private readonly doubtful = new Set<SendId>();
  private refusals = 0;
  private lookedAt = 0;
  private looking: Promise<void> | undefined;

  constructor(private readonly holder: Holder) {}

  /** Resolves once it is written. */
  add(result: Result, sendId?: SendId): Promise<void> {
    if (sendId !== undefined && (result.state === 'refused' || result.state === 'failed')) {
      this.doubtful.add(sendId);
      this.refusals++;
    }
    return new Promise((written) => {
      this.waiting.push({ result, written });
      this.writing ??= this.write().finally(() => (this.writing = undefined));
    });
  }

  /** Writes everything, also if the database is away, for so long. What is not written then is unknown. */
  async flush(withinMs: number): Promise<void> {
    const timer = Number.isFinite(withinMs) ? setTimeout(() => (this.gaveUp = true), withinMs) : undefined;
    while (this.writing) await this.writing;
    await this.looking;
    clearTimeout(timer);
  }

  private async write(): Promise<void> {
    // Those that come together are written together.
    await pause(0);
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0);
      const results = batch.map(({ result }) => result);
      await this.insist(() => keepResults(this.holder, results));
      for (const { written } of batch) written();
      this.looking ??= this.look().finally(() => (this.looking = undefined));
    }
  }

  /** Tries until the database answers. */
  async insist(work: () => Promise<unknown>): Promise<void> {
    for (let failures = 1; !this.gaveUp; failures++) {
      try {
        return void (await work());
      } catch {
        await pause(Math.min(1_000, 20 * 2 ** failures));
      }
    }
  }

  /** Looks whether sends with refusals are to stop. No result waits for it. */
  private async look(): Promise<void> {
    const now = Date.now();
    if (this.doubtful.size === 0) return;
    if (this.refusals < BRAKE_EVERY && now - this.lookedAt < BRAKE_EVERY_MS) return;
    this.lookedAt = now;
    this.refusals = 0;
    const sends = [...this.doubtful];
    this.doubtful.clear();
    await brakeSends(this.holder.slot.sectionId, sends).catch(() => undefined);
  }
}
