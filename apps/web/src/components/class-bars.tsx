import type { LabelScore } from '@lensgate/contracts';
import type { CSSProperties } from 'react';
import { useTexts } from '../hooks/use-language.js';
import { percentText } from '../logic/format.js';

interface ClassBarsProps {
  /** In descending order of confidence. */
  readonly scores: readonly LabelScore[];
  colourOf(label: string): string;
}

export function ClassBars({ scores, colourOf }: ClassBarsProps) {
  const texts = useTexts();
  return (
    <section>
      <h3>{texts.topClasses}</h3>
      <ol className="class-bars">
        {scores.map(({ label_id, label, confidence }) => (
          <li key={label_id} style={{ '--share': confidence, '--colour': colourOf(label) } as CSSProperties}>
            <span>{label}</span>
            <span className="bar" aria-hidden="true" />
            <span className="number">{percentText(confidence)}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
