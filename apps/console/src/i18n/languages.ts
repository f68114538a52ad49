export const languages = ['en', 'zh'] as const;
export type Language = (typeof languages)[number];

/** Each language by its own name, as its speakers look for it. */
export const languageNames: Readonly<Record<Language, string>> = { en: 'English', zh: '中文' };

/** What `lang` and Intl are told. */
export const languageTags: Readonly<Record<Language, string>> = { en: 'en-GB', zh: 'zh-CN' };

export function isLanguage(text: string | null): text is Language {
  return languages.some((language) => language === text);
}
