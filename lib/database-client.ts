/** pg's client with two economies for a ledger that is written in sets: cheap literals, and no round trip for BEGIN. */
import pg from 'pg';
import { arrayLiteral } from './array-literal.ts';

export class LedgerClient extends pg.Client {
  #begins = false;

  /** Begins a transaction with the next statement, in the same message, so that neither is carried out without the other. */
  begin(): void {
    this.#begins = true;
  }

  // biome-ignore lint/suspicious/noExplicitAny: pg overloads this a dozen times, and all of them are handed on
  override query(config: any, values?: any, ...rest: any[]): any {
    const parameters: unknown[] | undefined = Array.isArray(values) ? values.map(parameter) : values;
    if (this.#begins) {
      this.#begins = false;
      // Another form would be carried out outside of the transaction, and nobody would notice.
      if (typeof config !== 'string' || typeof values === 'function' || rest.length > 0) {
        return Promise.reject(new TypeError('a transaction begins with a text and its values'));
      }
      // Without values it may be several, which only the simple protocol takes.
      if (parameters === undefined) {
        const all: Promise<pg.QueryResult[]> = super.query(`BEGIN;\n${config}`) as never;
        return all.then(([, ...results]) => (results.length === 1 ? results[0] : results));
      }
      return new Promise((resolve, reject) => {
        const settled = (error: Error | undefined, result: unknown): void => {
          if (error) reject(error);
          // The first result is that of BEGIN.
          else resolve(Array.isArray(result) ? result[1] : result);
        };
        super.query(new FirstStatement({ text: config, values: parameters, ...EXTENDED }, settled));
      });
    }
    // @ts-expect-error no overload takes what all of them take
    return super.query(config, parameters, ...rest);
  }
}

function parameter(value: unknown): unknown {
  return Array.isArray(value) ? arrayLiteral(value) : value;
}

/** Also where the list of values is empty. pg's types do not know it. */
const EXTENDED = { queryMode: 'extended' };

type Submit = (connection: pg.Connection) => Error | null;

/**
 * BEGIN and a statement before one Sync: where BEGIN is refused, PostgreSQL skips the statement (Extended Query in its
 * documentation of the protocol).
 */
class FirstStatement extends pg.Query {
  constructor(config: pg.QueryConfig, settled: (error: Error | undefined, result: unknown) => void) {
    super(config, settled);
    const submit = this.submit as Submit;
    this.submit = (connection: pg.Connection): Error | null => {
      connection.stream.cork();
      try {
        connection.parse({ text: 'BEGIN' } as Parameters<pg.Connection['parse']>[0], true);
        connection.bind({} as Parameters<pg.Connection['bind']>[0], true);
        connection.execute({} as Parameters<pg.Connection['execute']>[0], true);
        return submit.call(this, connection);
      } finally {
        connection.stream.uncork();
      }
    };
  }
}
