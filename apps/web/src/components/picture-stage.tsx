import type { CSSProperties, ReactNode } from 'react';

interface PictureStageProps {
  readonly src: string;
  readonly alt: string;
  /** Width by height; undefined until it is known. */
  readonly ratio: number | undefined;
  /** Drawn over the picture, in its box. */
  readonly children?: ReactNode;
  onShown?(widthPx: number, heightPx: number): void;
  onUnshowable?(): void;
}

/** A picture as large as the page allows, with room for drawings exactly over it. */
export function PictureStage({ src, alt, ratio, children, onShown, onUnshowable }: PictureStageProps) {
  return (
    <div className="stage">
      <div className="frame" style={{ '--ratio': ratio ?? 1 } as CSSProperties}>
        <img
          src={src}
          alt={alt}
          onLoad={({ currentTarget }) => onShown?.(currentTarget.naturalWidth, currentTarget.naturalHeight)}
          onError={onUnshowable}
        />
        {children}
      </div>
    </div>
  );
}
