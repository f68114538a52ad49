import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { en } from './en/index.js';
import { isLanguage, type Language, languages, languageTags } from './languages.js';
import { zh } from './zh/index.js';

const STORED = 'castellan.language';

/** Starts with the language chosen before in this browser, else the browser's own, else English. */
export async function startTranslations(): Promise<void> {
  i18next.on('languageChanged', (language) => {
    document.documentElement.lang = languageTags[isLanguage(language) ? language : 'en'];
  });
  await i18next.use(initReactI18next).init({
    lng: chosenLanguage(),
    fallbackLng: 'en',
    supportedLngs: [...languages],
    resources: { en: { translation: en }, zh: { translation: zh } },
    interpolation: { escapeValue: false },
  });
}

export async function chooseLanguage(language: Language): Promise<void> {
  localStorage.setItem(STORED, language);
  await i18next.changeLanguage(language);
}

function chosenLanguage(): Language {
  const stored = localStorage.getItem(STORED);
  if (isLanguage(stored)) return stored;
  const wanted = navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase());
  return wanted.find(isLanguage) ?? 'en';
}
