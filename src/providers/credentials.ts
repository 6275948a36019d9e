import { z } from "zod";

/** One field of an account's credentials: printable ASCII, since it travels in a header. */
export const credential = z
  .string()
  .trim()
  .regex(/^[\x21-\x7e]{1,256}$/);

/** The id of the company's papers, checked in the vendor's console; senders are filed under it. */
export const qualificationId = z
  .string()
  .trim()
  .regex(/^\d{1,15}$/);
