import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/**
 * Built into dist and served by the api. `castellan-source` lets shared packages be taken from their TypeScript. Nothing is
 * inlined as `data:`, so that the pages keep to a content security policy of `'self'`.
 */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  resolve: { conditions: ['castellan-source', 'module', 'browser', 'development|production'] },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8080' } },
});
