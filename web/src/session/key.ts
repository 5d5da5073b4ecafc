/** The credential of this tab: the page's own on a developer's machine, otherwise one that was pasted. */

const KEPT = "contextql.key";

/** The key with which the server has given the page; on this machine only, in development. */
export function givenKey(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="contextql-key"]')?.content ?? "";
}

/** What to ask with; empty where nobody has signed in. It is kept for this tab and until it is closed. */
export function currentKey(): string {
  return sessionStorage.getItem(KEPT) || givenKey();
}

export function keepKey(key: string): void {
  sessionStorage.setItem(KEPT, key);
}

export function forgetKey(): void {
  sessionStorage.removeItem(KEPT);
}

/** The header fields that say who asks. */
export function authorization(): Record<string, string> {
  const key = currentKey();
  return key ? { Authorization: `Bearer ${key}` } : {};
}
