/** The manifests in `kubernetes/`, against Kubernetes' own schemas and against the image that they start. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Deployment } from 'kubernetes-models/apps/v1';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2';
import { Job } from 'kubernetes-models/batch/v1';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { Service } from 'kubernetes-models/v1';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { ENV_NAMES } from '#lib/env.ts';
import { PROJECT } from '../services/place.ts';
import { isInContext, readDockerfile } from './dockerfile.ts';

const BASE = join(PROJECT, 'kubernetes/base');
const read = (path: string): string => readFileSync(join(PROJECT, path), 'utf8');
const KINDS = { Deployment, HorizontalPodAutoscaler, Job, NetworkPolicy, Service } as const;

const containerSchema = z.object({
  name: z.string(),
  image: z.string(),
  command: z.array(z.string()).optional(),
  env: z.array(z.object({ name: z.string() })).default([]),
  securityContext: z.object({
    allowPrivilegeEscalation: z.boolean(),
    readOnlyRootFilesystem: z.boolean(),
    capabilities: z.object({ drop: z.array(z.string()) }),
  }),
});
const podSchema = z.object({
  metadata: z.object({ labels: z.record(z.string(), z.string()) }),
  spec: z.object({
    automountServiceAccountToken: z.boolean(),
    securityContext: z.object({ runAsNonRoot: z.boolean() }),
    containers: z.array(containerSchema).length(1),
  }),
});
const documentSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.enum(['Deployment', 'HorizontalPodAutoscaler', 'Job', 'NetworkPolicy', 'Service']),
  metadata: z.object({ name: z.string() }),
  spec: z.looseObject({ template: podSchema.optional(), podSelector: z.unknown().optional() }),
});

const { resources } = z
  .object({ resources: z.array(z.string()) })
  .parse(parse(readFileSync(join(BASE, 'kustomization.yaml'), 'utf8')));
const documents = resources.flatMap((file) =>
  parseAllDocuments(readFileSync(join(BASE, file), 'utf8')).map((document) => {
    const whole: object = document.toJS();
    return { ...documentSchema.parse(whole), whole };
  }),
);
const pods = documents.flatMap(({ metadata, spec }) =>
  spec.template === undefined ? [] : [{ name: metadata.name, pod: spec.template }],
);

describe('kubernetes/base', () => {
  it('lists every file that is there', () => {
    expect(globSync('*.yaml', { cwd: BASE }).sort()).toEqual([...resources, 'kustomization.yaml'].sort());
  });

  it.each(documents.map((document) => [document.kind, document.metadata.name, document] as const))(
    '%s %s is what Kubernetes takes',
    (kind, _name, { apiVersion, whole }) => {
      const model = new KINDS[kind]();
      expect(model.apiVersion).toBe(apiVersion);
      Object.assign(model, whole).validate();
    },
  );

  it('starts what is in the image, as nobody who may do anything else', () => {
    const ignore = read('.dockerignore');
    const [, image] = readDockerfile(read('Dockerfile'));
    expect(pods.map(({ name }) => name).sort()).toEqual(['portal', 'portal-migrate', 'worker']);
    for (const { name, pod } of pods) {
      const [container] = pod.spec.containers;
      const [entrypoint, program, script = ''] = container?.command ?? [];
      if (name === 'portal') expect(container?.command).toBeUndefined();
      else {
        expect([entrypoint, program]).toEqual([image?.entrypoint?.[0], 'node']);
        expect([script, isInContext(ignore, script), existsSync(join(PROJECT, script))]).toEqual([script, true, true]);
      }
      for (const { name: variable } of container?.env ?? []) expect(ENV_NAMES).toContain(variable);
      expect(container?.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect([pod.spec.automountServiceAccountToken, pod.spec.securityContext.runAsNonRoot]).toEqual([false, true]);
    }
  });

  it('has a network policy for each of them', () => {
    const chosen = documents
      .filter(({ kind }) => kind === 'NetworkPolicy')
      .map(
        ({ spec }) => z.object({ matchLabels: z.record(z.string(), z.string()) }).parse(spec.podSelector).matchLabels,
      );
    for (const { pod } of pods) expect(chosen).toContainEqual(pod.metadata.labels);
    expect(chosen).toHaveLength(pods.length);
  });
});

describe('kubernetes/components/traces', () => {
  const folder = join(PROJECT, 'kubernetes/components/traces');
  const labelsSchema = z.object({ matchLabels: z.record(z.string(), z.string()) });
  const policySchema = z.object({
    apiVersion: z.literal('networking.k8s.io/v1'),
    kind: z.literal('NetworkPolicy'),
    spec: z.object({
      podSelector: z.object({
        matchExpressions: z.tuple([
          z.object({ key: z.string(), operator: z.literal('In'), values: z.array(z.string()) }),
        ]),
      }),
      policyTypes: z.tuple([z.literal('Egress')]),
      egress: z.tuple([
        z.object({
          to: z.tuple([z.object({ namespaceSelector: labelsSchema, podSelector: labelsSchema })]),
          ports: z.tuple([z.object({ protocol: z.literal('TCP'), port: z.number() })]),
        }),
      ]),
    }),
  });

  it('is a component whose one policy is what Kubernetes takes, and leads from portal and workers to the collector alone', () => {
    const component = parse(readFileSync(join(folder, 'kustomization.yaml'), 'utf8'));
    expect(component).toEqual({
      apiVersion: 'kustomize.config.k8s.io/v1alpha1',
      kind: 'Component',
      resources: ['network-policy.yaml'],
    });
    const whole: object = parse(readFileSync(join(folder, 'network-policy.yaml'), 'utf8'));
    Object.assign(new NetworkPolicy(), whole).validate();
    const { podSelector, egress } = policySchema.parse(whole).spec;
    const [{ key, values }] = podSelector.matchExpressions;
    const chosen = pods.filter(({ pod }) => values.includes(pod.metadata.labels[key] ?? ''));
    expect(chosen.map(({ name }) => name).sort()).toEqual(['portal', 'worker']);
    expect(egress[0].ports[0].port).toBe(4318);
  });

  it('is what opens that port: the base alone does not', () => {
    expect(read('kubernetes/base/network-policies.yaml')).not.toContain('4318');
    expect(resources.filter((path) => path.includes('components'))).toEqual([]);
  });
});
