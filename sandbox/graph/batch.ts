/** `POST /$batch`: up to 20 requests, four at a time whatever their mailboxes, `dependsOn` obeyed. */
import { z } from 'zod';
import { errors, GraphError } from './errors.ts';
import { ByteStream, type Caller, type GraphRequest, type GraphResponse, JsonText, splitUrl } from './request.ts';
import { bodyInBatch } from './request-body.ts';

const MOST_REQUESTS = 20;
const AT_ONCE = 4;

const stepSchema = z.object({
  id: z.string().min(1),
  method: z.string().min(1),
  url: z.string().min(1),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.unknown().optional(),
  dependsOn: z.array(z.string()).optional(),
});

const batchSchema = z.object({ requests: z.array(z.unknown()).min(1) });

/** A request of the batch; names of headers in lower case. */
type Step = z.infer<typeof stepSchema> & { readonly headers: Readonly<Record<string, string>> };

export interface BatchSurroundings {
  readonly version: 'v1.0' | 'beta';
  readonly caller: Caller;
  readonly answer: (request: GraphRequest) => Promise<GraphResponse>;
  readonly refuse: (error: GraphError) => GraphResponse;
}

/**
 * Runs a batch. Answers come in another order than the requests, as they may; each has its own status.
 * @returns `{"responses":[…]}`; each is written out as soon as it is there, since holding them all as objects costs more
 * @throws {GraphError} 400 when the batch itself is malformed; nothing has run then
 */
export async function runBatch(body: unknown, around: BatchSurroundings): Promise<JsonText> {
  const steps = parseSteps(body);
  const statuses = new Map<string, number>();
  const responses: string[] = [];
  const waiting = new Set(steps);
  let running = 0;
  await new Promise<void>((resolve, reject) => {
    const startNext = (): void => {
      for (const step of waiting) {
        if (running >= AT_ONCE) return;
        if (step.dependsOn?.every((id) => statuses.has(id)) ?? true) start(step);
      }
      if (running === 0) resolve();
    };
    const start = (step: Step): void => {
      waiting.delete(step);
      running += 1;
      runStep(step, statuses, around)
        .then((response) => {
          statuses.set(step.id, response.status);
          responses.push(JSON.stringify(show(step.id, response)));
          running -= 1;
          startNext();
        })
        .catch(reject);
    };
    startNext();
  });
  return new JsonText(`{"responses":[${responses.reverse().join(',')}]}`);
}

async function runStep(
  step: Step,
  statuses: ReadonlyMap<string, number>,
  around: BatchSurroundings,
): Promise<GraphResponse> {
  const failed = (step.dependsOn ?? []).some((id) => (statuses.get(id) ?? 0) >= 400);
  if (failed) {
    return around.refuse(new GraphError(424, 'FailedDependency', 'A request that this one depends on failed.'));
  }
  const url = splitUrl(step.url);
  if (!url) return around.refuse(errors.badUrl());
  const { headers } = step;
  const [method, { segments }] = [step.method.toUpperCase(), url];
  return around.answer({
    version: around.version,
    method,
    segments,
    query: url.query,
    headers,
    body: bodyInBatch({ method, segments, contentType: headers['content-type'] }, step.body),
    bodyBytes: step.body === undefined ? 0 : Buffer.byteLength(JSON.stringify(step.body)),
    caller: around.caller,
  });
}

function show(id: string, response: GraphResponse): Readonly<Record<string, unknown>> {
  const body = response.body instanceof ByteStream ? Buffer.concat([...response.body.chunks]) : response.body;
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(response.headers ?? {})) headers[headerCase(name)] = value;
  if (body !== undefined && !(body instanceof Uint8Array)) headers['Content-Type'] = 'application/json';
  return {
    id,
    status: response.status,
    headers,
    ...(body !== undefined && { body: body instanceof Uint8Array ? Buffer.from(body).toString('base64') : body }),
  };
}

function parseSteps(body: unknown): readonly Step[] {
  const parsed = batchSchema.safeParse(body);
  if (!parsed.success) throw errors.badRequest('Invalid batch payload format.');
  if (parsed.data.requests.length > MOST_REQUESTS) {
    throw errors.badRequest(`Number of batch request steps exceeds the maximum value of ${MOST_REQUESTS}.`);
  }
  const steps = parsed.data.requests.map((step) => {
    const one = stepSchema.safeParse(step);
    if (!one.success) throw errors.badRequest('Invalid batch payload format.');
    return { ...one.data, headers: lowerCaseNames(one.data.headers ?? {}) };
  });
  if (new Set(steps.map((step) => step.id)).size < steps.length) {
    throw errors.badRequest('Request id should be unique in a batch.');
  }
  for (const step of steps) checkStep(step, steps);
  refuseCycles(steps);
  return steps;
}

function checkStep(step: Step, steps: readonly Step[]): void {
  if (step.body !== undefined && step.headers['content-type'] === undefined) {
    throw errors.badRequest(`Write request id : ${step.id} does not contain Content-Type header or body.`);
  }
  if (/^\/?\$batch/.test(step.url)) throw errors.badRequest('A batch cannot contain a batch.');
  const unknown = step.dependsOn?.find((id) => id === step.id || !steps.some((other) => other.id === id));
  if (unknown !== undefined)
    throw errors.badRequest(`Request id ${unknown} in dependsOn of request ${step.id} is not valid.`);
}

function refuseCycles(steps: readonly Step[]): void {
  const settled = new Set<string>();
  let progress = true;
  while (progress) {
    const ready = steps.filter(
      (step) => !settled.has(step.id) && (step.dependsOn ?? []).every((id) => settled.has(id)),
    );
    for (const step of ready) settled.add(step.id);
    progress = ready.length > 0;
  }
  if (settled.size < steps.length)
    throw errors.badRequest('The requests of the batch depend on each other in a circle.');
}

function lowerCaseNames(headers: Readonly<Record<string, string>>): Record<string, string> {
  const lower: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) lower[name.toLowerCase()] = value;
  return lower;
}

function headerCase(name: string): string {
  return name.replace(/(^|-)[a-z]/g, (part) => part.toUpperCase());
}
