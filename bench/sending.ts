// Composing personalised mails, against nodemailer's own composer in the same run.
import MailComposer from 'nodemailer/lib/mail-composer';
import { compose, type Draft } from '@/lib/sending/compose/compose';
import { relative, timed, type Line } from './measure';

const ROUNDS = 5;
const MAILS = 400;
const HTML_BYTES = 29_000;

/** Nodemailer takes no pieces. */
type PlainDraft = Draft & { text: string; html: string };

const PARAGRAPH =
  '<tr><td style="padding:0 24px 16px;font:16px/24px Arial,sans-serif;color:#222">Höstens nyheter är här – se vad som väntar i <a href="https://shop.example.com/autumn?utm_source=mail&amp;x=1">butiken</a>.</td></tr>\n';

const draftFor = (at: number): PlainDraft => ({
  from: { name: 'Fjällkök', address: 'news@example.org' },
  to: { name: '', address: `person${at}@example.com` },
  subject: `Hej Åsa ${at}, höstens nyheter är här 🍂`,
  text: `Hej Åsa ${at},\n\n${'Höstens nyheter är här. '.repeat(60)}\n`,
  html: `<!doctype html><title>Nyheter</title><p>Hej Åsa ${at}</p><table>${PARAGRAPH.repeat(Math.ceil(HTML_BYTES / PARAGRAPH.length))}</table>`,
  messageId: `7.${at}.abc@example.org`,
  date: new Date('2026-11-26T10:00:00Z'),
  automatic: true,
  unsubscribe: { url: `https://example.org/u/${at}` },
});

const byNodemailer = ({ from, to, subject, text, html, messageId, date }: PlainDraft) =>
  new MailComposer({
    from,
    to: to.address,
    subject,
    text,
    html,
    messageId,
    date,
    textEncoding: 'quoted-printable',
    disableFileAccess: true,
    disableUrlAccess: true,
  })
    .compile()
    .build();

const perSecond = (milliseconds: number) => (MAILS * 1_000) / milliseconds;

/** Mails with 30 kB of HTML, composed one after the other in one thread. */
export async function measureSending(): Promise<Line[]> {
  const drafts = Array.from({ length: MAILS }, (_, at) => draftFor(at));
  const rounds: { value: number; limit: number }[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const ours = await timed(() => Promise.resolve(drafts.forEach((draft) => compose(draft))));
    const theirs = await timed(async () => {
      for (const draft of drafts) await byNodemailer(draft);
    });
    if (round > 0) rounds.push({ value: perSecond(ours), limit: perSecond(theirs) });
  }
  return [
    relative({ work: 'mails of 30 kB composed', unit: 'per s', limit: 'nodemailer’s composer', atLeast: 2 }, rounds),
  ];
}
