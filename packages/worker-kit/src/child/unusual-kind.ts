import { ImageError } from './image-error.js';
import { FORMAT_NAMES, type ImageFormat, SUPPORTED_FORMATS_TEXT } from './image-format.js';

/** The refusal of a file that is whole, of a format that is read, but of a kind that is not. */
export function unusualKind(format: ImageFormat): ImageError {
  const name = FORMAT_NAMES[format];
  return new ImageError(
    'UNSUPPORTED_IMAGE',
    {
      en: `This kind of ${name} file is not supported (an unusual compression or pixel type). Save it as an ordinary ${SUPPORTED_FORMATS_TEXT.en}.`,
      ko: `지원하지 않는 종류의 ${name} 파일입니다(드문 압축 방식이나 픽셀 형식). 일반적인 ${SUPPORTED_FORMATS_TEXT.ko} 파일로 다시 저장하세요.`,
    },
    { format },
  );
}
