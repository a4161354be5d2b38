import type { RequestFailure } from '../api/problem.js';
import { useTexts } from '../hooks/use-language.js';
import type { Texts } from '../text/texts.js';
import { KeyPrompt } from './key-prompt.js';

/** What went wrong, in words: ours first, then the API's own sentence, code and request id. */
export function FailureNote({ failure, onRepeat }: { failure: RequestFailure; onRepeat(): void }) {
  const texts = useTexts();
  const problem = failure.kind === 'problem' ? failure.problem : undefined;
  if (problem?.code === 'KEY_REQUIRED') return <KeyPrompt onKey={onRepeat} />;
  const words = wordsFor(failure, texts);
  return (
    <div className="failure" role="alert">
      <h3>{words ?? texts.errorTitle}</h3>
      {problem && <p lang="en">{problem.detail}</p>}
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
      {(problem?.retryable ?? true) && (
        <button type="button" onClick={onRepeat}>
          {texts.repeat}
        </button>
      )}
    </div>
  );
}

function wordsFor(failure: RequestFailure, texts: Texts): string | undefined {
  if (failure.kind === 'unreachable') return texts.unreachable;
  if (failure.kind === 'unreadable') return texts.unreadable(failure.status);
  return texts.error[failure.problem.code];
}
