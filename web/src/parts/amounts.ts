/** Numbers as people read them, with their units. Those that take `digits` tell that many, three unless more are wanted. */

export type Written = (value: number, digits?: number) => string;

const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const DOLLARS = new Intl.NumberFormat("en", { style: "currency", currency: "USD" });
const CENTS = new Intl.NumberFormat("en", { style: "currency", currency: "USD", maximumSignificantDigits: 2 });
const SHARE = new Intl.NumberFormat("en", { style: "percent", maximumSignificantDigits: 2 });
const UNITS = ["B", "kB", "MB", "GB", "TB"];

function byDigits(options: Intl.NumberFormatOptions): Written {
  const made = new Map<number, Intl.NumberFormat>();
  return (value, digits = 3) => {
    const format = made.get(digits) ?? new Intl.NumberFormat("en", { ...options, maximumSignificantDigits: digits });
    made.set(digits, format);
    return format.format(value);
  };
}

/** All its digits: `12,345`. */
export function count(value: number): string {
  return WHOLE.format(value);
}

/** Where there is little room: `12.3K`. */
export const compact: Written = byDigits({ notation: "compact" });

const short = byDigits({});

/** What need not be whole, such as a rate: `0.25`. */
export const decimal: Written = (value, digits) => (value < 1000 ? short(value, digits) : count(value));

export const milliseconds: Written = (value, digits) => {
  if (value >= 60_000) return `${short(value / 60_000, digits)} min`;
  return value >= 1000 ? `${short(value / 1000, digits)} s` : `${short(value, digits)} ms`;
};

export const bytes: Written = (value, digits) => {
  const step = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(value, 1)) / 3));
  return `${short(value / 1000 ** step, digits)} ${UNITS[step]}`;
};

export function dollars(value: number): string {
  return value > 0 && value < 1 ? CENTS.format(value) : DOLLARS.format(value);
}

/** A part of a whole: `2.5%`. */
export function share(part: number, whole: number): string {
  return SHARE.format(whole ? part / whole : 0);
}
