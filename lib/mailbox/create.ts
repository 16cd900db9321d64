/**
 * Creates messages in mailboxes, twenty a request, and says of each what is certain: it is there, it is certainly not
 * there, or nobody knows. Nothing is ever sent again here.
 */
import { z } from 'zod';
import type { CallOptions, Graph } from '../microsoft/graph.ts';
import { errorOfAnswer, GraphError } from '../microsoft/graph-errors.ts';

export interface CreateRequest {
  readonly userId: string;
  readonly folderId: string;
  /** the message as JSON, ready to send */
  readonly json: string;
}

export type CreateResult =
  | { readonly kind: 'created'; readonly messageId: string }
  /**
   * certainly not there; `retryAfterSeconds` where Graph asked for a pause: of this mailbox, or where the request was
   * refused as a `whole`, of the application
   */
  | { readonly kind: 'not_sent'; readonly error: GraphError; readonly whole?: true }
  /** certainly not there, and sending it again would not help */
  | { readonly kind: 'refused'; readonly error: GraphError }
  /** Graph refused the batch as a whole, which says nothing of one message: certainly not there */
  | { readonly kind: 'batch_refused'; readonly error: GraphError }
  /** perhaps there: look before sending again */
  | { readonly kind: 'in_doubt'; readonly error: GraphError | null };

const createdSchema = z.object({ id: z.string().min(1) });

/**
 * At most 20 creates in one `$batch`.
 *
 * @returns a result for each request, in their order
 * @throws AppTokenError (nothing was sent)
 */
export async function createMessages(
  graph: Graph,
  requests: readonly CreateRequest[],
  options: CallOptions = {},
): Promise<CreateResult[]> {
  let answers: Awaited<ReturnType<Graph['batch']>>;
  try {
    answers = await graph.batch(
      requests.map(({ userId, folderId, json }, index) => ({
        id: String(index),
        method: 'POST',
        url: `/users/${userId}/mailFolders/${encodeURIComponent(folderId)}/messages`,
        json,
      })),
      options,
    );
  } catch (error) {
    if (error instanceof GraphError) {
      const result = resultOf(error);
      if (result.kind === 'refused') return requests.map(() => ({ kind: 'batch_refused', error }));
      return requests.map(() => (result.kind === 'not_sent' ? { ...result, whole: true } : result));
    }
    if (wasAborted(error, options)) return requests.map(() => ({ kind: 'in_doubt', error: null }));
    throw error;
  }
  return answers.map((answer): CreateResult => {
    const error = errorOfAnswer(answer, 'POST', new Date());
    return error ? resultOf(error) : createdAs(answer.body);
  });
}

/**
 * One create in a request of its own, for what was in a batch that Graph refused as a whole.
 *
 * @throws AppTokenError (nothing was sent)
 */
export async function createMessage(
  graph: Graph,
  { userId, folderId, json }: CreateRequest,
  options: CallOptions = {},
): Promise<CreateResult> {
  const url = `/users/${userId}/mailFolders/${encodeURIComponent(folderId)}/messages`;
  try {
    return createdAs((await graph.request({ method: 'POST', url, json }, options)).body);
  } catch (error) {
    if (error instanceof GraphError) return resultOf(error);
    if (wasAborted(error, options)) return { kind: 'in_doubt', error: null };
    throw error;
  }
}

/** An aborted request may have arrived all the same. */
function wasAborted(error: unknown, { signal }: CallOptions): boolean {
  return signal?.aborted === true || (error instanceof Error && error.name === 'AbortError');
}

function createdAs(body: unknown): CreateResult {
  const created = createdSchema.safeParse(body);
  // Accepted, and the answer does not say as what: it is there, and a look-up will tell its id.
  return created.success ? { kind: 'created', messageId: created.data.id } : { kind: 'in_doubt', error: null };
}

function resultOf(error: GraphError): CreateResult {
  if (error.inDoubt) return { kind: 'in_doubt', error };
  switch (error.failure) {
    case 'throttled':
    case 'unavailable':
    case 'unreachable':
    case 'token_refused':
    case 'dependency_failed':
    case 'bad_answer':
      return { kind: 'not_sent', error };
    default:
      return { kind: 'refused', error };
  }
}
