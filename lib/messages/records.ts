// What the database is told of mails on their way: before one leaves, and what became of it. All that has come while one statement ran goes into the next; results go along
// with those that are about to leave, and none of those waits for a result.
import { setTimeout as pause } from 'node:timers/promises';
import type { SendId } from '@/lib/db/ids';
import { brakeSends } from './brakes';
import type { ClaimedSend, ClaimOf } from './claim';
import { keepResults, markHanding, type Holder, type Result } from './results';

/** Refusals are looked at after so many, or after so long. */
const BRAKE_EVERY = 50;
const BRAKE_EVERY_MS = 1_000;

/** How long results wait for a statement that they can go along with. */
const RIDE_MS = 5;

type Asked = { claim: ClaimOf; send: ClaimedSend; settle: (may: boolean) => void; fail: (error: unknown) => void };
type Said = { result: Result; written: () => void };

/** Tells the database of the mails of one holder. While it is away, results stay here, and nothing leaves. */
export class Records {
  private asked: Asked[] = [];
  private said: Said[] = [];
  private isAsking = false;
  private isKeeping = false;
  private asking: Promise<void> = Promise.resolve();
  private keeping: Promise<void> = Promise.resolve();
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
      if (!this.isAsking) this.asking = this.askAll();
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
      if (!this.isKeeping) this.keeping = this.keepAll();
    });
  }

  /** Writes everything, also if the database is away, for so long. What is not written then is unknown. */
  async flush(withinMs: number): Promise<void> {
    const timer = Number.isFinite(withinMs) ? setTimeout(() => (this.gaveUp = true), withinMs) : undefined;
    while (this.isAsking || this.isKeeping) await Promise.all([this.asking, this.keeping]);
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

  private async askAll(): Promise<void> {
    this.isAsking = true;
    // Those that come together are asked for together.
    await pause(0);
    while (this.asked.length > 0) {
      const asked = this.asked.splice(0);
      // What is to wait again has a transaction of its own.
      const ends = this.said.filter(({ result }) => result.state !== 'waiting');
      this.said = this.said.filter(({ result }) => result.state === 'waiting');
      const sends = [...new Set(asked.map(({ send }) => send))];
      // Most often there is one.
      await Promise.all(
        sends.map((send, index) =>
          this.ask(
            send,
            asked.filter((each) => each.send === send),
            index === 0 ? ends : [],
          ),
        ),
      );
    }
    this.isAsking = false;
  }

  private async ask(send: ClaimedSend, asked: readonly Asked[], said: readonly Said[]): Promise<void> {
    try {
      const leaving = { send, claims: asked.map(({ claim }) => claim) };
      const may = await markHanding(this.holder, leaving, resultsOf(said));
      for (const { written } of said) written();
      for (const { claim, settle } of asked) settle(may.has(claim));
      this.lookIfDoubtful();
    } catch (error) {
      for (const { fail } of asked) fail(error);
      this.said.unshift(...said);
      if (said.length > 0 && !this.isKeeping) this.keeping = this.keepAll();
    }
  }

  private async keepAll(): Promise<void> {
    this.isKeeping = true;
    for (let failures = 0; this.said.length > 0;) {
      await pause(failures === 0 ? RIDE_MS : waitAfter(failures));
      while (this.isAsking && !this.said.some(({ result }) => result.state === 'waiting')) await this.asking;
      const said = this.said.splice(0);
      if (said.length === 0) break;
      try {
        await keepResults(this.holder, resultsOf(said));
        failures = 0;
      } catch {
        if (!this.gaveUp) {
          failures++;
          this.said.unshift(...said);
          continue;
        }
      }
      for (const { written } of said) written();
      this.lookIfDoubtful();
    }
    this.isKeeping = false;
  }

  private lookIfDoubtful(): void {
    this.looking ??= this.look().finally(() => (this.looking = undefined));
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
