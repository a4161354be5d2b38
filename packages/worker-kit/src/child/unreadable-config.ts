import type { Words } from '@lensgate/contracts';

/**
 * The refusal of a configuration file beside a model, or of a key of one, that is not as its framework writes it.
 * @param issue the first thing that its schema found; what it says is the schema library's
 */
export function unreadableConfig(
  name: string,
  issue: { readonly path: readonly PropertyKey[]; readonly message: string } | undefined,
): Words {
  const key = issue?.path.join('.');
  return {
    en: `${name} cannot be read: ${key || 'file'}: ${issue?.message}.`,
    ko: `${name}을(를) 읽을 수 없습니다: ${key || '파일'}: ${issue?.message}.`,
  };
}
