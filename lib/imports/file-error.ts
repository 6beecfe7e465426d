import { Refusal } from '@/lib/access/refusal';

/** The file cannot be read; the message says where, and what to do. */
export class FileError extends Refusal {
  constructor(message: string) {
    super({ code: 'invalid', message });
    this.name = 'FileError';
  }
}
