// Code 128 set C: pairs of digits as bars, for canteen scanners that read lines only. ISO/IEC 15417.

// Widths bar, space, bar, space, bar, space of the values 0–105; 106 is the stop with its last bar.
const WIDTHS = (
  "212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231113222" +
  "123122123221223211221132221231213212223112312131311222321122321221312212322112322211212123212321" +
  "232121111323131123131321112313132113132311211313231113231311112133112331132131113123113321133121" +
  "313121211331231131213113213311213131311123311321331121312113312311332111314111221411431111111224" +
  "111422121124121421141122141221112214112412122114122411142112142211241211221114413111241112134111" +
  "111242121142121241114212124112124211411212421112421211212141214121412121111143111341131141114113" +
  "114311411113411311113141114131311141411131211412211214211232"
).match(/.{6}/g) as string[];
const START_C = 105;
const STOP = "2331112";

/** The values of a Code 128-C symbol: start, pairs, check. Throws for anything but an even count of digits. */
export function code128cValues(digits: string): number[] {
  if (!/^(\d\d)+$/.test(digits)) throw new Error("Code 128-C takes an even count of digits");
  const pairs = (digits.match(/\d\d/g) as string[]).map(Number);
  const sum = pairs.reduce((total, value, at) => total + value * (at + 1), START_C);
  return [START_C, ...pairs, sum % 103];
}

/** Widths of bars and spaces in modules, starting with a bar. */
export function code128cWidths(digits: string): number[] {
  const text = code128cValues(digits).map((value) => WIDTHS[value]).join("") + STOP;
  return [...text].map(Number);
}

/** An SVG path of the bars in a box `width` × 1, quiet zones of 10 modules not included. */
export function code128cPath(digits: string): { path: string; width: number } {
  let path = "";
  let x = 0;
  code128cWidths(digits).forEach((width, at) => {
    if (at % 2 === 0) path += `M${x} 0h${width}v1h-${width}z`;
    x += width;
  });
  return { path, width: x };
}
