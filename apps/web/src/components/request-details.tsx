import { useMemo } from 'react';
import { type InferenceAnswer, type InferenceRequest, inferenceUrl } from '../api/send-picture.js';
import { useHasKey } from '../hooks/use-key.js';
import { useTexts } from '../hooks/use-language.js';
import { curlCommand } from '../logic/curl-command.js';
import { readableJson } from '../logic/readable-json.js';
import { confidenceFloor } from '../logic/shown-boxes.js';
import { CopyBlock } from './copy-block.js';

interface RequestDetailsProps {
  readonly request: InferenceRequest;
  readonly answer: InferenceAnswer | undefined;
}

/** The request that was really sent, and what came back. */
export function RequestDetails({ request, answer }: RequestDetailsProps) {
  const texts = useTexts();
  const hasKey = useHasKey();
  const json = useMemo(() => answer && readableJson(answer.reply), [answer]);
  const isToFloor = request.fields.some(
    ([name, value]) => name === 'confidence_threshold' && value === String(confidenceFloor),
  );
  return (
    <section className="details">
      <details>
        <summary>{texts.curl}</summary>
        <CopyBlock
          text={curlCommand(`${window.location.origin}${inferenceUrl}`, {
            fields: request.fields,
            fileName: request.file.name,
            hasKey,
          })}
        />
      </details>
      {answer && json !== undefined && (
        <details>
          <summary>{texts.json}</summary>
          {isToFloor && <p className="hint">{texts.jsonHint(confidenceFloor.toFixed(2))}</p>}
          <CopyBlock text={json} />
          {answer.requestId && (
            <p className="hint">
              {texts.requestId}: <code>{answer.requestId}</code>
            </p>
          )}
        </details>
      )}
    </section>
  );
}
