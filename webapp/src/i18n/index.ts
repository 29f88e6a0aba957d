// Words: 中文 travels with each screen, English comes when asked for. `t` is typed by the 中文 table.
import { shallowRef } from "vue";

export type Language = "zh" | "en";
export type Table = Record<string, string>;
/** A translation has the same words as its 中文 table. */
export type Translation<T extends Table> = Record<keyof T, string>;

const KEY = "onecard.language";
const english = shallowRef<Record<string, Table> | null>(null);

export const language = shallowRef<Language>("zh");
/** As the API's enum wants it. */
export const apiLanguage = (): "ZH" | "EN" => (language.value === "en" ? "EN" : "ZH");

export function dictionary<T extends Table>(name: string, zh: T) {
  return (key: keyof T & string, values?: Record<string, string | number>): string => {
    const text = (language.value === "en" ? english.value?.[name]?.[key] : undefined) ?? zh[key] ?? key;
    return values ? text.replace(/\{(\w+)\}/g, (_, word: string) => String(values[word] ?? "")) : text;
  };
}

export async function speak(next: Language, load: () => Promise<{ default: Record<string, Table> }>) {
  if (next === "en") english.value ??= (await load()).default;
  language.value = next;
  document.documentElement.lang = next === "en" ? "en" : "zh-CN";
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // The choice then lasts for this visit.
  }
}

export function chosenLanguage(): Language {
  try {
    return localStorage.getItem(KEY) === "en" ? "en" : "zh";
  } catch {
    return "zh";
  }
}
