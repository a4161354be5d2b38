/** What is said of a key when it is made. */
export const apiKeyInput = {
  name: 'camera at the gate',
  owner: 'plant-1',
  scopes: ['infer'],
  quota_per_minute: 600,
};

export const apiKey = {
  ...apiKeyInput,
  id: 'lg_8Zr2mQx0aBcD',
  expires_at: null,
  created_at: '2026-11-24T10:33:21.304Z',
  last_used_at: null,
  revoked_at: null,
};

export const createdApiKey = { ...apiKey, key: `${apiKey.id}_…` };
