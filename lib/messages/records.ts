// What the database is told of mails on their way: before one leaves, and what became of it. Each statement is about all that have come while another
// one ran.
import { setTimeout as pause } from 'node:timers/promises';
import type { SendId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { keepResults, markHanding, type Result } from './claim';
import type { Slot } from './leases';
import { brake } from './progress';

/** Refusals are counted anew after so many, or after so long. */
const BRAKE_EVERY = 50;
const BRAKE_EVERY_MS = 1_000;
const CHEAP_MS = 20;

/** Asks the database whether mails may leave, for all that are about to at once. */
export class Handing {
  private waiting: { number: number; settle: (may: boolean) => void; fail: (error: unknown) => void }[] = [];
  private isAsking = false;

  constructor(
    private readonly slot: Slot,
    private readonly lease: string,
  ) {}

  mayLeave(number: number): Promise<boolean> {
    return new Promise((settle, fail) => {
      this.waiting.push({ number, settle, fail });
      if (!this.isAsking) void this.ask();
    });
  }

  private async ask(): Promise<void> {
    this.isAsking = true;
    // Those that come together are asked for together.
    await pause(0);
    while (this.waiting.length > 0) {
      const asked = this.waiting.splice(0);
      try {
        const may = await markHanding(
          this.slot,
          this.lease,
          asked.map(({ number }) => number),
        );
        for (const { number, settle } of asked) settle(may.has(number));
      } catch (error) {
        for (const { fail } of asked) fail(error);
      }
    }
    this.isAsking = false;
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
  private restUntil = 0;
  private looking: Promise<void> | undefined;

  constructor(
    private readonly slot: Slot,
    private readonly lease: string,
  ) {}

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
      await this.insist(() => keepResults(this.slot, this.lease, results));
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

  /** Looks whether sends with refusals are to stop. It counts a whole send: no result waits for it, and it takes a small part of the time. */
  private async look(): Promise<void> {
    const began = Date.now();
    if (this.doubtful.size === 0 || began < this.restUntil) return;
    if (this.refusals < BRAKE_EVERY && began - this.lookedAt < BRAKE_EVERY_MS) return;
    this.lookedAt = began;
    this.refusals = 0;
    const sends = [...this.doubtful];
    this.doubtful.clear();
    for (const id of sends) {
      await brake(pool(), this.slot.sectionId, id).catch(() => undefined);
    }
    const took = Date.now() - began;
    this.restUntil = took < CHEAP_MS ? 0 : Date.now() + 20 * took;
  }
}
