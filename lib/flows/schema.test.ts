// The form in which flows are stored: what is read is what was written, in every release.
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { newStep, KINDS } from '@/components/flows/step-kinds';
import { Plan } from './plan';
import { allSteps, FlowDocumentSchema, FlowSettingsSchema } from './schema';

const FORMS = path.join('testing', 'files', 'flow-forms');

describe('a stored flow', () => {
  // One of each form that a release has stored: never changed, a new one is added when the form changes.
  it.each(fs.readdirSync(FORMS))('of an earlier release is read: %s (case 64)', (file) => {
    const stored = JSON.parse(fs.readFileSync(path.join(FORMS, file), 'utf8')) as Record<
      'document' | 'settings',
      object
    >;
    const document = FlowDocumentSchema.parse(stored.document);
    expect(document).toMatchObject(stored.document);
    expect(FlowSettingsSchema.parse(stored.settings)).toMatchObject(stored.settings);
    const plan = new Plan(document);
    for (const { id } of allSteps(document.steps)) expect(plan.at(id)).toBeDefined();
  });

  it('has all kinds of steps among those of earlier releases', () => {
    const kinds = fs.readdirSync(FORMS).flatMap((file) => {
      const { document } = JSON.parse(fs.readFileSync(path.join(FORMS, file), 'utf8')) as { document: unknown };
      return allSteps(FlowDocumentSchema.parse(document).steps).map(({ kind }) => kind);
    });
    expect([...new Set(kinds)].sort()).toEqual(KINDS.map(({ kind }) => kind).sort());
  });

  it('says the same when it is read and saved again: times are those of the clock, whoever reads them (case 44)', () => {
    const document = FlowDocumentSchema.parse({
      trigger: { kind: 'date', attributeId: 1, at: '19:00' },
      steps: [
        { id: 'wait', kind: 'wait', time: { count: 1, unit: 'days' }, at: '19:00' },
        ...KINDS.map(({ kind }) => newStep(kind)),
      ],
    });
    const stored = JSON.stringify(document);
    expect(stored).toContain('"19:00"');
    expect(JSON.stringify(FlowDocumentSchema.parse(JSON.parse(stored)))).toBe(stored);
    const settings = FlowSettingsSchema.parse({ hours: { from: '19:00', to: '07:00' }, timeZone: 'Europe/Stockholm' });
    expect(FlowSettingsSchema.parse(JSON.parse(JSON.stringify(settings)))).toEqual(settings);
  });
});

/** What the engine is made of: not the editor’s words, problems and references. */
const ENGINE = [
  ...fs.readdirSync('lib/flows/steps').map((file) => `lib/flows/steps/${file}`),
  ...[
    'enrol',
    'take-in',
    'move',
    'plan',
    'look',
    'happenings',
    'answered',
    'people',
    'listening',
    'open',
    'goal',
    'publish',
    'period',
  ].map((name) => `lib/flows/${name}.ts`),
]
  .map((file) => fs.readFileSync(file, 'utf8'))
  .join('\n');

describe('everything that the editor writes', () => {
  const NOT_OF_STEPS = ['id', 'name', 'kind', 'steps', 'otherwise'];
  const fieldsOf = (value: object): string[] =>
    Object.entries(value).flatMap(([name, of]) => [
      ...(NOT_OF_STEPS.includes(name) ? [] : [name]),
      ...(Array.isArray(of) && of.length > 0 && typeof of[0] === 'object' ? fieldsOf(of[0] as object) : []),
    ]);

  it.each(KINDS.map(({ kind }) => kind))('is read by the engine: %s (case 49)', (kind) => {
    for (const field of fieldsOf(newStep(kind))) expect(ENGINE, field).toMatch(new RegExp(`\\b${field}\\b`));
  });

  it('is read by the engine: the settings', () => {
    for (const field of Object.keys(FlowSettingsSchema.parse({}))) {
      expect(`${ENGINE}\n${fs.readFileSync('lib/flows/who.ts', 'utf8')}`, field).toMatch(new RegExp(`\\b${field}\\b`));
    }
  });
});
