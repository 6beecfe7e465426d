// What the database is told of mails on their way: before one leaves, and what became of it. All that has come while one statement ran goes into the next.
import { setTimeout as pause } from 'node:timers/promises';
import type { SendId } from '@/lib/db/ids';
import { brakeSends } from './brakes';
import type { ClaimedSend, ClaimOf } from './claim';
import { keepResults, markHanding, type Holder, type Result } from './results';

/** Refusals are looked at after so many, or after so long. */
const BRAKE_EVERY = 50;
const BRAKE_EVERY_MS = 1_000;

type Asked = { claim: ClaimOf; send: ClaimedSend; settle: (may: boolean) => void; fail: (error: unknown) => void };
type Said = { result: Result; written: () => void };

/** Tells the database of the mails of one holder. While it is away, results stay here, and nothing leaves. */
export class Records {
  private asked: Asked[] = [];
  private said: Said[] = [];
  private isTelling = false;
  private told: Promise<void> = Promise.resolve();
  private gaveUp = false;
  /** Sends with refusals that nobody has counted yet. */
  private readonly doubtful = new Set<SendId>();
  private refusals = 0;
  private lookedAt = 0;
  private looking: Promise<void> | undefined;

  constructor(private readonly holder: Holder) {}

  /** Whether a mail may leave. Rejects if the database is away. */
  mayLeave(claim: ClaimOf, send: ClaimedSend): Promise<boolean> {
    return new Promise((settle, fail) => {
      this.asked.push({ claim, send, settle, fail });
      this.begin();
    });
  }

  /** Resolves once the result is written. */
  add(result: Result, sendId?: SendId): Promise<void> {
    if (sendId !== undefined && (result.state === 'refused' || result.state === 'failed')) {
      this.doubtful.add(sendId);
      this.refusals++;
    }
    return new Promise((written) => {
      this.said.push({ result, written });
      this.begin();
    });
  }

  /** Writes everything, also if the database is away, for so long. What is not written then is unknown. */
  async flush(withinMs: number): Promise<void> {
    const timer = Number.isFinite(withinMs) ? setTimeout(() => (this.gaveUp = true), withinMs) : undefined;
    while (this.isTelling) await this.told;
    await this.looking;
    clearTimeout(timer);
  }

  /** Tries until the database answers. */
  async insist(work: () => Promise<unknown>): Promise<void> {
    for (let failures = 1; !this.gaveUp; failures++) {
      try {
        return void (await work());
      } catch {
        await pause(waitAfter(failures));
      }
    }
  }

  private begin(): void {
    if (this.isTelling) return;
    this.isTelling = true;
    this.told = this.tell();
  }

  private async tell(): Promise<void> {
    // Those that come together are told together.
    await pause(0);
    for (let failures = 0; this.asked.length + this.said.length > 0;) {
      const [asked, said] = [this.asked.splice(0), this.said.splice(0)];
      const left = await this.tellOf(asked, said);
      if (left.length === 0) failures = 0;
      else if (this.gaveUp) for (const { written } of left) written();
      else {
        this.said.unshift(...left);
        await pause(waitAfter(++failures));
      }
      if (said.length > 0) this.looking ??= this.look().finally(() => (this.looking = undefined));
    }
    this.isTelling = false;
  }

  /** Returns the results that are still to be written. */
  private async tellOf(asked: readonly Asked[], said: readonly Said[]): Promise<readonly Said[]> {
    // What is to wait again has a transaction of its own.
    const again = said.filter(({ result }) => result.state === 'waiting');
    const ends = said.filter(({ result }) => result.state !== 'waiting');
    const sends = [...new Set(asked.map(({ send }) => send))];
    // Most often there is one.
    const works = sends.map((send, index) => {
      const own = asked.filter((each) => each.send === send);
      return this.ask(send, own, index === 0 ? ends : []);
    });
    if (sends.length === 0 && ends.length > 0) works.push(this.keep(ends));
    if (again.length > 0) works.push(this.keep(again));
    return (await Promise.all(works)).flat();
  }

  private async ask(send: ClaimedSend, asked: readonly Asked[], said: readonly Said[]): Promise<readonly Said[]> {
    try {
      const leaving = { send, claims: asked.map(({ claim }) => claim) };
      const may = await markHanding(this.holder, leaving, resultsOf(said));
      for (const { written } of said) written();
      for (const { claim, settle } of asked) settle(may.has(claim));
      return [];
    } catch (error) {
      for (const { fail } of asked) fail(error);
      return said;
    }
  }

  private async keep(said: readonly Said[]): Promise<readonly Said[]> {
    try {
      await keepResults(this.holder, resultsOf(said));
      for (const { written } of said) written();
      return [];
    } catch {
      return said;
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

const resultsOf = (said: readonly Said[]): Result[] => said.map(({ result }) => result);

const waitAfter = (failures: number): number => Math.min(1_000, 20 * 2 ** failures);
