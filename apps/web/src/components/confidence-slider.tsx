import { useTexts } from '../hooks/use-language.js';
import { confidenceCeiling, confidenceDefault, confidenceFloor, confidenceStep } from '../logic/shown-boxes.js';

interface ConfidenceSliderProps {
  readonly threshold: number;
  onThreshold(threshold: number): void;
}

export function ConfidenceSlider({ threshold, onThreshold }: ConfidenceSliderProps) {
  const texts = useTexts();
  return (
    <div className="field">
      <div className="slider-head">
        <label htmlFor="confidence">{texts.confidence}</label>
        {threshold !== confidenceDefault && (
          <button type="button" className="plain" onClick={() => onThreshold(confidenceDefault)}>
            {texts.reset}
          </button>
        )}
        <output htmlFor="confidence">{threshold.toFixed(2)}</output>
      </div>
      <input
        id="confidence"
        type="range"
        min={confidenceFloor}
        max={confidenceCeiling}
        step={confidenceStep}
        value={threshold}
        aria-describedby="confidence-hint"
        onChange={({ target }) => onThreshold(Number(target.value))}
      />
      <p className="hint" id="confidence-hint">
        {texts.confidenceHint}
      </p>
    </div>
  );
}
