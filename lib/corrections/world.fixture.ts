/** For integration tests of corrections: a source, an engine and a connector without automatic mapping, new for each test. */
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { control } from '../imports/connector.fixture.ts';
import { type Engine, startEngine } from '../imports/engine.fixture.ts';
import { mapNumbers } from '../imports/ledger.fixture.ts';
import { type ScriptedSource, scriptedSource } from '../imports/scripted-source.fixture.ts';
import { CorrectionBench } from './correction.fixture.ts';

/** What a test begins with. */
export class CorrectionWorld {
  sandbox!: TestSandbox;
  source!: ScriptedSource;
  engine!: Engine;
  connectorId!: string;
  bench!: CorrectionBench;

  /** Maps the number of each first person to the mailbox of the second. */
  async map(...pairs: readonly (readonly [Person, Person])[]): Promise<void> {
    const mailboxes = pairs.map(([from, to]) => [from.mobile ?? '', to.mail ?? '']);
    await mapNumbers(this.engine, this.connectorId, Object.fromEntries(mailboxes));
  }
}

/** A world of its own for each test of the file, on one sandbox. */
export function correctionWorld(): CorrectionWorld {
  const world = new CorrectionWorld();
  beforeAll(async () => {
    world.sandbox = await startTestSandbox();
  });
  afterAll(() => world.sandbox.stop());
  beforeEach(async () => {
    await control(world.sandbox, 'POST', 'reset');
    world.source = scriptedSource();
    world.engine = await startEngine(world.sandbox, { source: () => world.source });
    world.connectorId = await world.engine.connect({ automaticMapping: false });
    world.bench = new CorrectionBench(world.engine, world.connectorId);
  });
  afterEach(() => world.engine.close());
  return world;
}
