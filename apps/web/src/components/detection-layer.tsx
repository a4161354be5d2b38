import { type CSSProperties, useMemo, useRef } from 'react';
import { useSize } from '../hooks/use-size.js';
import { confidenceText } from '../logic/format.js';
import { placeTags } from '../logic/place-tags.js';
import { type Detection, largestFirst } from '../logic/shown-boxes.js';

interface DetectionLayerProps {
  /** In descending order of confidence. */
  readonly detections: readonly Detection[];
  /** Of the picture that the boxes are measured in. */
  readonly widthPx: number;
  readonly heightPx: number;
  /** Number of the detection that stands out. */
  readonly active: number | undefined;
  colourOf(label: string): string;
  onActive(number: number | undefined): void;
  onPin(number: number): void;
}

const placeOf = ({ box: { x1, y1, x2, y2 } }: Detection) => ({ x: x1, y: y1, width: x2 - x1, height: y2 - y1 });
const tagText = ({ box }: Detection): string => `${box.label} ${confidenceText(box.confidence)}`;

/**
 * Boxes and outlines over a picture. For the eye only: the table beside it says the same to everybody, so this layer
 * is hidden from assistive technology.
 */
export function DetectionLayer(props: DetectionLayerProps) {
  const { detections, widthPx, heightPx, active, colourOf, onActive, onPin } = props;
  const layer = useRef<HTMLDivElement>(null);
  const size = useSize(layer);
  const places = useMemo(() => {
    if (!size) return [];
    const scaleX = size.widthPx / widthPx;
    const scaleY = size.heightPx / heightPx;
    const tags = detections.map((detection) => {
      const { x1, y1, x2, y2 } = detection.box;
      return { x1: x1 * scaleX, y1: y1 * scaleY, x2: x2 * scaleX, y2: y2 * scaleY, text: tagText(detection) };
    });
    return placeTags(tags, size);
  }, [detections, size, widthPx, heightPx]);

  const lookOf = ({ number, box }: Detection) => ({
    className: active === undefined ? '' : active === number ? 'active' : 'faded',
    style: { '--colour': colourOf(box.label) } as CSSProperties,
  });
  return (
    <div className="layer" aria-hidden="true" ref={layer}>
      <svg viewBox={`0 0 ${widthPx} ${heightPx}`} preserveAspectRatio="none" aria-hidden="true">
        {/* The strongest last, so that nothing weaker covers it. */}
        {[...detections].reverse().map((detection) => (
          <g key={detection.number} {...lookOf(detection)}>
            {detection.mask?.polygon && <polygon points={detection.mask.polygon.map(String).join(' ')} />}
            <rect {...placeOf(detection)} />
          </g>
        ))}
        {/* What the pointer meets: the small ones above, so that they can be met inside of large ones. */}
        {largestFirst(detections).map((detection) => (
          // biome-ignore lint/a11y/noStaticElementInteractions: for the pointer only; keys have the buttons of the table
          <rect
            key={detection.number}
            className="target"
            {...placeOf(detection)}
            onPointerEnter={() => onActive(detection.number)}
            onPointerLeave={() => onActive(undefined)}
            onClick={() => onPin(detection.number)}
          />
        ))}
      </svg>
      {detections.map((detection, index) => {
        const place = places[index];
        // A tag without a place of its own shows when its box stands out.
        if (!place || (!place.isFree && active !== detection.number)) return null;
        const { className, style } = lookOf(detection);
        return (
          <span
            key={detection.number}
            className={`tag ${className}`}
            style={{ ...style, left: place.left, top: place.top }}
          >
            <span>{detection.box.label}</span>
            <span>{confidenceText(detection.box.confidence)}</span>
          </span>
        );
      })}
    </div>
  );
}
