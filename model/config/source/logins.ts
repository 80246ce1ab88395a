/** Logins inside an address: `https://user:password@host`. */
export const login = /\/\/[^/@\s"']+@/g;

/** A text without the logins inside its addresses. */
export function withoutLogins(text: string): string {
  return text.replace(login, "//[secret]@");
}
