import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';

/** The page's own files and calls to this gateway. Pictures may also be what a user has chosen or an answer has brought. */
const pagePolicy = [
  "default-src 'self'",
  "img-src 'self' data: blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Files in `assets` have a hash in their name: other content has another name. */
const foreverCached = 'public, max-age=31536000, immutable';
const alwaysAsked = 'no-cache';

export interface WebPageOptions {
  /** Folder of the built panel. */
  readonly webDir: string;
  readonly logger: Logger;
}

const servedWhileDraining = { isService: true };

/** The panel at `/`; where it has not been built, `/` leads to the documentation. */
export async function addWebPage(app: FastifyInstance, { webDir, logger }: WebPageOptions): Promise<void> {
  if (!existsSync(join(webDir, 'index.html'))) {
    logger.warn({ folder: basename(webDir) }, 'there is no built panel; / leads to /docs');
    app.get('/', { config: servedWhileDraining, schema: { hide: true } }, (_request, reply) => reply.redirect('/docs'));
    return;
  }
  await app.register(async (page) => {
    page.addHook('onRoute', (route) => {
      route.config = { ...route.config, ...servedWhileDraining };
    });
    await page.register(fastifyStatic, {
      root: webDir,
      // A route for each file: other paths keep their problem document.
      wildcard: false,
      preCompressed: true,
      globIgnore: ['**/*.{br,gz}'],
      decorateReply: false,
      cacheControl: false,
      setHeaders: (reply, path) => {
        reply.header('cache-control', basename(dirname(path)) === 'assets' ? foreverCached : alwaysAsked);
        if (path.endsWith('.html')) reply.header('content-security-policy', pagePolicy);
      },
    });
  });
}
