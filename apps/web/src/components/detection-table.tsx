import type { CSSProperties } from 'react';
import { useTexts } from '../hooks/use-language.js';
import { confidenceText, cornersText } from '../logic/format.js';
import type { Detection } from '../logic/shown-boxes.js';

interface DetectionTableProps {
  readonly detections: readonly Detection[];
  readonly active: number | undefined;
  readonly pinned: number | undefined;
  colourOf(label: string): string;
  onActive(number: number | undefined): void;
  onPin(number: number): void;
}

export function DetectionTable({ detections, active, pinned, colourOf, onActive, onPin }: DetectionTableProps) {
  const texts = useTexts();
  return (
    <div className="table-holder">
      <table>
        <caption className="hidden">{texts.detections}</caption>
        <thead>
          <tr>
            <th scope="col">#</th>
            <th scope="col">{texts.label}</th>
            <th scope="col">{texts.score}</th>
            <th scope="col">{texts.corners}</th>
          </tr>
        </thead>
        <tbody>
          {detections.map(({ number, box }) => (
            <tr
              key={number}
              className={active === number ? 'active' : ''}
              style={{ '--colour': colourOf(box.label), '--share': box.confidence } as CSSProperties}
              onPointerEnter={() => onActive(number)}
              onPointerLeave={() => onActive(undefined)}
            >
              <td>{number}</td>
              <th scope="row">
                <button
                  type="button"
                  className="pin"
                  aria-pressed={pinned === number}
                  onClick={() => onPin(number)}
                  onFocus={() => onActive(number)}
                  onBlur={() => onActive(undefined)}
                >
                  <span className="swatch" aria-hidden="true" />
                  <span>{box.label}</span>
                </button>
              </th>
              <td>
                <span className="bar" aria-hidden="true" />
                {confidenceText(box.confidence)}
              </td>
              <td>{cornersText(box)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
