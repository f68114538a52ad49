import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './theme/console.css';
import './api/contracts-without-eval.js';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Console } from './console.js';
import { startTranslations } from './i18n/start-translations.js';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
await startTranslations();
createRoot(root).render(
  <StrictMode>
    <Console />
  </StrictMode>,
);
