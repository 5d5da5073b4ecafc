/** Moments as a field of a form has them: in the time of who looks, and without an offset. */

export function asLocal(moment: string | null): string {
  if (!moment) return "";
  const date = new Date(moment);
  const shifted = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 19);
}

/** The moment with its offset; null where the field is empty. */
export function inUtc(local: string): string | null {
  return local ? new Date(local).toISOString() : null;
}
