import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const gatewayUrl = 'http://127.0.0.1:8000';

export default defineConfig({
  plugins: [react()],
  build: {
    // The page's policy forbids inline scripts and styles; files of their own also get a hash and live in caches.
    assetsInlineLimit: 0,
    target: 'es2022',
  },
  server: { proxy: { '/api': gatewayUrl, '/docs': gatewayUrl } },
});
