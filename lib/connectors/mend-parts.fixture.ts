/** For tests: what mending and deleting a connector need, beside a scripted source that accepts every login. */
import type { Engine } from '../imports/engine.fixture.ts';
import type { ScriptedSource } from '../imports/scripted-source.fixture.ts';
import type { MendParts } from './mend.ts';

export function mendPartsOf(engine: Engine, source: ScriptedSource): MendParts {
  return {
    ...engine.deps,
    database: engine.database,
    sourceHost: 'archive.example',
    openSource: () => ({
      account: async () => ({ id: 'x', name: 'x' }),
      clock: () => source.clock(),
      users: () => source.users(),
      register: async () => ({ id: 'x' }),
      unregister: async () => {},
    }),
  };
}
