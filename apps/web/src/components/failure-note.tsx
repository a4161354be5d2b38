import type { RequestFailure } from '../api/problem.js';
import { useTexts } from '../hooks/use-language.js';
import type { Texts } from '../text/texts.js';
import { KeyPrompt } from './key-prompt.js';

/** What went wrong: the API's words, which come in the page's language, with code and request id; ours where it said nothing. */
export function FailureNote({ failure, onRepeat }: { failure: RequestFailure; onRepeat(): void }) {
  const texts = useTexts();
  const problem = failure.kind === 'problem' ? failure.problem : undefined;
  if (problem?.code === 'KEY_REQUIRED') return <KeyPrompt onKey={onRepeat} />;
  return (
    <div className="failure" role="alert">
      {problem && <h3>{problem.title ?? texts.refused}</h3>}
      <p>{problem?.detail ?? wordsFor(failure, texts)}</p>
      {problem && (
        <dl>
          <div>
            <dt>{texts.errorCode}</dt>
            <dd>
              <a href={problem.type}>{problem.code}</a>
            </dd>
          </div>
          <div>
            <dt>{texts.requestId}</dt>
            <dd>{problem.request_id}</dd>
          </div>
        </dl>
      )}
      {(problem?.retryable ?? failure.kind !== 'fileEmpty') && (
        <button type="button" onClick={onRepeat}>
          {texts.repeat}
        </button>
      )}
    </div>
  );
}

function wordsFor(failure: RequestFailure, texts: Texts): string {
  if (failure.kind === 'problem') return texts.refused;
  return failure.kind === 'unreadable' ? texts.unreadable(failure.status) : texts[failure.kind];
}
