// Imports and exports: a call describes them and returns a token for uploading or downloading the file at its own address.
import { DATE_ORDERS, SHORT_YEARS } from '@/lib/attributes/dates';
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import type { ClientActor } from '@/lib/access/actor';
import { originOf } from '@/lib/access/origin';
import { refuse, type Result } from '@/lib/access/refusal';
import { loadClient } from '@/lib/accounts/callers';
import { takeCall } from '@/lib/accounts/api-rate';
import { csvResponse } from '@/lib/export/csv-response';
import { BASES, type FileAsRead } from '@/lib/imports/as-read';
import { DELIMITERS, ENCODINGS, QUOTES, START_LINE_MAX } from '@/lib/imports/format';
import { findWaiting, receiveFile, requestImport, type RequestView } from '@/lib/clients/imports';
import { exportLines, findExport, requestExport, type Download, type FileRequest } from '@/lib/clients/exports';
import { readImportRequest, readImportRows } from '@/lib/clients/reads';
import { findReport, reportLines } from '@/lib/clients/reports';
import {
  SectionPath,
  resolveKeyspaces,
  originOfCall,
  resolveScope,
  read,
  run,
  type ApiContext,
  type ApiEnvironment,
} from './context';
import { problem, PROBLEM_RESPONSES, refusalProblem } from './problem';
import { BrokenForm, readForm } from './upload-form';

const IMPORTS_A_MINUTE = 10;
const tags = ['Imports and exports'];
const selector = z.string().openapi({
  example: 'Email',
  description:
    'The name of a column of the file. If several columns have the same name, “Email (1)” is the first and “Email (2)” the second.',
});
const keyMapping = z.object({ keyspace_discriminator: z.string(), field_selector: selector });
const FileOptions = z
  .object({
    delimiter: z.enum(DELIMITERS),
    encoding: z.enum(ENCODINGS),
    quotes: z.enum(QUOTES).openapi({
      description:
        'How a quote is written inside a quoted cell: twice, or after a backslash. `none`: it is an ordinary character.',
    }),
    header_row: z.int().min(1).max(START_LINE_MAX).nullable().openapi({
      description:
        'The line with the names of the columns, counted from 1. Nothing above it is imported. null: there is no header, and the columns are “Column 1”, “Column 2” and so on.',
    }),
    sheet: z.string().max(200).openapi({ description: 'The sheet of a workbook. Default: the first visible sheet.' }),
  })
  .partial();
const CommonImport = z.object({
  options: z
    .object({
      update_existing_profiles: z.boolean().optional(),
      clear_existing_attributes: z.boolean().optional(),
      starts_flows: z.boolean().optional().openapi({
        description:
          'Whether people who get tags or values by it enter the flows that wait for that. False by default.',
      }),
    })
    .optional(),
  attribute_mappings: z
    .array(
      z.object({
        field_selector: selector,
        attribute_version_id: z.string(),
        date_order: z.enum(DATE_ORDERS).optional().openapi({
          description:
            'For a column of dates such as 03/04/2025: day, month or year first. Default: detected from the whole column, or day first if nothing in it shows the order.',
        }),
        two_digit_years: z.enum(SHORT_YEARS).optional().openapi({
          description:
            'For a column of dates such as 03.04.39: `past` reads 1939, `future` reads 2039 (up to 20 years ahead). Default: assumed from the other dates of the column. A date of birth is never in the future.',
        }),
        decimal_sign: z.enum(['.', ',']).optional().openapi({
          description:
            'For a column of numbers: the decimal sign. Default: detected from the whole column; if nothing in it shows the sign, rows such as 1,234 are rejected.',
        }),
      }),
    )
    .optional()
    .openapi({
      description:
        'By version id or discriminator. A column may also be mapped to a key; otherwise each column can be mapped once.',
    }),
  tag_mappings: z
    .array(z.object({ field_selector: selector, tag_version_id: z.string() }))
    .optional()
    .openapi({ description: 'Columns with yes or no for a tag. An empty cell changes nothing.' }),
  tags: z
    .object({ apply: z.array(z.string()).optional(), remove: z.array(z.string()).optional() })
    .optional()
    .openapi({ description: 'Tags for all rows.' }),
  country: z
    .string()
    .regex(/^[A-Z]{2}$/)
    .optional()
    .openapi({
      example: 'SE',
      description:
        'The country of mobile numbers without a country code (ISO 3166-1). If it is not set, such numbers are rejected.',
    }),
  file: FileOptions.optional().openapi({
    description:
      'The format of the file. Anything left out is detected: the header is the first row that has all mapped columns. Rows with more cells than the header are rejected.',
  }),
  consent_mappings: z
    .array(z.unknown())
    .max(0, 'Consents cannot be imported: leave consent_mappings empty.')
    .optional(),
});
const ImportV2 = CommonImport.extend({ keyspace_mapping: keyMapping });
const ImportV1 = CommonImport.extend({
  keyspace_mappings: z
    .array(keyMapping.extend({ merge_profiles: z.boolean().optional() }))
    .min(1)
    .openapi({ description: 'The first one identifies the profile of each row.' }),
});
const Announced = z.object({
  import_id: z.string(),
  file_upload_url: z.string(),
  file_upload_url_expires_at: z.iso.datetime(),
  file_upload_body: z.record(z.string(), z.string()).openapi({ description: 'Form fields to send before `file`.' }),
});
const STATUSES = ['waiting_for_file', 'queued', 'in_progress', 'completed', 'error'] as const;
const ImportResult = z.object({
  result: z.object({
    status: z.enum(STATUSES),
    counts: z.record(z.string(), z.int()).openapi({
      description: '`applied`, `already` and `removed` are present only if the tags may be read through the keyspace.',
    }),
    error: z.string().nullable(),
    file: z
      .object({
        encoding: z.enum(ENCODINGS).nullable(),
        encoding_basis: z.enum(['chosen', 'found', 'assumed']).nullable().openapi({
          description: '`assumed`: the file has too little text to tell. Set the encoding in file.encoding.',
        }),
        delimiter: z.enum(DELIMITERS).nullable(),
        header_row: z.int().nullable().openapi({ description: 'null: the file has no header.' }),
        sheet: z
          .string()
          .nullable()
          .openapi({ description: 'Only for a workbook, which has no encoding or delimiter.' }),
        columns: z
          .array(
            z.object({
              field_selector: z.string(),
              date_order: z.enum(DATE_ORDERS).nullable(),
              two_digit_years: z.enum(SHORT_YEARS).nullable().openapi({
                description: 'null: no year of two digits in the column could be of two centuries.',
              }),
              decimal_sign: z.enum(['.', ',']).nullable(),
              basis: z.enum(BASES).openapi({
                description:
                  'Whether it was chosen, found in the cells or assumed. `unknown`: cells that can be read in two ways were rejected.',
              }),
            }),
          )
          .openapi({ description: 'Columns with dates or numbers that can be read in several ways.' }),
        notes: z.array(z.string()).openapi({
          description:
            'What to check, in English: rows above the header or another sheet that are not imported, formulas whose result is not in the file, hidden rows, a title or a quoted cell in the middle of the table that may be something else. Empty: nothing was found.',
        }),
      })
      .nullable()
      .openapi({ description: 'How the file was read; null until it has arrived.' }),
  }),
});

const ImportRows = z.object({
  items: z.array(
    z.object({
      line: z.int().openapi({ description: 'The line of the file on which the row begins, or the row of the sheet.' }),
      reasons: z.array(z.string()).openapi({
        description: 'All problems of a rejected row, or why each of its values was left out.',
      }),
    }),
  ),
  next: z.string().nullable(),
});

function fileBodyOf({ text, headerLine, sheet, columns, notes }: FileAsRead) {
  return {
    encoding: text?.encoding ?? null,
    encoding_basis: text?.encodingBasis ?? null,
    delimiter: text?.delimiter ?? null,
    header_row: headerLine,
    sheet,
    columns: columns.map(({ name, dates, shortYears, decimal, basis }) => ({
      field_selector: name,
      date_order: dates,
      two_digit_years: shortYears,
      decimal_sign: decimal,
      basis,
    })),
    notes,
  };
}

/** Responses of file downloads. */
export const FILE_RESPONSES = {
  202: {
    description: 'Where to download it.',
    content: {
      'application/json': {
        schema: z.object({
          export_id: z.string(),
          download_url: z.string(),
          download_url_expires_at: z.iso.datetime(),
        }),
      },
    },
  },
  ...PROBLEM_RESPONSES,
};

function fileChoice({ header_row: startLine, ...file }: z.output<typeof FileOptions> = {}) {
  if (startLine === undefined) return file;
  return startLine === null ? { ...file, header: false } : { ...file, header: true, startLine };
}

export function addTransfers(api: OpenAPIHono<ApiEnvironment>): void {
  for (const { path, schema } of [
    { path: '/v2/audience/sections/{section}/imports', schema: ImportV2 },
    { path: '/audience/sections/{section}/imports', schema: ImportV1 },
  ] as const) {
    api.openapi(
      createRoute({
        method: 'post',
        path,
        tags,
        summary: `Announce an import (${path.startsWith('/v2') ? 'v2' : 'v1'})`,
        description:
          'Then send the file: a multipart POST of the fields in `file_upload_body`, and `file`, to `file_upload_url`. CSV in any usual encoding and delimiter, or XLSX, at most 50 MB; ten imports a minute, three waiting at once.',
        request: { params: SectionPath, body: { required: true, content: { 'application/json': { schema } } } },
        responses: {
          201: { description: 'Where to send the file.', content: { 'application/json': { schema: Announced } } },
          ...PROBLEM_RESPONSES,
        },
      }),
      async (context) => {
        const { sectionId } = await resolveScope(context, context.req.valid('param'));
        const client = context.get('client');
        const call = await takeCall(client.accountId, 'imports', { limit: IMPORTS_A_MINUTE, seconds: 60 });
        if (!call.ok) refuse('too_many_requests', `At most ${IMPORTS_A_MINUTE} imports a minute. Wait, then continue.`);
        const body = context.req.valid('json');
        const mappings = 'keyspace_mapping' in body ? [body.keyspace_mapping] : body.keyspace_mappings;
        const keys = [];
        for (const { keyspace_discriminator: keyspace, field_selector: column } of mappings) {
          keys.push({ column, keyspaceId: (await resolveScope(context, { keyspace })).keyspaceId });
        }
        const requested = await run(context, requestImport, {
          sectionId,
          keys,
          attributes: (body.attribute_mappings ?? []).map((mapping) => ({
            column: mapping.field_selector,
            ref: mapping.attribute_version_id,
            dates: mapping.date_order,
            decimal: mapping.decimal_sign,
            shortYears: mapping.two_digit_years,
          })),
          tags: (body.tag_mappings ?? []).map(({ field_selector: column, tag_version_id: ref }) => ({ column, ref })),
          apply: body.tags?.apply ?? [],
          remove: body.tags?.remove ?? [],
          updateExisting: body.options?.update_existing_profiles ?? true,
          clearExisting: body.options?.clear_existing_attributes ?? false,
          startsFlows: body.options?.starts_flows ?? false,
          country: body.country,
          file: fileChoice(body.file),
        });
        return context.json(
          {
            import_id: String(requested.id),
            file_upload_url: `${originOfCall(context)}/uploads/imports`,
            file_upload_url_expires_at: requested.expiresAt,
            file_upload_body: { import_id: String(requested.id), token: requested.token },
          },
          201,
        );
      },
    );
  }
  api.openapi(
    createRoute({
      method: 'get',
      path: '/audience/sections/{section}/imports/{import}',
      tags,
      summary: 'Get the status of an import',
      request: { params: SectionPath.extend({ import: z.string().max(20) }) },
      responses: {
        200: { description: 'Its status.', content: { 'application/json': { schema: ImportResult } } },
        ...PROBLEM_RESPONSES,
      },
    }),
    async (context) => {
      const { import: id, ...names } = context.req.valid('param');
      const { sectionId } = await resolveScope(context, names);
      const found = await read(context, readImportRequest, { sectionId, requestId: id });
      if (!found) refuse('not_found', `There is no import ${id} in this section.`);
      const { error, operationError, expired, counts } = found;
      const file = found.file && fileBodyOf(found.file);
      const why = error ?? operationError ?? (expired ? 'The file did not arrive in time.' : null);
      return context.json({ result: { status: statusOf(found), counts, error: why, file } }, 200);
    },
  );
  api.openapi(
    createRoute({
      method: 'get',
      path: '/audience/sections/{section}/imports/{import}/rows',
      tags,
      summary: 'The rows that an import rejected, or left values out of',
      description:
        'In the order of the file, with the reasons. For the next page, repeat with `after` = `next` until `next` is null. The API key must be allowed all keyspaces of the import.',
      request: {
        params: SectionPath.extend({ import: z.string().max(20) }),
        query: z.object({
          outcome: z.enum(['rejected', 'left_out']).default('rejected').openapi({
            description: '`left_out`: rows that were imported without some of their values.',
          }),
          after: z.coerce.number().int().min(0).max(2_147_483_647).default(0),
          limit: z.coerce.number().int().min(1).max(1_000).default(100),
        }),
      },
      responses: {
        200: { description: 'A page of rows.', content: { 'application/json': { schema: ImportRows } } },
        ...PROBLEM_RESPONSES,
      },
    }),
    async (context) => {
      const { import: id, ...names } = context.req.valid('param');
      const { outcome, after, limit } = context.req.valid('query');
      const { sectionId } = await resolveScope(context, names);
      const found = await read(context, readImportRows, { sectionId, requestId: id, outcome, after, limit });
      if (!found) refuse('not_found', `There is no import ${id} in this section.`);
      const items = found.items.map(({ line, reasons }) => ({ line, reasons }));
      return context.json({ items, next: found.next === null ? null : String(found.next) }, 200);
    },
  );
  api.post('/uploads/imports', receiveUpload);

  api.openapi(
    createRoute({
      method: 'post',
      path: '/audience/profiles/exports',
      tags,
      summary: 'Request an export',
      description:
        'A CSV file of the profiles of a section: keys, attributes and, optionally, tags joined by `|` (each in quotation marks if one of the names has a separator or a quotation mark in it). It is produced when it is downloaded, from the data and Allowed Operations at that time: tags must be readable through every keyspace in the file. The address needs no token and is valid for a day.',
      request: {
        body: {
          required: true,
          content: {
            'application/json': {
              schema: z.object({
                section_discriminator: z.string(),
                keyspace_discriminators: z
                  .array(z.string())
                  .max(50)
                  .optional()
                  .openapi({ description: 'Default: all.' }),
                attributes: z
                  .array(z.string())
                  .max(500)
                  .optional()
                  .openapi({ description: 'By discriminator or version id. Default: all.' }),
                include_tags: z.boolean().optional(),
                tags: z
                  .array(z.string())
                  .max(20)
                  .optional()
                  .openapi({ description: 'Only profiles that have all of these.' }),
              }),
            },
          },
        },
      },
      responses: FILE_RESPONSES,
    }),
    async (context) => {
      const body = context.req.valid('json');
      const { sectionId } = await resolveScope(context, { section: body.section_discriminator });
      const keyspaces = await resolveKeyspaces(context, body.keyspace_discriminators);
      const requested = await run(context, requestExport, {
        sectionId,
        keyspaces,
        attributes: body.attributes,
        tags: body.include_tags ?? false,
        having: body.tags ?? [],
      });
      return context.json(fileBody(context, 'exports', requested), 202);
    },
  );
  api.get('/uploads/exports/:id{[0-9]{1,9}}/:token', async (context) => {
    const { found, client } = await requestedFile(context, findExport);
    return csvResponse(await exportLines(client, found), 'profiles.csv');
  });
  api.get('/uploads/reports/:id{[0-9]{1,9}}/:token', async (context) => {
    const { found, client } = await requestedFile(context, findReport);
    return csvResponse(await reportLines(client, found, context.req.raw.signal), 'segments.csv');
  });
}

/** Tells the client where to download a requested file. */
export function fileBody(context: ApiContext, kind: 'exports' | 'reports', { id, token, expiresAt }: FileRequest) {
  return {
    export_id: String(id),
    download_url: `${originOfCall(context)}/uploads/${kind}/${id}/${token}`,
    download_url_expires_at: expiresAt,
  };
}

/** The export behind a download address. Refused if there is none, or if the API key is no longer valid. */
async function requestedFile<Of>(
  context: ApiContext,
  find: (id: number, token: string) => Promise<Download<Of> | undefined>,
): Promise<{ found: Download<Of>; client: ClientActor }> {
  const found = await find(Number(context.req.param('id')), context.req.param('token') ?? '');
  const client = found && (await loadClient(found.apiKeyId, originOf(context.req.raw.headers)));
  if (!client) refuse('not_found', 'There is no such export, or its address has expired. Ask for a new one.');
  context.set('client', client);
  return { found, client };
}

function statusOf({ error, expired, importId, operationStatus }: RequestView): (typeof STATUSES)[number] {
  if (error !== null || expired) return 'error';
  if (importId === null) return 'waiting_for_file';
  switch (operationStatus) {
    case 'running':
      return 'in_progress';
    case 'done':
      return 'completed';
    case 'failed':
    case 'cancelled':
      return 'error';
    default:
      return 'queued';
  }
}

async function receiveUpload(context: ApiContext): Promise<Response> {
  const form = await readForm(context.req.raw);
  if (!form) return problem('invalid', 'Send multipart/form-data: the fields of file_upload_body, then `file`.');
  const id = Number(form.fields.get('import_id'));
  const waiting = /^\d{1,9}$/.test(String(id)) ? await findWaiting(id, form.fields.get('token') ?? '') : undefined;
  const client = waiting && (await loadClient(waiting.apiKeyId, originOf(context.req.raw.headers)));
  if (!waiting || !client) {
    form.close();
    return problem(
      'not-authorised',
      'No import is waiting for this file. Announce one, and send its fields before `file`.',
    );
  }
  const upload = { sectionId: waiting.sectionId, id, fileName: form.name, signal: context.req.raw.signal };
  try {
    const received: Result<unknown> = await receiveFile(client, upload, form.bytes);
    return received.ok ? context.body(null, 204) : refusalProblem(received.refusal);
  } catch (error) {
    if (!(error instanceof BrokenForm)) throw error;
    return problem('invalid', 'The form ended before the file was complete. Nothing was saved. Send it again.');
  } finally {
    form.close();
  }
}
