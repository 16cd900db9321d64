/**
 * The APIs for programs as an OpenAPI 3.1 document, served at `/api/v1/openapi.json`. Bodies are made of the schemas that the
 * handler's answers have as types; what the handler does beside them, a test holds to this. Pure.
 */
import { z } from 'zod';
import { collectQuerySchema } from '../audit/collect.ts';
import { collectedEntrySchema } from '../audit/export.ts';
import { LIMITS } from '../limits/limits.ts';
import { MAX_FILE_BYTES } from '../mapping/limits.ts';
import { mappingAnswerSchema, PROBLEMS, type ProblemCode, problemSchema } from './answers.ts';
import { querySchema } from './put-mapping.ts';

export const MAPPING_PATH = '/api/v1/connectors/{connectorId}/mapping';
export const AUDIT_LOG_PATH = '/api/v1/audit-log';

/** Statuses that may be answered, with the problems that have them. */
function problemResponses(codes: readonly ProblemCode[]): Record<string, unknown> {
  const byStatus = Map.groupBy(codes, (code) => String(PROBLEMS[code].status));
  return Object.fromEntries(
    [...byStatus].map(([status, ofStatus]) => [
      status,
      {
        description: ofStatus.map((code) => `\`${code}\`: ${PROBLEMS[code].title}`).join(' '),
        ...headersOf(status),
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  );
}

function headersOf(status: string): Record<string, unknown> {
  const header = (name: string, description: string, schema: object) => ({
    headers: { [name]: { description, required: true, schema } },
  });
  if (status === '401') return header('WWW-Authenticate', 'RFC 6750.', { type: 'string', pattern: '^Bearer' });
  if (status === '429' || status === '503')
    return header('Retry-After', 'Seconds after which it may be tried again.', { type: 'integer', minimum: 1 });
  return {};
}

const answerContent = { 'application/json': { schema: { $ref: '#/components/schemas/MappingAnswer' } } };

const PARAMETERS: Readonly<Record<keyof z.input<typeof querySchema>, string>> = {
  mode: 'replace: the file is the whole mapping. add: beside what is in force; where the file has a row, it decides.',
  portalRows: 'With replace: what becomes of rows that were added in the portal and are not in the file.',
  name: 'Name of the file, for the list of versions.',
  reason: 'Why, for the audit log.',
};

function queryParameters(): readonly unknown[] {
  const { properties } = schemaOf(querySchema, 'input');
  return Object.entries(PARAMETERS).map(([name, description]) => ({
    name,
    in: 'query',
    required: false,
    description,
    schema: properties?.[name],
  }));
}

/** @param portalUrl `NEXTAUTH_URL` */
export function mappingApiDocument(portalUrl: string) {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Compliance portal: APIs for programs',
      version: '1.0.0',
      description:
        'Mapping: sends the user mapping of a connector, which mobile number belongs to which mailbox. The file becomes a version that applies itself, unless it changes so much that a person has to look at it. Audit log: a SIEM collects what was done.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: portalUrl.replace(/\/+$/, '') }],
    security: [{ entra: [] }],
    paths: {
      [MAPPING_PATH]: {
        put: {
          operationId: 'putMapping',
          summary: 'Send the mapping of a connector',
          description: `Idempotent: the same file again makes no second version. At most ${LIMITS['mapping-api'].limit} calls in ${LIMITS['mapping-api'].seconds / 60} minutes for each program, one at a time, ${MAX_FILE_BYTES / 1024 / 1024} MB each. Rows with errors refuse the whole file.`,
          parameters: [
            {
              name: 'connectorId',
              in: 'path',
              required: true,
              description: "In the address of the connector's page.",
              schema: { type: 'string', format: 'uuid' },
            },
            ...queryParameters(),
            {
              name: 'Content-Digest',
              in: 'header',
              required: false,
              description:
                'RFC 9530, sha-256 or sha-512. Needed where the body has no Content-Length (chunked); held against the file wherever it is sent.',
              schema: { type: 'string' },
              example: 'sha-256=:pxAD5Zn8s2cJBmd0f7mPN1mvxE4uDIFnJ7JpzFwqhXI=:',
            },
          ],
          requestBody: {
            required: true,
            description:
              'The file as it is, with a header line: ExternalUserId and O365UserMailbox, and optionally ValidFrom and ValidTo. With Content-Length or Content-Digest, by which half a file is told from a whole one.',
            content: { 'text/csv': { schema: { type: 'string' } } },
          },
          responses: {
            '200': {
              description: 'The file is in force, or was already; or an administrator declined it.',
              content: answerContent,
            },
            '202': { description: 'The version waits for an administrator.', content: answerContent },
            ...problemResponses(Object.keys(PROBLEMS) as ProblemCode[]),
          },
        },
      },
      [AUDIT_LOG_PATH]: { get: collecting() },
    },
    components: {
      securitySchemes: {
        entra: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description:
            'An access token of Entra ID for this portal (client credentials, scope `<client id of the portal>/.default`, version 2.0), with the app role `Mapping.Propose` or `Audit.Read`.',
        },
      },
      schemas: {
        MappingAnswer: schemaOf(mappingAnswerSchema, 'output'),
        AuditEntry: schemaOf(collectedEntrySchema, 'output'),
        Problem: schemaOf(problemSchema, 'output'),
      },
    },
  };
}

const COLLECT_PROBLEMS: readonly ProblemCode[] = [
  'bad-request',
  'no-token',
  'invalid-token',
  'not-an-application',
  'role-missing',
  'too-many-requests',
  'internal',
  'unavailable',
];

function collecting() {
  const { properties } = schemaOf(collectQuerySchema, 'input');
  const parameter = (name: 'after' | 'limit', description: string) => ({
    name,
    in: 'query',
    required: false,
    description,
    schema: properties?.[name],
  });
  return {
    operationId: 'collectAuditLog',
    summary: 'Collect the audit log',
    description: `Entries of the organization in the order of the chain, JSON a line. At most ${LIMITS['audit-collect'].limit} calls in ${LIMITS['audit-collect'].seconds / 60} minutes for each program. An entry is there within seconds of its act.`,
    parameters: [
      parameter('after', 'Place in the chain up to which the caller has everything: `chain.place` of its last entry.'),
      parameter('limit', 'Entries of one answer, at most.'),
    ],
    responses: {
      '200': {
        description: 'What follows; empty where nothing does.',
        headers: {
          Link: {
            description: 'RFC 8288, `rel="next"`: what follows on this answer. Also behind the last entry.',
            required: true,
            schema: { type: 'string', pattern: '^<\\?after=\\d+&limit=\\d+>; rel="next"$' },
          },
        },
        content: { 'application/x-ndjson': { schema: { $ref: '#/components/schemas/AuditEntry' } } },
      },
      ...problemResponses(COLLECT_PROBLEMS),
    },
  };
}

/** OpenAPI 3.1 takes JSON Schema as it is; which draft is said for the whole document. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output') {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: 'draft-2020-12', io });
  return rest;
}
