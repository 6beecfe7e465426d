// Maps stack traces from the bundle of scripts/server-bundle.mjs back to the sources.
import fs from 'node:fs';
import { SourceMap } from 'node:module';
import path from 'node:path';

const BUNDLES = path.resolve('dist');
const POSITION = /(?:file:\/\/)?(\/[^\s()]+\.js):(\d+):(\d+)/;

/** By file of the bundle; loaded when an error first needs it. */
const maps = new Map<string, SourceMap | null>();

/** A line of a stack trace, with the source's file, line and column if it is in the bundle. */
export function originalFrame(frame: string): string {
  return frame.replace(POSITION, (place, file: string, line: string, column: string) => {
    const found = originalPosition(file, Number(line), Number(column));
    return found ? `${found.file}:${found.line}:${found.column}` : place;
  });
}

/** The source position, relative to the project's root, of a position in the bundle; undefined for other files. */
export function originalPosition(
  file: string,
  line: number,
  column: number,
): { file: string; line: number; column: number } | undefined {
  if (!file.startsWith(BUNDLES)) return undefined;
  const found = mapOf(file)?.findEntry(line - 1, column - 1);
  if (!found || !('originalSource' in found)) return undefined;
  const source = path.resolve(path.dirname(file), found.originalSource);
  return {
    file: path.relative(process.cwd(), source),
    line: found.originalLine + 1,
    column: found.originalColumn + 1,
  };
}

function mapOf(file: string): SourceMap | null {
  const known = maps.get(file);
  if (known !== undefined) return known;
  const map = readMap(`${file}.map`);
  maps.set(file, map);
  return map;
}

function readMap(file: string): SourceMap | null {
  try {
    return new SourceMap(JSON.parse(fs.readFileSync(file, 'utf8')) as ConstructorParameters<typeof SourceMap>[0]);
  } catch {
    return null;
  }
}
