/**
 * Arrays as PostgreSQL's text form has them, for statements that write thousands of rows: a set of rows is handed over as
 * an array a column, and pg's own serialization takes two regular expressions, a dozen small texts a time and a copy for
 * each element.
 */

const TO_BE_ESCAPED = /["\\]/;

/** Parameters of a statement, with arrays of one dimension as literals, which pg hands on as they are. */
export function withLiterals(parameters: readonly unknown[]): unknown[] {
  return parameters.map((value) => (Array.isArray(value) ? arrayLiteral(value) : value));
}

/**
 * Times are written in UTC, bytes as `bytea`.
 *
 * @returns the array itself where it holds what is for pg to write: arrays, objects, times that are none
 */
function arrayLiteral(values: readonly unknown[]): string | readonly unknown[] {
  const elements = new Array<string>(values.length);
  let before: unknown;
  let element = 'NULL';
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index];
    // Many a column says the same of all its rows.
    if (value !== before || index === 0) {
      const written = elementOf(value);
      if (written === null) return values;
      before = value;
      element = written;
    }
    elements[index] = element;
  }
  return `{${elements.join(',')}}`;
}

function elementOf(value: unknown): string | null {
  if (value === null || value === undefined) return 'NULL';
  switch (typeof value) {
    case 'string':
      return TO_BE_ESCAPED.test(value) ? `"${value.replace(/["\\]/g, '\\$&')}"` : `"${value}"`;
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value);
  }
  if (value instanceof Date) return timeOf(value);
  return Buffer.isBuffer(value) ? `\\\\x${value.toString('hex')}` : null;
}

/** RFC 3339; a year of more than four digits as PostgreSQL reads it. Null before the first year. */
function timeOf(time: Date): string | null {
  if (Number.isNaN(time.getTime())) return null;
  const written = time.toISOString();
  if (written.startsWith('+')) return written.slice(written[1] === '0' ? 2 : 1);
  return written.startsWith('-') ? null : written;
}
