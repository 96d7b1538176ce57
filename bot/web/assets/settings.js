// What a person chose on this device: language and appearance. Storage may be forbidden: then a choice lasts as long
// as the page.
import { languageFor } from './words.js';

const kThemeKey = 'tocsin.theme'; // read by theme.js too
const kLanguageKey = 'tocsin.language';
const kThemes = ['auto', 'light', 'dark'];

const read = (key) => {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
};

const write = (key, value) => {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // See above.
  }
};

export class Settings {
  #theme = kThemes.includes(read(kThemeKey)) ? read(kThemeKey) : 'auto';
  #language = read(kLanguageKey);
  #locale = navigator.language;

  get theme() {
    return this.#theme;
  }

  /** auto → light → dark → auto */
  nextTheme() {
    this.#theme = kThemes[(kThemes.indexOf(this.#theme) + 1) % kThemes.length];
    write(kThemeKey, this.#theme === 'auto' ? null : this.#theme);
    document.documentElement.dataset.choice = this.#theme; // theme.js shows it
  }

  /** The chosen language, else that of the server's hello, else that of the browser. */
  get language() {
    return languageFor(this.#language ?? this.#locale);
  }

  set locale(locale) {
    if (locale) this.#locale = locale;
  }

  switchLanguage() {
    this.#language = this.language === 'en' ? 'zh-CN' : 'en';
    write(kLanguageKey, this.#language);
  }
}

/** sessionStorage, or null where it is forbidden. */
export function sessionStore() {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}
