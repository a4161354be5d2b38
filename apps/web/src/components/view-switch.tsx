import { useTexts } from '../hooks/use-language.js';
import type { View } from '../logic/views.js';

interface ViewSwitchProps {
  readonly views: readonly View[];
  readonly view: View;
  onView(view: View): void;
}

export function ViewSwitch({ views, view, onView }: ViewSwitchProps) {
  const texts = useTexts();
  return (
    <fieldset className="segments">
      <legend className="hidden">{texts.view}</legend>
      {views.map((each) => (
        <label key={each}>
          <input type="radio" name="view" value={each} checked={each === view} onChange={() => onView(each)} />
          <span>{texts.views[each]}</span>
        </label>
      ))}
    </fieldset>
  );
}
