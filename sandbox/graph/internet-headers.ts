/** `internetMessageHeaders` of a new message, with Exchange's limits. */
import { GraphError } from './errors.ts';

export interface InternetHeader {
  readonly name: string;
  readonly value: string;
}

/** @throws {GraphError} 400 for an empty list, more than five, a name without `x-`, or a value over 995 characters */
export function checkedHeaders(headers: readonly InternetHeader[] | undefined): InternetHeader[] {
  if (headers === undefined) return [];
  if (headers.length === 0 || headers.length > 5) {
    throw new GraphError(
      400,
      'InvalidInternetMessageHeaderCollection',
      headers.length === 0
        ? 'The internet message header collection is empty.'
        : 'Maximum number of headers in one message should be less than or equal to 5.',
    );
  }
  for (const { name, value } of headers) {
    if (!/^x-[\x21-\x39\x3b-\x7e]+$/i.test(name)) {
      throw invalidHeader(`The internet message header name '${name}' should start with 'x-' or 'X-'.`);
    }
    if (value.length > 995 || /[\r\n]/.test(value)) {
      throw invalidHeader(`The value of the internet message header '${name}' is too long or malformed.`);
    }
  }
  return [...headers];
}

function invalidHeader(message: string): GraphError {
  return new GraphError(400, 'InvalidInternetMessageHeader', message);
}
