// Messages for clients to read: what there is, its sends, its report, and who got it.
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import type { AudienceCounts } from '@/lib/audience/schema';
import { CLIENT_STATES, clientState, type ClientState } from '@/lib/clients/messages';
import {
  readMessageOfClient,
  readMessagesOfClient,
  readRecipientsOfSend,
  readReportOfMessage,
  readSendsOfMessage,
} from '@/lib/clients/message-reads';
import { CHANNELS } from '@/lib/consents/schema';
import { plainText } from '@/lib/mail-document/template';
import type { MessageDetails, MessageRow } from '@/lib/messages/queries';
import { MESSAGE_KINDS, SEND_STATUSES } from '@/lib/messages/schema';
import { read, resolveScope, SectionKeyspacePath, SectionPath, type ApiEnvironment } from './context';
import { nextOf, paging, placeOf } from './paging';
import { PROBLEM_RESPONSES } from './problem';

const tags = ['Messages'];
const CHANNEL = 'com.apsis1.channels.';
const channel = z.enum(CHANNELS.map((name) => `${CHANNEL}${name}`) as [string, ...string[]]);
const moment = z.iso.datetime().nullable();
const sendStatus = z.enum(SEND_STATUSES);

/** The path of a message. */
export const MessagePath = SectionPath.extend({ message: z.string().max(20) });

const Message = z
  .object({
    message_id: z.string(),
    name: z.string(),
    channel_discriminator: channel,
    kind: z.enum(MESSAGE_KINDS),
    status: z.enum(['draft', 'api', ...SEND_STATUSES]).openapi({
      description: 'Of its last send; `draft`: nothing is scheduled or has gone out; `api`: calls send it.',
    }),
    topics: z
      .array(z.string())
      .openapi({ description: 'What people must have agreed to. Empty for service messages.' }),
    needs_attention: z.boolean(),
    starts_at: moment.openapi({ description: 'When it was, or is, to go out.' }),
    ended_at: moment,
    changed_at: z.iso.datetime(),
  })
  .openapi('Message');

const MessageWithContent = Message.extend({
  subject: z.string().nullable().openapi({ description: 'Of the draft, without values. Null for an SMS.' }),
  created_at: z.iso.datetime(),
  values: z
    .array(z.object({ name: z.string(), required: z.boolean() }))
    .nullable()
    .openapi({ description: 'What a call that sends it may give; null if it is not ready for that.' }),
}).openapi('MessageWithContent');

const counts = z.record(z.enum(CLIENT_STATES), z.int());
const Reason = z.object({ state: z.enum(CLIENT_STATES), reason: z.string(), recipients: z.int() });
const Send = z
  .object({
    send_id: z.string(),
    status: sendStatus,
    version: z.int(),
    starts_at: z.iso.datetime(),
    started_at: moment,
    ended_at: moment,
    pause_reason: z.string().nullable(),
    promised: z.int().nullable().openapi({ description: 'How many were to get it when it was scheduled.' }),
    audience: z
      .object({
        matches: z.int(),
        no_address: z.int(),
        no_consent: z.int(),
        suppressed: z.int(),
        over_limit: z.int(),
        gets: z.int(),
      })
      .nullable()
      .openapi({ description: 'Of those who were chosen, when it started.' }),
    recipients: counts,
    reasons: z.array(Reason).openapi({ description: 'Why those of a state are in it, where that is known.' }),
  })
  .openapi('Send');

const Report = z
  .object({
    recipients: counts,
    reasons: z.array(Reason),
    opened: z.int(),
    clicked: z.int(),
    unsubscribed: z.int(),
    complained: z.int(),
    opened_by_machines: z.int().openapi({ description: 'Recipients whose mail only a machine has opened.' }),
    clicked_by_machines: z.int(),
    links: z.array(
      z.object({
        place: z.string(),
        url: z.string().openapi({
          description:
            'Where it leads. A value of the person is written as the name of its attribute in double braces: `https://example.com/?city={{City}}`.',
        }),
        people: z.int(),
        clicks: z.int(),
        clicks_of_machines: z.int(),
      }),
    ),
    providers: z.array(
      z.object({
        ...{
          provider: z.string(),
          sent: z.int(),
          refused: z.int(),
          bounced: z.int(),
          opened: z.int(),
          clicked: z.int(),
        },
      }),
    ),
    hours: z.array(z.object({ hour: z.int(), opened: z.int(), clicked: z.int(), unsubscribed: z.int() })).openapi({
      description: 'What people did, by the hour since they got it. The last one has all that came later.',
    }),
  })
  .openapi('MessageReport');

const Recipient = z
  .object({
    profile_key: z.string(),
    state: z.enum(CLIENT_STATES),
    reason: z.string().nullable(),
    address: z.string().nullable().openapi({ description: 'Null if this API key may not use its keyspace.' }),
    answer: z.string().nullable().openapi({ description: 'Of the mail server.' }),
    at: moment.openapi({ description: 'When it got into this state.' }),
    opened_at: moment,
    clicked_at: moment,
    unsubscribed_at: moment,
    bounced_at: moment,
    complained_at: moment,
  })
  .openapi('Recipient');

const RECIPIENT_CURSOR = /^(\d{1,16})~(\d{1,16})$/;
const SEND_PAGE = 'Send the `next` of the page before.';
const paged = <Item extends z.ZodType>(item: Item, description: string) => ({
  200: {
    description,
    content: { 'application/json': { schema: z.object({ items: z.array(item), next: z.string().nullable() }) } },
  },
  ...PROBLEM_RESPONSES,
});
const answer = <Body extends z.ZodType>(schema: Body, description: string) => ({
  200: { description, content: { 'application/json': { schema } } },
  ...PROBLEM_RESPONSES,
});

export function addMessages(api: OpenAPIHono<ApiEnvironment>): void {
  api.openapi(
    createRoute({
      method: 'get',
      path: '/audience/sections/{section}/messages',
      tags,
      summary: 'List messages',
      description: 'Those changed last come first.',
      request: {
        params: SectionPath,
        query: z.object({
          show: z.enum(['all', 'drafts', 'open', 'sent']).default('all').openapi({
            description: '`open`: scheduled, going out, or sent by calls.',
          }),
          name: z.string().max(200).optional().openapi({ description: 'Words of the name.' }),
          ...paging,
        }),
      },
      responses: paged(Message, 'A page. `next`: the cursor of the next one; null: this is the last.'),
    }),
    async (context) => {
      const { sectionId } = await resolveScope(context, context.req.valid('param'));
      const { show, name = '', cursor, limit } = context.req.valid('query');
      const before = placeOf(cursor);
      const found = await read(context, readMessagesOfClient, {
        sectionId,
        filter: show,
        search: name,
        ...(before && { before }),
        limit: limit + 1,
      });
      const items = found.slice(0, limit).map(messageBody);
      return context.json({ items, next: nextOf(found, limit, ({ changedAt }) => changedAt) }, 200);
    },
  );
  api.openapi(
    createRoute({
      method: 'get',
      path: '/audience/sections/{section}/messages/{message}',
      tags,
      summary: 'Get a message',
      request: { params: MessagePath },
      responses: answer(MessageWithContent, 'The message.'),
    }),
    async (context) => {
      const { message: messageId, ...names } = context.req.valid('param');
      const { sectionId } = await resolveScope(context, names);
      const message = await read(context, readMessageOfClient, { sectionId, messageId });
      const { content, createdAt, values } = message;
      const subject = content.channel === 'email' ? plainText(content.document.subject) : null;
      return context.json({ ...messageBody(message), subject, created_at: createdAt.toISOString(), values }, 200);
    },
  );
  api.openapi(
    createRoute({
      method: 'get',
      path: '/audience/sections/{section}/messages/{message}/sends',
      tags,
      summary: 'List the sends of a message',
      description:
        'Newest first, each with its recipients by state. The tags by which they were chosen must be readable through the keyspaces of the API key.',
      request: { params: MessagePath },
      responses: answer(z.object({ items: z.array(Send) }), 'The sends.'),
    }),
    async (context) => {
      const { message: messageId, ...names } = context.req.valid('param');
      const { sectionId } = await resolveScope(context, names);
      const sends = await read(context, readSendsOfMessage, { sectionId, messageId });
      const items = sends.map((send) => ({
        send_id: String(send.id),
        status: send.status,
        version: send.version,
        starts_at: send.startsAt.toISOString(),
        started_at: inIso(send.startedAt),
        ended_at: inIso(send.endedAt),
        pause_reason: send.pauseReason,
        promised: send.promised,
        audience: send.counts && audienceBody(send.counts),
        recipients: byState(send.states),
        reasons: reasonsOf(send.states),
      }));
      return context.json({ items }, 200);
    },
  );
  api.openapi(
    createRoute({
      method: 'get',
      path: '/audience/sections/{section}/messages/{message}/report',
      tags,
      summary: 'Get the report of a message',
      description:
        'Over all its sends, counted now. The tags by which its recipients were chosen must be readable through the keyspaces of the API key.',
      request: { params: MessagePath },
      responses: answer(Report, 'The report.'),
    }),
    async (context) => {
      const { message: messageId, ...names } = context.req.valid('param');
      const { sectionId } = await resolveScope(context, names);
      const { totals, reasons, links, providers, hours } = await read(context, readReportOfMessage, {
        sectionId,
        messageId,
      });
      const states = CLIENT_STATES.map((state) => ({ state, why: null, people: totals[state] }));
      return context.json(
        {
          recipients: byState(states),
          reasons: reasonsOf(
            reasons.map((one) => ({ ...one, state: one.state === 'bounced' ? one.state : clientState(one.state) })),
          ),
          opened: totals.opened,
          clicked: totals.clicked,
          unsubscribed: totals.left,
          complained: totals.complained,
          opened_by_machines: totals.machineOpened,
          clicked_by_machines: totals.machineClicked,
          links: links.map(({ place, address, clicked, clicks, machine }) => ({
            ...{ place, url: address, people: clicked, clicks, clicks_of_machines: machine },
          })),
          providers,
          hours: hours.map(({ left, ...hour }) => ({ ...hour, unsubscribed: left })),
        },
        200,
      );
    },
  );
  api.openapi(
    createRoute({
      method: 'get',
      path: '/audience/keyspaces/{keyspace}/sections/{section}/messages/{message}/sends/{send}/recipients',
      tags,
      summary: 'List the recipients of a send',
      description:
        'Those who have a key in the keyspace. The tags by which they were chosen must be readable through it. For the next page, repeat with `cursor` = `next` until `next` is null.',
      request: {
        params: SectionKeyspacePath.extend({ message: z.string().max(20), send: z.string().max(20) }),
        query: z.object({
          state: z.enum(CLIENT_STATES).optional(),
          cursor: z.string().regex(RECIPIENT_CURSOR, SEND_PAGE).optional(),
          limit: z.coerce.number().int().min(1).max(1_000).default(100).openapi({
            description:
              'How many recipients to read. Those without a key in the keyspace are left out of the response.',
          }),
        }),
      },
      responses: paged(Recipient, 'A page.'),
    }),
    async (context) => {
      const { message: messageId, send: sendId, ...names } = context.req.valid('param');
      const where = await resolveScope(context, names);
      const { state, cursor, limit } = context.req.valid('query');
      const [, profileId = '0', occurrence = '0'] = RECIPIENT_CURSOR.exec(cursor ?? '') ?? [];
      const { recipients, next } = await read(context, readRecipientsOfSend, {
        ...where,
        messageId,
        sendId,
        ...(state !== undefined && { state }),
        after: { profileId: Number(profileId), occurrence: Number(occurrence) },
        limit,
      });
      const items = recipients.map((one) => ({
        profile_key: one.key,
        state: one.state,
        reason: one.why,
        address: one.address,
        answer: one.answer,
        at: inIso(one.at),
        opened_at: inIso(one.openedAt),
        clicked_at: inIso(one.clickedAt),
        unsubscribed_at: inIso(one.leftAt),
        bounced_at: inIso(one.bouncedAt),
        complained_at: inIso(one.complainedAt),
      }));
      return context.json({ items, next: next && `${next.profileId}~${next.occurrence}` }, 200);
    },
  );
}

const inIso = (at: Date | null): string | null => at?.toISOString() ?? null;

function messageBody(message: (MessageRow | MessageDetails) & { topics: string[] }): z.output<typeof Message> {
  const { id, name, channel: of, kind, send, isDraft, isUsedByApi, attention, changedAt, topics } = message;
  const sent = isDraft ? null : send;
  return {
    message_id: String(id),
    name,
    channel_discriminator: `${CHANNEL}${of}`,
    kind,
    status: isUsedByApi ? 'api' : (sent?.status ?? 'draft'),
    topics,
    needs_attention: attention.length > 0,
    starts_at: inIso(sent?.startedAt ?? sent?.startsAt ?? null),
    ended_at: inIso(sent?.endedAt ?? null),
    changed_at: changedAt.toISOString(),
  };
}

const audienceBody = ({ matches, noAddress, noConsent, suppressed, overLimit, gets }: AudienceCounts) => ({
  matches,
  no_address: noAddress,
  no_consent: noConsent,
  suppressed,
  over_limit: overLimit,
  gets,
});

type StateCount = { state: ClientState; why: string | null; people: number };

function byState(states: readonly StateCount[]): Record<ClientState, number> {
  const all = Object.fromEntries(CLIENT_STATES.map((state) => [state, 0])) as Record<ClientState, number>;
  for (const { state, people } of states) all[state] += people;
  return all;
}

const reasonsOf = (states: readonly StateCount[]): z.output<typeof Reason>[] =>
  states.flatMap(({ state, why, people }) => (why ? [{ state, reason: why, recipients: people }] : []));
