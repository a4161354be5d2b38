import { errorCodes, errorRegistry } from '@lensgate/contracts';
import type { FastifyInstance } from 'fastify';

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (letter) => escapes[letter] ?? letter);

/** One paragraph for each code; a problem's `type` points to it. */
function errorsPage(): string {
  const entries = errorCodes.map((code) => {
    const { status, title, detail, retryable } = errorRegistry[code];
    const again = retryable ? 'The same request may succeed later.' : 'Repeating the same request does not help.';
    return `<section id="${code.toLowerCase()}"><h2><code>${code}</code></h2><p><b>${status}</b> ${escaped(title)}. ${again}</p><p>${escaped(detail)}</p></section>`;
  });
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Lensgate: errors</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}:target{outline:2px solid;outline-offset:.5rem}</style>
</head><body><h1>Errors</h1><p>Words in braces stand for values of the request at hand.</p>
${entries.join('\n')}
</body></html>
`;
}

export function addErrorsPage(app: FastifyInstance): void {
  const page = errorsPage();
  app.get('/docs/errors', { config: { isService: true }, schema: { hide: true } }, (_request, reply) =>
    reply
      .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
      .type('text/html; charset=utf-8')
      .send(page),
  );
}
