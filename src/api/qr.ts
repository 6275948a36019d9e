import { Buffer } from "node:buffer";
import { z } from "@hono/zod-openapi";
import { LONGEST_QR, qrPng, qrSvg } from "../links/qr.ts";
import { REFUSALS } from "./common.ts";
import type { Answer } from "./endpoint.ts";
import { invalid } from "./problem.ts";
import { define } from "./services.ts";

/** How an image is asked for. */
export const qrFields = {
  format: z.enum(["svg", "png"]).default("svg"),
  size: z.coerce
    .number()
    .int()
    .min(64)
    .max(2_048)
    .default(512)
    .openapi({ description: "Pixels each way; more where the modules need it." }),
};

interface Wanted {
  readonly format: "svg" | "png";
  readonly size: number;
}

const TYPES = { svg: "image/svg+xml", png: "image/png" } as const;

const draw = (text: string, { format, size }: Wanted): string | Uint8Array =>
  format === "svg" ? qrSvg(text, size) : qrPng(text, size);

/** The image itself. */
export const answerQr = (text: string, wanted: Wanted): Answer => ({
  status: 200,
  body: draw(text, wanted),
  type: TYPES[wanted.format],
});

const make = define({
  method: "post",
  path: "/v1/qr",
  tag: "Links and conversions",
  summary: "The QR code of any text or address, as a data URL",
  scope: "qr:write",
  audit: { none: "it changes nothing" },
  body: z
    .strictObject({ text: z.string().min(1).optional(), url: z.url().optional(), ...qrFields })
    .refine(({ text, url }) => (text === undefined) !== (url === undefined), {
      path: ["text"],
      message: "or url must be given, and not both",
    }),
  answers: {
    200: {
      description: "An `img` takes it as its source.",
      schema: z
        .object({ format: z.enum(["svg", "png"]), size: z.int(), data_url: z.string() })
        .openapi("QrCode"),
    },
  },
  problems: REFUSALS.post,
  async handle(_call, { body }) {
    const { text, url, format, size } = body;
    const said = text ?? url ?? "";
    if (Buffer.byteLength(said) > LONGEST_QR) {
      return invalid(text === undefined ? "url" : "text", "is too long for a QR code");
    }
    const data = Buffer.from(draw(said, { format, size })).toString("base64");
    const data_url = `data:${TYPES[format]};base64,${data}`;
    return { status: 200, body: { format, size, data_url } };
  },
});

export const qrEndpoints = [make];
