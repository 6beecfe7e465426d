// Prisma's schema engine as WebAssembly: generates the SQL between two versions of schema.prisma without downloading
// the native engine. (It cannot read a database here: its adapter does not support the catalogue's type "char".)
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import { PrismaPg } from '@prisma/adapter-pg';

/** The part of the engine's interface that Tagwell uses; see schema_engine.d.ts of the package. */
type SchemaEngine = { diff(input: object): Promise<{ stdout: string | null }> };

type EngineModule = {
  __wbg_set_wasm(exports: WebAssembly.Exports): void;
  SchemaEngine: { new: (options: object, log: () => void, adapter: object) => Promise<SchemaEngine> };
};

async function openEngine(url: string, schema: string): Promise<SchemaEngine> {
  const require = createRequire(import.meta.url);
  const folder = path.dirname(require.resolve('@prisma/schema-engine-wasm/schema_engine_bg'));
  const glue = (await import(path.join(folder, 'schema_engine_bg.js'))) as EngineModule;
  const compiled = await WebAssembly.compile(fs.readFileSync(path.join(folder, 'schema_engine_bg.wasm')));
  const imports = { './schema_engine_bg.js': glue as unknown as WebAssembly.ModuleImports };
  const { exports } = await WebAssembly.instantiate(compiled, imports);
  glue.__wbg_set_wasm(exports);
  (exports.__wbindgen_start as () => void)();
  const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg({ connectionString: url }));
  return glue.SchemaEngine.new({ datamodels: [['schema.prisma', schema]] }, () => undefined, adapter);
}

/** The SQL from one schema.prisma (null: an empty database) to another. `url`: any server; it is only connected to. */
export async function schemaDifference(url: string, from: string | null, to: string): Promise<string> {
  const engine = await openEngine(url, to);
  const model = (content: string) => ({ tag: 'schemaDatamodel', files: [{ path: 'schema.prisma', content }] });
  const { stdout } = await engine.diff({
    from: from === null ? { tag: 'empty' } : model(from),
    to: model(to),
    script: true,
    shadowDatabaseUrl: null,
    exitCode: null,
    filters: { externalTables: [], externalEnums: [] },
  });
  const script = (stdout ?? '').trim();
  return script.includes('This is an empty migration') ? '' : script;
}
