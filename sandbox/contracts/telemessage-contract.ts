/** The contract of the archive feed, with what its words say beside its operations. */
import { Contract } from './contract.ts';

const ERROR = '#/components/responses/Error/content/application~1json/schema';
const THROTTLED = '#/components/responses/Throttled/content/application~1json/schema';

/**
 * @param content the OpenAPI document `telemessage-archive`, parsed
 * @throws {Error} where it is no contract
 */
export function telemessageContract(content: unknown): Contract {
  return new Contract(content, {
    // the contract's words: these can answer every call, and clients ignore fields that they do not know
    everywhere: { 401: ERROR, 403: ERROR, 429: THROTTLED, 503: THROTTLED },
    unknownInAnswers: 'allowed',
  });
}
