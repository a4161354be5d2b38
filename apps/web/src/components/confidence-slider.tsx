import { useRef } from 'react';
import { useTexts } from '../hooks/use-language.js';
import { confidenceCeiling, confidenceDefault, confidenceFloor, confidenceStep } from '../logic/shown-boxes.js';

interface ConfidenceSliderProps {
  readonly threshold: number;
  onThreshold(threshold: number): void;
}

export function ConfidenceSlider({ threshold, onThreshold }: ConfidenceSliderProps) {
  const texts = useTexts();
  const slider = useRef<HTMLInputElement>(null);
  const reset = () => {
    onThreshold(confidenceDefault);
    // The button goes.
    slider.current?.focus();
  };
  return (
    <div className="field">
      <div className="slider-head">
        <label htmlFor="confidence">{texts.confidence}</label>
        {threshold !== confidenceDefault && (
          <button type="button" className="plain" onClick={reset}>
            {texts.reset}
          </button>
        )}
        <output htmlFor="confidence">{threshold.toFixed(2)}</output>
      </div>
      <input
        ref={slider}
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
