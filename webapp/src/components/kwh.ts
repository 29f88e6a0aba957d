// Energy on the page: kWh as decimal strings exact to a Wh, shown with two decimals and never without the unit.

/** "2476.870" → 2476870 Wh; null where it is not an energy. */
export function toWh(kwh: string): number | null {
  const found = /^(-?)(\d{1,9})(?:\.(\d{1,3}))?$/.exec(kwh);
  if (!found) return null;
  const wh = Number(found[2]) * 1000 + Number((found[3] ?? "").padEnd(3, "0"));
  return found[1] && wh !== 0 ? -wh : wh;
}

/** "2476.876" → "2,476.87": cut, not rounded, so that nobody is shown more than there is. */
export function showKwh(kwh: string): string {
  const wh = toWh(kwh);
  if (wh === null) return kwh;
  const hundredths = Math.floor(Math.abs(wh) / 10);
  const digits = String(hundredths).padStart(3, "0");
  const whole = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${wh < 0 && hundredths > 0 ? "−" : ""}${whole}.${digits.slice(-2)}`;
}
