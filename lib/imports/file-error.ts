import { Refusal } from '@/lib/access/refusal';

/** The file cannot be read; the message says where and what to do. A refusal where nothing else is made of it. */
export class FileError extends Refusal {
  constructor(message: string) {
    super({ code: 'invalid', message });
    this.name = 'FileError';
  }
}
