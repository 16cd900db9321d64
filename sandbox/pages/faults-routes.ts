/** `/faults`: rules, bad days and limits, by forms. */
import type { FastifyPluginAsync } from 'fastify';
import { z } from 'zod';
import type { SandboxParts } from '../composition.ts';
import { presets } from '../control/presets.ts';
import { sendMissing, sendPage } from './answer.ts';
import { readFaultForm } from './fault-form.ts';
import { faultsPage } from './faults-page.ts';
import { readFields } from './forms.ts';
import { readLimitsForm } from './limits-form.ts';

const partSchema = z.object({ id: z.string() });

export function faultsRoutes(parts: Pick<SandboxParts, 'faults' | 'limits' | 'tenants'>): FastifyPluginAsync {
  const { faults, limits } = parts;
  return async (app) => {
    app.get('/faults', (_request, reply) => sendPage(reply, faultsPage(parts)));
    app.post('/faults', (request, reply) => {
      const read = readFaultForm(readFields(request.body), faults);
      if ('entered' in read) return sendPage(reply.code(400), faultsPage(parts, { fault: read.entered }));
      faults.add(read.rule);
      return reply.redirect('/faults', 303);
    });
    app.post('/faults/clear', (_request, reply) => {
      faults.clear();
      return reply.redirect('/faults', 303);
    });
    app.post('/faults/:id/remove', (request, reply) => {
      if (!faults.remove(partSchema.parse(request.params).id)) return sendMissing(reply);
      return reply.redirect('/faults', 303);
    });
    app.post('/faults/presets/:id', (request, reply) => {
      const { id } = partSchema.parse(request.params);
      const preset = presets.find((one) => one.id === id);
      if (preset === undefined) return sendMissing(reply);
      for (const rule of preset.rules) faults.add(rule);
      return reply.redirect('/faults', 303);
    });

    app.post('/faults/limits', (request, reply) => {
      const read = readLimitsForm(readFields(request.body));
      if ('entered' in read) return sendPage(reply.code(400), faultsPage(parts, { limits: read.entered }));
      limits.change(read.limits);
      return reply.redirect('/faults#limits', 303);
    });
    app.post('/faults/limits/microsoft', (_request, reply) => {
      limits.useMicrosofts();
      return reply.redirect('/faults#limits', 303);
    });
    app.post('/faults/limits/reset', (_request, reply) => {
      limits.reset();
      return reply.redirect('/faults#limits', 303);
    });
  };
}
