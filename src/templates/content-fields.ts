import { z } from "zod";

/** What a handset shows, at most so many characters of it; blanks alone are nothing. */
export const words = (most: number) =>
  z.string().max(most).regex(/\S/, "must not be blank · 不能为空");

const isHttps = (text: string): boolean => /^https:\/\/[^\s{}]+$/i.test(text) && URL.canParse(text);

/** Where a picture or film lies; it is the same for everybody. */
export const mediaUrl = z
  .string()
  .max(2_000)
  .refine(isHttps, "must be an https URL · 须为 https 链接");

/** Where a button leads: an address, with variables in it, or a variable that is one. */
export const linkUrl = z
  .string()
  .max(2_048)
  .refine(
    (text) => /^\{\{[^{}]+\}\}$/.test(text) || isHttps(text.replace(/\{\{[^{}]+\}\}/g, "x")),
    "must be an https URL · 须为 https 链接",
  );

export const fallback = z
  .string()
  .min(1)
  .max(64)
  .nullable()
  .default(null)
  .describe(
    "The name of a text message of the storefront, with the same variables: it goes out where nobody carries the content.",
  );
