import { useTexts } from '../hooks/use-language.js';
import type { ChoiceNotice, Picture } from '../hooks/use-picture.js';
import type { Sample } from '../samples.js';
import type { Texts } from '../text/texts.js';

interface PictureInputProps {
  readonly picture: Picture;
  /** Whether files are being dragged over the page. */
  readonly isOver: boolean;
  readonly samples: readonly Sample[];
}

export function PictureInput({ picture, isOver, samples }: PictureInputProps) {
  const texts = useTexts();
  const { file, notice, take, takeSample } = picture;
  return (
    <>
      <div className="field">
        <span className="field-name">{texts.picture}</span>
        <label className={isOver ? 'drop-zone over' : 'drop-zone'}>
          <input
            className="hidden"
            type="file"
            accept="image/*"
            onChange={({ target }) => {
              take([...(target.files ?? [])]);
              // So that choosing the same file again counts as a choice.
              target.value = '';
            }}
          />
          <UploadIcon />
          <strong>{isOver ? texts.dropHere : texts.choosePicture}</strong>
          <small>{file ? file.name : texts.pasteHint}</small>
        </label>
      </div>
      <fieldset className="field samples">
        <legend className="field-name">{texts.samples}</legend>
        {samples.map((sample) => (
          <button key={sample.name} type="button" onClick={() => takeSample(sample)}>
            <img src={sample.url} alt="" />
            <span>{texts.sample[sample.name]}</span>
          </button>
        ))}
      </fieldset>
      {notice && (
        <p className="note warning" role="alert">
          {wordsOf(notice, texts)}
        </p>
      )}
    </>
  );
}

const wordsOf = (notice: ChoiceNotice, texts: Texts): string =>
  notice.kind === 'onlyFirst' ? texts.onlyFirst(notice.count, notice.name) : texts.sampleFailed;

const UploadIcon = () => (
  <svg viewBox="0 0 24 24" width="26" height="26" aria-hidden="true">
    <path
      d="M12 16V5m0 0L7.5 9.5M12 5l4.5 4.5M4 16.5V18a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-1.5"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
    />
  </svg>
);
