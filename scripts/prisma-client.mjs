// Generates Prisma Client from schema.prisma into lib/db/generated, offline. It is not committed.
import fs from 'node:fs';
import path from 'node:path';
import { fail, hashOf, quietly, readStamp, root } from './steps.mjs';

const SCHEMA = 'prisma/schema.prisma';
const IDS = 'lib/db/ids.ts';
const GENERATED = path.join(root, 'lib', 'db', 'generated');
const STAMP = path.join(GENERATED, 'tagwell-stamp');

/** Generates the client if it is missing or its sources have changed. */
export function generateClient() {
  const wanted = hashOf([SCHEMA, IDS, 'scripts/prisma-client.mjs', 'node_modules/prisma/package.json']);
  if (readStamp(STAMP) === wanted) return;
  fs.rmSync(STAMP, { force: true });
  const cli = path.join('node_modules', 'prisma', 'build', 'index.js');
  const done = quietly('Generating Prisma Client', process.execPath, [cli, 'generate', '--no-hints'], {
    // The command downloads a schema engine that generating does not use, unless another program is named here.
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    CHECKPOINT_DISABLE: '1',
  });
  if (!done) fail('Prisma Client could not be generated: see above.');
  brandIds();
  fs.writeFileSync(STAMP, wanted);
}

/** Gives ids in the models the branded types of lib/db/ids.ts, so that kinds of ids cannot be mixed up. */
function brandIds() {
  const text = fs.readFileSync(path.join(root, IDS), 'utf8');
  const known = new Set([...text.matchAll(/^export type (\w+Id) =/gm)].map(([, name]) => name));
  for (const [model, fields] of idsOfModels(known)) {
    const file = path.join(GENERATED, 'models', `${model}.ts`);
    const source = fs.readFileSync(file, 'utf8');
    const branded = source.replace(/^ {2}scalars: [\s\S]*?^ {2}\}/m, (scalars) =>
      scalars.replace(/^( +)(\w+): number\b/gm, (line, indent, field) =>
        fields.has(field) ? `${indent}${field}: Ids.${fields.get(field)}` : line,
      ),
    );
    fs.writeFileSync(file, branded.replace(/^import /m, "import type * as Ids from '../../ids'\nimport "));
  }
}

/** By model: its id fields with their types. Derived from the relations; `createdBy` and similar name a user. */
function idsOfModels(known) {
  const schema = fs.readFileSync(path.join(root, SCHEMA), 'utf8');
  const models = new Map();
  for (const [, model, body] of schema.matchAll(/^model (\w+) \{\n([\s\S]*?)^\}/gm)) {
    const fields = new Map();
    const add = (field, type) => known.has(type) && fields.set(field, type);
    for (const [, field] of body.matchAll(/^ {2}(\w+) +Int\b/gm)) {
      add(field, field === 'id' ? `${model}Id` : field[0].toUpperCase() + field.slice(1));
      if (/By$/.test(field)) add(field, 'UserId');
    }
    for (const [, type, own, theirs] of body.matchAll(
      / (\w+)\?? +@relation\(.*fields: \[(.*?)\], references: \[(.*?)\]/g,
    )) {
      const referenced = theirs.split(', ');
      own.split(', ').forEach((field, index) => referenced[index] === 'id' && add(field, `${type}Id`));
    }
    if (fields.size > 0) models.set(model, fields);
  }
  return models;
}
