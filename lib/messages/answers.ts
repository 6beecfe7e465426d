// What recipients do with a mail: noted at once, written in sets a fifth of a second later. Who follows a link does not wait for a write, and a
// process that dies loses the counts of a moment, nothing else.
import type { SectionId } from '@/lib/db/ids';
import { transaction } from '@/lib/db/pool';
import { execute, sql } from '@/lib/db/sql';
import { judge, type Answer } from './machines';

/** What is kept of one recipient: a link that somebody loads a million times does not fill the database. */
const KEPT_OF_ONE = 200;
const WRITTEN_AT_ONCE = 2_000;
const WAITING_MAX = 100_000;
const WAIT_MS = 200;
const AGENT_MAX = 200;

/** `link`: the place of a link; below 0 for the pages: see `PAGES`. `head`: only asked whether it is there, or fetched it ahead, as programs do. */
export type NotedAnswer = {
  sectionId: SectionId;
  number: number;
  kind: Answer;
  link: number | null;
  at: Date;
  agent: string;
  head: boolean;
};

/** The mail's own pages, as places of links. */
export const PAGES = { unsubscribe: -1, preferences: -2, view: -3 } as const;

class Answers {
  #waiting: NotedAnswer[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  /** Called when they could not be written. They are tried again. */
  onFailed: (error: unknown) => void = () => undefined;

  /** Notes an answer. If the database has been away for so long that too many wait, the newest are not counted. */
  note(answer: NotedAnswer): void {
    if (this.#waiting.length >= WAITING_MAX) return;
    this.#waiting.push({ ...answer, agent: storable(answer.agent) });
    this.#timer ??= setTimeout(() => void this.written(), WAIT_MS);
  }

  /** Resolves once all that was noted so far is written, or could not be. */
  written(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const [{ sectionId }] = this.#waiting as [NotedAnswer];
      const taken: NotedAnswer[] = [];
      const left: NotedAnswer[] = [];
      for (const answer of this.#waiting) {
        (answer.sectionId === sectionId && taken.length < WRITTEN_AT_ONCE ? taken : left).push(answer);
      }
      this.#waiting = left;
      try {
        await writeAnswers(sectionId, taken);
      } catch (error) {
        // They are tried again with the next ones.
        this.#waiting = [...taken, ...this.#waiting].slice(0, WAITING_MAX);
        this.#timer ??= setTimeout(() => void this.written(), WAIT_MS * 25);
        this.onFailed(error);
        return;
      }
    }
  }
}

/** Collects answers and writes them, for this process. */
export const answers = new Answers();

/** Without what the database cannot store. */
const storable = (agent: string): string => agent.replace(/[^\x20-\x7e\u00a0-\ud7ff]/g, '').slice(0, AGENT_MAX);

/** Writes answers of one section. Nothing is written about people who were erased. */
async function writeAnswers(sectionId: SectionId, noted: readonly NotedAnswer[]): Promise<void> {
  const numbers = [...new Set(noted.map(({ number }) => number))].sort((one, two) => one - two);
  await transaction(async (tx) => {
    // In one order, so that two processes that write about the same people wait instead of failing.
    await execute(
      tx,
      sql`
        select from recipient where section_id = ${sectionId} and number = any(${numbers}::bigint[])
        order by number for no key update`,
    );
    await execute(
      tx,
      sql`
        insert into recipient_event (section_id, send_id, number, kind, link, at, agent, machine, why)
        with given as materialized (
          select *, row_number() over (partition by number order by at) as nth from unnest(
            ${noted.map(({ number }) => number)}::bigint[], ${noted.map(({ kind }) => kind)}::text[],
            ${noted.map(({ link }) => link)}::smallint[], ${noted.map(({ at }) => at)}::timestamptz[],
            ${noted.map(({ agent }) => agent)}::text[], ${noted.map(({ head }) => head)}::boolean[]
          ) given (number, kind, link, at, agent, head)
        ),
        kept as materialized (
          select numbers.number, (
            select count(*) from recipient_event event
            where event.section_id = ${sectionId} and event.number = numbers.number
          ) as events
          from unnest(${numbers}::bigint[]) numbers (number)
        )
        select ${sectionId}::int, recipient.send_id, given.number, given.kind, given.link, given.at, given.agent, given.head,
          case when given.head then 'head' end
        from given
        join recipient on recipient.section_id = ${sectionId} and recipient.number = given.number
        join kept on kept.number = given.number
        where recipient.address_key is not null and kept.events + given.nth <= ${KEPT_OF_ONE}`,
    );
    await judge(tx, sectionId, sql`${numbers}::bigint[]`, new Date());
  });
}
