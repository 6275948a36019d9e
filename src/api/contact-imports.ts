import { z } from "@hono/zod-openapi";
import { dayIn } from "../audience/contact-fields.ts";
import type { FileKind } from "../audience/read-file.ts";
import { MOST_BYTES, type Upload, type UploadRefusal } from "../audience/upload.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import { REFUSALS, storefrontField } from "./common.ts";
import { noStorefront, type Received } from "./endpoint.ts";
import { invalid, type Problem, problem } from "./problem.ts";
import { define, type Services } from "./services.ts";

interface ImportFile {
  readonly job: string;
  readonly upload: Upload;
  readonly format: FileKind["format"];
  /** As the request says; null: it says nothing. */
  readonly charset: FileKind["encoding"] | null;
}

const FORMATS: Readonly<Record<string, FileKind["format"]>> = {
  "text/csv": "csv",
  "application/csv": "csv",
  "application/x-ndjson": "ndjson",
  "application/ndjson": "ndjson",
  "application/jsonl": "ndjson",
};

const CHARSETS: Readonly<Record<string, FileKind["encoding"]>> = {
  "utf-8": "utf-8",
  utf8: "utf-8",
  gbk: "gb18030",
  gb2312: "gb18030",
  gb18030: "gb18030",
};

const REFUSED: Readonly<Record<UploadRefusal | "broken-off", Problem>> = {
  empty: invalid("", "is empty"),
  "utf-16": invalid("", "is UTF-16: save it as UTF-8 or GBK"),
  "too-large": problem("payload-too-large", "A file holds at most 512 MiB."),
  "broken-off": invalid("", "broke off before its end"),
};

/** The format and the encoding that a request names; null when it names others. */
function readType(header: string | null): Pick<ImportFile, "format" | "charset"> | null {
  const [type = "", ...parameters] = (header ?? "").toLowerCase().split(";");
  const format = FORMATS[type.trim()];
  const named = parameters
    .map((one) => /^\s*charset="?([^"]+?)"?\s*$/.exec(one)?.[1])
    .find((one) => one !== undefined);
  const charset = named === undefined ? null : CHARSETS[named];
  return format === undefined || charset === undefined ? null : { format, charset };
}

async function receive(
  services: Services,
  request: Request,
): Promise<Result<Received<ImportFile>, Problem>> {
  const type = readType(request.headers.get("Content-Type"));
  if (!type) {
    const wanted = "Send text/csv or application/x-ndjson, in UTF-8 or GBK.";
    return fail(problem("unsupported-media-type", wanted));
  }
  if (Number(request.headers.get("Content-Length") ?? 0) > MOST_BYTES) {
    return fail(REFUSED["too-large"]);
  }
  if (!request.body) return fail(REFUSED.empty);
  const job = services.newId("job");
  const upload = await services.contacts.upload(job, request.body);
  if (!upload.ok) return fail(REFUSED[upload.error]);
  const { digest, bytes } = upload.value;
  return ok({
    value: { job, upload: upload.value, ...type },
    fingerprint: { digest, bytes, ...type },
    discard: () => services.contacts.drop(job),
  });
}

const create = define({
  method: "post",
  path: "/v1/contacts/import",
  tag: "Audience and compliance",
  summary: "Import customers from a file",
  scope: "contacts:write",
  audit: "contacts.import",
  query: z.strictObject({ storefront: storefrontField }),
  stream: { types: ["text/csv", "application/x-ndjson"], receive },
  answers: {
    202: {
      description: [
        "The file is whole; `GET /v1/jobs/{id}` says how far its rows are.",
        "Columns of a CSV file (or fields of a line of JSON) are `to`, `country`, `timezone`, `city`,",
        "`locale`, `birthday`, `consent_scope`, `consent_source`, `consent_text_version`,",
        "`consent_at`; every other one is an attribute. `name:string` (or `number`, `boolean`,",
        "`date`, `list`) fixes a type that is otherwise told from each cell. A consent takes no",
        "opt-out back.",
      ].join(" "),
      schema: z.object({ job: z.string() }),
    },
  },
  problems: REFUSALS.post,
  async handle(call, { query, streamed }) {
    const { job, upload, format, charset } = streamed;
    const { contacts } = call.services;
    const storefront = call.storefront(query.storefront);
    if (!storefront) {
      await contacts.drop(job);
      return noStorefront();
    }
    const { parts, bytes, looksLike, hasMark } = upload;
    const guessed = looksLike === "utf-8" || hasMark ? "utf-8" : "gb18030";
    await contacts.beginImport(job, {
      storefront: storefront.id,
      defaultCountry: storefront.defaultCountry,
      today: dayIn(storefront.timezone, call.services.clock.now()),
      format,
      encoding: hasMark ? "utf-8" : (charset ?? guessed),
      parts,
      bytes,
      skip: hasMark ? 3 : 0,
    });
    return { status: 202, body: { job } };
  },
});

export const contactImportEndpoints = [create];
