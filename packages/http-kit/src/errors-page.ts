import { errorCodes, errorRegistry, type Language, wordsOf } from '@lensgate/contracts';
import type { FastifyInstance } from 'fastify';
import { languageFor, varyByLanguage } from './error-reply.js';

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (letter) => escapes[letter] ?? letter);

const texts: Readonly<Record<Language, Record<'heading' | 'braces' | 'retryable' | 'final', string>>> = {
  en: {
    heading: 'Errors',
    braces: 'Words in braces stand for values of the request at hand.',
    retryable: 'The same request may succeed later.',
    final: 'Repeating the same request does not help.',
  },
  ko: {
    heading: '오류',
    braces: '중괄호 안의 이름은 해당 요청의 값으로 바뀝니다.',
    retryable: '같은 요청을 나중에 다시 보내면 성공할 수 있습니다.',
    final: '같은 요청을 다시 보내도 결과가 같습니다.',
  },
};

/** One paragraph for each code; a problem's `type` points to it. */
function errorsPage(language: Language): string {
  const text = texts[language];
  const entries = errorCodes.map((code) => {
    const { status, retryable } = errorRegistry[code];
    const { title, detail } = wordsOf(code, language);
    const again = retryable ? text.retryable : text.final;
    return `<section id="${code.toLowerCase()}"><h2><code>${code}</code></h2><p><b>${status}</b> ${escaped(title)}. ${again}</p><p>${escaped(detail)}</p></section>`;
  });
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Lensgate: ${text.heading}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}:target{outline:2px solid;outline-offset:.5rem}</style>
</head><body><h1>${text.heading}</h1><p>${text.braces}</p>
${entries.join('\n')}
</body></html>
`;
}

/** `GET /docs/errors`, where the `type` of every problem points to; in the caller's language. */
export function addErrorsPage(app: FastifyInstance): void {
  const pages = { en: errorsPage('en'), ko: errorsPage('ko') };
  app.get('/docs/errors', { config: { isService: true } }, (request, reply) => {
    const language = languageFor(request);
    varyByLanguage(reply);
    return reply
      .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
      .header('content-language', language)
      .type('text/html; charset=utf-8')
      .send(pages[language]);
  });
}
