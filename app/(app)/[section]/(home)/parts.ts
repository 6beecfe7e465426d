// The parts that two places of Home show, read once for a page. Null: could not be read.
import { cache } from 'react';
import type { UserActor } from '@/lib/access/actor';
import type { SectionId } from '@/lib/db/ids';
import { readConnectionPart, readFlowPart, readFormPart, readImportPart, readMessagePart } from '@/lib/home/reads';
import { valueOrNull } from './part';

export const importPart = cache((actor: UserActor, sectionId: SectionId) =>
  valueOrNull(readImportPart(actor, { sectionId })),
);
export const messagePart = cache((actor: UserActor, sectionId: SectionId) =>
  valueOrNull(readMessagePart(actor, { sectionId })),
);
export const formPart = cache((actor: UserActor, sectionId: SectionId) =>
  valueOrNull(readFormPart(actor, { sectionId })),
);
export const flowPart = cache((actor: UserActor, sectionId: SectionId) =>
  valueOrNull(readFlowPart(actor, { sectionId })),
);
export const connectionPart = cache((actor: UserActor, sectionId: SectionId) =>
  valueOrNull(readConnectionPart(actor, { sectionId })),
);
