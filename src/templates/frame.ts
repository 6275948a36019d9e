import type { Region } from "../providers/provider.ts";
import type { Binding } from "./template.ts";

/** What stands around an offer as it leaves to a country: a mark before it, how to opt out behind it. */
export interface Frame {
  readonly before: string;
  readonly behind: string;
}

/** The frames that a text is filed in, those of most countries first. */
export type Frames = Readonly<Record<Region, readonly Frame[]>>;

export const NO_FRAME: Frame = { before: "", behind: "" };

export const inFrame = ({ before, behind }: Frame, text: string): string => before + text + behind;

/** A frame as its filing keeps it: neither part of one holds braces. */
export const writeFrame = (frame: Frame): string => inFrame(frame, "{}");

export function readFrame(written: string): Frame {
  const [before = "", behind = ""] = written.split("{}");
  return { before, behind };
}

/** The frame that an offer to a country needs, and the one of most countries of its region. */
export interface WantedFrame {
  readonly wanted: Frame;
  readonly usual: Frame;
}

/** What a filing has around its body; one that says nothing has the usual one's end, and no mark. */
export const frameFiled = ({ frame }: Pick<Binding, "frame">, { behind }: Frame): string =>
  frame || writeFrame({ before: "", behind });

/** Whether a filing says what the text says. Who takes any text has it filed as nothing. */
export function fitsFrame(
  binding: Pick<Binding, "frame" | "providerTemplateId">,
  want: WantedFrame | null,
): boolean {
  if (want === null || takesAny(binding)) return true;
  return frameFiled(binding, want.usual) === writeFrame(want.wanted);
}

const takesAny = ({ frame, providerTemplateId }: Pick<Binding, "frame" | "providerTemplateId">) =>
  !frame && providerTemplateId === "";

/**
 * The filings of a region that say what stands around a text, and those that take any. Of several
 * frames that it shows the longest is its own; where it shows none, those go on that say nothing.
 */
export function filedAs<T extends Pick<Binding, "region" | "frame" | "providerTemplateId">>(
  bindings: readonly T[],
  text: string,
  { region, usual }: { readonly region: Region; readonly usual: Frame },
): T[] {
  const filed = bindings.filter((one) => one.region === region);
  const [own] = [
    ...new Set(filed.filter((one) => !takesAny(one)).map((one) => frameFiled(one, usual))),
  ]
    .filter((one) => shows(text, readFrame(one)))
    .sort((a, b) => b.length - a.length);
  return filed.filter(
    (one) => takesAny(one) || (own === undefined ? !one.frame : frameFiled(one, usual) === own),
  );
}

const shows = (text: string, { before, behind }: Frame): boolean =>
  text.startsWith(before) && text.endsWith(behind);
