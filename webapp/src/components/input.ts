/** What an input, or a select, holds after this event. (v-model would cost the entry half a kilobyte.) */
export const textOf = (event: Event): string =>
  (event.target as HTMLInputElement | HTMLSelectElement).value;

/** As it was meant: full-width digits of a Chinese keyboard made plain, blanks dropped. */
export const plainText = (text: string): string => text.normalize("NFKC").replace(/\s/g, "");
