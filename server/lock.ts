// One Tagwell per data folder: the second says where the first is.
import fs from 'node:fs';
import path from 'node:path';
import { makeDataFolder } from '@/lib/db/embedded';

type Holder = { pid: number; address: string };

/** Takes the folder, or returns who has it. A holder that no longer runs is passed over. */
export function takeFolder(dataDir: string): Holder | undefined {
  const file = lockFile(dataDir);
  makeDataFolder(dataDir);
  const holder = readHolder(file);
  if (holder && holder.pid !== process.pid && runs(holder.pid)) return holder;
  fs.writeFileSync(file, JSON.stringify({ pid: process.pid, address: '' }));
  return undefined;
}

/** Tells later starts where this one is. */
export function announceAddress(dataDir: string, address: string): void {
  fs.writeFileSync(lockFile(dataDir), JSON.stringify({ pid: process.pid, address }));
}

export function leaveFolder(dataDir: string): void {
  if (readHolder(lockFile(dataDir))?.pid === process.pid) fs.rmSync(lockFile(dataDir), { force: true });
}

function lockFile(dataDir: string): string {
  return path.join(dataDir, 'tagwell.lock');
}

function readHolder(file: string): Holder | undefined {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
