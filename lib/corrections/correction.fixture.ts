/** For integration tests: corrections as an administrator makes them, with the engine and its workers in this process. */
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Person } from '#sandbox/world/people.ts';
import { seededActor } from '../connectors/rows.fixture.ts';
import type { Engine } from '../imports/engine.fixture.ts';
import type { Actor } from '../security/actor.ts';
import type { CorrectionPhase } from './correction.ts';
import { type OpenedCorrection, openCorrection } from './read.ts';
import { startCorrection } from './start.ts';
import { confirmCopying, confirmRemoval, type StepResult } from './steps.ts';

const DAY = 86_400_000;

export class CorrectionBench {
  readonly engine: Engine;
  readonly connectorId: string;
  readonly admin: Actor;

  constructor(engine: Engine, connectorId: string) {
    this.engine = engine;
    this.connectorId = connectorId;
    this.admin = seededActor(engine.organizationId, ['DataConnectors.Admin']);
  }

  /** Begins one over all time and waits until it is listed. @returns its id */
  async list(number: string, period: { readonly from?: Date; readonly to?: Date } = {}): Promise<string> {
    const started = await startCorrection(this.engine.deps, this.admin, {
      connectorId: this.connectorId,
      number,
      from: period.from ?? new Date(Date.now() - 30 * DAY),
      to: period.to ?? new Date(Date.now() + 2 * DAY),
      reason: 'The file had two numbers mixed up.',
    });
    if (started.kind !== 'started') throw new Error(started.kind);
    await this.reaches(started.correctionId, 'listed');
    return started.correctionId;
  }

  /** Runs jobs until the correction is in one of these phases. */
  async reaches(correctionId: string, ...phases: readonly CorrectionPhase[]): Promise<OpenedCorrection> {
    for (const until = Date.now() + 45_000; ; ) {
      await this.engine.settle();
      const opened = await this.open(correctionId);
      if (phases.includes(opened.phase)) return opened;
      if (Date.now() > until) throw new Error(`the correction stays ${JSON.stringify(opened)}`);
      await sleep(100);
    }
  }

  async open(correctionId: string): Promise<OpenedCorrection> {
    const opened = await openCorrection(this.engine.database.pool, this.admin, this.connectorId, correctionId);
    if (opened === null) throw new Error('there is no such correction');
    return opened;
  }

  /** Confirms as many copies as are listed. */
  async confirm(correctionId: string): Promise<StepResult> {
    const { groups } = await this.open(correctionId);
    const expected = groups.reduce((sum, { state, count }) => sum + (state === 'listed' ? count : 0), 0);
    return confirmCopying(this.engine.deps, this.admin, { connectorId: this.connectorId, correctionId, expected });
  }

  /** Confirms the removal of as many messages as are listed. */
  async confirmRemoval(correctionId: string): Promise<StepResult> {
    const { removable: expected } = await this.open(correctionId);
    return confirmRemoval(this.engine.deps, this.admin, { connectorId: this.connectorId, correctionId, expected });
  }

  /** From the confirmation to the end of the copying. */
  async copy(correctionId: string): Promise<OpenedCorrection> {
    const confirmed = await this.confirm(correctionId);
    if (confirmed.kind !== 'done') throw new Error(confirmed.kind);
    return this.reaches(correctionId, 'copied');
  }

  /** The whole way of a number whose copies are all at the source. */
  async correct(number: string): Promise<OpenedCorrection> {
    const id = await this.list(number);
    await this.copy(id);
    const removal = await this.confirmRemoval(id);
    if (removal.kind !== 'done') throw new Error(removal.kind);
    return this.reaches(id, 'ended', 'copied');
  }
}

/** `state reason: count` of each group, in order. */
export function groupLines({ groups }: OpenedCorrection): string[] {
  return groups.map(({ state, reason, count }) => `${state}${reason === null ? '' : ` ${reason}`}: ${count}`).sort();
}

const messageSchema = z.object({
  value: z.array(
    z.object({
      id: z.string(),
      subject: z.string(),
      sentDateTime: z.string(),
      receivedDateTime: z.string(),
      isDraft: z.boolean(),
      parentFolderId: z.string(),
      from: z.object({ emailAddress: z.object({ address: z.string() }) }).nullable(),
      internetMessageHeaders: z.array(z.object({ name: z.string(), value: z.string() })),
    }),
  ),
});

export type HeldMessage = z.infer<typeof messageSchema>['value'][number] & { readonly itemId: string };

/** Every message of this product in a mailbox, whichever folder it is in. */
export async function heldBy({ graph }: Engine, { id }: Person): Promise<HeldMessage[]> {
  const select = 'id,subject,sentDateTime,receivedDateTime,isDraft,parentFolderId,from,internetMessageHeaders';
  const answer = await graph.request({ method: 'GET', url: `/users/${id}/messages?$top=500&$select=${select}` });
  return messageSchema.parse(answer.body).value.flatMap((message) => {
    const header = message.internetMessageHeaders.find(({ name }) => name === 'x-archive-item-id')?.value;
    return header === undefined ? [] : [{ ...message, itemId: decodeURIComponent(header) }];
  });
}

/** The items of a mailbox, each as often as it is there. */
export async function itemsOf(engine: Engine, person: Person): Promise<string[]> {
  return (await heldBy(engine, person)).map(({ itemId }) => itemId).sort();
}
