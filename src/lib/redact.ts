/** `+8613800138000` → `+86138****8000`: the four digits before the last four are hidden. */
export const maskPhone = (e164: string): string =>
  e164.replace(/\d{1,4}(?=\d{4}$)/, (hidden) => "*".repeat(hidden.length));

/** A field's name as answers may repeat it: somebody may have put a number there. */
export const maskName = (name: string): string =>
  name.replace(/\d{5,}/g, (digits) => "*".repeat(digits.length));

/** A code as logs and answers may show it. */
export const maskCode = (code: string): string => "*".repeat(code.length);
